/** Which VIPs an operator's switchover takes along, and what stands in its way, in words with the remedy. Pure. */
import { databaseTrouble } from '../domain/database-trouble';
import { isPaused, untilItGoesOn } from '../domain/maintenance';
import type { ClusterSnapshot, Holder, VipState, VipTopology } from '../domain/model';
import { judgeHolder, votersOn } from '../domain/votes';

/** A VIP that is held, with its state. */
export interface HeldVip {
  vip: VipTopology;
  state: VipState;
  holder: Holder;
}

/** The VIP with its holder, or why there is nothing to move. */
export function findHeld(snapshot: ClusterSnapshot, vipId: string): HeldVip | { why: string } {
  const vip = snapshot.topology.vips.find((each) => each.id === vipId);
  const state = snapshot.vips.find((each) => each.vipId === vipId);
  const names = snapshot.topology.vips.map((each) => each.id).join(', ');
  if (vip === undefined || state === undefined) return { why: `there is no VIP '${vipId}': name one of ${names}` };
  if (state.holder === null)
    return { why: `nobody holds ${vipId} yet: its first holder is assigned when a node is fit` };
  return { vip, state, holder: state.holder };
}

/** Every VIP that the same node holds, the named one first. */
export function heldBy(snapshot: ClusterSnapshot, named: HeldVip): HeldVip[] {
  const others = snapshot.topology.vips
    .map((vip) => findHeld(snapshot, vip.id))
    .filter((each): each is HeldVip => 'holder' in each && each.holder.nodeId === named.holder.nodeId);
  return [named, ...others.filter((each) => each.vip.id !== named.vip.id)];
}

interface Wish {
  toNodeId: string | null;
  drained: boolean;
  abandonCalls: boolean;
}

/** Every reason, in words with their remedy, why these VIPs cannot be moved now; the named one is the first. */
export function whyNot(
  snapshot: ClusterSnapshot,
  moving: readonly HeldVip[],
  { toNodeId, drained, abandonCalls }: Wish,
  nowMs: number,
): string[] {
  const reasons = [
    ...whyNotNow(snapshot, moving, nowMs),
    ...moving.flatMap((each) => whyNotReady(snapshot, each, drained, nowMs)),
    ...(drained ? [] : moving.slice(0, 1).flatMap(({ holder }) => whyNotLeft(snapshot, holder, nowMs))),
    ...(drained || abandonCalls
      ? []
      : moving.slice(0, 1).flatMap(({ holder }) => whyNotHandedOver(snapshot, holder, nowMs))),
    ...moving
      .slice(0, 1)
      .flatMap((named) => [...(drained ? whyNotAlone(snapshot, named) : []), ...whyNotThere(named, toNodeId)]),
  ];
  return [...new Set(reasons)];
}

function whyNotNow({ control, topology }: ClusterSnapshot, moving: readonly HeldVip[], nowMs: number): string[] {
  const reasons: string[] = [];
  if (isPaused(control, nowMs)) {
    const why = control.pausedReason ?? 'no reason given';
    reasons.push(`the cluster is paused (${why}): \`understudy resume\`, and ask again`);
  }
  const cap = topology.policy.maxTransitionsInFlight;
  if (control.transitionsInFlight + moving.length > cap) {
    reasons.push(
      `${control.transitionsInFlight} transitions are in flight and ${moving.length} would come on top: ` +
        `maxTransitionsInFlight is ${cap}; wait until they are done`,
    );
  }
  return reasons;
}

function whyNotReady(
  snapshot: ClusterSnapshot,
  { vip, state, holder }: HeldVip,
  drained: boolean,
  nowMs: number,
): string[] {
  const reasons: string[] = [];
  if (state.status === 'moving') {
    reasons.push(
      `${vip.id} is on its way to ${holder.nodeId} (epoch ${state.epoch}): wait until it is done, ` +
        `or \`understudy acknowledge --vip ${vip.id}\` where it is stuck`,
    );
    return reasons;
  }
  const paused = isPaused(state, nowMs);
  if (drained && !paused) {
    reasons.push(`${vip.id} is not drained: \`understudy drain --vip ${vip.id}\` first`);
  }
  if (!drained && paused) {
    reasons.push(
      `${vip.id} is paused: \`understudy resume --vip ${vip.id}\`, or \`understudy undrain\` where it was drained`,
    );
  }
  const verdict = judgeHolder(snapshot.topology, snapshot.observations, state, holder, nowMs);
  if (verdict.kind !== (drained ? 'in-standby' : 'serving')) {
    const wanted = drained ? 'in standby' : 'serving';
    reasons.push(
      `no majority of observers sees ${holder.nodeId} ${wanted} for ${vip.id} (${verdict.kind}): ` +
        (drained
          ? 'wait some seconds after the drain'
          : 'a switchover is for a node that is well, a failover for others'),
    );
  }
  if (!drained && isPausedInside(snapshot, holder, nowMs)) {
    reasons.push(
      `FreeSWITCH on ${holder.nodeId} is paused (\`fsctl pause\`), and may tell callers to stay away for 300 s: ` +
        '`fsctl resume` on it first',
    );
  }
  return reasons;
}

/** It would be decided and never begin: a move takes nothing from a paused node whose FreeSWITCH serves (`guard.ts`). */
function whyNotLeft({ nodes }: ClusterSnapshot, { nodeId }: Holder, nowMs: number): string[] {
  const node = nodes.find((each) => each.nodeId === nodeId);
  if (node === undefined || !isPaused(node, nowMs)) return [];
  return [
    `${nodeId} is paused (maintenance), ${untilItGoesOn(node)}, and nothing is taken from it meanwhile: ` +
      `\`understudy resume --node ${nodeId}\`, move, and pause it again once it holds nothing`,
  ];
}

/** The process that has the calls ends before the database is asked for them. One observer's word is enough to wait. */
function whyNotHandedOver(snapshot: ClusterSnapshot, { nodeId }: Holder, nowMs: number): string[] {
  const troubled = databaseTrouble(snapshot, nodeId, nowMs);
  if (troubled.length === 0) return [];
  return [
    `the database, through which the calls move, does not answer well (${troubled.join('; ')}): wait until it does, ` +
      'or say --abandon-calls where they may be lost',
  ];
}

/** FACTS 9: nothing may be paused before the process is ended. One observer's word is enough to wait. */
function isPausedInside({ topology, observations }: ClusterSnapshot, holder: Holder, nowMs: number): boolean {
  return votersOn(topology, observations, holder.nodeId, nowMs, topology.policy.freshForMs).some(
    (voter) => voter.observation.esl.verdict === 'paused',
  );
}

/** Calls that cross two VIPs of a group live in one process. */
function whyNotAlone(snapshot: ClusterSnapshot, found: HeldVip): string[] {
  if (found.vip.group === null) return [];
  const partners = heldBy(snapshot, found).filter(
    ({ vip }) => vip.id !== found.vip.id && vip.group === found.vip.group,
  );
  if (partners.length === 0) return [];
  const names = partners.map(({ vip }) => vip.id).join(', ');
  return [
    `${found.vip.id} is of one group with ${names}, which would stay on ${found.holder.nodeId}: ` +
      '`understudy undrain`, and a switchover, which moves them together',
  ];
}

function whyNotThere({ vip, holder }: HeldVip, toNodeId: string | null): string[] {
  if (toNodeId === null) return [];
  if (toNodeId === holder.nodeId) return [`${toNodeId} holds ${vip.id} already`];
  if (vip.candidates.includes(toNodeId)) return [];
  return [`${toNodeId} is no candidate of ${vip.id}: name one of ${vip.candidates.join(', ')}`];
}
