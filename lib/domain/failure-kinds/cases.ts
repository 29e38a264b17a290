/**
 * The cases that a failure can be, what kind each is, and what each justifies: data, and the source of the table in
 * `docs/architecture.md`.
 */

export type FailureKind =
  'none' | 'hardware' | 'network' | 'software' | 'overload' | 'operator' | 'misconfiguration' | 'database' | 'zone';

/** In the order of how much is put at risk: what justifies one justifies all before it. */
export const JUSTIFICATIONS = ['nothing', 'page', 'shed', 'restart-in-place', 'switch-over', 'fail-over'] as const;
export type Justification = (typeof JUSTIFICATIONS)[number];

export interface FailureCase {
  kind: FailureKind;
  /** What is the matter, in words that follow the name of the holder. */
  says: string;
  /** Once a majority of the configured observers shows it, over the thresholds of the policy. */
  conclusive: Justification;
  /** While fewer do, or not for long enough. */
  suspected: Justification;
}

export const FAILURE_CASES = {
  'zone-gone': {
    kind: 'zone',
    says: 'is in a zone of which nothing answers, and whose own observer is gone',
    conclusive: 'fail-over',
    suspected: 'nothing',
  },
  'host-down': {
    kind: 'hardware',
    says: 'does not answer, and EC2 says that its instance is not running, or that its status checks fail',
    conclusive: 'fail-over',
    suspected: 'nothing',
  },
  'process-gone': {
    kind: 'software',
    says: 'refuses the event socket and does not answer SIP: its host lives, its FreeSWITCH does not',
    conclusive: 'fail-over',
    suspected: 'nothing',
  },
  partition: {
    kind: 'network',
    says: 'answers some observers and not others',
    conclusive: 'fail-over',
    suspected: 'nothing',
  },
  silent: {
    kind: 'hardware',
    says: 'answers in no way: its host is lost or cut off, or its FreeSWITCH is frozen (silence does not tell which)',
    conclusive: 'fail-over',
    suspected: 'nothing',
  },
  'database-hangs': {
    kind: 'database',
    says: 'does not answer SIP while the shared database is slow or away: its SIP threads wait for it',
    conclusive: 'page',
    suspected: 'nothing',
  },
  'sip-stuck': {
    kind: 'software',
    says: 'answers the event socket, or SIP of another VIP, and not its own SIP: its SIP stack is stuck',
    conclusive: 'fail-over',
    suspected: 'nothing',
  },
  restarted: {
    kind: 'software',
    says: 'runs another FreeSWITCH than the one that was promoted: it came back by itself',
    conclusive: 'restart-in-place',
    suspected: 'nothing',
  },
  drained: {
    kind: 'operator',
    says: 'is in standby while a human keeps its VIP paused: it is drained',
    conclusive: 'nothing',
    suspected: 'nothing',
  },
  'fallen-into-standby': {
    kind: 'software',
    says: 'answers 503 System Paused although it holds the VIP: its promotion is lost',
    conclusive: 'restart-in-place',
    suspected: 'nothing',
  },
  rejecting: {
    kind: 'misconfiguration',
    says: 'rejects the password or the address of the observers: it lives',
    conclusive: 'page',
    suspected: 'nothing',
  },
  'esl-lost': {
    kind: 'software',
    says: 'answers SIP and not the event socket: callers are served, and it cannot be managed',
    conclusive: 'page',
    suspected: 'nothing',
  },
  stopping: {
    kind: 'operator',
    says: 'was told to shut down and answers until its last call has ended: somebody stops it',
    conclusive: 'page',
    suspected: 'nothing',
  },
  paused: {
    kind: 'operator',
    says: 'refuses new calls, or lets none of them out, since somebody typed `fsctl pause`; established ones go on',
    conclusive: 'page',
    suspected: 'nothing',
  },
  'host-going': {
    kind: 'hardware',
    says: 'still answers, and EC2 says that its instance goes down or is impaired: a planned move would keep its calls',
    conclusive: 'switch-over',
    suspected: 'page',
  },
  lossy: {
    kind: 'network',
    says: 'answers, and again and again what it is asked gets lost: callers hear it',
    conclusive: 'page',
    suspected: 'nothing',
  },
  full: {
    kind: 'overload',
    says: 'is at its session limit: it lives, and refuses what is more',
    conclusive: 'shed',
    suspected: 'nothing',
  },
  unwatched: {
    kind: 'network',
    says: 'is seen by fewer than a majority of the observers: nobody may judge it',
    conclusive: 'page',
    suspected: 'nothing',
  },
  serving: {
    kind: 'none',
    says: 'serves',
    conclusive: 'nothing',
    suspected: 'nothing',
  },
  unclear: {
    kind: 'none',
    says: 'gives no clear picture yet',
    conclusive: 'nothing',
    suspected: 'nothing',
  },
} as const satisfies Record<string, FailureCase>;

/** A suspicion that lasts, and comes to no conclusion: a human has to look (`gray.ts`). */
export const LASTING_SUSPICION: Justification = 'page';

export type FailureCaseName = keyof typeof FAILURE_CASES;

export const justifiesAtLeast = (one: Justification, other: Justification): boolean =>
  JUSTIFICATIONS.indexOf(one) >= JUSTIFICATIONS.indexOf(other);
