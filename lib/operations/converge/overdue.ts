/** A change of holder that does not come to its end by itself: a human is told the step that it waits for. */
import type { StepName, Transition } from '../../domain/model';
import type { ConvergeDeps, StepContext } from './context';
import { recoveredForMs } from './recovery-time';
import type { StepRun } from './run-steps';

/** Whoever paused it knows; a whole run after they resume is what it has then. */
export function isLate(
  context: StepContext,
  { decidedAtMs }: Transition,
  { metPause }: StepRun,
  waiting: readonly StepName[],
): boolean {
  const { deps, timing } = context;
  return !metPause && deps.clock.wallMs() - decidedAtMs >= timing.stuckAfterMs && !triesCalls(context, waiting);
}

/** Callers are served, and the calls are given up by themselves: closed as stuck, nobody would watch the new holder. */
function triesCalls(context: StepContext, waiting: readonly StepName[]): boolean {
  const { recoverForMs } = context.topology.policy;
  return waiting.every((step) => step === 'recover') && recoveredForMs(context) < recoverForMs;
}

/**
 * Raises the incident that names the step which a human is needed for, or which has taken too long.
 *
 * @returns whether there is one
 * Throws what the store throws.
 */
export async function tellIfOverdue(
  context: StepContext,
  transition: Transition,
  run: StepRun,
  waiting: readonly StepName[],
): Promise<boolean> {
  const { deps } = context;
  if (run.needsHuman === null && !isLate(context, transition, run, waiting)) return false;
  const step = run.needsHuman?.step ?? waiting[0] ?? 'verify';
  const why = run.needsHuman?.why ?? transition.steps[step].error ?? 'it never settled';
  await raiseStuck(deps, transition, `waits at step ${step}: ${why}`);
  return true;
}

/** @param how in words that follow the transition's id. Throws what the store throws. */
export async function raiseStuck(
  deps: Pick<ConvergeDeps, 'store' | 'metrics' | 'clock'>,
  { id, vipId, to, epoch }: Transition,
  how: string,
): Promise<void> {
  deps.metrics.count('TransitionStuck', 1);
  await deps.store.raiseIncident({
    kind: 'vip-stuck',
    vipId,
    nodeId: to.nodeId,
    epoch,
    reasons: [`${id} ${how}`],
    atMs: deps.clock.wallMs(),
    notifiedAtMs: null,
  });
}
