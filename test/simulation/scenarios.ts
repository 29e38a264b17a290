/** Scenarios and worlds as the tests of the simulator want them. */
import { effectivePolicy } from '../../lib/config/effective-policy';
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
