import type { EslEvidence, SipEvidence } from '../domain/model';

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

/**
 * The version trap (FACTS 5): a full node answers OPTIONS with 200 (1.11.1 and later) while an INVITE gets
 * 503. ESL knows sessions and limit, so that the SIP evidence says `busy` in every version.
 */
export function correctForLoad(sip: SipEvidence, sessions: number | null, limit: number | null): SipEvidence {
  const full = sessions !== null && limit !== null && limit > 0 && sessions >= limit;
  if (sip.verdict !== 'ok' || !full) return sip;
  return { ...sip, verdict: 'busy', detail: `${sip.detail}, but full: ${sessions} of ${limit} sessions` };
}
