/** A change of holder that brings no call along: the phones of the old holder stay reachable all the same. */
import type { RecoveryOrder } from '../../domain/ports';
import { done, notYet, type StepContext, type StepResult } from './context';
import { livesOn } from './lock';
import { recoveredForMs } from './recovery-time';

/** Tried again as long as a recovery is: then the phones come back one by one, as they register again. */
export async function takeRegistrations(context: StepContext, order: RecoveryOrder): Promise<StepResult> {
  const { deps, timing, topology } = context;
  await context.guard();
  // The promotion waits for the first try; a node with very many phones may need more than new calls should wait for.
  const timeoutMs = context.statusOf('promote') === 'done' ? timing.recoverTimeoutMs : timing.databaseTimeoutMs;
  const result = await deps.nodeControl.recover(context.to, context.vip, order, timeoutMs);
  if (result.recovered) return done(`${whyNoCalls(context)}; ${result.proof}`);
  const { recoverForMs } = topology.policy;
  if (recoveredForMs(context) < recoverForMs) return notYet(result.reason);
  return done(
    `${whyNoCalls(context)}; registrations given up after ${recoverForMs / 1000} s (${result.reason}): ` +
      'phones are listed again as they register',
  );
}

function whyNoCalls({ transition }: StepContext): string {
  return livesOn(transition.cause)
    ? 'the VIP was drained: no call moves with it'
    : 'nobody ever read the core_uuid of the old holder: its rows cannot be told from others';
}
