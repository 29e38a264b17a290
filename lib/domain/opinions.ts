/** What one observer's look says about the holder of a VIP, before anybody counts votes. Pure. */
import { missedOften } from './misses';
import type { Holder, Observation, Policy, SipEvidence, VipState } from './model';
import { assertNever } from './model';

/** One observer's word on the holder of a VIP. `sinceMs`: since when it gets no answer, in epoch milliseconds. */
export type Opinion =
  | { kind: 'serving' }
  | { kind: 'conclusive-death' }
  | { kind: 'suspected-death'; sinceMs: number }
  | { kind: 'sip-stuck'; sinceMs: number }
  | { kind: 'restarted'; coreUuid: string }
  | { kind: 'in-standby' }
  | { kind: 'misconfigured' }
  | { kind: 'undecided'; why: string };

/** An answer of any kind proves that the SIP stack is there; bytes that are not SIP prove it of nothing. */
export function sipAnswers(evidence: SipEvidence | undefined): boolean {
  return evidence !== undefined && ['ok', 'busy', 'standby'].includes(evidence.verdict);
}

function sipUnreachable(evidence: SipEvidence | undefined): boolean {
  return evidence !== undefined && (evidence.verdict === 'silent' || evidence.verdict === 'refused');
}

/** A FreeSWITCH that is told to stop closes SIP so long before a connection to its event socket at most (FACTS 1). */
const CLOSES_APART_MS = 1_100;

/** What one observation says about `holder` as the holder of `vip`. */
export function opinionOn(observation: Observation, vip: VipState, holder: Holder, policy: Policy): Opinion {
  if (observation.observedAtMs <= vip.changedAtMs) {
    return { kind: 'undecided', why: 'looked before this holder took over' };
  }
  const sip = observation.sip[vip.vipId];
  switch (observation.esl.verdict) {
    case 'rejected':
      return { kind: 'misconfigured' };
    case 'refused':
      return refusedOpinion(observation, vip, policy);
    case 'silent':
    case 'malformed':
      return silentOpinion(observation, vip, policy);
    case 'stopping':
      if (!sipUnreachable(sip)) {
        return { kind: 'undecided', why: 'FreeSWITCH announced its shutdown and still answers SIP' };
      }
      // It may wait for its last call for hours, and answers meanwhile. One that hangs up ends now.
      return observation.esl.coreUuid !== null || anotherAnswers(observation)
        ? sipAloneOpinion(observation, vip, policy)
        : { kind: 'conclusive-death' };
    case 'ok':
    case 'paused':
      return livingOpinion(observation, vip, holder, policy);
    default:
      return assertNever(observation.esl.verdict);
  }
}

/**
 * Refused says that nothing listens, which is a death where SIP went with it. One whose event socket alone went, and
 * which nobody can order about, serves on: there the silence of SIP has to be as sure as while ESL is well, and the
 * process counts as one that may live.
 */
function refusedOpinion(observation: Observation, vip: VipState, policy: Policy): Opinion {
  const sip = observation.sip[vip.vipId];
  if (!sipUnreachable(sip)) {
    return sipAnswers(sip)
      ? { kind: 'undecided', why: 'ESL is refused while SIP answers: it is starting, or ESL is not loaded' }
      : { kind: 'undecided', why: 'ESL is refused, SIP gives no clear answer' };
  }
  const why = whyNoProof(observation, vip, policy);
  if (why === null) return { kind: 'conclusive-death' };
  const silence = silentOpinion(observation, vip, policy);
  return silence.kind === 'undecided' ? { kind: 'undecided', why: `${why}: ${silence.why}` } : silence;
}

/**
 * Why a refusal is no death though SIP gets no answer; null where it is. Both signals end with the process, so that at
 * most one look lies between the last answer of the one and of the other. FreeSWITCH that starts serves SIP long before
 * ESL (FACTS 3), so that there, too, SIP that falls silent later is another matter.
 */
function whyNoProof(observation: Observation, vip: VipState, policy: Policy): string | null {
  if (anotherAnswers(observation)) return 'ESL is refused while SIP of another VIP answers';
  const { eslRefusedSinceMs } = observation;
  const sipSinceMs = observation.sipMissingSinceMs[vip.vipId] ?? null;
  if (eslRefusedSinceMs === null || sipSinceMs === null) return 'since when ESL and SIP are gone is not known';
  const lookMs = policy.probeIntervalMs + policy.probeTimeoutMs;
  const sipLaterMs = sipSinceMs - eslRefusedSinceMs;
  if (sipLaterMs > lookMs) return 'ESL is refused since before SIP fell silent';
  return -sipLaterMs > lookMs + CLOSES_APART_MS ? 'SIP is silent since before ESL was refused' : null;
}

