/**
 * The beginning of a planned move. It leaves a holder that is well, and node-control alone can end the standby where it
 * goes: while that function is away callers stay where they are served.
 */
import { describeError, OutsideTimeout } from '../../domain/errors';
import type { StepName, StepRecord } from '../../domain/model';
import { notYet, type Step, type StepContext } from './context';

/** Tries the step of a planned move that has taken nothing yet only once node-control answers for the new holder. */
export function onceHeard(step: Step): Step {
  return async (context) => {
    const why = isPlanned(context) && nothingIsTaken(context) ? await whyNotHeard(context) : null;
    return why === null ? step(context) : notYet(why);
  };
}

function isPlanned({ transition: { kind } }: StepContext): boolean {
  return kind === 'switchover' || kind === 'failback';
}

/** By the journals of the whole chain: what one of them took before it was left is not given back. */
function nothingIsTaken(context: StepContext): boolean {
  // What is no Elastic IP is detached at once, and nobody notices.
  const takes: StepName[] = context.vip.elasticIp === null ? ['fence'] : ['fence', 'detach'];
  const isPending = (statusOf: (step: StepName) => StepRecord['status']): boolean =>
    takes.every((step) => statusOf(step) === 'pending');
  return (
    isPending((step) => context.statusOf(step)) &&
    context.earlier.every(({ steps }) => isPending((step) => steps[step].status))
  );
}

/** Asked once for all steps of a run, or one would begin while another still waits; again where nobody answered. */
async function whyNotHeard(context: StepContext): Promise<string | null> {
  const asked = (context.heard ??= ask(context));
  const why = await asked.catch((error: unknown) => {
    context.heard = null;
    throw error;
  });
  if (why !== null) context.heard = null;
  return why;
}

/** Throws Superseded and Paused, and what is no silence. */
async function ask(context: StepContext): Promise<string | null> {
  const { deps, to, vip, timing } = context;
  await context.guard();
  try {
    await deps.nodeControl.check(to, vip, timing.nodeTimeoutMs);
    return null;
  } catch (error) {
    if (!(error instanceof OutsideTimeout)) throw error;
    return `nothing is taken from ${vip.id}'s callers before node-control answers: ${describeError(error)}`;
  }
}
