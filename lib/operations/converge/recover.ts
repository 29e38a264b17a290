/**
 * Brings the calls of the old holder back on the new one: address first, then the rows' owner fenced, then once per
 * epoch `fsctl recover` of this VIP's profiles (FACTS 8.3). The answer is never believed: the ledger counts.
 */
import { describeError, OutsideTimeout } from '../../domain/errors';
import type { Ordered } from '../../domain/model';
import type { RecoverResult, RecoveryOrder } from '../../domain/ports';
import { done, notYet, Superseded, type Step, type StepContext, type StepResult } from './context';
import { ledgerOfOrdered, ledgerOfStayed, lostAltogether } from './calls-ledger';
import { livesOn, lockOne, owesRows } from './lock';
import { awaitPartners } from './partners';
import { ledgerBefore, ledgerOfRecovered, ofOrder } from './rebuilt-before';
import { rowsOfBefore } from './rows-of-before';
import { awaitEndElsewhere, provesRows } from './proved-gone';
import { promoteTarget } from './promote';
import { oldClock, recoveredForMs } from './recovery-time';
import { sessionsAtStake } from './sessions-at-stake';
import { takeRegistrations } from './take-registrations';

type NotRecovered = Extract<RecoverResult, { recovered: false }>;

export const recoverCalls: Step = async (context) => {
  const order = orderOf(context);
  if (order.deadCoreUuids.length === 0) return takeRegistrations(context, order);
  return inServiceAgain(context, await recoverRows(context, order));
};

async function recoverRows(context: StepContext, order: RecoveryOrder): Promise<StepResult> {
  await context.guard();
  const fenced = await rowsFenced(context);
  if (fenced === null) return orGiveUp(context, 'the old holder may still write its rows', null);
  const apart = await awaitPartners(context);
  await context.guard();
  const result = await orUnanswered(
    context.deps.nodeControl.recover(context.to, context.vip, order, context.timing.recoverTimeoutMs),
  );
  if ('unanswered' in result) {
    context.deps.metrics.count('ConvergenceErrors', 1, { step: 'recover' });
    return notYet(describeError(result.unanswered), orderedBy(context, { calls: null, legs: null }));
  }
  // Nobody knows what an attempt came to whose answer was lost; and whoever decides may choose the other process. Where
  // a younger decision stands the next attempt stops at its guard.
  if (!result.recovered && (result.unreached === true || result.notChosen === true)) {
    return notYet(result.reason, orderedBy(context, toldBy(result)));
  }
  if (!result.recovered) return orGiveUp(context, result.reason, result);
  const ledger = await ledgerOfRecovered(context, result);
  // Such calls answer, and so count as alive: only this note tells that nobody hears anything.
  const silent = apart.map((how) => `${how}: calls between the two live on without audio`);
  await context.keepCalls({ ...ledger, notes: [...ledger.notes, ...silent, ...(await rowsOfBefore(context))] });
  return done([result.proof, ...fenced, ...apart].join('; '));
}

/**
 * A VIP that serves already is put into standby while its calls are rebuilt, and node-control may have died before it
 * ended that: nobody else would, because the journal says `promote: done`. While the step is tried again a look is
 * enough; at its end all profiles are promoted once more, because OPTIONS asks only the first of them.
 */
async function inServiceAgain(context: StepContext, result: StepResult): Promise<StepResult> {
  if (context.statusOf('promote') !== 'done') return result;
  const learnt = result.done ? null : (result.ordered ?? null);
  try {
    if (!result.done && (await serves(context))) return result;
    const promoted = await promoteTarget(context);
    if (promoted.done) return result;
    return result.done ? promoted : notYet(promoted.why, learnt);
  } catch (error) {
    // What is news has to be written down whatever the look came to.
    if (result.done || learnt === context.ordered() || error instanceof Superseded) throw error;
    return notYet(`${result.why}; ${describeError(error)}`, learnt);
  }
}

async function serves({ deps, to, vip, timing }: StepContext): Promise<boolean> {
  return (await deps.nodeControl.check(to, vip, timing.nodeTimeoutMs)).serving;
}

/**
 * So much of `recoverFor` is waited for a clock. Then the calls are rebuilt all the same: peers take those that were
 * numbered long enough ago, and the others would be lost either way.
 */
const WAIT_SHARE = 0.8;
const WHATEVER_ITS_CLOCK = { maxClockBehindMs: Number.MAX_SAFE_INTEGER };

/**
 * Whose rows: of the old holder, and of every holder before it in the same chain that nobody recovered yet. A node that
 * the VIP was drained from lives on with its calls, and only its registrations go along.
 */
