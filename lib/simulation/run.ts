/** One simulated cluster, from its deployment to the end of its time. */
import { describeFault, type ScheduledFault } from './faults/fault';
import { strike } from './faults/strike';
import type { RunResult } from './results';
import type { Scenario } from './scenario';
import { Watcher } from './watcher';
import { World } from './world/world';

export interface RunOptions {
  /** In place of those that the seed draws: for a replay without some of them, and for the explorer. */
  faults?: readonly ScheduledFault[];
  /** Processor time so far, in milliseconds: measured by whoever may know a real clock. */
  cpuMs?: () => number;
}

const SECOND_MS = 1_000;

/** Runs the shipped operations over the simulated world. What a fault leads to is never thrown: it is a violation. */
export async function runCluster(scenario: Scenario, options: RunOptions = {}): Promise<RunResult> {
  const cpuMs = options.cpuMs ?? ((): number => 0);
  const startedMs = cpuMs();
  const world = new World(scenario);
  const watcher = new Watcher(world);
  const faults = options.faults ?? world.drawFaults();
  const struck: Record<string, number> = {};
  for (const { atMs, fault } of faults) {
    world.kernel.onDate(atMs, () => {
      world.say(`fault ${describeFault(fault)}`);
      struck[fault.kind] = (struck[fault.kind] ?? 0) + 1;
      strike(world, fault);
      if (fault.kind === 'table-restored') watcher.replaced();
    });
  }
  const eachSecond = (): void => {
    watcher.second();
    const skippedMs = world.kernel.skippedMs;
    if (!scenario.everySecond) world.skipper.trySkip(scenario.durationMs);
    if (world.kernel.skippedMs !== skippedMs) watcher.rested();
    world.kernel.after(SECOND_MS, eachSecond);
  };
  world.controlPlane.deploy();
  world.kernel.after(SECOND_MS, eachSecond);
  const isOver = (): boolean => watcher.enough || world.kernel.elapsedMs >= scenario.durationMs;
  await world.kernel.run(Number.POSITIVE_INFINITY, () => watcher.instant(), isOver);
  world.end();

  const { record } = watcher;
  return {
    seed: scenario.seed,
    ranForMs: world.kernel.elapsedMs,
    livedMs: world.kernel.nowMs,
    vipMs: record.vipMs,
    unservedMs: record.unservedMs,
    changes: record.finished(),
    violations: watcher.violations,
    withoutStandbyMs: record.withoutStandbyMs,
    pages: watcher.pages,
    faults: struck,
    edges: [...watcher.edges].sort(),
    cpuMs: cpuMs() - startedMs,
    trace: world.trace,
  };
}
