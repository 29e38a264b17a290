/** The beginning of a planned move: it leaves a holder that is well, and can wait until it could be finished. */
import { endsByOrder } from '../../domain/transition';
import type { Step, StepContext } from './context';

const TAKES_FROM_CALLERS = ['fence', 'detach'] as const;

/**
 * Of a planned move the step is tried only after node-control has answered for the new holder: nothing else ends the
 * standby there, and while the function is away callers stay where they are served. Throws what the order throws.
 */
export function onceHeard(step: Step): Step {
  return async (context) => {
    const { deps, to, vip, timing } = context;
    if (isPlanned(context) && nothingIsTaken(context)) await deps.nodeControl.check(to, vip, timing.nodeTimeoutMs);
    return step(context);
  };
}

/** A retargeting of one is none any more: its callers may be out already. */
function isPlanned({ transition: { kind, cause } }: StepContext): boolean {
  const isMove = kind === 'switchover' || kind === 'failback';
  return isMove && (endsByOrder(cause) || cause === 'operator-drained');
}

function nothingIsTaken(context: StepContext): boolean {
  return TAKES_FROM_CALLERS.every((step) => context.statusOf(step) === 'pending');
}
