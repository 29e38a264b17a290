import type { EslCallSwitch } from '../../../lib/freeswitch/call-switch';
import type { EslProbe } from '../../../lib/freeswitch/esl/esl-probe';
import type { openForTask } from '../../../lib/freeswitch/esl/open';
import type { EslNodeControl } from '../../../lib/freeswitch/node-control';
import type { sendOptions } from '../../../lib/freeswitch/sip/options';
import type { Clock } from '../../../lib/domain/ports';
import type { Dice } from '../dice';
import type { WireLog } from '../network/wire-log';
import type { Behaviour } from '../peer/session';

/** The product's code that is fuzzed. A test gives one that lies, to see that it is caught. */
export interface Subject {
  EslProbe: new (...given: ConstructorParameters<typeof EslProbe>) => Pick<EslProbe, 'ask' | 'close'>;
  EslCallSwitch: new (
    ...given: ConstructorParameters<typeof EslCallSwitch>
  ) => Pick<EslCallSwitch, 'state' | 'recoverProfiles'>;
  EslNodeControl: new (
    ...given: ConstructorParameters<typeof EslNodeControl>
  ) => Pick<EslNodeControl, 'shutdownNow' | 'promote' | 'check'>;
  openForTask: typeof openForTask;
  sendOptions: typeof sendOptions;
}

/** Where an exchange happens: in memory or over loopback. */
export interface Place {
  host: string;
  eslPort: number;
  sipPort: number;
  clock: Clock;
  log: WireLog;
  dice: Dice;
  /** Real sockets: the order of what both sides sent at once is not known, and a slow machine may miss a deadline. */
  real: boolean;
}

/** How the peer answers an OPTIONS question: what is sent, and when (milliseconds after the request). */
export interface SipAnswerPlan {
  afterMs: number;
  /** Null is an ICMP port unreachable. */
  data: Buffer | null;
  /** Well-formed to the letter, and ours: the product must take it. */
  pristine: boolean;
}

/** One exchange: a pure function of (seed, index) made it. */
export interface Exchange {
  /** What it is, for a human. */
  title: string;
  /** The peer's behaviour on each connection; the last one goes on for all further ones. */
  connections: Behaviour[];
  /** The peer's answers to one request. */
  sip: (request: Buffer, nth: number) => SipAnswerPlan[];
  /** Longer than this, and the product has missed its deadline. Milliseconds. */
  withinMs: number;
  /** Runs the product against the peer and says what was wrong with what it said. Never more than `withinMs`. */
  run(subject: Subject, place: Place): Promise<string[]>;
}
