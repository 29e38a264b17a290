/**
 * The beginning of a planned move. It leaves a holder that is well, and node-control alone can end the standby where it
 * goes: while that function is away, or says that the node could not serve, callers stay where they are served.
 */
import { describeError, OutsideTimeout } from '../../domain/errors';
import { takesNothing } from '../../domain/planned-move';
import type { ProcessLook } from '../../domain/ports';
import { notYet, type Step, type StepContext } from './context';
import { livesOn } from './lock';

/** Tries the step of a planned move that has taken nothing yet only once node-control answers that the new holder can serve. */
export function onceHeard(step: Step): Step {
  return async (context) => {
    const why = isPlanned(context) && nothingIsTaken(context) ? await whyNotHeard(context) : null;
    return why === null ? step(context) : notYet(why);
  };
}

export function isPlanned({ transition: { kind } }: StepContext): boolean {
  return kind === 'switchover' || kind === 'failback';
}

/** As its chain began: its old holder lives on, and answers nobody for it. */
export function wasDrained({ earlier, transition }: StepContext): boolean {
  return livesOn((earlier[0] ?? transition).cause);
}

/** By the journals of the whole chain: what one of them took before it was left is not given back. */
export function nothingIsTaken(context: StepContext): boolean {
  const hasElasticIp = context.vip.elasticIp !== null;
  return (
    takesNothing((step) => context.statusOf(step), hasElasticIp) &&
    context.earlier.every(({ steps }) => takesNothing((step) => steps[step].status, hasElasticIp))
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
    const why = whyNotThere(await deps.nodeControl.check(to, vip, timing.nodeTimeoutMs), context);
    return why === null ? null : `nothing is taken from ${vip.id}'s callers before ${to.id} can serve them: ${why}`;
  } catch (error) {
    if (!(error instanceof OutsideTimeout)) throw error;
    return `nothing is taken from ${vip.id}'s callers before node-control answers: ${describeError(error)}`;
  }
}

/** Another process than the chosen one is for the judgement to see, which sends the VIP elsewhere or chooses it anew. */
function whyNotThere({ coreUuid, unfit }: ProcessLook, context: StepContext): string | null {
  // The function is of the version before, which says nothing of the process.
  if (unfit === undefined) return null;
  if (unfit !== null) return unfit;
  // A drained VIP serves nobody where it is, and has no call to bring along: whichever runs is better.
  const chosen = wasDrained(context) ? null : context.transition.to.coreUuid;
  return chosen === null || coreUuid === chosen ? null : `it runs ${coreUuid}, and ${chosen} was chosen`;
}
