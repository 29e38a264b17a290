/** The whole simulated world of one run, and what faults and people do to it. */
import type { Observation, Topology } from '../../domain/model';
import type { PageMessage, StateStore } from '../../domain/ports';
import { drawFaults } from '../faults/draw';
import type { SimSwitch } from '../freeswitch/switch';
import { EPOCH_MS, Kernel } from '../kernel/kernel';
import { OneAtATime } from '../kernel/one-at-a-time';
import type { Process } from '../kernel/process';
import { Dice } from '../kernel/random';
import { MemoryStateStore } from '../memory-store';
import type { Scenario } from '../scenario';
import { BurstLoss } from './bursts';
import { elasticIpsOf, instancesOf } from './cluster';
import { ControlPlane } from './control-plane';
import { Ec2, STOP_MS } from './ec2';
import { writes, type End } from './ends';
import { Functions } from './functions';
import { Names } from './names';
import { Network } from './network';
import { NodeWorld } from './node-side';
import { People } from './people';
import { Skipper } from './skip';
import { tableSeenBy, type StreamRecord, type TableHooks, type TableListener } from './table';
import { Truth } from './truth';
import { Weather, type Service } from './weather';

/** What whoever checks is told, in the instant in which it happens. */
export interface WorldListener {
  tableChanged(method: keyof StateStore, by: Process): void;
  /** @param byHand somebody did it in the console */
  associated(allocationId: string, byHand: boolean): void;
  named(name: string): void;
  paged(message: PageMessage): void;
}

/** A fault that lasts. */
interface ActiveFault {
  /** How often it struck and has not ended. */
  strikes: number;
  /** Whether anything of it is left before its end: what it struck may be gone. */
  isOn: () => boolean;
}

/** Copies of the table that a restore could bring back. */
interface Backup {
  atMs: number;
  table: Pick<MemoryStateStore, 'control' | 'nodes' | 'vips' | 'transitions' | 'incidents'>;
}

/** A check a minute, and an alarm after the second that fails. */
const STATUS_CHECKS_FAIL_AFTER_MS = 150_000;
const STATUS_CHECKS_PASS_AFTER_MS = 90_000;
const BACKUPS = 12;

/** How many calls a VIP carries when it is served, and how soon new callers come in the place of those that were lost. */
const CALLS_PER_VIP = 10;
const CALLERS_COME_EVERY_MS = 2_000;

export class World {
  readonly kernel = new Kernel();
  readonly dice: Dice;
  readonly table = new MemoryStateStore();
  readonly weather: Weather;
  readonly bursts: BurstLoss;
  readonly network: Network;
  readonly ec2: Ec2;
  readonly names: Names;
  readonly functions: Functions;
  readonly nodeWorld: NodeWorld;
  readonly controlPlane: ControlPlane;
  readonly skipper: Skipper;
  readonly truth: Truth;
  /** Faults that last, by what they struck. */
  readonly active = new Map<string, ActiveFault>();
  /** Nodes whose hardware is lost until it is repaired or they are started elsewhere. */
  private readonly lostHosts = new Set<string>();
  /** Nodes whose status checks fail. */
  private readonly impaired = new Set<string>();
  readonly people = new People(this);
  private readonly streamed = new Set<string>();
  private readonly backups: Backup[] = [];
  private restores = 0;
  private readonly hooks: TableHooks = {};
  /** The look before the last one, by `node#zone`. */
  readonly looksBefore = new Map<string, Observation>();
  private readonly writes = new OneAtATime();
  readonly trace: string[] = [];
  /** When the failover function ended where `crashFailover` said; null: it has not. */
  crashedAtMs: number | null = null;
  listener: WorldListener = {
    tableChanged: () => undefined,
    associated: () => undefined,
    named: () => undefined,
    paged: () => undefined,
  };

