/** The simulator's copy of the orders, to two simulated nodes in virtual time. */
import type { NodeTopology, SipEvidence, VipTopology } from '../../../lib/domain/model';
import { SimCallSwitch } from '../../../lib/simulation/freeswitch/call-switch';
import type { Incarnation } from '../../../lib/simulation/freeswitch/incarnation';
import type { SimSwitch } from '../../../lib/simulation/freeswitch/switch';
import { Dice } from '../../../lib/simulation/kernel/random';
import { CALLS, type Look, MAIN, type OrdersStage, SECOND, type StagedNode } from '../../support/node-orders-stage';
import { twoVips } from '../../support/two-vips';
import { BOOTED_MS, Rig } from './rig';

const LOOK_WITHIN_MS = 500;
const ROW_WRITTEN_MS = 1_000;
/** FACTS 1: a graceful stop closes its ports after 800 ms. */
const STOP_BEGAN_MS = 100;
const PORTS_CLOSED_MS = 1_000;
const PORTS_CLOSE_AFTER_MS = 800;
/** A way that is so long that a moment can be chosen: a connection is open 150 ms after it is asked for, asked its first question after 450 ms. */
const LONG_WAY_MS = 300;
const CONNECTED_MS = 250;
/** An answer is back here, and the next question is not there yet. */
const ANSWERED_MS = 170;
/** After the first look of an order, before the second. */
const BETWEEN_LOOKS_MS = 15;
const RESTARTED_MS = 3_600;

export async function ordersInSimulation(): Promise<OrdersStage> {
  const { nodes, vips } = twoVips();
  const rig = new Rig(1, { nodes: nodes.slice(0, 2), vips });
  for (const each of rig.switches.values()) {
    each.supervised = false;
    each.startProcess();
  }
  await rig.pass(BOOTED_MS);
  const [a, b] = [new SimulatedNode(rig, 'fs-a', rig.a), new SimulatedNode(rig, 'fs-b', rig.b)];
  a.serve(MAIN);
  b.serve(SECOND);
  rig.a.establish(MAIN, CALLS);
  await rig.pass(ROW_WRITTEN_MS);
  let tookMs = 0;
  return {
    ...{ kind: 'simulated', a, b },
    vip: (id) => only(rig.topology.vips.filter((vip: VipTopology) => vip.id === id)),
    give: async (order) => {
      const begunMs = rig.kernel.nowMs;
      const answer = await rig.end(order(rig.control()));
      tookMs = rig.kernel.nowMs - begunMs;
      return answer;
    },
    recovering: (order) => {
      const { switches, route } = rig;
      return rig.end(order(new SimCallSwitch({ process: rig.process(), dice: new Dice(1, 'calls'), switches, route })));
    },
    pass: (ms) => rig.pass(ms),
    observe: ({ topology }) => {
      const probe = rig.probe(topology.id === 'fs-a' ? rig.a : rig.b);
      let losses = 0;
      probe.onConnectionLost(() => (losses += 1));
      const look = async (timeoutMs: number): Promise<Look> => {
        const begunMs = rig.kernel.nowMs;
        const seen = await rig.end(probe.probe(timeoutMs));
        tookMs = rig.kernel.nowMs - begunMs;
        return seen;
      };
      return {
        look,
        settle: async () => void (await look(LOOK_WITHIN_MS)),
        get losses() {
          return losses;
        },
      };
    },
    get tookMs() {
      return tookMs;
    },
    close: () => Promise.resolve(),
  };
}

class SimulatedNode implements StagedNode {
  readonly topology: NodeTopology;

  constructor(
    private readonly rig: Rig,
    id: string,
    private readonly node: SimSwitch,
  ) {
    this.topology = rig.node(id);
  }

  get coreUuid(): string {
    return this.node.coreUuid ?? '';
  }

  get runs(): boolean {
    return this.node.process !== null;
  }

  get sessions(): number {
    return this.node.sessions;
  }

  async sip(vipId: string): Promise<SipEvidence['verdict']> {
    return this.node.answersSip(vipId);
  }

  isPromoted(vipId: string): boolean {
    return this.node.process?.isPromoted(vipId) === true;
  }

  rowsOf(coreUuid: string): number {
    return this.rig.rows(coreUuid);
  }

  serve(vipId: string): void {
    this.process.setPromoted(vipId, true);
    this.process.rescan(vipId);
  }

  kill(): void {
    this.node.crash();
  }

  restart(): Promise<void> {
    this.node.crash();
    this.node.startProcess();
    return this.rig.pass(BOOTED_MS);
  }

