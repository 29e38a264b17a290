/** Maintenance: beside the other states of the cluster, a VIP or a node, and the same for each of them. */
import { isPaused } from '../maintenance';
import type { ClusterControl } from '../model';
import { lookUp, type Machine, type EdgeTaken } from './machine';

export type PausePosition = 'running' | 'paused';

export type PauseEvent = 'registered' | 'registered-paused' | 'paused' | 'resumed' | 'window-over';

const COMMAND = { actor: 'operator', calls: 'setPaused', in: 'bin/commands/pause.ts' } as const;
const DRAIN = { actor: 'operator', calls: 'setPaused', in: 'lib/operations/drain.ts' } as const;
const REGISTRAR = { actor: 'registrar', in: 'lib/operations/register.ts' } as const;

export const PAUSE_MACHINE: Machine<PausePosition, PauseEvent> = {
  id: 'pause',
  title: 'Maintenance of the cluster, a VIP or a node',
  about:
    'Beside the other states, because a pause changes none of them: a paused VIP stays held or moving, and goes on from there.',
  states: {
    running: { means: 'automatic actions are allowed', final: null },
    paused: { means: 'no automatic action, until it is resumed or its maintenance window is over', final: null },
  },
  edges: [
    {
      from: null,
      on: 'registered',
      to: 'running',
      ways: [{ ...REGISTRAR, when: 'a deployment names what the table does not have', calls: 'ensureItems' }],
    },
    {
      from: null,
      on: 'registered-paused',
      to: 'paused',
      ways: [
        {
          ...REGISTRAR,
          when: 'the cluster: its table is new while addresses or DNS records carry epochs',
          calls: 'ensureItems',
        },
      ],
    },
    {
      from: 'running',
      on: 'paused',
      to: 'paused',
      ways: [
        { ...COMMAND, when: 'a human wants no automatic action' },
        {
          ...DRAIN,
          when: 'a VIP is drained; or a drained VIP moves, and its node must not promote it again meanwhile',
        },
        { ...REGISTRAR, when: 'the cluster: its table was restored', calls: 'setPaused' },
        { actor: 'registrar', when: 'the cluster is deleted', calls: 'setPaused', in: 'lib/operations/unregister.ts' },
      ],
    },
    {
      from: 'paused',
      on: 'resumed',
      to: 'running',
      ways: [
        { ...COMMAND, when: 'a human resumes it' },
        { ...DRAIN, when: 'a VIP is undrained, could not be drained, or moves; or its node was paused for that move' },
      ],
    },
    {
      from: 'paused',
      on: 'window-over',
      to: 'running',
      ways: [
        {
          when: 'the end that the pause was given has come; nothing is written',
          actor: 'time',
          calls: 'isPaused',
          in: 'lib/domain/store-rules.ts',
        },
      ],
    },
  ],
};

/** What can be paused, as it stands in the store, and when it was looked at. */
export interface SeenPause {
  item: Pick<ClusterControl, 'paused' | 'pausedUntilMs'>;
  atMs: number;
}

/** The edge that a pause took between two looks with one write between them; null when it took none. */
export function edgeOfPause(before: SeenPause | null, after: SeenPause): EdgeTaken | null {
  const to = positionOfPause(after);
  if (before === null) return lookUp(PAUSE_MACHINE, null, to === 'paused' ? 'registered-paused' : 'registered', to);
  const from = positionOfPause(before);
  return from === to ? null : lookUp(PAUSE_MACHINE, from, eventOf(after), to);
}

function positionOfPause({ item, atMs }: SeenPause): PausePosition {
  return isPaused(item, atMs) ? 'paused' : 'running';
}

function eventOf(after: SeenPause): PauseEvent {
  if (positionOfPause(after) === 'paused') return 'paused';
  // The item still says paused: its time alone is over.
  return after.item.paused ? 'window-over' : 'resumed';
}