export function orderOf(context: StepContext): RecoveryOrder {
  const { transition, earlier, topology, to } = context;
  const journals = [...earlier, transition];
  const left = journals.flatMap(({ from, cause }) => (from === null ? [] : [{ ...from, lives: livesOn(cause) }]));
  const waits = recoveredForMs(context) < WAIT_SHARE * topology.policy.recoverForMs;
  const distinct = (values: string[]): string[] => [...new Set(values)];
  return {
    transitionId: transition.id,
    decidedAtMs: transition.decidedAtMs,
    deadCoreUuids: distinct(left.flatMap(({ coreUuid, lives }) => (lives ? [] : (coreUuid ?? [])))),
    deadNodeIds: distinct(left.map(({ nodeId }) => nodeId)).filter((nodeId) => nodeId !== to.id),
    ...(transition.to.coreUuid === null ? {} : { ontoCoreUuid: transition.to.coreUuid }),
    ...(waits ? { maxClockBehindMs: topology.policy.maxClockBehindMs, ...oldClock(context) } : WHATEVER_ITS_CLOCK),
  };
}

/**
 * DESIGN invariant 3, rows: the role locked and its sessions gone; or the old process proved gone.
 *
 * @returns what proves it beside the steps of this journal; null while they are not fenced
 */
async function rowsFenced(context: StepContext): Promise<string[] | null> {
  const lock = context.statusOf('lock');
  if (lock !== 'skipped') return lock === 'done' ? [] : null;
  const fence = context.proofOf('fence');
  if (fence === null || provesRows(fence)) return fence === null ? null : [];
  // The process was to end by order, and no answer to ours proves that it did. Locked out, its node could not come back.
  const { earlier, topology, transition, to } = context;
  const endElsewhere =
    transition.from === null || earlier.some(owesRows) ? null : await awaitEndElsewhere(context, transition.from);
  if (endElsewhere !== null) return [endElsewhere];
  const old = topology.nodes.find((node) => node.id === transition.from?.nodeId);
  if (old === undefined || old.id === to.id || old.databaseRole === null) return null;
  return (await lockOne(context, old)).done ? [] : null;
}

/** An order of which nobody answered may have arrived all the same. */
async function orUnanswered(answer: Promise<RecoverResult>): Promise<RecoverResult | { unanswered: OutsideTimeout }> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OutsideTimeout) return { unanswered: error };
    throw error;
  }
}

/** Another zone's function may have told the node before this one answered. */
function toldBy({ told, unheard }: NotRecovered): Parameters<typeof orderedBy>[1] {
  return told ?? (unheard === true ? { calls: null, legs: null } : undefined);
}

/**
 * What the new holder was told, or may have been, by this attempt or one before it; null: nothing. What was counted
 * stands for what was not.
 * @param told by this journal's order, as far as is known by now; false: nobody told it. undefined: not known
 */
function orderedBy(context: StepContext, told: Pick<Ordered, 'calls' | 'legs'> | false | undefined): Ordered | null {
  const { transition } = context;
  const before = context.ordered();
  if (told === undefined) return before;
  if (told === false) return before?.by === transition.id ? null : before;
  // Nothing was left to tell it: what another order had it rebuild is still to be counted.
  if (before !== null && before.by !== transition.id && told.legs === 0) return before;
  const isKnown = before !== null && (told.calls === null || before.calls === told.calls);
  return isKnown ? before : { by: transition.id, calls: told.calls, legs: told.legs };
}

async function orGiveUp(context: StepContext, why: string, result: NotRecovered | null): Promise<StepResult> {
  const { recoverForMs } = context.topology.policy;
  const ordered = orderedBy(context, result === null ? undefined : toldBy(result));
  if (recoveredForMs(context) < recoverForMs) return notYet(why, ordered);
  // It was tried again only to bring the VIP back into service.
  if ((context.transition.calls?.recoveredAtMs ?? null) !== null) {
    return done(`recovered before, as the ledger says; tried again in vain: ${why}`);
  }
  const before = ledgerBefore(context);
  if (before !== null) {
    await context.keepCalls(before);
    return done(`recovered before, by ${before.countedBy ?? 'another order'}; tried again in vain: ${why}`);
  }
  const { coreUuid } = context.transition.to;
  const stays = coreUuid !== null && orderOf(context).deadCoreUuids.includes(coreUuid);
  // What others had and could not be recovered is lost all the same, and told by its number.
  if (stays && (result?.before?.legs ?? 0) === 0) {
    await context.keepCalls(ledgerOfStayed(null, context.deps.clock.wallMs(), [why]));
    return done(`given up after ${recoverForMs / 1000} s: ${why}`);
  }
  const databaseIsAway = result === null ? context.statusOf('lock') === 'pending' : result.away;
  const reason = databaseIsAway ? 'database-unreachable' : 'given-up';
  const sessions = await sessionsAtStake(context);
  const nowMs = context.deps.clock.wallMs();
  if (ordered !== null) {
    await context.keepCalls(ledgerOfOrdered(ordered, ofOrder(context, ordered, sessions), nowMs, { reason, why }));
    return done(`given up after ${recoverForMs / 1000} s, and what was rebuilt is counted: ${why}`);
  }
  await context.keepCalls(lostAltogether(result?.before ?? null, sessions, { reason, why }));
  return done(`given up after ${recoverForMs / 1000} s, the calls are lost: ${why}`);
}