/** Of a node of whose VIP one is not answered: its FreeSWITCH lives. */
function anotherAnswers({ sip }: Observation): boolean {
  return Object.values(sip).some(sipAnswers);
}

/**
 * How many of the last looks must have missed before their silence counts. More where SIP alone is asked: the process
 * answers otherwise, or ESL is refused, which says nothing of SIP.
 */
export function missesAsked(observation: Observation, policy: Policy): number {
  const saysNothing = isMute(observation) && !anotherAnswers(observation);
  return saysNothing ? policy.suspectAfterMisses : policy.sipStuckAfterMisses;
}

function isMute({ esl: { verdict } }: Observation): boolean {
  return verdict === 'silent' || verdict === 'malformed';
}

function silentOpinion(observation: Observation, vip: VipState, policy: Policy): Opinion {
  const { esl, eslMisses, eslHistory } = observation;
  const sip = observation.sip[vip.vipId];
  if (sipAnswers(sip)) return { kind: 'undecided', why: `ESL is ${esl.verdict} while SIP answers: not a death` };
  const asked = missesAsked(observation, policy);
  const sipHistory = observation.sipHistory[vip.vipId] ?? 0;
  const oftenEnough = [eslHistory, sipHistory].every((each) => missedOften(each, asked, policy.missSlack));
  if (sipUnreachable(sip) && oftenEnough) {
    const sinceMs = Math.max(since(observation.eslMissingSinceMs, observation, vip), sipSince(observation, vip));
    // It serves others, and would be locked out of the database under them: all leave it, or none. One that refuses may
    // be on its way out.
    const lives = isMute(observation) && anotherAnswers(observation);
    return { kind: lives ? 'sip-stuck' : 'suspected-death', sinceMs };
  }
  const misses = Math.min(eslMisses, observation.sipMisses[vip.vipId] ?? 0);
  return { kind: 'undecided', why: `missed ${misses} of ${asked} looks` };
}

function livingOpinion(observation: Observation, vip: VipState, holder: Holder, policy: Policy): Opinion {
  const uuid = observation.esl.coreUuid;
  if (uuid !== null && holder.coreUuid !== null && uuid !== holder.coreUuid)
    return { kind: 'restarted', coreUuid: uuid };
  const sip = observation.sip[vip.vipId];
  if (sipUnreachable(sip)) return sipAloneOpinion(observation, vip, policy);
  if (sip?.verdict === 'standby') {
    // Looks from before the promotion count in `sipStandbys`: only those after it may speak against the holder.
    const looksSince = (observation.observedAtMs - vip.changedAtMs) / policy.probeIntervalMs;
    const standbys = Math.min(observation.sipStandbys[vip.vipId] ?? 0, Math.floor(looksSince));
    return standbys >= policy.standbyHolderAfterMisses
      ? { kind: 'in-standby' }
      : { kind: 'undecided', why: 'answers 503 System Paused, not for long enough' };
  }
  if (sipAnswers(sip)) return { kind: 'serving' };
  if (sip?.verdict === 'malformed')
    return { kind: 'undecided', why: 'SIP answers bytes that are not SIP, ESL is well' };
  return { kind: 'undecided', why: 'SIP was not asked, ESL is well' };
}

/** SIP that gets no answer, of a FreeSWITCH that lives. */
function sipAloneOpinion(observation: Observation, vip: VipState, policy: Policy): Opinion {
  const { sipStuckAfterMisses, missSlack } = policy;
  if (missedOften(observation.sipHistory[vip.vipId] ?? 0, sipStuckAfterMisses, missSlack)) {
    return { kind: 'sip-stuck', sinceMs: sipSince(observation, vip) };
  }
  const misses = observation.sipMisses[vip.vipId] ?? 0;
  const words = observation.esl.verdict === 'stopping' ? 'FreeSWITCH waits for its last call' : 'ESL is well';
  return { kind: 'undecided', why: `SIP missed ${misses} of ${sipStuckAfterMisses} looks, ${words}` };
}

function sipSince(observation: Observation, vip: VipState): number {
  return since(observation.sipMissingSinceMs[vip.vipId] ?? null, observation, vip);
}

/** Silence from before the holder took over is another holder's; one without a beginning has lasted no time. */
function since(missingSinceMs: number | null, observation: Observation, vip: VipState): number {
  return Math.max(missingSinceMs ?? observation.observedAtMs, vip.changedAtMs);
}
