/**
 * Of a death: whether both signals went together. Of a suspicion: whether it rests on looks enough, and lasted where not
 * everybody agreed. By the looks in the table.
 */
import { quorumOf, type Observation, type Policy, type Topology } from '../../domain/model';
import { vipsLeaving } from '../world/leaving';
import type { World } from '../world/world';
import type { Made } from './made';
import { freshAgainstMs, votesOn } from './votes';

/** Of one process: a stop closes SIP and a connection to the event socket so far apart (FACTS 1). */
const STOP_TAKES_MS = 1_100;

const OF_SILENCE: ReadonlySet<string> = new Set(['conclusive-death', 'suspected-death', 'sip-stuck']);

/** null: not too soon, or no such cause. A VIP may move for the sake of another one on its node. */
export function whyTooSoon(made: Made, world: World): string | null {
  const { topology } = world.table;
  const { cause, from, vipId } = made.transition;
  if (topology === null || from === null || !OF_SILENCE.has(cause)) return null;
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
  const against = { nodeId, maxAgeMs: freshAgainstMs(policy) };
  const count = (says: (seen: Observation) => boolean): number => votesOn(world, transition, against, says);
  const needed = quorumOf(observers.length);
  const name = `${transition.id} (${transition.cause})`;
  if (transition.cause === 'conclusive-death') {
    const ended = count((seen) => hasEnded(seen, vipId, policy));
    return ended >= needed ? null : `${name}: ${ended} of ${needed} saw both signals go together`;
  }
  const agree = (seen: Observation): boolean => hasEnded(seen, vipId, policy) || isMissing(seen, vipId, policy);
  const agreed = count(agree);
  if (agreed < needed) return `${name}: ${agreed} of ${needed} missed it often enough`;
  if (agreed === observers.length) return null;
  // Of another VIP nobody asks here since when it was held.
  const holderSinceMs = vipId === before.vipId ? before.changedAtMs : 0;
  const lasting = count(
    (seen) =>
      agree(seen) && (hasEnded(seen, vipId, policy) || silentForMs(seen, vipId, holderSinceMs) >= policy.dissentHoldMs),
  );
  if (lasting >= needed) return null;
  return `${name}: ${lasting} of ${needed} have known it for dissentHold, and not everybody agrees`;
}

/** Proof, and no silence: nobody waits for more of it. */
function hasEnded({ esl, sip, ...seen }: Observation, vipId: string, policy: Policy): boolean {
  const nobodyAnswers = Object.keys(sip).every((id) => isGone(sip, id) || sip[id]?.verdict === 'malformed');
  if (!isGone(sip, vipId) || !nobodyAnswers) return false;
  if (esl.verdict !== 'refused') return esl.verdict === 'stopping' && esl.coreUuid === null;
  const lookMs = policy.probeIntervalMs + policy.probeTimeoutMs;
  const [eslMs, sipMs] = [seen.eslRefusedSinceMs, seen.sipMissingSinceMs[vipId] ?? null];
  return eslMs !== null && sipMs !== null && sipMs - lookMs <= eslMs && eslMs - lookMs - STOP_TAKES_MS <= sipMs;
}

function isMissing({ esl, sip, eslHistory, sipHistory }: Observation, vipId: string, policy: Policy): boolean {
  const { suspectAfterMisses, sipStuckAfterMisses, missSlack } = policy;
  const enough = (history: number, misses: number): boolean => ones(history, misses + missSlack) >= misses;
  const ofSip = sipHistory[vipId] ?? 0;
  if (!isGone(sip, vipId)) return false;
  if (answers(esl)) return enough(ofSip, sipStuckAfterMisses);
  const asked = esl.verdict === 'refused' ? sipStuckAfterMisses : suspectAfterMisses;
  return enough(eslHistory, asked) && enough(ofSip, asked);
}

/** Also one that was told to stop, while it waits for its last call. */
function answers({ verdict, coreUuid }: Observation['esl']): boolean {
  return verdict === 'ok' || verdict === 'paused' || (verdict === 'stopping' && coreUuid !== null);
}

function isGone(sip: Observation['sip'], vipId: string): boolean {
  return sip[vipId]?.verdict === 'silent' || sip[vipId]?.verdict === 'refused';
}

function silentForMs(seen: Observation, vipId: string, holderSinceMs: number): number {
  const since = [seen.sipMissingSinceMs[vipId] ?? null, answers(seen.esl) ? holderSinceMs : seen.eslMissingSinceMs];
  return seen.observedAtMs - Math.max(...since.map((atMs) => atMs ?? seen.observedAtMs), holderSinceMs);
}

/** Misses among so many of the last looks; the newest is the lowest bit. */
function ones(history: number, looks: number): number {
  return [...(history % 2 ** looks).toString(2)].filter((bit) => bit === '1').length;
}
