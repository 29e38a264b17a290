/**
 * The beginning of a planned move. It leaves a holder that is well, and node-control alone can end the standby where it
 * goes: while that function is away, or says that the node could not serve, callers stay where they are served.
 */
import { describeError, OutsideTimeout } from '../../domain/errors';
import type { Holder, NodeTopology } from '../../domain/model';
import { isPlannedMove, takesNothing } from '../../domain/planned-move';
import type { CheckResult, ProcessLook } from '../../domain/ports';
import { notYet, type Step, type StepContext } from './context';
import { livesOn } from './lock';
import { whyOthersStay } from './same-process';
import { mayServe, whyNotThere } from './who-serves';

/** Tries the step of a planned move that has taken nothing yet only once node-control answers that the new holder can serve. */
export function onceHeard(step: Step): Step {
  return async (context) => {
    const why = isPlanned(context) && nothingIsTaken(context) ? await whyNotHeard(context) : null;
    return why === null ? step(context) : notYet(why);
  };
}

export function isPlanned({ transition }: StepContext): boolean {
  return isPlannedMove(transition);
}

/** As its chain began: its old holder lives on, and answers nobody for it. */
export function wasDrained({ earlier, transition }: StepContext): boolean {
  return livesOn((earlier[0] ?? transition).cause);
}

/** Who had the VIP when its chain began. A candidate that a retargeting leaves may never have served anybody. */
export function firstHolder({ earlier, transition }: StepContext): Holder | null {
  return (earlier[0] ?? transition).from;
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
  const asked = (context.heard ??= askAll(context));
  const why = await asked.catch((error: unknown) => {
    context.heard = null;
    throw error;
  });
  if (why !== null) context.heard = null;
  return why;
}

/** Throws Superseded and Paused, and what is no silence. */
async function askAll(context: StepContext): Promise<string | null> {
  const { deps, to, vip, timing, topology } = context;
  await context.guard();
  try {
    // A drained VIP serves nobody where it is, and has no call to bring along: whichever process runs there is better.
    const isDrained = wasDrained(context);
    const left = firstHolder(context);
    const endsProcess = !isDrained && left?.nodeId !== to.id;
    const movesCalls = endsProcess && topology.database !== null;
    const from = topology.nodes.find(({ id }) => movesCalls && id === left?.nodeId);
    const ask = (node: NodeTopology): Promise<CheckResult> =>
      deps.nodeControl.check(node, vip, timing.nodeTimeoutMs, movesCalls);
    const ofRows = from === undefined || (await isLockedOut(context, from)) ? null : from;
    const [there, here] = await Promise.all([ask(to), ofRows === null ? null : ask(ofRows)]);
    const chosen = isDrained ? null : context.transition.to.coreUuid;
    const why = whyNotThere(there, chosen) ?? (await whyCallsStay(there, here, context));
    if (why !== null) return `nothing is taken from ${vip.id}'s callers before ${to.id} can serve them: ${why}`;
    const others = endsProcess && left !== null ? await whyOthersStay(context, left) : null;
    if (others === null) return null;
    return `nothing is taken from ${left?.nodeId ?? ''} before all can be served that are on it: ${others}`;
  } catch (error) {
    if (!(error instanceof OutsideTimeout)) throw error;
    return `nothing is taken from ${vip.id}'s callers before node-control answers: ${describeError(error)}`;
  }
}

/**
 * Its rows are those from before the lock, and its process is let in no more: to wait would write none of the others. It
 * would say nothing when asked, for as long as it lives (FACTS 8.4).
 */
async function isLockedOut({ deps }: StepContext, { id }: NodeTopology): Promise<boolean> {
  const { nodes } = await deps.store.readCluster();
  return nodes.some(({ nodeId, lockedBy }) => nodeId === id && lockedBy !== null);
}

/**
 * The calls would end with the process that has them where it could not write their rows, or the new holder could not
 * read them. Once the old one serves nobody any more, new callers come first.
 */
async function whyCallsStay(
  there: ProcessLook,
  here: ProcessLook | null,
  context: StepContext,
): Promise<string | null> {
  const withoutDatabase = there.withoutDatabase ?? whyRowsAreMissing(here, context);
  if (withoutDatabase === null) return null;
  const { deps, vip } = context;
  const serves = await mayServe(deps.store, firstHolder(context)?.nodeId ?? '', vip.id, deps.clock.wallMs());
  return serves ? withoutDatabase : null;
}

function whyRowsAreMissing(here: ProcessLook | null, context: StepContext): string | null {
  const why = here?.withoutDatabase ?? null;
  return why === null ? null : `${firstHolder(context)?.nodeId ?? ''} may not have written their rows: ${why}`;
}
