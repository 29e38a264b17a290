/** Which clock the next holder is held against: that of the old one, and time has gone on since it lost the calls. */
import type { Transition } from '../../lib/domain/model';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import type { RecoveryOrder } from '../../lib/domain/ports';
import { contextOf } from '../../lib/operations/converge/converge';
import { orderOf } from '../../lib/operations/converge/recover';
import { policy, topologyOf } from '../support/cluster';
import { decided } from '../support/converge-stage';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
/** How long after the decision the order is given. */
const LATER_MS = 3_000;

/** What the order says of the clock where fs-a was off by `offset`, and one before it in the chain by `earlier`. */
const askedFor = async (...of: Parameters<typeof orderFor>): Promise<number | undefined> =>
  (await orderFor(...of)).oldClockAheadMs;

async function orderFor(
  offset: number | null,
  earlier: Partial<Transition>[] = [],
  laterMs = LATER_MS,
  change: Partial<Transition> = {},
  fencedAfterMs: number | null = null,
  triedAfterMs = 0,
): Promise<RecoveryOrder> {
  const { deps, topology, journal } = await decided('suspected-death', {}, topologyOf(3, { database }));
  const transition = { ...journal(), oldClockOffsetMs: offset, ...change };
  const { steps, decidedAtMs } = transition;
  steps.recover.startedAtMs = decidedAtMs + triedAfterMs;
  steps.fence.finishedAtMs = fencedAfterMs === null ? null : decidedAtMs + fencedAfterMs;
  const clock = { ...deps.clock, wallMs: () => transition.decidedAtMs + laterMs };
  const context = await contextOf(
    { ...deps, clock },
    topology,
    transition,
    { records: transition.steps },
    DEFAULT_TIMING,
  );
  return orderOf({ ...context, earlier: earlier.map((each) => ({ ...transition, ...each })) });
}

it.each([
  ['names the process that the VIP goes to', 'uuid-fs-b', { ontoCoreUuid: 'uuid-fs-b' }],
  ['names none where none is known', null, {}],
])('an order %s', async (_words, coreUuid, named) => {
  const { deps, topology, journal } = await decided('suspected-death', {}, topologyOf(3, { database }));
  const transition = { ...journal(), to: { nodeId: 'fs-b', coreUuid } };
  const context = await contextOf(deps, topology, transition, { records: transition.steps }, DEFAULT_TIMING);

  const { id: transitionId, decidedAtMs } = transition;
  const rest = { transitionId, decidedAtMs, deadCoreUuids: ['uuid-fs-a'], deadNodeIds: ['fs-a'] };

  expect(orderOf(context)).toEqual({ ...rest, maxClockBehindMs: 1_000, oldClockAheadMs: 0, ...named });
});

it('is ahead of the present time by what it was off, less the time since the decision', async () => {
  expect(await askedFor(10_000)).toBe(10_000 - LATER_MS);
  expect(await askedFor(-500)).toBe(-500 - LATER_MS);
});

it('of a planned move is that of the present until the old process has ended: it took calls while the move waited', async () => {
  const MOVE = { kind: 'switchover' } as const;
  expect(await askedFor(10_000, [], LATER_MS, MOVE)).toBe(10_000);
  expect(await askedFor(10_000, [], LATER_MS, MOVE, LATER_MS - 500)).toBe(9_500);
});

it('is waited for after a planned move that waited for long before it took anything', async () => {
  expect(await askedFor(600_000, [], policy.recoverForMs, { kind: 'failback' }, null, policy.recoverForMs)).toBe(
    600_000,
  );
});

it('is the one furthest ahead, where the calls may have been numbered by several', async () => {
  const before = { decidedAtMs: (await decided()).journal().decidedAtMs - 20_000 };
  expect(await askedFor(0, [{ ...before, oldClockOffsetMs: 60_000 }])).toBe(40_000 - LATER_MS);
  expect(await askedFor(0, [{ ...before, oldClockOffsetMs: 6_000 }])).toBe(-LATER_MS);
});

it('counts as right when it was left where no observer ever read it: a standby that is behind comes so far', async () => {
  expect(await askedFor(null)).toBe(-LATER_MS);
});

it('is waited for no more shortly before the recovery is given up: calls that are old enough can still be kept', async () => {
  const { recoverForMs } = policy;
  expect(await askedFor(600_000, [], 0.8 * recoverForMs - 1)).toBe(600_000 - 0.8 * recoverForMs + 1);
  expect(await orderFor(600_000, [], 0.8 * recoverForMs - 1)).toMatchObject({
    maxClockBehindMs: policy.maxClockBehindMs,
  });
  expect(await orderFor(600_000, [], 0.8 * recoverForMs)).toMatchObject({ maxClockBehindMs: Number.MAX_SAFE_INTEGER });
});
