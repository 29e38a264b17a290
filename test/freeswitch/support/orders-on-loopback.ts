/** The shipped orders over real ESL and SIP, to two FreeSWITCH stand-ins on loopback. */
import { SystemClock } from '../../../lib/aws/system-clock';
import { SystemRandom } from '../../../lib/aws/system-random';
import type { NodeTopology, SipEvidence, VipTopology } from '../../../lib/domain/model';
import { EslCallSwitch } from '../../../lib/freeswitch/call-switch';
import { EslConnection } from '../../../lib/freeswitch/esl/connection';
import { EslNodeControl } from '../../../lib/freeswitch/node-control';
import { FreeSwitchNodeProbe } from '../../../lib/freeswitch/node-probe';
import { promotedVariable, PROMOTED_VALUE } from '../../../lib/freeswitch/promotion';
import { sendOptions } from '../../../lib/freeswitch/sip/options';
import { runApi } from '../../../local/standin/api';
import { StandInNode } from '../../../local/standin/node';
import { DEFAULTS } from '../../../local/standin/options';
import { MemoryRows, MemoryTables } from '../../../local/standin/rows/memory-rows';
import { freshAddress } from '../../local/addresses';
import { ManualTime } from '../../local/standin/manual-time';
import { CALLS, type Look, MAIN, type OrdersStage, SECOND, type StagedNode } from '../../support/node-orders-stage';
import { twoVips } from '../../support/two-vips';
import { EslGate } from './esl-gate';

const ESL_PORT = 8021;
/** Where the stand-in itself listens, behind its gate. */
const INSIDE_PORT = 8022;
const PASSWORD = 's3cret';
/** By then nobody on loopback is silent for lack of time. */
const OPTIONS_WITHIN_MS = 150;
const EVENTUALLY_MS = 5_000;
/** Of the lab's time: a leg's row is written, and (FACTS 1) the ports of a graceful stop are open, then closed. */
const TICK_MS = 10;
const ROW_WRITTEN_MS = 300;
const STOP_BEGAN_MS = 100;
const PORTS_CLOSED_MS = 1_000;

const ADDRESSES = new Map<string, string>();

