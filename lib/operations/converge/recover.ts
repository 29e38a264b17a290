/**
 * Brings the calls of the old holder back on the new one: address first, then the rows' owner fenced, then once per
 * epoch `fsctl recover` of this VIP's profiles (FACTS 8.3). The answer is never believed: the ledger counts.
 */
import type { StepRecord } from '../../domain/model';
import type { RecoverResult, RecoveryOrder } from '../../domain/ports';
import { towardsTheSame } from '../chain';
import { done, notYet, type Step, type StepContext, type StepResult } from './context';
import { ledgerOf, ledgerOfOrdered, ledgerOfStayed, lostAltogether } from './calls-ledger';
import { livesOn, lockOne, owesRows } from './lock';
import { awaitPartners } from './partners';
import { rowsOfBefore } from './rows-of-before';
import { awaitEndElsewhere, provesRows } from './proved-gone';
import { promoteTarget } from './promote';
import { oldClock, recoveredForMs } from './recovery-time';
import { sessionsAtStake } from './sessions-at-stake';
import { takeRegistrations } from './take-registrations';

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
  const result = await context.deps.nodeControl.recover(
    context.to,
    context.vip,
    order,
    context.timing.recoverTimeoutMs,
  );
  // Nobody knows what an attempt came to whose answer was lost; and whoever decides may choose the other process. Where
  // a younger decision stands the next attempt stops at its guard.
  if (!result.recovered && (result.unreached === true || result.notChosen === true)) {
    return notYet(result.reason, orderedBy(context, result));
  }
  if (!result.recovered) return orGiveUp(context, result.reason, result);
  const recoveredAtMs = context.deps.clock.wallMs();
  const ledger = ledgerOf(result, (await sessionsAtStake(context)).ofVip, recoveredAtMs);
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
  if (!result.done) {
    const { serving } = await context.deps.nodeControl.check(context.to, context.vip, context.timing.nodeTimeoutMs);
    if (serving) return result;
  }
  const promoted = await promoteTarget(context);
  return promoted.done ? result : promoted;
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

/** What this attempt or one before it told the new holder, or may have: an order whose answer was lost may have arrived. */
function orderedBy(
  context: StepContext,
  result: Extract<RecoverResult, { recovered: false }> | null,
): Pick<StepRecord, 'ordered'> {
  const mayHaveTold = result?.mayBeAtWork === true || result?.unreached === true;
  const now = mayHaveTold ? (result.before ?? NOBODY_COUNTED) : undefined;
  const ordered = context.ordered() ?? now;
  return ordered === undefined ? {} : { ordered };
}

/**
 * This journal where it was tried again only to bring the VIP back into service, or a stuck one before it that went to
 * the same process: what that recovered lives there, also where nobody can be asked now. null: none did.
 */
function recoveredEarlier({ earlier, transition }: StepContext): string | null {
  const same = towardsTheSame(earlier, transition);
  return [...same, transition].findLast(({ calls }) => (calls?.recoveredAtMs ?? null) !== null)?.id ?? null;
}

const NOBODY_COUNTED = { calls: null, legs: null };

async function orGiveUp(
  context: StepContext,
  why: string,
  result: Extract<RecoverResult, { recovered: false }> | null,
): Promise<StepResult> {
  const { ordered } = orderedBy(context, result);
  if (recoveredForMs(context) < context.topology.policy.recoverForMs) return notYet(why, orderedBy(context, result));
  const earlier = recoveredEarlier(context);
  if (earlier !== null) return done(`recovered before, as the ledger of ${earlier} says; tried again in vain: ${why}`);
  const { coreUuid } = context.transition.to;
  const stays = coreUuid !== null && orderOf(context).deadCoreUuids.includes(coreUuid);
  // What others had and could not be recovered is lost all the same, and told by its number.
  if (stays && (result?.before?.legs ?? 0) === 0) {
    await context.keepCalls(ledgerOfStayed(null, context.deps.clock.wallMs(), [why]));
    return done(`given up after ${context.topology.policy.recoverForMs / 1000} s: ${why}`);
  }
  if (ordered !== undefined) {
    const notes = [`nobody heard what became of the order to rebuild them, so they are counted by their rows: ${why}`];
    await context.keepCalls(
      ledgerOfOrdered(ordered, await sessionsAtStake(context), context.deps.clock.wallMs(), notes),
    );
    return done(
      `given up after ${context.topology.policy.recoverForMs / 1000} s, and what was rebuilt is counted: ${why}`,
    );
  }
  const databaseIsAway = result === null ? context.statusOf('lock') === 'pending' : result.away;
  const reason = databaseIsAway ? 'database-unreachable' : 'given-up';
  await context.keepCalls(lostAltogether(result?.before ?? null, await sessionsAtStake(context), { reason, why }));
  return done(`given up after ${context.topology.policy.recoverForMs / 1000} s, the calls are lost: ${why}`);
}
