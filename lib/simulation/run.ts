/** One simulated cluster, from its deployment to the end of its time. */
import { describeFault, type Fault, type NextFault, type ScheduledFault } from './faults/fault';
import { strike } from './faults/strike';
import type { RunResult } from './results';
import type { Scenario } from './scenario';
import { Watcher } from './watcher';
import type { End } from './world/ends';
import { World } from './world/world';

export interface RunOptions {
  /** In place of those that the seed draws: for a replay without some of them, and for the explorer. */
  faults?: readonly ScheduledFault[];
  /**
   * The first time that this edge of the state machines is taken; so long after it the fault strikes, if there is one,
   * and then the second.
   */
  cue?: { edge: string; afterMs: number; fault: Fault | null; second?: NextFault };
  /**
   * The failover function ends at the first time that it writes this down, before or after the write takes effect: after
   * the cue, and without one after the first fault.
   */
  crash?: End;
  /** Ends as soon as the cue has come, all faults are over, everything is as it should be, and nothing is under way. */
  untilRest?: boolean;
  /** Processor time so far, in milliseconds: measured by whoever may know a real clock. */
  cpuMs?: () => number;
}

const SECOND_MS = 1_000;
/** Some faults strike in instalments, and what they did is seen by the next looks. */
const STRIKES_WITHIN_MS = 10_000;
const TICK_MS = 60_000;
/** From here on bursts too short for a suspicion add up to loss that is paged: no stretch of it is quiet. */
const LOSS_THAT_IS_TOLD = 0.1;

/** Runs the shipped operations over the simulated world. What a fault leads to is never thrown: it is a violation. */
export async function runCluster(scenario: Scenario, options: RunOptions = {}): Promise<RunResult> {
  const cpuMs = options.cpuMs ?? ((): number => 0);
  const startedMs = cpuMs();
  const world = new World(scenario);
  const watcher = new Watcher(world);
  const faults = options.faults ?? world.drawFaults();
  const struck: Record<string, number> = {};
  const befall = ({ atMs, fault }: ScheduledFault): void => {
    world.kernel.onDate(atMs, () => {
      world.say(`fault ${describeFault(fault)}`);
      watcher.struck(fault);
      strike(world, fault, () => (struck[fault.kind] = (struck[fault.kind] ?? 0) + 1));
      if (fault.kind === 'table-restored') watcher.replaced();
    });
  };
  for (const fault of faults) befall(fault);
  const { crash, cue } = options;
  // Not in the first assignment, where something else is to be under way: that begins with the first fault.
  const armedAtMs = Math.min(...faults.map(({ atMs }) => atMs));
  if (crash !== undefined && cue === undefined) {
    if (faults.length === 0) world.crashFailover(crash);
    else world.kernel.onDate(armedAtMs, () => world.crashFailover(crash));
  }
  let lastFaultMs = Math.max(0, ...faults.map(({ atMs }) => atMs));
  let isCued = cue === undefined;
  const lookForCue = (): void => {
    if (isCued || cue === undefined || !watcher.edges.has(cue.edge)) return;
    isCued = true;
    const { fault, second } = cue;
    lastFaultMs = world.kernel.elapsedMs + cue.afterMs;
    if (fault !== null) befall({ atMs: lastFaultMs, fault });
    if (second !== undefined) {
      lastFaultMs += second.afterMs;
      befall({ atMs: lastFaultMs, fault: second.fault });
    }
    if (crash !== undefined) world.crashFailover(crash);
  };
  let restedAtMs = 0;
  /** A schedule's tick or an observer's relief is no unrest. */
  const isAtRest = (): boolean =>
    isCued && restedAtMs >= lastFaultMs + STRIKES_WITHIN_MS && world.kernel.elapsedMs - restedAtMs <= TICK_MS;
  const livesAll = scenario.everySecond || scenario.loss.share >= LOSS_THAT_IS_TOLD;
  const eachSecond = (): void => {
    watcher.second();
    if (world.skipper.isAtRest()) {
      // To wait for rest is to live what is left: a skip would pass over what a late strike does.
      const lives = livesAll || (options.untilRest === true && world.kernel.elapsedMs >= lastFaultMs);
      if (!lives) world.skipper.skip(scenario.durationMs);
      watcher.rested();
      restedAtMs = world.kernel.elapsedMs;
    }
    world.kernel.after(SECOND_MS, eachSecond);
  };
  world.controlPlane.deploy();
  world.callersCome();
  world.kernel.after(SECOND_MS, eachSecond);
  const isOver = (): boolean =>
    watcher.enough || world.kernel.elapsedMs >= scenario.durationMs || (options.untilRest === true && isAtRest());
  const instant = (): void => {
    watcher.instant();
    lookForCue();
  };
  await world.kernel.run(Number.POSITIVE_INFINITY, instant, isOver);
  world.end();

  const { record } = watcher;
  return {
    seed: scenario.seed,
    ranForMs: world.kernel.elapsedMs,
    livedMs: world.kernel.nowMs,
    vipMs: record.vipMs,
    unservedMs: record.unservedMs,
    fullMs: record.fullMs,
    namedVipMs: record.namedVipMs,
    nameUnservedMs: record.nameUnservedMs,
    changes: record.finished(),
    violations: watcher.violations,
    atRest: isAtRest(),
    withoutStandbyMs: record.withoutStandbyMs,
    crashedAtMs: world.crashedAtMs,
    pages: watcher.pages,
    faults: struck,
    edges: [...watcher.edges].sort(),
    cpuMs: cpuMs() - startedMs,
    trace: world.trace,
  };
}
