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
      if (sipUnreachable(sip)) return { kind: 'conclusive-death' };
      return sipAnswers(sip)
        ? { kind: 'undecided', why: 'ESL is refused while SIP answers: it is starting, or ESL is not loaded' }
        : { kind: 'undecided', why: 'ESL is refused, SIP gives no clear answer' };
    case 'silent':
    case 'malformed':
      return silentOpinion(observation, vip, policy);
    case 'stopping':
      return sipUnreachable(sip)
        ? { kind: 'conclusive-death' }
        : { kind: 'undecided', why: 'FreeSWITCH announced its shutdown and still answers SIP' };
    case 'ok':
    case 'paused':
      return livingOpinion(observation, vip, holder, policy);
    default:
      return assertNever(observation.esl.verdict);
  }
}

function silentOpinion(observation: Observation, vip: VipState, policy: Policy): Opinion {
  const { esl, eslMisses, eslHistory } = observation;
  const sip = observation.sip[vip.vipId];
  if (sipAnswers(sip)) return { kind: 'undecided', why: `ESL is ${esl.verdict} while SIP answers: not a death` };
  const { suspectAfterMisses, missSlack } = policy;
  const sipHistory = observation.sipHistory[vip.vipId] ?? 0;
  const oftenEnough = [eslHistory, sipHistory].every((each) => missedOften(each, suspectAfterMisses, missSlack));
  if (sipUnreachable(sip) && oftenEnough) {
    const sinceMs = Math.max(since(observation.eslMissingSinceMs, observation, vip), sipSince(observation, vip));
    return { kind: 'suspected-death', sinceMs };
  }
  const misses = Math.min(eslMisses, observation.sipMisses[vip.vipId] ?? 0);
  return { kind: 'undecided', why: `missed ${misses} of ${suspectAfterMisses} looks` };
}

function livingOpinion(observation: Observation, vip: VipState, holder: Holder, policy: Policy): Opinion {
  const uuid = observation.esl.coreUuid;
  if (uuid !== null && holder.coreUuid !== null && uuid !== holder.coreUuid)
    return { kind: 'restarted', coreUuid: uuid };
  const sip = observation.sip[vip.vipId];
  const { sipStuckAfterMisses, missSlack } = policy;
  if (sipUnreachable(sip) && missedOften(observation.sipHistory[vip.vipId] ?? 0, sipStuckAfterMisses, missSlack)) {
    return { kind: 'sip-stuck', sinceMs: sipSince(observation, vip) };
  }
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
  const misses = observation.sipMisses[vip.vipId] ?? 0;
  return { kind: 'undecided', why: `SIP missed ${misses} of ${sipStuckAfterMisses} looks, ESL is well` };
}

function sipSince(observation: Observation, vip: VipState): number {
  return since(observation.sipMissingSinceMs[vip.vipId] ?? null, observation, vip);
}

/** Silence from before the holder took over is another holder's; one without a beginning has lasted no time. */
function since(missingSinceMs: number | null, observation: Observation, vip: VipState): number {
  return Math.max(missingSinceMs ?? observation.observedAtMs, vip.changedAtMs);
}