  constructor(readonly scenario: Scenario) {
    const { kernel } = this;
    this.dice = new Dice(scenario.seed, 'world');
    this.weather = new Weather(this.dice.fork('weather'));
    this.bursts = new BurstLoss(this.dice.fork('bursts'), scenario.loss);
    this.network = new Network(kernel, this.bursts);
    this.functions = new Functions(kernel, this.dice.fork('functions'));
    this.functions.isDark = (zone) => this.network.isDark(zone);
    this.names = new Names(this.weather);
    const machines = {
      powerOff: (nodeId: string) => this.switchOf(nodeId).hostDown(),
      powerOn: (nodeId: string) => {
        this.hostIsBack(nodeId);
        this.bootIfPowered(nodeId);
      },
    };
    this.ec2 = new Ec2(kernel, this.dice.fork('ec2'), this.weather, machines, scenario.stopMs ?? STOP_MS);
    for (const instance of instancesOf(scenario)) this.ec2.instances.set(instance.instanceId, instance);
    for (const eip of elasticIpsOf(scenario)) this.ec2.elasticIps.set(eip.allocationId, eip);
    this.nodeWorld = new NodeWorld({ scenario, kernel, dice: this.dice.fork('nodes'), network: this.network });
    this.controlPlane = new ControlPlane({
      scenario,
      kernel,
      dice: this.dice.fork('control-plane'),
      functions: this.functions,
      weather: this.weather,
      network: this.network,
      ec2: this.ec2,
      names: this.names,
      nodes: this.nodeWorld.side,
      tableFor: (process, online) => this.tableFor(process, online),
      onPage: (message) => this.onPage(message),
      say: (line) => this.say(line),
    });
    this.ec2.onAssociation = (allocationId, now) => {
      this.say(`ec2 ${allocationId} is ${now === null ? 'free' : `on ${now.privateAddress}`}`);
      this.listener.associated(allocationId, this.people.movesAddress);
    };
    this.names.onChange = (name) => this.listener.named(name);
    this.ec2.onStateChange = (instance, lateMs) => {
      this.say(`ec2 ${instance.nodeId} is ${instance.state}`);
      this.controlPlane.noteInstance(instance, lateMs);
    };
    this.truth = new Truth({
      network: this.network,
      ec2: this.ec2,
      names: this.names,
      switchOf: (nodeId) => this.switchOf(nodeId),
    });
    this.skipper = new Skipper({
      kernel,
      table: this.table,
      functions: this.functions,
      bursts: this.bursts,
      worldIsCalm: () => this.isCalm() && this.everybodyIsServed(),
    });
  }

  /** Callers call where the address leads them. */
  callersCome(): void {
    for (const vip of this.topology?.vips ?? []) {
      const node = this.truth.carrierOf(this.topology as Topology, vip);
      if (node !== null && this.network.callersReach(node)) this.switchOf(node.id).establish(vip.id, CALLS_PER_VIP);
    }
    this.kernel.after(CALLERS_COME_EVERY_MS, () => this.callersCome());
  }

  get topology(): Topology | null {
    return this.table.topology;
  }

  /** What is to befall this run. */
  drawFaults(): ReturnType<typeof drawFaults> {
    return drawFaults(this.scenario, this.dice.fork('faults'));
  }

  switchOf(nodeId: string): SimSwitch {
    return this.nodeWorld.switchOf(nodeId);
  }

  say(line: string): void {
    this.trace.push(`${stamp(this.kernel.elapsedMs)} ${line}`);
  }

  /**
   * Nothing from outside is wrong. What is wrong all the same is the control plane's to put right.
   * @param aside whatever this service does
   */
  isUndisturbed(aside: Service | null = null): boolean {
    const { active, lostHosts, weather, ec2, nodeWorld } = this;
    const isOfAside = (key: string): boolean => aside !== null && key.endsWith(` ${aside}`);
    if (lostHosts.size > 0 || [...active].some(([key, { isOn }]) => isOn() && !isOfAside(key))) return false;
    return weather.isFair(aside) && ec2.staleForMs === 0 && nodeWorld.databaseIsWell();
  }

  /** The store is slow, refuses or is away, and nothing else from outside is wrong. */
  isStoreAloneInTrouble(): boolean {
    return !this.weather.isWell('dynamodb') && this.isUndisturbed('dynamodb');
  }

  /** Undisturbed, and put right: every machine runs, every process is up and at rest. */
  isCalm(): boolean {
    if (!this.isUndisturbed()) return false;
    const machines = [...this.ec2.instances.values()].every(({ state }) => state === 'running');
    return machines && this.nodeWorld.isCalm();
  }

  everybodyIsServed(): boolean {
    const { topology } = this;
    return topology !== null && topology.vips.every((vip) => this.truth.isServed(topology, vip));
  }

  loseHost(nodeId: string): void {
    this.lostHosts.add(nodeId);
    this.switchOf(nodeId).hostDown();
    this.kernel.onDate(this.kernel.elapsedMs + STATUS_CHECKS_FAIL_AFTER_MS, () => {
      const instance = this.ec2.instanceOf(nodeId);
      if (!this.lostHosts.has(nodeId) || instance.state !== 'running') return;
      this.impaired.add(nodeId);
      this.controlPlane.noteStatusChecks(instance, 'ALARM');
    });
  }

  isHostLost(nodeId: string): boolean {
    return this.lostHosts.has(nodeId);
  }

  repairHost(nodeId: string): void {
    if (this.hostIsBack(nodeId)) this.bootIfPowered(nodeId);
  }

