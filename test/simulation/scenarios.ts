/** Scenarios and worlds as the tests of the simulator want them. */
import { effectivePolicy } from '../../lib/config/effective-policy';
import type { Transition, VipState } from '../../lib/domain/model';
import type { ScheduledFault } from '../../lib/simulation/faults/fault';
import { strike } from '../../lib/simulation/faults/strike';
import { PAIR, type Scenario } from '../../lib/simulation/scenario';
import { Watcher } from '../../lib/simulation/watcher';
import { World } from '../../lib/simulation/world/world';

export const MINUTE_MS = 60_000;

/** A pair that nothing befalls. */
export function pair(change: Partial<Scenario> = {}): Scenario {
  return {
    seed: 1,
    durationMs: 60 * MINUTE_MS,
    shape: PAIR,
    policy: effectivePolicy({ preset: 'balanced' }),
    loss: { share: 0, meanBurstMs: 500 },
    faultScale: 0,
    everySecond: false,
    ...change,
  };
}

/** Deployed, and brought to that time of the run by these faults, with nobody who checks. */
export async function worldAfter(
  untilMs: number,
  scenario: Scenario = pair(),
  faults: readonly ScheduledFault[] = [],
): Promise<World> {
  const world = deployed(scenario, faults);
  await world.kernel.run(untilMs, () => undefined);
  return world;
}

/** The same, until so long after an edge of the state machines was first taken; an hour where it never is. */
export async function worldAfterEdge(
  { edge, afterMs }: { edge: string; afterMs: number },
  scenario: Scenario = pair(),
  faults: readonly ScheduledFault[] = [],
): Promise<World> {
  const world = deployed(scenario, faults);
  const { edges } = new Watcher(world);
  await world.kernel.run(
    60 * MINUTE_MS,
    () => undefined,
    () => edges.has(edge),
  );
  await world.kernel.run(world.kernel.elapsedMs + afterMs, () => undefined);
  return world;
}

function deployed(scenario: Scenario, faults: readonly ScheduledFault[]): World {
  const world = new World(scenario);
  for (const { atMs, fault } of faults) world.kernel.onDate(atMs, () => strike(world, fault));
  world.controlPlane.deploy();
  world.callersCome();
  return world;
}

/** The table says that VIP `vip-1` moves, as a decision of a new chain leaves it unless `change` says otherwise. */
export function decidedMove(
  { table }: World,
  from: string,
  to: string,
  change: Partial<Transition> = {},
): { transition: Transition; before: VipState } {
  const state = table.vips.get('vip-1')!;
  const last = table.transitions.get(`vip-1#${state.epoch}`)!;
  const before = structuredClone(state);
  const epoch = state.epoch + 1;
  const transition: Transition = {
    ...structuredClone(last),
    ...{ id: `vip-1#${epoch}`, epoch, calls: null, status: 'open', chain: { rootEpoch: epoch, retargets: 0 } },
    ...{ from: { nodeId: from, coreUuid: null }, to: { nodeId: to, coreUuid: 'any' } },
    ...change,
  };
  table.transitions.set(transition.id, transition);
  Object.assign(state, { epoch, status: 'moving', holder: transition.to });
  return { transition, before };
}
