/** Of a suspicion: whether it rests on looks enough, and lasted where not everybody agreed. By the looks in the table. */
import { quorumOf, type Observation, type Policy, type Topology } from '../../domain/model';
import { againstFreshForMs } from '../../domain/voters';
import { vipsLeaving } from '../world/leaving';
import type { World } from '../world/world';
import type { Made } from './decisions';
import { votesOn } from './votes';

/** null: not too soon, or no suspicion. A VIP may move for the sake of another one on its node. */
export function whyTooSoon(made: Made, world: World): string | null {
  const { topology } = world.table;
  const { cause, from, vipId } = made.transition;
  if (topology === null || from === null || (cause !== 'suspected-death' && cause !== 'sip-stuck')) return null;
  const whyFor = (id: string): string | null => whyTooSoonFor(id, from.nodeId, topology, made, world);
  const why = whyFor(vipId);
  return vipsLeaving(world, from.nodeId).some((id) => whyFor(id) === null) ? null : why;
}

function whyTooSoonFor(
  vipId: string,
  nodeId: string,
  { policy, observers }: Topology,
  { transition, before }: Made,
  world: World,
): string | null {
  const against = { nodeId, maxAgeMs: againstFreshForMs(policy) };
  const count = (says: (seen: Observation) => boolean): number => votesOn(world, transition, against, says);
  const agree = (seen: Observation): boolean => isRefused(seen, vipId) || isMissing(seen, vipId, policy);
  const agreed = count(agree);
  const needed = quorumOf(observers.length);
  const name = `${transition.id} (${transition.cause})`;
  if (agreed < needed) return `${name}: ${agreed} of ${needed} missed it often enough`;
  if (agreed === observers.length) return null;
  // Of another VIP nobody asks here since when it was held.
  const holderSinceMs = vipId === before.vipId ? before.changedAtMs : 0;
  const lasting = count(
    (seen) =>
      agree(seen) && (isRefused(seen, vipId) || silentForMs(seen, vipId, holderSinceMs) >= policy.dissentHoldMs),
  );
  if (lasting >= needed) return null;
  return `${name}: ${lasting} of ${needed} have known it for dissentHold, and not everybody agrees`;
}

/** Proof, and no silence: nobody waits for more of it. */
function isRefused({ esl, sip }: Observation, vipId: string): boolean {
  return (esl.verdict === 'refused' || esl.verdict === 'stopping') && isGone(sip, vipId);
}

function isMissing({ esl, sip, eslHistory, sipHistory }: Observation, vipId: string, policy: Policy): boolean {
  const { suspectAfterMisses, sipStuckAfterMisses, missSlack } = policy;
  const enough = (history: number, misses: number): boolean => ones(history, misses + missSlack) >= misses;
  const ofSip = sipHistory[vipId] ?? 0;
  if (!isGone(sip, vipId)) return false;
  if (esl.verdict === 'ok' || esl.verdict === 'paused') return enough(ofSip, sipStuckAfterMisses);
  return enough(eslHistory, suspectAfterMisses) && enough(ofSip, suspectAfterMisses);
}

function isGone(sip: Observation['sip'], vipId: string): boolean {
  return sip[vipId]?.verdict === 'silent' || sip[vipId]?.verdict === 'refused';
}

function silentForMs(seen: Observation, vipId: string, holderSinceMs: number): number {
  const answersEsl = seen.esl.verdict === 'ok' || seen.esl.verdict === 'paused';
  const since = [seen.sipMissingSinceMs[vipId] ?? null, answersEsl ? holderSinceMs : seen.eslMissingSinceMs];
  return seen.observedAtMs - Math.max(...since.map((atMs) => atMs ?? seen.observedAtMs), holderSinceMs);
}

/** Misses among so many of the last looks; the newest is the lowest bit. */
function ones(history: number, looks: number): number {
  return [...(history % 2 ** looks).toString(2)].filter((bit) => bit === '1').length;
}