  /** @returns whether it was lost */
  private hostIsBack(nodeId: string): boolean {
    if (this.impaired.delete(nodeId)) {
      this.kernel.onDate(this.kernel.elapsedMs + STATUS_CHECKS_PASS_AFTER_MS, () =>
        this.controlPlane.noteStatusChecks(this.ec2.instanceOf(nodeId), 'OK'),
      );
    }
    return this.lostHosts.delete(nodeId);
  }

  darkenZone(zone: string): void {
    this.network.darken(zone);
    this.functions.kill((each) => each.zone === zone);
    for (const { nodeId } of this.instancesIn(zone)) this.switchOf(nodeId).hostDown();
  }

  lightenZone(zone: string): void {
    this.network.lighten(zone);
    for (const { nodeId } of this.instancesIn(zone)) this.bootIfPowered(nodeId);
  }

  setDatabase(verdict: 'ok' | 'slow' | 'away', silencesSip?: boolean): void {
    this.nodeWorld.setDatabase(verdict, silencesSip);
  }

  /**
   * A table from a backup of that age, or the oldest, in place of the present one, and its deployment.
   * @returns whether the backup is another
   */
  restoreTable(olderByMs: number): boolean {
    const before = this.kernel.elapsedMs - olderByMs;
    const backup = this.backups.findLast((each) => each.atMs <= before) ?? this.backups[0];
    if (backup === undefined) return false;
    this.restores += 1;
    this.functions.kill(() => true);
    const { control, nodes, vips, transitions, incidents } = structuredClone(backup.table);
    this.table.control = control;
    replace(this.table.nodes, nodes);
    replace(this.table.vips, vips);
    replace(this.table.transitions, transitions);
    replace(this.table.incidents, incidents);
    this.table.observations.clear();
    this.table.instances.clear();
    this.table.leases.clear();
    this.streamed.clear();
    this.controlPlane.deploy();
    this.people.haveRestoredTable();
    return backup !== this.backups.at(-1);
  }

  /** Kept whenever the states of the table change: what a restore could bring back. */
  backUp(): void {
    const { control, nodes, vips, transitions, incidents } = this.table;
    const recent = new Map([...transitions].filter(([, each]) => each.epoch >= (vips.get(each.vipId)?.epoch ?? 0) - 3));
    const table = structuredClone({ control, nodes, vips, transitions: recent, incidents });
    this.backups.push({ atMs: this.kernel.elapsedMs, table });
    if (this.backups.length > BACKUPS) this.backups.shift();
  }

  /** The run is over: nothing goes on behind it. */
  end(): void {
    this.functions.kill(() => true);
  }

  /** Once: the failover function ends where it writes that down. */
  crashFailover({ written, moment }: End): void {
    this.hooks[moment] = (method, args, process) => {
      const isThere = process.name.startsWith('failover') && writes(written, method, args);
      if (this.crashedAtMs !== null || !isThere) return;
      this.crashedAtMs = this.kernel.elapsedMs;
      this.say(`${process.name} ends ${moment} "${written}" is written`);
      process.kill();
    };
  }

  private onPage(message: PageMessage): void {
    this.say(`page ${message.subject}`);
    this.listener.paged(message);
    this.people.sendOnCall();
  }

  private bootIfPowered(nodeId: string): void {
    const { state, zone } = this.ec2.instanceOf(nodeId);
    if (state === 'running' && !this.network.isDark(zone) && !this.lostHosts.has(nodeId))
      this.switchOf(nodeId).hostUp();
  }

  private instancesIn(zone: string): { nodeId: string }[] {
    return [...this.ec2.instances.values()].filter((each) => each.zone === zone);
  }

  private tableFor(process: Process, online: () => boolean): StateStore {
    const listener: TableListener = {
      changed: (method, by) => this.listener.tableChanged(method, by),
      streamed: (record: StreamRecord) => this.controlPlane.streamed(record),
    };
    return tableSeenBy(process, this.table, this.weather, {
      online,
      listener,
      streamed: this.streamed,
      ageOf: (each) => this.skipper.ageOf(each),
      hooks: this.hooks,
      looksBefore: this.looksBefore,
      writes: this.writes,
      restores: () => this.restores,
    });
  }
}

function replace<K, V>(target: Map<K, V>, source: Map<K, V>): void {
  target.clear();
  for (const [key, value] of source) target.set(key, value);
}

/** `123d 04:05:06.789` since the beginning of the run. */
export function stamp(elapsedMs: number): string {
  const days = Math.floor(elapsedMs / 86_400_000);
  return `${String(days).padStart(3, '0')}d ${new Date(EPOCH_MS + (elapsedMs % 86_400_000)).toISOString().slice(11, 23)}`;
}
