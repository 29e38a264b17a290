/**
 * Counts the calls that live on the new holder, 5 s and 28 s after the recovery, and once more after 36 s, when every
 * leg whose peer did not answer has been given up. Only the last count says how many were saved. Each look sees the
 * gateways that have not registered again, and where no calls come back one for them alone is taken.
 */
import { describeError } from '../../domain/errors';
import type { CallsLedger } from '../../domain/model';
import { isLeftAlone } from '../../domain/transition';
import type { StateStore } from '../../domain/ports';
import { towardsTheSame } from '../chain';
import { done, notYet, type Step, type StepContext, type StepResult } from './context';
import {
  callsLost,
  isCounted,
  lookDue,
  neverTold,
  nextLookAtMs,
  survivalPercent,
  unregisteredInWords,
  withLook,
} from './calls-ledger';
import { orderOf } from './recover';

/** After the promotion; a real gateway took 2 s. */
const REGISTERED_WITHIN_MS = 30_000;
/** Who lives by then has been talking for an hour, and nobody waits for the number any more. */
const COUNTED_WITHIN_MS = 3_600_000;
/** How soon somebody who waits for this function is noticed. */
const REST_MS = 1_000;

/** The page has gone out before, with the first count. */
export const closeLedger: Step = async (context) => {
  const { calls } = context.transition;
  if (calls === null || calls.recoveredAtMs === null) {
    const gateways = await lookAtGateways(context);
    if (!gateways.done) return gateways;
    if (calls === null) return done(`no calls were to be recovered; ${gateways.proof}`);
    tell(context, calls);
    return done(`0 of ${calls.before} calls live; ${gateways.proof}`);
  }
  const why = await lookUntilCounted(context);
  const ledger = context.transition.calls ?? calls;
  if (why !== null) {
    // A stuck change before this one may have recovered them long ago.
    const sinceMs = context.transition.steps.recover.finishedAtMs ?? calls.recoveredAtMs;
    if (context.deps.clock.wallMs() < sinceMs + COUNTED_WITHIN_MS) return notYet(why);
    const notes = [...ledger.notes, `how many live is not known, nobody could count them for an hour: ${why}`];
    await context.keepCalls({ ...ledger, notes });
    return done(`not counted within an hour: ${why}`);
  }
  tell(context, ledger);
  return done(`${ledger.confirmed ?? 0} of ${ledger.before} calls live`);
};

/** Looks once at least and until the 5 s are over, so that the page can say how many calls came back. Never throws. */
export async function firstCount(context: StepContext, everyMs: number): Promise<void> {
  const { clock, log } = context.deps;
  for (let looks = 0; ; looks += 1) {
    const { calls } = context.transition;
    if (calls === null || calls.recoveredAtMs === null || calls.aliveAfter5s !== null) return;
    const leftMs = calls.recoveredAtMs + 5_000 - clock.wallMs();
    if (looks > 0 && leftMs < -everyMs * 5) return;
    // Nothing to count: the page need not wait for it.
    await clock.sleep(calls.before === 0 ? 0 : Math.max(0, Math.min(everyMs, leftMs)));
    const why = await takeLook(context).catch((error: unknown) => describeError(error));
    if (why !== null) log.warn(`the calls of ${context.transition.id} could not be counted`, { why });
    if (calls.before === 0) return;
    // A look that fails at once, as where a port refuses, is not had by asking without a pause.
    if (why !== null && leftMs <= 0) await clock.sleep(everyMs);
  }
}

/** Null when the last look was taken, or why there will be another run for it. */
async function lookUntilCounted(context: StepContext): Promise<string | null> {
  for (;;) {
    const { calls } = context.transition;
    if (calls === null || isCounted(calls)) return null;
    if (!(await restUntilDue(context, calls)))
      return 'the calls are counted once more when all peers had time to answer';
    const why = await takeLook(context);
    if (why !== null) return why;
  }
}

