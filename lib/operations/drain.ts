/**
 * One VIP leaves its node without its calls: no new ones are taken there, those there are end by themselves, and then
 * the VIP moves. The other VIPs of the node never notice.
 */
import type { ClusterSnapshot } from '../domain/model';
import type { NodeControl, PauseSubject } from '../domain/ports';
import { describeError } from '../domain/errors';
import { isPaused } from '../domain/maintenance';
import { judgeHolder } from '../domain/votes';
import { decideByOperator, type OperatorDeps, type SwitchoverOutcome } from './switchover';
import { askForecast } from './switchover-forecast';
import { planSwitchover } from './switchover-plan';
import { findHeld, type HeldVip } from './switchover-readiness';

export interface DrainDeps extends OperatorDeps {
  nodeControl: NodeControl;
}

/** Promoting or demoting all profiles of a VIP and the proof by OPTIONS, with a cold start of the function. */
const ORDER_TIMEOUT_MS = 8_000;

/** Established calls by their rows; null and why where they cannot be counted. */
export interface CallsLeft {
  calls: number | null;
  why: string | null;
}

export type DrainOutcome =
  { kind: 'refused'; reasons: string[] } | { kind: 'draining'; nodeId: string; proof: string; left: CallsLeft };

/**
 * Pauses the VIP first: convergence would promote its holder again. Asked again it tells how many calls are left.
 * A node that could not be put into standby leaves the VIP as it was: what the order did after all (its answer may be
 * lost) is put right by the control plane, which promotes a holder in standby; where a human has paused it before, by
 * nobody but them.
 */
export async function drainVip(deps: DrainDeps, vipId: string): Promise<DrainOutcome> {
  const snapshot = await deps.store.readCluster();
  const held = findHeld(snapshot, vipId);
  if (!('holder' in held)) return refused(held.why);
  if (held.state.status !== 'held') {
    return refused(`${vipId} is on its way to ${held.holder.nodeId}: drain it when it has arrived`);
  }
  await deps.store.setPaused({ kind: 'vip', id: vipId }, true, `draining, by ${deps.actor}`);
  const answer = await order(deps, snapshot, held, 'demote');
  if (!answer.done) {
    await putBack(deps, { kind: 'vip', id: vipId }, held.state);
    const paused = await standingPauses(deps, held);
    if (paused === null) return refused(`${vipId} is not drained: ${answer.why}`);
    return refused(
      `${vipId} may be in standby on ${held.holder.nodeId}, and nobody promotes it meanwhile: ${paused} (${answer.why}); ` +
        `\`understudy drain --vip ${vipId}\` again, or \`understudy undrain --vip ${vipId}\``,
    );
  }
  await note(deps, 'drain', vipId, answer.proof);
  return {
    kind: 'draining',
    nodeId: held.holder.nodeId,
    proof: answer.proof,
    left: await callsLeft(deps, snapshot, held),
  };
}

/**
 * New calls on the same node again. A holder that is no standby by now (it died, it restarted) is not promoted from
 * here: it may have calls to recover first, and the control plane judges it as soon as the VIP is resumed.
 */
export async function undrainVip(
  deps: DrainDeps,
  vipId: string,
): Promise<DrainOutcome | { kind: 'back'; proof: string }> {
  const snapshot = await deps.store.readCluster();
  const held = findHeld(snapshot, vipId);
  if (!('holder' in held)) return refused(held.why);
  const instead = whyNotPromote(snapshot, held, deps.clock.wallMs());
  const answer: OrderAnswer =
    instead === null ? await order(deps, snapshot, held, 'promote') : { done: false, why: instead };
  await deps.store.setPaused({ kind: 'vip', id: vipId }, false, null);
  const proof = answer.done ? answer.proof : await whoPromotes(deps, held, answer.why);
  await note(deps, 'undrain', vipId, proof);
  return { kind: 'back', proof };
}

async function whoPromotes(deps: DrainDeps, held: HeldVip, why: string): Promise<string> {
  const paused = await standingPauses(deps, held);
  if (paused === null) return `not promoted from here (${why}): the control plane takes over now`;
  return `not promoted from here (${why}), and nobody promotes it meanwhile: ${paused}; resume that, or undrain again`;
}

/** Why the control plane leaves the VIP on its holder alone now, in words; null where it does not. */
async function standingPauses({ store, clock }: DrainDeps, { vip, holder }: HeldVip): Promise<string | null> {
  return (await store.readStanding(vip.id, clock.wallMs(), [holder.nodeId])).paused;
}

/**
 * Moves a drained VIP. The decision is refused while the VIP is paused, and a VIP that is resumed before it is decided
 * has a holder in standby, which any observer promotes again within a second. So its *node* is paused around the two:
 * the judgement leaves the VIPs of a paused node alone, drift repair passes them by, and an old holder that is paused
 * stands in the way of no decision. The node's other VIPs go without automatic action for the time of four writes.
 * Refused: VIP paused and node resumed, drained as before. An answer that was lost leaves the VIP resumed: if it was
 * decided, a pause would stop it half-way; if not, the control plane promotes its holder again, which is an undrain.
 * A command that is killed in between leaves the node paused, which `understudy status` shows.
 * @throws what the store throws: whether it was decided is unknown
 */
