/** How a party's SIP came in. A connection dies with the process that held it; a datagram knows no process. */
export type Transport = 'udp' | 'tcp' | 'tls';

/**
 * What the party behind a leg does when somebody calls it in a dialog: answers, says that it knows no such call, or
 * says nothing (FACTS 7.5).
 */
export type Peer = 'well' | 'gone' | 'unreachable';

/** One channel. A bridged call has two legs, an echo call one. */
export interface Leg {
  uuid: string;
  direction: 'inbound' | 'outbound';
  /** uuid of the call's first leg. */
  callUuid: string;
  profile: string;
  /** What was dialled. */
  number: string;
  createdAtMs: number;
  /** Ringing until then: a leg that was not answered has no row and is lost with its process. */
  answered: boolean;
  /** The leg it is to exchange audio with, as its channel variables say; `bridged` when it does. */
  partner: string | null;
  bridged: boolean;
  /** SIP Call-ID. */
  sipCallId: string;
  transport: Transport;
  peer: Peer;
  media: Media;
  /** CSeq of the last request that FreeSWITCH sent on this leg: a party refuses a lower one. null: none yet. */
  lastCSeq: number | null;
}

/** Where a leg's RTP socket is bound, and what the party was told. */
export interface Media {
  localIp: string;
  localPort: number;
  advertisedIp: string;
}

/** CSeq of a new dialog handle counts from half the epoch seconds, so it rises as long as clocks agree (FACTS 7.6). */
export const cSeqAt = (clockMs: number): number => Math.floor(clockMs / 2000);
