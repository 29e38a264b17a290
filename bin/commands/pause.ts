/** `understudy acknowledge`, `pause` and `resume`: what a human tells the control plane, with an audit event each. */
import { InvalidArgumentError, type Command } from 'commander';
import { durationMs } from '../../lib/config/duration';
import { describeError } from '../../lib/domain/errors';
import type { PauseSubject, StateStore } from '../../lib/domain/ports';
import { actorOf, refusesClock, tableOption, type CliContext } from './context';

interface Options {
  table: string;
  vip?: string;
  node?: string;
  reason?: string;
  /** Length of the maintenance window, in milliseconds. */
  for?: number;
}

/** Shorter is over before anybody has begun; a longer one is a cluster that somebody forgot. */
const SHORTEST_WINDOW_MS = 60_000;
const LONGEST_WINDOW_MS = 7 * 24 * 3_600_000;

export function addAcknowledge(program: Command, context: CliContext): void {
  program
    .command('acknowledge')
    .description('lifts the block after a failover, and starts a stuck transition anew')
    .addOption(tableOption())
    .requiredOption('--vip <id>')
    .action((options: Options) =>
      audited(context, options, 'acknowledged', async (store) => {
        if (await refusesClock(context, store)) return null;
        await store.acknowledge(options.vip ?? '', context.clock.wallMs());
        return '';
      }),
    );
}

export function addPauseAndResume(program: Command, context: CliContext): void {
  subjectOptions(program.command('pause').description('no automatic action from now on'))
    .option('--for <duration>', 'ends by itself after this time, 1m to 168h; without it: until `resume`', windowMs)
    .action((options: Options) => pause(context, options));
  subjectOptions(program.command('resume').description('automatic actions again')).action((options: Options) =>
    audited(context, options, 'resumed', async (store) => {
      await store.setPaused(subjectOf(options), false, null);
      return '';
    }),
  );
}

function subjectOptions(command: Command): Command {
  return command
    .addOption(tableOption())
    .option('--vip <id>', 'one VIP instead of the cluster')
    .option('--node <id>', 'one node instead of the cluster')
    .option('--reason <text>', 'for the audit', 'not given');
}

function pause(context: CliContext, options: Options): Promise<void> {
  return audited(context, options, 'paused', async (store) => {
    // A pause without an end is the first thing to do in trouble, and bears no time.
    if (options.for !== undefined && (await refusesClock(context, store))) return null;
    const untilMs = options.for === undefined ? null : context.clock.wallMs() + options.for;
    await store.setPaused(subjectOf(options), true, options.reason ?? null, untilMs);
    return untilMs === null ? '' : `until ${new Date(untilMs).toISOString()}`;
  });
}

/** Milliseconds of a window as it was typed. Throws InvalidArgumentError for what is none, too short or too long. */
function windowMs(text: string): number {
  let ms: number;
  try {
    ms = durationMs(text);
  } catch (error) {
    throw new InvalidArgumentError(describeError(error));
  }
  if (ms >= SHORTEST_WINDOW_MS && ms <= LONGEST_WINDOW_MS) return ms;
  throw new InvalidArgumentError('a maintenance window is 1m to 168h (7 days) long.');
}

function subjectOf(options: Options): PauseSubject {
  if (options.vip !== undefined) return { kind: 'vip', id: options.vip };
  return options.node === undefined ? { kind: 'cluster' } : { kind: 'node', id: options.node };
}

/** @param work answers until when it holds (empty: for good), or null where it was refused */
async function audited(
  context: CliContext,
  options: Options,
  action: string,
  work: (store: StateStore) => Promise<string | null>,
): Promise<void> {
  const store = context.storeOf(options.table);
  const until = await work(store);
  if (until === null) return;
  const subject = subjectOf(options);
  const name = subject.kind === 'cluster' ? 'the cluster' : `${subject.kind} ${subject.id}`;
  const detail = words([options.reason ?? '', until], ', ');
  await store.audit({ atMs: context.clock.wallMs(), actor: actorOf(context), action, subject: name, detail });
  context.say(words([`${action}: ${name}`, until], ' '));
}

const words = (parts: readonly string[], between: string): string => parts.filter((part) => part !== '').join(between);
