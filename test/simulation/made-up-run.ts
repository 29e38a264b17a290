/** Results of runs as tests want them, without running anything. */
import { Dice } from '../../lib/simulation/kernel/random';
import type { ChangeOfHolder, RunResult, Violation } from '../../lib/simulation/results';
import { YEAR_MS, type Scenario } from '../../lib/simulation/scenario';

export const VIOLATION: Violation = {
  invariant: '1. At most one unfenced node acts for a VIP',
  atMs: 90_061_001,
  detail: 'fs-1 and fs-2 both serve vip-1',
};

/** One quiet year of one VIP. */
export function quietYear(change: Partial<RunResult> = {}): RunResult {
  return {
    seed: 1,
    ranForMs: YEAR_MS,
    livedMs: YEAR_MS / 10,
    vipMs: YEAR_MS,
    unservedMs: 0,
    fullMs: 0,
    namedVipMs: YEAR_MS,
    nameUnservedMs: 0,
    changes: [],
    violations: [],
    atRest: true,
    withoutStandbyMs: 0,
    crashedAtMs: null,
    pages: 0,
    faults: {},
    edges: [],
    cpuMs: 0,
    trace: [],
    ...change,
  };
}

/** After a crash, decided in a second, served again after two. */
export function failover(change: Partial<ChangeOfHolder> = {}): ChangeOfHolder {
  return {
    vipId: 'vip-1',
    epoch: 2,
    kind: 'failover',
    cause: 'conclusive-death',
    struckBy: 'crash',
    recoveredAgoMs: null,
    detectMs: 1_000,
    recoverMs: 2_000,
    callsBefore: 20,
    callsLost: 1,
    ...change,
  };
}

/** Something happens in it that its seed alone decides. */
export async function madeUpRun({ seed, durationMs, shape }: Scenario): Promise<RunResult> {
  const dice = new Dice(seed, 'made up');
  const changes = Array.from({ length: dice.below(4) }, () =>
    failover({ detectMs: Math.round(dice.between(1, 5_000)) }),
  );
  return quietYear({
    seed,
    ranForMs: durationMs,
    vipMs: durationMs * shape.vips,
    unservedMs: Math.round(dice.between(1_000, 60_000)),
    changes,
    faults: { crash: changes.length },
    cpuMs: Math.random() * 1_000,
    trace: [`begins with ${seed}`, ...changes.map(({ detectMs }) => `failover after ${detectMs}`), 'ends'],
  });
}
