/**
 * Where orders to a node are given and observers look at it: two nodes, what befalls them, and what they show. One stage
 * for each implementation.
 */
import type { SipEvidence, VipTopology, NodeTopology } from '../../lib/domain/model';
import type { CallSwitch, NodeProbe } from '../../lib/domain/ports';
import type { EslOrders } from '../../lib/operations/node-orders';

export const MAIN = 'main';
export const SECOND = 'second';
/** Bridged, of `main` on `a`: two rows each. */
export const CALLS = 3;

/** `a` serves `main` and `b` serves `second`; each is a standby for the other's. Nobody starts a process again. */
export interface OrdersStage {
  /** Whose orders these are: asked only where the two still differ. */
  readonly kind: 'shipped' | 'simulated';
  readonly a: StagedNode;
  readonly b: StagedNode;
  vip(id: string): VipTopology;
  /** Gives an order and lives until it has ended. */
  give<T>(order: (orders: EslOrders) => Promise<T>): Promise<T>;
  /** The switch's half of a recovery, given as an order is. */
  recovering<T>(order: (calls: CallSwitch) => Promise<T>): Promise<T>;
  /** Lets so much time pass for the nodes. */
  pass(ms: number): Promise<void>;
  /** An observer that has not looked yet. */
  observe(node: StagedNode): StagedObserver;
  /** What the last order or look took, by the clock that it was given under. */
  readonly tookMs: number;
  close(): Promise<void>;
}

export type Look = Awaited<ReturnType<NodeProbe['probe']>>;

export interface StagedObserver {
  look(timeoutMs: number): Promise<Look>;
  /** Looks, and all that an observer keeps open is open when it returns. */
  settle(): Promise<void>;
  /** How often its connection was lost. */
  readonly losses: number;
}

type Befalls = void | Promise<void>;

export interface StagedNode {
  readonly topology: NodeTopology;

  // What it shows.
  readonly coreUuid: string;
  /** Whether a process runs there, frozen or not. */
  readonly runs: boolean;
  sip(vipId: string): Promise<SipEvidence['verdict']>;
  /** Whether the variable is set, read by the profiles or not. */
  isPromoted(vipId: string): boolean;
  readonly sessions: number;
  rowsOf(coreUuid: string): number;

  // What befalls it.
  kill(): Befalls;
  /** Dead, and a new process is up. */
  restart(): Befalls;
  freeze(): Befalls;
  /** Ends a freeze; what waited for that has happened when it returns. */
  thaw(): Befalls;
  /** `unload mod_event_socket`: its calls and its SIP go on. */
  closeEsl(): Befalls;
  openEsl(): Befalls;
  /** The threads of the event socket alone hang. */
  hangEsl(): Befalls;
  rejectPassword(): Befalls;
  rejectByAccessList(): Befalls;
  /** `fsctl pause`; with a direction, for that alone. */
  pause(direction?: 'inbound' | 'outbound'): Befalls;
  resume(): Befalls;
  fill(): Befalls;
  makeRoom(): Befalls;
  /** `sofia global standby on`: the flags, not the variables. */
  fallIntoStandby(): Befalls;
  /** `sofia global standby off`: the same. */
  leaveStandby(): Befalls;
  /** `global_setvar promoted_VIP=-no`, and no rescan. */
  setVariable(vipId: string): Befalls;
  stickSip(): Befalls;
  unstickSip(): Befalls;
  lockRole(): Befalls;
  putClockBack(ms: number): Befalls;
  /** SIGTERM a moment ago: its ports are open still. */
  beginGracefulStop(): Befalls;
  /** SIGTERM a second ago: its ports are closed, the process lives (FACTS 1). */
  closePortsGracefully(): Befalls;

  // What befalls it while an order is given.
  /** It refuses the first connection, and the second finds the same process, or the next one. */
  refuseOnce(then: 'same' | 'another'): Befalls;
  /** The connection is open, and its first question is on the way. */
  onFirstQuestion(befall: 'dies' | 'closes-esl' | 'says-goodbye'): Befalls;
  /** The first question is answered; what befalls it comes right behind the answer. */
  onFirstAnswer(befall: 'says-goodbye'): Befalls;
  /** The rescan is answered; what befalls it comes right behind the answer. */
  onRescanned(befall: 'closes-esl'): Befalls;
  /** It ends before it has recovered anything. */
  dieInRecovery(): Befalls;
  /** It freezes before it has read the command that is on the way. */
  freezeBefore(command: 'rescan' | 'shutdown'): Befalls;
}