  freeze(): void {
    this.node.freeze();
  }

  thaw(): Promise<void> {
    this.node.thaw();
    return this.rig.pass(1_000);
  }

  closeEsl(): void {
    this.node.ailEsl('closed');
  }

  openEsl(): void {
    this.node.ailEsl(null);
  }

  hangEsl(): void {
    this.node.ailEsl('hangs');
  }

  rejectPassword(): void {
    this.node.rejectEsl(true);
  }

  rejectByAccessList(): void {
    this.node.rejectEsl(true);
  }

  pause(direction?: 'inbound' | 'outbound'): void {
    this.node.setPaused(true, direction);
  }

  resume(): void {
    this.node.setPaused(false);
  }

  fill(): void {
    this.node.setBusy(true);
  }

  makeRoom(): void {
    this.node.setBusy(false);
  }

  fallIntoStandby(): void {
    for (const vipId of this.node.vipIds) this.node.fallIntoStandby(vipId);
  }

  /** Nobody types it here: the variable was there for a moment, and a profile has read it. */
  leaveStandby(): void {
    for (const vipId of this.node.vipIds.filter((id) => !this.isPromoted(id))) {
      this.serve(vipId);
      this.process.setPromoted(vipId, false);
    }
  }

  setVariable(vipId: string): void {
    this.process.setPromoted(vipId, true);
  }

  stickSip(): void {
    this.node.stickSip();
  }

  unstickSip(): void {
    this.node.unstickSip();
  }

  lockRole(): void {
    this.rig.database.lockRole(this.topology.databaseRole ?? '');
  }

  putClockBack(ms: number): void {
    this.node.setClockOffset(-ms);
  }

  beginGracefulStop(): Promise<void> {
    this.node.gracefulStop();
    return this.rig.pass(STOP_BEGAN_MS);
  }

  closePortsGracefully(): Promise<void> {
    this.node.gracefulStop();
    return this.rig.pass(PORTS_CLOSED_MS);
  }

  async refuseOnce(then: 'same' | 'another'): Promise<void> {
    if (then === 'same') {
      this.closeEsl();
      this.rig.kernel.after(BETWEEN_LOOKS_MS, () => this.openEsl());
      return;
    }
    this.node.supervised = true;
    this.node.crash();
    await this.rig.pass(RESTARTED_MS - BETWEEN_LOOKS_MS);
  }

  async onFirstQuestion(befall: 'dies' | 'closes-esl' | 'says-goodbye'): Promise<void> {
    if (befall === 'says-goodbye') return this.sayGoodbyeAfter(CONNECTED_MS);
    this.rig.delayMs = LONG_WAY_MS;
    this.rig.kernel.after(CONNECTED_MS, () => (befall === 'dies' ? this.kill() : this.closeEsl()));
  }

  /** Asked after 450 ms, and the answer is here after 600 ms. */
  onFirstAnswer(): Promise<void> {
    return this.sayGoodbyeAfter(CONNECTED_MS + LONG_WAY_MS);
  }

  onRescanned(): void {
    this.rig.delayMs = LONG_WAY_MS;
    const wasRescan = this.process.rescan.bind(this.process);
    this.process.rescan = (vipId) => {
      wasRescan(vipId);
      this.rig.kernel.after(ANSWERED_MS, () => this.closeEsl());
    };
  }

  dieInRecovery(): void {
    const recover = this.process.recover.bind(this.process);
    this.process.recover = (vip) => {
      this.rig.kernel.after(1, () => this.kill());
      return recover(vip);
    };
  }

  freezeBefore(command: 'rescan' | 'shutdown'): void {
    this.rig.delayMs = LONG_WAY_MS;
    const { process } = this;
    if (command === 'rescan') {
      const setPromoted = process.setPromoted.bind(process);
      process.setPromoted = (...args) => {
        setPromoted(...args);
        this.rig.kernel.after(ANSWERED_MS, () => this.freeze());
      };
      return;
    }
    // Its first question is answered after 600 ms, and the order is there after 750 ms.
    this.rig.kernel.after(2 * LONG_WAY_MS + CONNECTED_MS - ANSWERED_MS, () => this.freeze());
  }

  private async sayGoodbyeAfter(ms: number): Promise<void> {
    this.node.gracefulStop();
    await this.rig.pass(PORTS_CLOSE_AFTER_MS - ms);
    this.rig.delayMs = LONG_WAY_MS;
  }

  private get process(): Incarnation {
    return only([this.node.process].filter((process) => process !== null));
  }
}

function only<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('not on the stage');
  return first;
}