export async function ordersOnLoopback(): Promise<OrdersStage> {
  const { vips } = twoVips();
  const tables = new MemoryTables();
  const hooks: Hooks = { password: PASSWORD, onSleep: () => Promise.resolve() };
  const a = await LoopbackNode.start('fs-a', vips, tables, hooks);
  const b = await LoopbackNode.start('fs-b', vips, tables, hooks);
  await a.serve(MAIN);
  await b.serve(SECOND);
  await a.establish(MAIN, CALLS);
  const clock = new SystemClock();
  const password = { get: () => Promise.resolve(hooks.password), drop: () => undefined };
  const control = new EslNodeControl({
    password,
    random: new SystemRandom(),
    clock: {
      monotonicMs: () => clock.monotonicMs(),
      sleep: async (ms) => {
        await hooks.onSleep();
        await clock.sleep(ms);
      },
    },
  });
  let tookMs = 0;
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const begunMs = clock.monotonicMs();
    const answer = await work();
    tookMs = clock.monotonicMs() - begunMs;
    return answer;
  };
  const calls = new EslCallSwitch({ password, clock, random: new SystemRandom() });
  const probes: FreeSwitchNodeProbe[] = [];
  return {
    ...{ kind: 'shipped', a, b },
    vip: (id) => only(vips.filter((vip) => vip.id === id)),
    give: (order) => timed(() => order(control)),
    // FreeSWITCH's own durations are the lab's, and nobody else lets that pass meanwhile.
    recovering: async (order) => {
      const ticks = setInterval(() => [a, b].forEach((node) => node.pass(TICK_MS)), 1);
      return timed(() => order(calls)).finally(() => clearInterval(ticks));
    },
    pass: async (ms) => {
      for (let passedMs = 0; passedMs < ms; passedMs += TICK_MS) {
        [a, b].forEach((node) => node.pass(TICK_MS));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    observe: ({ topology: node }) => {
      const probe = new FreeSwitchNodeProbe({ node, vips, password, clock, random: new SystemRandom() });
      probes.push(probe);
      let losses = 0;
      probe.onConnectionLost(() => (losses += 1));
      const look = (timeoutMs: number): Promise<Look> => timed(() => probe.probe(timeoutMs));
      return {
        look,
        settle: async () => {
          const listens = (node.id === a.topology.id ? a : b).whenListenedTo();
          await look(EVENTUALLY_MS);
          await listens;
        },
        get losses() {
          return losses;
        },
      };
    },
    get tookMs() {
      return tookMs;
    },
    close: async () => {
      for (const probe of probes) probe.close();
      a.end();
      b.end();
    },
  };
}

/** What the orders are given with, changed by what befalls a node. */
interface Hooks {
  password: string;
  /** Between two looks of an order. */
  onSleep: () => Promise<void>;
}

/** A graceful stop closes its ports before it ends; the gate is its port. */
class Process extends StandInNode {
  onPortClosed = (): void => undefined;

  override closeEslListener(): void {
    super.closeEslListener();
    this.onPortClosed();
  }
}

class LoopbackNode implements StagedNode {
  runs = true;
  private readonly time = new ManualTime(0);
  private readonly process: Process;
  private readonly gate: EslGate;
  private readonly rows: MemoryRows;

  static async start(id: string, vips: VipTopology[], tables: MemoryTables, hooks: Hooks): Promise<LoopbackNode> {
    const addresses = vips.map((vip) => [vip.id, addressOf(`${id}/${vip.id}`)] as const);
    const topology: NodeTopology = {
      ...{ id, zone: 'z', instanceId: `i-${id}`, networkInterfaceId: `eni-${id}`, databaseRole: `node_${id}` },
      ...{ managementAddress: addressOf(id), eslPort: ESL_PORT, fingerprint: 'ours' },
      vipAddresses: Object.fromEntries(addresses),
    };
    const node = new LoopbackNode(topology, vips, new MemoryRows(tables), hooks);
    await node.process.boot();
    await node.gate.open();
    return node;
  }

  private constructor(
    readonly topology: NodeTopology,
    private readonly vips: readonly VipTopology[],
    rows: MemoryRows,
    private readonly hooks: Hooks,
  ) {
    this.rows = rows;
    const { managementAddress: host } = topology;
    this.gate = new EslGate({ host, port: ESL_PORT }, { host, port: INSIDE_PORT });
    const sip = vips.map(({ id, sipPort, profiles, serviceAddress }) => {
      const address = topology.vipAddresses[id] ?? '';
      const media = serviceAddress === null ? {} : { serviceAddress };
      return { ...{ vip: id, address, port: sipPort, profiles: [...profiles] }, ...media };
    });
    const identity = { name: topology.id, switchName: topology.id, management: host, eslPort: INSIDE_PORT };
    this.process = new Process(
      { ...DEFAULTS, ...identity, password: PASSWORD, sip, gateways: [] },
      this.time,
      () => this.ended(),
      () => this.rows,
    );
    // The lab has a day of its own.
    this.process.faults.clockBehindMs = this.time.wallMs() - Date.now();
    this.process.onPortClosed = () => this.gate.refuse();
  }

  get coreUuid(): string {
    return this.process.system.coreUuid;
  }

  get sessions(): number {
    return this.runs ? this.process.system.calls.sessions : 0;
  }

  async sip(vipId: string): Promise<SipEvidence['verdict']> {
    const { sipPort: port } = only(this.vips.filter((vip) => vip.id === vipId));
    const host = this.topology.vipAddresses[vipId] ?? '';
    const asked = { host, port, timeoutMs: OPTIONS_WITHIN_MS, ids: new SystemRandom(), clock: new SystemClock() };
    const { verdict } = (await sendOptions(asked)).evidence;
    // An ICMP message, which loopback delivers and most networks do not.
    return verdict === 'refused' ? 'silent' : verdict;
  }

  isPromoted(vipId: string): boolean {
    return this.process.system.variables.get(promotedVariable(vipId)) === PROMOTED_VALUE;
  }

  rowsOf(coreUuid: string): number {
    return this.rows.tables.recovery.filter(({ runtimeUuid }) => runtimeUuid === coreUuid).length;
  }

  /** Promoted as an operator would, by hand. */
  async serve(vipId: string): Promise<void> {
    const [profile = ''] = only(this.vips.filter((vip) => vip.id === vipId)).profiles;
    await this.setVariable(vipId);
    await this.api(`sofia profile ${profile} rescan`);
  }

  async establish(vipId: string, calls: number): Promise<void> {
    this.process.placeCalls(calls, { vip: vipId });
    this.pass(ROW_WRITTEN_MS);
    await eventually(() => this.rowsOf(this.coreUuid) === 2 * calls);
  }

  /** An observer has subscribed to its events. */
  whenListenedTo(): Promise<void> {
    return new Promise((resolve) => this.gate.afterReply('event listener enabled', resolve));
  }

  end(): void {
    if (this.runs) this.process.exit();
    this.gate.close();
  }

  kill(): void {
    this.process.exit();
  }

  async restart(): Promise<void> {
    this.gate.close();
    await this.process.quickRestart();
    await this.gate.open();
  }

  freeze(): void {
    this.gate.hold();
    this.stickSip();
  }

  async thaw(): Promise<void> {
    this.unstickSip();
    this.gate.release();
    // What was on the way was read before this question is.
    const { managementAddress: host, eslPort: port } = this.topology;
    await EslConnection.open({ host, port, password: PASSWORD, timeoutMs: EVENTUALLY_MS })
      .then((esl) => esl.api('uptime', EVENTUALLY_MS).finally(() => esl.close()))
      .catch(() => undefined);
  }

  closeEsl(): void {
    this.gate.close();
  }

  openEsl(): Promise<void> {
    return this.gate.open();
  }

  hangEsl(): void {
    this.gate.hold();
  }

  rejectPassword(): void {
    this.hooks.password = 'another';
  }

  rejectByAccessList(): void {
    this.process.faults.eslRejects = true;
  }

  pause(direction?: 'inbound' | 'outbound'): Promise<void> {
    return this.api(direction === undefined ? 'fsctl pause' : `fsctl pause ${direction}`);
  }

  resume(): Promise<void> {
    return this.api('fsctl resume');
  }

  fill(): Promise<void> {
    this.process.placeCalls(1, {});
    return this.api(`fsctl max_sessions ${this.sessions}`);
  }

  makeRoom(): Promise<void> {
    return this.api('fsctl max_sessions 1000');
  }

  fallIntoStandby(): Promise<void> {
    return this.api('sofia global standby on');
  }

  leaveStandby(): Promise<void> {
    return this.api('sofia global standby off');
  }

  setVariable(vipId: string): Promise<void> {
    return this.api(`global_setvar ${promotedVariable(vipId)}=${PROMOTED_VALUE}`);
  }

  stickSip(): void {
    this.process.faults.sipStuck = true;
  }

  unstickSip(): void {
    this.process.faults.sipStuck = false;
  }

  lockRole(): void {
    this.rows.trouble = 'away';
  }

  putClockBack(ms: number): void {
    this.process.faults.clockBehindMs += ms;
  }

  beginGracefulStop(): void {
    this.process.terminate();
    this.pass(STOP_BEGAN_MS);
  }

  async closePortsGracefully(): Promise<void> {
    this.process.terminate();
    this.pass(PORTS_CLOSED_MS);
    await eventually(() => this.gate.isDeserted);
  }

  refuseOnce(then: 'same' | 'another'): void {
    this.gate.close();
    this.hooks.onSleep = async () => {
      this.hooks.onSleep = () => Promise.resolve();
      await (then === 'same' ? this.openEsl() : this.restart());
    };
  }

  onFirstQuestion(befall: 'dies' | 'closes-esl' | 'says-goodbye'): void {
    const acts = { dies: () => this.kill(), 'closes-esl': () => this.closeEsl(), 'says-goodbye': () => this.dismiss() };
    this.gate.beforeCommand('api ', acts[befall]);
  }

  onFirstAnswer(): void {
    this.gate.afterReply('api/response', () => this.dismiss());
  }

  onRescanned(): void {
    this.gate.afterReply('+OK scan complete', () => this.closeEsl());
  }

  dieInRecovery(): void {
    this.gate.beforeCommand('fsctl recover', () => this.kill());
  }

  freezeBefore(command: 'rescan' | 'shutdown'): void {
    this.gate.beforeCommand(command, () => this.freeze());
  }

  /** As far as a graceful stop has come when it says goodbye to its clients: the process lives (FACTS 1). */
  private dismiss(): void {
    this.process.closeEslListener();
    this.process.dismissEslClients();
  }

  private ended(): void {
    this.runs = false;
    this.gate.close();
  }

  private async api(command: string): Promise<void> {
    await runApi(this.process.system, command);
  }

  pass(ms: number): void {
    this.time.advanceTo(this.time.nowMs + ms);
  }
}

/** The same in each test: there are not many, and a stage frees them at its end. */
function addressOf(name: string): string {
  const known = ADDRESSES.get(name) ?? freshAddress();
  ADDRESSES.set(name, known);
  return known;
}

async function eventually(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + EVENTUALLY_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('what the test waits for did not happen');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function only<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('not on the stage');
  return first;
}
