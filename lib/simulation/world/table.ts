/** The cluster's table as one function reaches it, its stream, and its every change told to whoever checks. */
import type { Observation } from '../../domain/model';
import type { StateStore } from '../../domain/ports';
import type { OneAtATime } from '../kernel/one-at-a-time';
import type { Process } from '../kernel/process';
import type { MemoryStateStore } from '../memory-store';
import type { Weather } from './weather';

/** What the stream's filters let through: new journals and incidents. */
export type StreamRecord = { kind: 'journal'; vipId: string; epoch: number } | { kind: 'incident' };

export interface TableListener {
  /** In the same instant in which a call took effect. */
  changed(method: keyof StateStore, by: Process): void;
  streamed(record: StreamRecord): void;
}

/** Called when a call arrives, and when it has taken effect: where a function can be made to end. */
export type TableHooks = Partial<
  Record<'before' | 'after', (method: keyof StateStore, args: readonly unknown[], by: Process) => void>
>;

/** Methods that leave states of the machines as they are: nothing to check after them. */
const READS: ReadonlySet<string> = new Set([
  'readCluster',
  'readTopology',
  'readTransition',
  'listUnfinishedTransitions',
  'readStanding',
  'listUnnotifiedIncidents',
  'putObservation',
  'takeObserverLease',
  'audit',
]);

type Lease = Parameters<StateStore['takeObserverLease']>[0];

/** How much older a process is than its own clock says, because quiet time was skipped. */
export type AgeOf = (process: Process) => number;

export function tableSeenBy(
  process: Process,
  table: MemoryStateStore,
  weather: Weather,
  options: {
    online: () => boolean;
    ageOf: AgeOf;
    listener: TableListener;
    streamed: Set<string>;
    hooks: TableHooks;
    looksBefore: Map<string, Observation>;
    /** Writes: between two photographs lies one of them, also where several are made in one instant. */
    writes: OneAtATime;
    /** How often the table was replaced by an older one. */
    restores: () => number;
  },
): StateStore {
  const after = (method: keyof StateStore, args: unknown[], answer: unknown): void => {
    if (!READS.has(method)) options.listener.changed(method, process);
    if (method === 'decide') {
      const { transition } = args[0] as Parameters<StateStore['decide']>[0];
      const isNew = (answer as { outcome: string }).outcome === 'written' && !options.streamed.has(transition.id);
      if (!isNew) return;
      options.streamed.add(transition.id);
      options.listener.streamed({ kind: 'journal', vipId: transition.vipId, epoch: transition.epoch });
    }
    if (method === 'raiseIncident' && answer === true) options.listener.streamed({ kind: 'incident' });
  };
  const aged = (args: unknown[]): unknown[] => {
    const lease = args[0] as Lease;
    return [{ ...lease, startedAtMs: lease.startedAtMs - options.ageOf(process) }, ...args.slice(1)];
  };
  const apply = async (method: keyof StateStore, args: unknown[], sentAfter: number): Promise<unknown> => {
    const wasAlive = process.alive;
    // A restored table is another one (AWS restores under a new name): it arrives at the one that was left.
    if (!wasAlive && options.restores() > sentAfter) return undefined;
    options.hooks.before?.(method, args, process);
    // Ended just before it wrote. What it had sent when somebody killed it arrives all the same.
    if (wasAlive && !process.alive) return undefined;
    if (method === 'putObservation') keepLookBefore(table, args[0] as Observation, options.looksBefore);
    const given = method === 'takeObserverLease' ? aged(args) : args;
    const effect = Reflect.get(table, method) as (this: StateStore, ...all: unknown[]) => Promise<unknown>;
    const answer = await effect.apply(table, given);
    after(method, args, answer);
    options.hooks.after?.(method, args, process);
    return answer;
  };
  const call = (method: keyof StateStore, args: unknown[]): Promise<unknown> => {
    const sentAfter = options.restores();
    const arrive = (): Promise<unknown> => apply(method, args, sentAfter);
    return weather.call(
      process,
      'dynamodb',
      method,
      () => (READS.has(method) ? arrive() : options.writes.run(arrive)),
      options.online(),
    );
  };
  const methods = new Map<string | symbol, unknown>();
  return new Proxy<StateStore>(table, {
    get: (_target, method) => {
      if (!methods.has(method)) methods.set(method, (...args: unknown[]) => call(method as keyof StateStore, args));
      return methods.get(method);
    },
  });
}

/** A decision is made from what was read a moment before it is written: looks may have been replaced in between. */
function keepLookBefore(table: MemoryStateStore, { nodeId, zone }: Observation, looks: Map<string, Observation>): void {
  const key = `${nodeId}#${zone}`;
  const before = table.observations.get(key);
  if (before !== undefined) looks.set(key, before);
}
