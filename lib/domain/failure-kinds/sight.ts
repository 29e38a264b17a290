/**
 * What one look at a holder adds up to: the pattern of its two signals, before any threshold. Whether it counts is
 * another question (`votes.ts`). Pure.
 */
import type { EslEvidence, Holder, Observation, SipEvidence } from '../model';

export type Sight =
  | 'serving'
  | 'full' // alive at its session limit
  | 'paused' // `fsctl pause`
  | 'stopping' // announced its shutdown, or waits with it for its last call, and still answers SIP
  | 'in-standby'
  | 'restarted' // well, and another incarnation than the holder
  | 'rejecting' // wrong password or ACL
  | 'process-gone' // the host answers, the process does not
  | 'silent' // neither signal answers
  | 'sip-silent' // ESL well, SIP not
  | 'esl-silent' // SIP well, ESL not
  | 'esl-refused' // SIP well, ESL refused: it starts, or ESL is not loaded
  | 'unclear';

type EslVerdict = EslEvidence['verdict'];
/** `none`: this VIP's address on the node was not asked. */
type SipVerdict = SipEvidence['verdict'] | 'none';

const DEAF: Record<SipVerdict, Sight> = {
  ok: 'esl-silent',
  busy: 'esl-silent',
  standby: 'esl-silent',
  refused: 'silent',
  silent: 'silent',
  malformed: 'unclear',
  none: 'unclear',
};

const REJECTING: Record<SipVerdict, Sight> = {
  ok: 'rejecting',
  busy: 'rejecting',
  standby: 'rejecting',
  refused: 'rejecting',
  silent: 'rejecting',
  malformed: 'rejecting',
  none: 'rejecting',
};

/** Both signals in one table, so that no combination is forgotten. */
const SIGHTS: Record<EslVerdict, Record<SipVerdict, Sight>> = {
  ok: {
    ok: 'serving',
    busy: 'full',
    standby: 'in-standby',
    refused: 'sip-silent',
    silent: 'sip-silent',
    malformed: 'sip-silent',
    none: 'unclear',
  },
  paused: {
    ok: 'paused',
    busy: 'paused',
    standby: 'in-standby',
    refused: 'sip-silent',
    silent: 'sip-silent',
    malformed: 'sip-silent',
    none: 'paused',
  },
  stopping: {
    ok: 'stopping',
    busy: 'stopping',
    standby: 'stopping',
    refused: 'process-gone',
    silent: 'process-gone',
    malformed: 'unclear',
    none: 'stopping',
  },
  refused: {
    ok: 'esl-refused',
    busy: 'esl-refused',
    standby: 'esl-refused',
    refused: 'process-gone',
    silent: 'process-gone',
    malformed: 'unclear',
    none: 'unclear',
  },
  silent: DEAF,
  malformed: DEAF,
  rejected: REJECTING,
};

/** As what a node may be seen that waits for its last call to shut down: under `elegant` it looks well until then. */
const IN_SERVICE: readonly Sight[] = ['serving', 'full', 'paused'];

/** What this look sees of the holder of the VIP; it says nothing of how often or for how long. */
export function sightOf(observation: Observation, vipId: string, holder: Holder): Sight {
  const { verdict, coreUuid, shutdownPending } = observation.esl;
  const isWell = verdict === 'ok' || verdict === 'paused';
  if (isWell && coreUuid !== null && holder.coreUuid !== null && coreUuid !== holder.coreUuid) return 'restarted';
  const sight = SIGHTS[verdict][observation.sip[vipId]?.verdict ?? 'none'];
  // One that was told to stop and answers in this very look waits for its last call.
  if (sight === 'process-gone' && coreUuid !== null) return 'sip-silent';
  return shutdownPending === true && IN_SERVICE.includes(sight) ? 'stopping' : sight;
}

/** Callers are answered: what speaks for the holder, whatever else is wrong with it. */
export const ANSWERING: readonly Sight[] = ['serving', 'full', 'paused', 'stopping', 'esl-silent', 'esl-refused'];

/** The node or its SIP stack gave no answer: what a failover may be built from. */
export const UNANSWERED: readonly Sight[] = ['process-gone', 'silent', 'sip-silent'];
