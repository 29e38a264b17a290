import { UnderstudyError } from '../../lib/domain/errors';
import type { CallKind } from './calls';
import type { Peer } from './leg';
import type { DatabaseAccess, GatewayOption, SipBinding } from './options';

/** One FreeSWITCH on this machine, real or stood in for, as the demo and the end-to-end tests treat it. */
export interface FreeSwitchProcess {
  readonly name: string;
  /** `null` while no process runs. */
  readonly pid: number | null;
  readonly alive: boolean;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGSTOP. With `fillBacklog` new connections get no SYN/ACK either, as from a machine that is gone. */
  freeze(options?: { fillBacklog?: boolean }): Promise<void>;
  /** SIGCONT. */
  thaw(): Promise<void>;
  /** SIP is silent, ESL is well. */
  stickSip(): Promise<void>;
  unstickSip(): Promise<void>;
  /** Runs one api command, for example `fsctl pause`, and resolves with its reply. */
  api(command: string): Promise<string>;
  /** Puts calls on it, as far as this FreeSWITCH can: answered when it resolves, their rows on the way. */
  placeCalls(count: number, order?: CallOrder): Promise<void>;
  /** The oldest calls end as if their parties had hung up. */
  hangUp(count: number): Promise<void>;
  /** A new FreeSWITCH on the same addresses, whatever state the old one is in. Resolves when it answers. */
  restart(kind?: RestartKind): Promise<void>;
  /** Ends it for good and removes its files. May be called in any state, also twice. */
  stop(): Promise<void>;
}

/** `quick`: the ports are away for about 50 ms. `realistic`: SIP after 1.2 s, ESL after 2.6 s, times the scale. */
export type RestartKind = 'quick' | 'realistic';

/** Where a FreeSWITCH stands and who may command it. */
export interface NodeAddresses {
  name: string;
  /** Primary private address: ESL. */
  management: string;
  eslPort: number;
  password: string;
  sip: SipBinding[];
  /** `switchname`; the node's name when absent. */
  switchName?: string;
  /** The shared database, with the node's own role. Without it calls die with their process. */
  database?: DatabaseAccess;
  gateways?: GatewayOption[];
}

/** Which calls to place. Absent: bridged calls of well parties on the first profile. */
export interface CallOrder {
  /** The VIP's first profile; or name the profile. */
  vip?: string;
  profile?: string;
  kind?: CallKind;
  /** What the caller does when the call is recovered. */
  peer?: Peer;
  /** How long they have been up already, in milliseconds: a minute. Those of a real FreeSWITCH are as old as they are. */
  ageMs?: number;
}

/** Thrown when a FreeSWITCH did not start, or cannot show the fault that was asked for. */
export class FreeSwitchProcessError extends UnderstudyError {
  override readonly name = 'FreeSwitchProcessError';
}