/** Whether a look is due now. Between the second and the last look lies what tells a hang-up from a peer that is mute. */
async function restUntilDue({ deps, transition, timing }: StepContext, calls: CallsLedger): Promise<boolean> {
  const { clock, store } = deps;
  for (;;) {
    const nowMs = clock.wallMs();
    const leftMs = (nextLookAtMs(calls, nowMs) ?? nowMs) - nowMs;
    if (leftMs <= 0) return true;
    const late = nowMs + leftMs > transition.decidedAtMs + timing.restWithinMs;
    if (calls.before === 0 || late || (await isNeededElsewhere(store, nowMs))) return false;
    await clock.sleep(Math.min(REST_MS, leftMs));
  }
}

/** The stream may hold back another change of holder, or an incident, until this invocation ends. */
async function isNeededElsewhere(store: StateStore, nowMs: number): Promise<boolean> {
  const [journals, incidents] = await Promise.all([store.listUnfinishedTransitions(), store.listUnnotifiedIncidents()]);
  return incidents.some(({ overAtMs }) => overAtMs === null) || journals.some((each) => isLeftAlone(each, nowMs));
}

/** One look; null, or why it could not be had. Throws Superseded when the journal is another's by now. */
export async function takeLook(context: StepContext): Promise<string | null> {
  const { transition, deps, to, vip, timing } = context;
  const { calls } = transition;
  if (calls === null) return null;
  const order = { ...orderOf(context), ...(calls.countedBy !== undefined && { transitionId: calls.countedBy }) };
  const look = await deps.nodeControl.countAlive(to, vip, order, timing.nodeTimeoutMs);
  if (!look.known && look.told === false && calls.givenUp !== undefined) {
    const countedBy = orderAfter(context, calls.countedBy);
    if (countedBy === null) {
      await context.keepCalls(neverTold(calls, calls.givenUp, look.reason));
      return null;
    }
    await context.keepCalls({ ...calls, countedBy });
    return look.reason;
  }
  if (!look.known) return look.reason;
  const which = lookDue(calls, deps.clock.wallMs());
  await context.keepCalls(withLook(calls, look, which));
  const gateways = look.unregisteredGateways;
  if (which === 'confirming' && gateways !== null) deps.metrics.count('UnregisteredGateways', gateways.length);
  return null;
}

/** It may have been a later order to the same process that arrived; null: there was none. */
function orderAfter({ earlier, transition }: StepContext, countedBy = transition.id): string | null {
  const orders = [...towardsTheSame(earlier, transition), transition].map(({ id }) => id);
  return orders[orders.indexOf(countedBy) + 1] ?? null;
}

/** Done as soon as all are registered, and for better or worse when they had their time. */
async function lookAtGateways(context: StepContext): Promise<StepResult> {
  const { transition, deps, to, vip, timing } = context;
  const order = { ...orderOf(context), deadCoreUuids: [] };
  const look = await deps.nodeControl.countAlive(to, vip, order, timing.nodeTimeoutMs);
  const gateways = look.known ? look.unregisteredGateways : null;
  const says = look.known ? inWords(gateways) : `the gateways could not be asked for: ${look.reason}`;
  const promotedAtMs = transition.steps.promote.finishedAtMs ?? transition.decidedAtMs;
  const isLate = deps.clock.wallMs() >= promotedAtMs + REGISTERED_WITHIN_MS;
  if (gateways?.length !== 0 && !isLate) return notYet(says);
  if (gateways !== null) deps.metrics.count('UnregisteredGateways', gateways.length);
  return done(says);
}

function inWords(gateways: readonly string[] | null): string {
  if (gateways === null) return 'the gateways could not be asked for';
  return gateways.length === 0 ? 'no gateway is unregistered' : gateways.map(unregisteredInWords).join('; ');
}

/** A recovery that was given up, and of which nobody was told, saved nothing, also where nobody knows how many calls there were. */
function tell({ deps: { metrics }, transition }: StepContext, ledger: CallsLedger): void {
  const unknown = ledger.recoveredAtMs === null && ledger.before === 0 && transition.sessionsBefore !== 0;
  const percent = unknown ? 0 : survivalPercent(ledger);
  if (percent !== null) metrics.count('CallSurvivalPercent', Math.round(percent));
  if (!unknown) metrics.count('CallsLost', callsLost(ledger));
}
