/** What the lab and its SIP parties, a process in a network of their own, say to each other. Plain data. */

export interface CallToPlace {
  /** User part of the request's URI; the dialplan dials it on. Unique. */
  name: string;
  /** The public address of a VIP. */
  via: string;
  port: number;
}

export type PartiesOrder =
  | { do: 'place'; calls: CallToPlace[]; perSecond: number; withinMs: number }
  /** Gaps are measured from now on. */
  | { do: 'mark' }
  | { do: 'report' }
  /** The callee registers as this user, once. */
  | { do: 'register'; user: string; password: string; domain: string; via: string; port: number }
  /** Callers say BYE; the answer tells how it ended. */
  | { do: 'hang-up'; withinMs: number }
  /** Forgets all calls, also those that are lost. */
  | { do: 'forget' };

export type LegState = 'calling' | 'up' | 'ended' | 'failed';

export interface LegReport {
  state: LegState;
  /** Why it is not up: the status, the BYE. */
  detail: string | null;
  /** Milliseconds; null when no packet ever came. */
  longestGapMs: number | null;
  /** Wall clock. */
  gapBeganAtMs: number | null;
  silentForMs: number | null;
  packets: number;
  /** In-dialog INVITEs of the peer that were accepted. */
  reinvites: number;
  /** Requests of the peer that a strict party refuses. */
  violations: string[];
}

export interface CallReport {
  name: string;
  via: string;
  caller: LegReport;
  /** null: it never rang. */
  callee: LegReport | null;
}

/** A REGISTER that the callee accepted. */
export interface ReceivedRegister {
  /** Address that it came from. */
  from: string;
  contact: string;
  /** Wall clock. */
  atMs: number;
}

export interface PartiesAnswer {
  calls: CallReport[];
  registers: ReceivedRegister[];
}

export type ToParties = { id: number; order: PartiesOrder };
export type FromParties = { ready: true } | { id: number; answer: PartiesAnswer } | { id: number; error: string };
