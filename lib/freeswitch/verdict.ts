import { assertNever, type EslEvidence, type SipEvidence, type Verdict } from '../domain/model';

/**
 * What ESL and SIP together say of one VIP's service on a node.
 *
 * | ESL \ SIP | ok | busy | standby | refused, silent | malformed |
 * | --- | --- | --- | --- | --- | --- |
 * | ok | ok | busy | standby | silent (1) | malformed |
 * | paused | paused (2) | paused (2) | paused | silent (1) | malformed |
 * | stopping | stopping | stopping | stopping | stopping | stopping |
 * | refused | starting (3) | starting | starting | refused | refused |
 * | silent | silent (4) | silent | silent | silent | silent |
 * | rejected, malformed | as ESL says, whatever SIP says | | | | |
 *
 * 1. The process lives, so this is never `refused`: its SIP stack is stuck, or waits for a database (FACTS 8.6).
 * 2. The version trap (FACTS 5): while paused, 1.11.1 and later answer OPTIONS with 200 by default, earlier ones with
 *    503. ESL knows better than either.
 * 3. SIP is served up to 1.4 s before ESL listens (FACTS 3).
 * 4. Not `starting`: before ESL listens a connection is refused. This is a blocked ESL, or a firewall in front of it.
 */
export function verdictOf(esl: EslEvidence['verdict'], sip: SipEvidence['verdict']): Verdict {
  switch (esl) {
    case 'ok':
      return answers(sip) ? sip : withoutSip(sip);
    case 'paused':
      return answers(sip) ? 'paused' : withoutSip(sip);
    case 'refused':
      return answers(sip) ? 'starting' : 'refused';
    case 'stopping':
    case 'silent':
    case 'rejected':
    case 'malformed':
      return esl;
    default:
      return assertNever(esl);
  }
}

/** What OPTIONS to one profile of a VIP came to. */
export interface ProfileEvidence {
  profile: string;
  port: number;
  evidence: SipEvidence;
}

/** Who calls a profile that does not answer is not served, whatever the other profiles of the VIP say. */
const WORST_FIRST: readonly SipEvidence['verdict'][] = ['silent', 'refused', 'malformed', 'standby', 'busy', 'ok'];
const NO_PROFILE: SipEvidence = { verdict: 'silent', detail: 'the VIP has no profile to ask', latencyMs: null };

/**
 * What the profiles of one VIP say together. While ESL answers, the worst of them speaks: a VIP of which one profile is
 * in standby or silent is an outage. While ESL does not, the question is whether the process lives, and one answer
 * proves that it does: the best speaks, so that profiles that come up one after another at a start are no death.
 * Of profiles that say the same the first speaks. Where there are several, the detail names the one that spoke.
 */
export function evidenceOfProfiles(esl: EslEvidence['verdict'], profiles: readonly ProfileEvidence[]): SipEvidence {
  const order = esl === 'ok' || esl === 'paused' ? WORST_FIRST : [...WORST_FIRST].reverse();
  const spoken = order.flatMap((verdict) => profiles.find(({ evidence }) => evidence.verdict === verdict) ?? [])[0];
  if (spoken === undefined) return NO_PROFILE;
  const { profile, port, evidence } = spoken;
  return profiles.length === 1 ? evidence : { ...evidence, detail: `${profile} on ${port}: ${evidence.detail}` };
}

/** Best first: a node whose one VIP is served is well, and the spare addresses on it are in standby by design. */
const BEST_FIRST: readonly Verdict[] = [
  'ok', 'busy', 'paused', 'standby', 'starting', 'stopping', 'rejected', 'malformed', 'silent', 'refused',
]; // prettier-ignore

/** One verdict for the node: the best of its VIPs. Without any VIP address, what ESL says. */
export function nodeVerdict(esl: EslEvidence, sip: Readonly<Record<string, SipEvidence>>): Verdict {
  const verdicts = Object.values(sip).map((evidence) => verdictOf(esl.verdict, evidence.verdict));
  return BEST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? esl.verdict;
}

/**
 * The other half of the version trap: a full node answers OPTIONS with 200 (1.11.1 and later) while an INVITE gets
 * 503. ESL knows sessions and limit, so that the SIP evidence says `busy` in every version.
 */
export function correctForLoad(sip: SipEvidence, sessions: number | null, limit: number | null): SipEvidence {
  const full = sessions !== null && limit !== null && limit > 0 && sessions >= limit;
  if (sip.verdict !== 'ok' || !full) return sip;
  return { ...sip, verdict: 'busy', detail: `${sip.detail}, but full: ${sessions} of ${limit} sessions` };
}

function answers(sip: SipEvidence['verdict']): sip is 'ok' | 'busy' | 'standby' {
  return sip === 'ok' || sip === 'busy' || sip === 'standby';
}

function withoutSip(sip: SipEvidence['verdict']): Verdict {
  return sip === 'malformed' ? 'malformed' : 'silent';
}