export async function switchOverDrained(
  deps: DrainDeps,
  request: { vipId: string; toNodeId: string | null; abandonCalls: boolean },
): Promise<SwitchoverOutcome> {
  const snapshot = await deps.store.readCluster();
  const plan = planSwitchover(snapshot, { ...request, drained: true }, deps.clock.wallMs());
  if (plan.kind === 'refused') return plan;
  const [change] = plan.changes;
  const held = findHeld(snapshot, request.vipId);
  if (change === undefined || !('holder' in held)) return refused(`there is nothing to move for ${request.vipId}`);
  if (!request.abandonCalls) {
    const left = await callsLeft(deps, snapshot, held);
    if (left.calls !== 0) return refused(`${request.vipId}: ${describeLeft(left)}; wait, or say --abandon-calls`);
  }
  const answer = await withNodePaused(deps, snapshot, held, async () => {
    const vip = { kind: 'vip', id: request.vipId } as const;
    await deps.store.setPaused(vip, false, null);
    const result = await decideByOperator(deps, snapshot, change);
    if (!result.decided) await deps.store.setPaused(vip, true, `draining, by ${deps.actor}`);
    return result;
  });
  if (!answer.decided) return { kind: 'refused', reasons: answer.reasons };
  return { kind: 'decided', moves: [answer.move], notDecided: [] };
}

/** For a human: how many calls are left, or why that is not known. */
export function describeLeft({ calls, why }: CallsLeft): string {
  if (calls === null) return `how many calls are left is not known (${why ?? 'no reason given'})`;
  return calls === 0 ? 'no call is left' : `${calls} calls are left`;
}

function whyNotPromote({ topology, observations }: ClusterSnapshot, held: HeldVip, nowMs: number): string | null {
  const { vip, state, holder } = held;
  if (state.status !== 'held') return `${vip.id} is on its way to ${holder.nodeId}`;
  const verdict = judgeHolder(topology, observations, state, holder, nowMs);
  const lives = verdict.kind === 'in-standby' || verdict.kind === 'serving' || verdict.kind === 'undecided';
  return lives ? null : `observers say of ${holder.nodeId}: ${verdict.kind}`;
}

async function withNodePaused<T>(
  deps: DrainDeps,
  snapshot: ClusterSnapshot,
  { vip, holder }: HeldVip,
  work: () => Promise<T>,
): Promise<T> {
  const node = { kind: 'node', id: holder.nodeId } as const;
  const before = snapshot.nodes.find((each) => each.nodeId === holder.nodeId);
  // A maintenance window could end in the middle: only a pause without an end is good enough as it is.
  if (before?.paused === true && before.pausedUntilMs === null) return work();
  await deps.store.setPaused(node, true, `${vip.id} leaves it drained, by ${deps.actor}`);
  try {
    return await work();
  } finally {
    await putBack(deps, node, before ?? { paused: false, pausedUntilMs: null });
  }
}

/** Paused as it was before us, with the end of its maintenance window; resumed where it was not paused. */
async function putBack(
  { store, clock, actor }: DrainDeps,
  subject: PauseSubject,
  before: { paused: boolean; pausedUntilMs: number | null },
): Promise<void> {
  const paused = isPaused(before, clock.wallMs());
  const reason = paused ? `as before ${actor} tried to drain` : null;
  await store.setPaused(subject, paused, reason, paused ? before.pausedUntilMs : null);
}

/** The VIP's own calls. Rows of all the node's VIPs are asked for, so that the sessions without a row can be told. */
async function callsLeft(deps: DrainDeps, snapshot: ClusterSnapshot, { vip, holder }: HeldVip): Promise<CallsLeft> {
  const forecast = await askForecast(deps.nodeControl, snapshot, holder.nodeId);
  if ('why' in forecast) return { calls: null, why: forecast.why };
  const own = forecast.vips.find((each) => each.vipId === vip.id);
  if (own !== undefined) return { calls: own.calls, why: null };
  // Without rows only an idle node is a proof.
  if (forecast.sessions === 0) return { calls: 0, why: null };
  const sessions = forecast.sessions === null ? 'an unknown number of' : String(forecast.sessions);
  return { calls: null, why: [`${holder.nodeId} has ${sessions} sessions`, ...forecast.unknown].join('; ') };
}

type OrderAnswer = { done: true; proof: string } | { done: false; why: string };

/** Never throws. */
async function order(
  deps: DrainDeps,
  { topology }: ClusterSnapshot,
  { vip, holder }: HeldVip,
  action: 'promote' | 'demote',
): Promise<OrderAnswer> {
  const node = topology.nodes.find((each) => each.id === holder.nodeId);
  if (node === undefined) return { done: false, why: `${holder.nodeId} is not part of the cluster any more` };
  try {
    if (action === 'demote') {
      const answer = await deps.nodeControl.demote(node, vip, ORDER_TIMEOUT_MS);
      return answer.demoted ? { done: true, proof: answer.proof } : { done: false, why: answer.reason };
    }
    const answer = await deps.nodeControl.promote(node, vip, ORDER_TIMEOUT_MS);
    return answer.promoted ? { done: true, proof: answer.proof } : { done: false, why: answer.reason };
  } catch (error) {
    return { done: false, why: describeError(error) };
  }
}

function note(deps: DrainDeps, action: string, subject: string, detail: string): Promise<void> {
  return deps.store.audit({ atMs: deps.clock.wallMs(), actor: deps.actor, action, subject, detail });
}

function refused(...reasons: string[]): { kind: 'refused'; reasons: string[] } {
  return { kind: 'refused', reasons };
}
