/**
 * The way home: a VIP that another node holds than its most preferred one, which is fit again. A move ends the process
 * it leaves, so all VIPs of that node go, or none. Pure.
 */
import { blockEndsAtMs } from './block-period';
import { rankForGroup } from './candidates';
import { databaseTrouble } from './database-trouble';
import type { Change, Decision } from './decision';
import { assertNever, type ClusterSnapshot, type Holder, type VipState, type VipTopology } from './model';
import { votersOn } from './voters';

interface Away {
  vip: VipTopology;
  state: VipState;
  holder: Holder;
  /** The most preferred node that the control plane may choose. */
  homeId: string;
}

/** The decisions with the failbacks in place of those that left a VIP alone, or with a word on how to move it home. */
export function failBack(snapshot: ClusterSnapshot, decisions: readonly Decision[], nowMs: number): Decision[] {
  const { failback } = snapshot.topology.policy;
  switch (failback) {
    case 'never':
      return [...decisions];
    case 'manual':
      return decisions.map((decision) => sayHow(snapshot, decision, nowMs));
    case 'automatic':
      return failBackOneNode(snapshot, decisions, nowMs);
    default:
      return assertNever(failback);
  }
}

function sayHow(snapshot: ClusterSnapshot, decision: Decision, nowMs: number): Decision {
  const away = awayOf(snapshot, decision);
  if (away === null || fitFor(snapshot, [away], nowMs) === null) return decision;
  const { vip, homeId, holder } = away;
  if (databaseTrouble(snapshot, holder.nodeId, nowMs).length > 0) return decision;
  const how = `${homeId}, its most preferred node, is fit again: \`understudy switchover --vip ${vip.id} --to ${homeId}\``;
  return withReason(decision, `${how} moves it back with its calls`);
}

/** One node at a time: its failback is in flight before the next one is looked at. */
function failBackOneNode(snapshot: ClusterSnapshot, decisions: readonly Decision[], nowMs: number): Decision[] {
  const away = decisions.flatMap((decision) => awayOf(snapshot, decision) ?? []);
  const units = [...new Set(away.map(({ holder }) => holder.nodeId))].map((nodeId) =>
    away.filter(({ holder }) => holder.nodeId === nodeId),
  );
  const judged = units.map((unit) => ({ unit, answer: judgeUnit(snapshot, decisions, unit, nowMs) }));
  const first = judged.find(({ answer }) => answer.kind === 'go');
  return decisions.map((decision) => {
    const mine = judged.find(({ unit }) => unit.some(({ vip }) => vip.id === decision.vipId));
    const home = mine?.unit.find(({ vip }) => vip.id === decision.vipId);
    if (mine === undefined || home === undefined) return decision;
    const { answer } = mine;
    if (answer.kind === 'stay') return withReason(decision, `${home.homeId} does not take it back yet: ${answer.why}`);
    return mine === first ? changeOf(home, answer.coreUuid, nowMs) : decision;
  });
}

type Answer = { kind: 'go'; coreUuid: string } | { kind: 'stay'; why: string };

function judgeUnit(
  snapshot: ClusterSnapshot,
  decisions: readonly Decision[],
  unit: readonly Away[],
  nowMs: number,
): Answer {
  const why = whyNotNow(snapshot, decisions, nowMs) ?? whyNotTogether(snapshot, unit, nowMs);
  if (why !== null) return { kind: 'stay', why };
  const fit = fitFor(snapshot, unit, nowMs);
  const { failbackAfterMs } = snapshot.topology.policy;
  if (fit === null) return { kind: 'stay', why: 'it is not fit for all of them' };
  if (fit.wellForMs < failbackAfterMs)
    return { kind: 'stay', why: `it was not well for ${inMinutes(failbackAfterMs)}` };
  return { kind: 'go', coreUuid: fit.coreUuid };
}

/** A planned move waits for a quiet cluster. */
function whyNotNow(snapshot: ClusterSnapshot, decisions: readonly Decision[], nowMs: number): string | null {
  const isMoving = snapshot.control.transitionsInFlight > 0 || snapshot.vips.some(({ status }) => status === 'moving');
  if (isMoving || decisions.some(({ kind }) => kind === 'change')) return 'a transition is in flight';
  const blocked = snapshot.vips.find((state) => nowMs < blockEndsAtMs(snapshot, state));
  return blocked === undefined ? null : `the block period of ${blocked.vipId} runs`;
}

