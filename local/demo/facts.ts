/** What the demo knows after a fault, gathered from outside of the control plane where that is possible. Plain data. */
import type { CallsLedger, Transition } from '../../lib/domain/model';

/** The faults that `npm run demo -- --fault` knows. */
export const FAULTS = ['kill', 'freeze', 'sip', 'zone', 'no-standby'] as const;
export type Fault = (typeof FAULTS)[number];

/** In words, for the terminal. */
export const FAULT_WORDS: Record<Fault, string> = {
  kill: 'the FreeSWITCH process of the holder is killed',
  freeze: 'the holder freezes: it accepts connections and answers nothing',
  sip: "the holder's SIP stack is stuck; its event socket still answers",
  zone: "the holder's zone is gone: the node silent, and the zone's observer with it",
  'no-standby': 'every standby is broken first, then the holder is killed',
};

/** One message that came to the paging topic, as its subscriber received it. */
export interface Notification {
  /** `page` is the story of a transition or an incident, `alarm` a CloudWatch alarm on the same topic. */
  kind: 'page' | 'alarm';
  subject: string;
  body: string;
  /** Epoch milliseconds of its arrival in the queue. */
  receivedAtMs: number;
}

/** What the caller saw through the Elastic IP: the truth that the control plane's own account is held against. */
export interface CallerView {
  /** From the last good answer before the outage to the first good one after it; null while it lasts. */
  outageMs: number | null;
  /** Epoch milliseconds. */
  lastServedBeforeMs: number | null;
  firstServedAfterMs: number | null;
  servedByBefore: string | null;
  servedByAfter: string | null;
  /** Whether the last questions before the facts were gathered were answered. */
  servedNow: boolean;
}

/** Established calls, as they were put on the holder and as the processes themselves count them afterwards. */
export interface CallsView {
  /** Bridged calls that were placed before the fault. */
  placed: number;
  /** Whether the nodes share a database, without which calls end with their node. */
  recoverable: boolean;
  /** What the control plane's ledger says; null where it recovered nothing. */
  ledger: CallsLedger | null;
  /** Sessions on the new holder now, asked of the process; null where it does not say. */
  sessionsNow: number | null;
}

export interface Change<T> {
  before: T;
  after: T;
}

export interface Facts {
  fault: Fault;
  /** Epoch milliseconds, taken immediately before the fault was injected. */
  faultAtMs: number;
  vipId: string;
  /** Node ids as the table has them. */
  holder: Change<string | null>;
  epoch: Change<number>;
  /** Node on which EC2 says the Elastic IP is; null when it is free. */
  addressOn: Change<string | null>;
  /** Node that the private name leads to; null when the VIP has no name or it leads nowhere. */
  nameLeadsTo: Change<string | null>;
  hasPrivateName: boolean;
  /** Journals written since the fault, by epoch. */
  transitions: Transition[];
  calls: CallsView;
  notifications: Notification[];
  caller: CallerView;
}
