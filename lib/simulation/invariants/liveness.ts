/** What must come about in the end: asked once a second, of a world that has had time enough. */
import { isPaused } from '../../domain/maintenance';
import { DEFAULT_TIMING } from '../../operations/converge/context';
import { EPOCH_MS } from '../kernel/kernel';
import type { World } from '../world/world';

export interface Patience {
  /** Nothing outside of the control plane has been wrong, nothing paused, and the cluster not at rest, for so long. */
  calmForMs: number;
  /** AWS's interfaces have answered as they should for so long. */
  fairForMs: number;
  /** Nothing has been paused for so long. */
  onForMs: number;
  /** Something has been paused for so long. */
  offForMs: number;
  /** Per VIP: for how long callers have not been served. */
  unservedForMs: ReadonlyMap<string, number>;
  /** Per VIP: for how long callers of its private name have been led to a node that acts beside its holder. */
  splitForMs: ReadonlyMap<string, number>;
  /** When a human was last told of the VIP, or of what is no VIP's alone, in elapsed time; negative infinity: never. */
  pagedAtMs: (vipId: string) => number;
}

export interface LivenessInvariant {
  invariant: string;
  broken: (world: World, patience: Patience) => string | null;
  /** What never rests is lived through second by second: the rest of a year would take hours, and say nothing more. */
  endsRun?: true;
}

const MINUTE_MS = 60_000;
/** A schedule's turn, a convergence's budget, and one more of each. */
const CONVERGES_WITHIN_MS = 6 * MINUTE_MS;
/** A stop takes up to four minutes, a start and a boot one and a half: the control plane's way to a machine that serves. */
const REPLACES_WITHIN_MS = 6 * MINUTE_MS;
/** A thawed holder acts until its machine stops, or its caller's name leads elsewhere: what comes first. */
const PARTED_WITHIN_MS = MINUTE_MS;
/** On-call's ten minutes, a machine, what is begun anew after them, and the schedule, which looks once a minute. */
const RESTS_WITHIN_MS = 30 * MINUTE_MS;

/** Many times the longest maintenance, also where one follows another. */
const PAUSES_WITHIN_MS = 24 * 60 * MINUTE_MS;

/** null: never for certain, where bursts make the health that a failback waits for begin anew. */
function restsWithinMs({ scenario: { policy, loss } }: World): number | null {
  if (policy.failback !== 'automatic') return RESTS_WITHIN_MS;
  return loss.share > 0 ? null : RESTS_WITHIN_MS + Math.max(policy.failbackAfterMs, policy.blockPeriodMs);
}

export const LIVENESS_INVARIANTS: readonly LivenessInvariant[] = [
  {
    invariant: '5. every transition that starts ends: done, superseded or stuck',
    broken: ({ table, kernel }, { calmForMs }) => {
      const limitMs = DEFAULT_TIMING.stuckAfterMs + CONVERGES_WITHIN_MS;
      if (calmForMs < limitMs) return null;
      const nowMs = EPOCH_MS + kernel.nowMs;
      const late = [...table.transitions.values()].find(
        ({ status, decidedAtMs }) => status === 'open' && nowMs - decidedAtMs > limitMs,
      );
      return late === undefined ? null : `${late.id} has been open since ${nowMs - late.decidedAtMs} ms`;
    },
  },
  {
    invariant: '4. convergence goes on until callers are served',
    broken: (_world, { calmForMs, unservedForMs }) => {
      const limitMs = CONVERGES_WITHIN_MS + REPLACES_WITHIN_MS;
      if (calmForMs < limitMs) return null;
      const waiting = [...unservedForMs].find(([, forMs]) => forMs > limitMs);
      return waiting === undefined
        ? null
        : `${waiting[0]} has not been served for ${waiting[1]} ms, and nothing is wrong`;
    },
  },
  {
    invariant: '1. no callers are led to a node that acts beside the one with the Elastic IP, but for a moment',
    broken: (_world, { splitForMs, fairForMs, onForMs }) => {
      if (Math.min(onForMs, fairForMs) < PARTED_WITHIN_MS) return null;
      const split = [...splitForMs].find(([, forMs]) => forMs > PARTED_WITHIN_MS);
      return split === undefined ? null : `two nodes have acted for callers of ${split[0]} for ${split[1]} ms`;
    },
  },
  {
    invariant: '9. an outage that is not cured is paged',
    broken: (world, { unservedForMs, pagedAtMs, fairForMs, onForMs }) => {
      const elapsedMs = world.kernel.elapsedMs;
      if (Math.min(onForMs, fairForMs) < CONVERGES_WITHIN_MS) return null;
      const waiting = [...unservedForMs].find(([, forMs]) => forMs > CONVERGES_WITHIN_MS);
      if (waiting === undefined || elapsedMs - pagedAtMs(waiting[0]) < waiting[1] + 2 * MINUTE_MS) return null;
      return `${waiting[0]} has not been served for ${waiting[1]} ms, and nobody was told`;
    },
  },
  {
    invariant: '5. a world in which nothing is wrong comes to rest',
    endsRun: true,
    broken: (world, { calmForMs }) => {
      const limitMs = restsWithinMs(world);
      if (limitMs === null || calmForMs < limitMs) return null;
      return `calm for ${calmForMs} ms, and still at work`;
    },
  },
  {
    invariant: '8. a pause ends with its window, or when whoever began it says so',
    broken: (_world, { offForMs }) => (offForMs < PAUSES_WITHIN_MS ? null : `something is paused since ${offForMs} ms`),
  },
];

/** A human said stop. */
export function isOff({ table, kernel }: World): boolean {
  const nowMs = EPOCH_MS + kernel.nowMs;
  const items = [table.control, ...table.vips.values(), ...table.nodes.values()];
  return items.some((item) => item !== null && isPaused(item, nowMs));
}