/** All that the node holds must want to go, and to the same node. */
function whyNotTogether(snapshot: ClusterSnapshot, unit: readonly Away[], nowMs: number): string | null {
  const { maxTransitionsInFlight, failbackAfterMs, freshForMs } = snapshot.topology.policy;
  const [first] = unit;
  if (first === undefined) return 'it holds nothing';
  const { nodeId } = first.holder;
  const held = snapshot.vips.filter(({ holder }) => holder?.nodeId === nodeId).map(({ vipId }) => vipId);
  const staying = held.filter((vipId) => unit.find(({ vip }) => vip.id === vipId)?.homeId !== first.homeId);
  if (staying.length > 0) return `${nodeId} also holds ${staying.join(', ')}, which would not go there`;
  if (unit.length > maxTransitionsInFlight) return `maxTransitionsInFlight is ${maxTransitionsInFlight}`;
  const lastChangeMs = Math.max(...unit.map(({ state }) => state.changedAtMs));
  if (nowMs - lastChangeMs < failbackAfterMs) return `${nodeId} has not held it for ${inMinutes(failbackAfterMs)}`;
  // FACTS 9: nothing may be paused before the process is ended. One observer's word is enough to wait.
  const isPausedInside = votersOn(snapshot.topology, snapshot.observations, nodeId, nowMs, freshForMs).some(
    ({ observation }) => observation.esl.verdict === 'paused',
  );
  if (isPausedInside) return `FreeSWITCH on ${nodeId} is paused (\`fsctl pause\`)`;
  // The calls move through the database, and the process that has them ends before it is asked: one word is enough here, too.
  const troubled = databaseTrouble(snapshot, nodeId, nowMs);
  return troubled.length === 0 ? null : `the database does not answer well (${troubled.join('; ')})`;
}

/** The VIP of a decision that leaves it alone and well, away from home; null otherwise. */
function awayOf(snapshot: ClusterSnapshot, decision: Decision): Away | null {
  if (decision.kind !== 'none' || !decision.well) return null;
  const vip = snapshot.topology.vips.find((each) => each.id === decision.vipId);
  const state = snapshot.vips.find((each) => each.vipId === decision.vipId);
  const homeId = vip?.candidates.find((nodeId) => !vip.manualOnly.includes(nodeId));
  const holder = state?.holder ?? null;
  if (vip === undefined || state?.status !== 'held' || holder === null || homeId === undefined) return null;
  return holder.nodeId === homeId ? null : { vip, state, holder, homeId };
}

/** Their common home, when it is fit for all of them, not held down, and its clock would not make their calls wait. */
function fitFor(
  snapshot: ClusterSnapshot,
  unit: readonly Away[],
  nowMs: number,
): { coreUuid: string; wellForMs: number } | null {
  const [first] = unit;
  if (first === undefined) return null;
  const vips = unit.map(({ vip }) => vip);
  const ranked = rankForGroup(snapshot, vips, first.holder.nodeId, nowMs);
  const home = ranked.find(({ nodeId }) => nodeId === first.homeId);
  if (home?.eligible !== true || home.behindHolderMs > 0) return null;
  if (home.wellForMs < snapshot.topology.policy.holdDownMs) return null;
  return { coreUuid: home.coreUuid, wellForMs: home.wellForMs };
}

function changeOf({ vip, state, holder, homeId }: Away, coreUuid: string, nowMs: number): Change {
  return {
    kind: 'change',
    vipId: vip.id,
    transition: 'failback',
    cause: 'preferred-node-back',
    from: holder,
    to: { nodeId: homeId, coreUuid },
    expectedEpoch: state.epoch,
    detectedAtMs: nowMs,
    // Nothing failed: the next failure is a new one.
    startsBlock: false,
    follows: null,
    reasons: [
      `${homeId}, the most preferred node of ${vip.id}, is fit again and stayed so (failback: automatic)`,
      `${vip.id} moves with its calls from ${holder.nodeId}, whose process ends by order`,
    ],
  };
}

const withReason = (decision: Decision, reason: string): Decision => ({
  ...decision,
  reasons: [...decision.reasons, reason],
});

const inMinutes = (ms: number): string => `${Math.round(ms / 60_000)} min`;
