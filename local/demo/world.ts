/**
 * One whole world on this machine: the emulator with the deployed stacks, a FreeSWITCH per node, the internet gateway
 * and a caller. The demo, the bench and the end-to-end tests drive it; each step says what must have come before.
 */
import { join, resolve } from 'node:path';

import { loadConfig } from '../../lib/config/load';
import type { Overrides } from '../../lib/config/overrides';
import type { ClusterConfig } from '../../lib/config/model';
import type { ClusterSnapshot, Topology, VipState, VipTopology } from '../../lib/domain/model';
import type { Inspection, StateStore } from '../../lib/domain/ports';
import { startEmulator, type Emulator } from '../emulator/emulator';
import type { LatencyProfile } from '../emulator/latency';
import { cleanUpLeftovers } from '../emulator/processes';
import { claimLane, emulatorRanges, laneAt, nameIn, type ClaimedLane, type Lane } from '../lane';
import { startPostgres, type LocalPostgres } from '../postgres/start';
import { assertAddressesExist } from './addresses';
import { checkNodes } from './check-nodes';
import { AdministratorsView, behindRds } from './database';
import { bootstrap, deployAll, destroyAll, synthesise, type DeployOptions } from './deploy';
import { findDeployment, type Deployment } from './deployment';
import { establishCalls, type Load } from './established-calls';
import type { Facts, Fault } from './facts';
import { injectFault, prepareFault, type Victim } from './faults';
import { Fleet } from './fleet';
import { missingForHealth, stillFit } from './health';
import { Observers } from './observers';
import { outcomeOf } from './outcome';
import { Outside } from './outside';
import { Phone } from './phone';
import { gatherFacts, noteBefore, readVip, type Before } from './witness';
import { RealParties } from './real-parties';
import { freeSwitchStarter, type RealSettings, type StandInSettings } from './start-freeswitch';
import { sessionsOf } from './sessions';
import { Street } from './street';
import { openStore, readDatabaseLogins, readEslPassword } from './table';
import { notYet, ready, until } from './until';

export interface WorldOptions {
  projectDir: string;
  /** Name of the folder under `.understudy/`; in another lane than the first one with the lane's number. */
  name: string;
  /** Path of the configuration, from the project's folder. */
  config: string;
  /** Claimed already, because something lives in it. It is the world's from now on. Default: the lowest free one. */
  lane?: ClaimedLane;
  latency?: LatencyProfile;
  /** One that runs already, with what is to be adopted in it. It is the world's from now on. */
  emulator?: Emulator;
  /** What stands behind a database that exists already. It is the world's from now on. */
  postgres?: LocalPostgres;
  /** What the stand-ins of all nodes have beside the standard. A real FreeSWITCH ignores it. */
  standIns?: StandInSettings;
  log: (line: string) => void;
}

/** What a deployed world consists of, from `deploy` on. */
interface Deployed {
  deployment: Deployment;
  store: StateStore;
  topology: Topology;
  vip: VipTopology;
  outside: Outside;
  phone: Phone;
  observers: Observers;
}

/** What lives on the nodes' addresses, from `startNodes` on. */
interface Running {
  fleet: Fleet;
  street: Street;
}

const HEALTHY_TIMEOUT_MS = 150_000;
const OUTCOME_TIMEOUT_MS = 150_000;
const REGISTRATION_TIMEOUT_MS = 60_000;
const LAST_COUNT_MS = 36_500;
const LEDGER_TIMEOUT_MS = 120_000;

type DatabaseServer = Pick<LocalPostgres, 'host' | 'port'>;

/** A real FreeSWITCH binds what it serves: on one loopback no two can have the same service address (way B). */
function overridesOf(networkCidr: string, server: DatabaseServer | undefined): Overrides {
  const existing = server === undefined ? {} : { databaseServer: { host: server.host, port: server.port } };
  const base = { networkCidr, databaseTls: false, ...existing };
  return realFreeSwitch() === null ? base : { ...base, serviceAddresses: 'none' };
}

/** The program of a real FreeSWITCH; null: stand-ins. */
export function realFreeSwitch(): string | null {
  const binary = process.env['UNDERSTUDY_FREESWITCH'];
  return binary === undefined || binary === '' ? null : binary;
}

/** The configuration's first cluster, as the laptop has it. @throws ConfigurationError */
export function readCluster({
  projectDir,
  config,
  lane = laneAt(0),
  postgres,
}: Pick<WorldOptions, 'projectDir' | 'config' | 'postgres'> & { lane?: Lane }): ClusterConfig {
  const [cluster] = loadConfig(resolve(projectDir, config), overridesOf(lane.network, postgres)).clusters;
  if (cluster === undefined) throw new Error(`${config} has no cluster`);
  return cluster;
}

export class World {
  private deployed: Deployed | null = null;
  private running: Running | null = null;
  private before: Before | null = null;
  /** Calls that were placed and not yet failed over from. */
  private placed = 0;

  /** What looks on goes past the proxy: a look must neither wait for injected latencies nor meet injected faults. */
  private readonly aws: { endpoint: string };
  private readonly real: RealSettings | null;

  private constructor(
    readonly emulator: Emulator,
    readonly cluster: ClusterConfig,
    private readonly options: WorldOptions,
    readonly deployOptions: DeployOptions,
    /** What stands behind the cluster's database; null where it has none. */
    readonly postgres: LocalPostgres | null,
    private readonly lane: ClaimedLane,
  ) {
    this.aws = { endpoint: emulator.directEndpoint };
    const binary = realFreeSwitch();
    this.real = binary === null ? null : { binary, cluster, parties: new RealParties(options.projectDir, lane) };
  }

  /**
   * Ends what an earlier crash left, and starts the emulator.
   * @throws ConfigurationError, NoLaneFree, EmulatorSetupError, EmulatorError
   */
  static async create(options: WorldOptions): Promise<World> {
    const lane = options.lane ?? (await claimLane(options.log));
    try {
      return await World.createIn(lane, options);
    } catch (error) {
      lane.release();
      throw error;
    }
  }

  private static async createIn(lane: ClaimedLane, options: WorldOptions): Promise<World> {
    const { projectDir, config, log } = options;
    const name = nameIn(lane, options.name);
    const cluster = readCluster({ ...options, lane });
    const ended = await cleanUpLeftovers(projectDir);
    if (ended.length > 0) log(`ended what an earlier run left behind: ${ended.join(', ')}`);
    const made = cluster.database.source === 'create';
    const postgres = options.postgres ?? (made ? await startPostgres({ projectDir, instanceName: name, log }) : null);
    const emulator =
      options.emulator ??
      (await startEmulator({
        projectDir,
        instanceName: name,
        log,
        env: {
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
          ...emulatorRanges(lane),
          ...behindRds(postgres),
        },
        ...(options.latency === undefined ? {} : { latency: options.latency }),
      }));
    const workDir = join(projectDir, '.understudy', name);
    const ownAddresses = realFreeSwitch() !== null;
    const deployOptions = {
      ...{ projectDir, workDir, env: emulator.env, config, networkCidr: lane.network, ownAddresses },
      ...(options.postgres === undefined ? {} : { databaseServer: options.postgres }),
    };
    return new World(emulator, cluster, options, deployOptions, postgres, lane);
  }

  /** Makes the templates while the emulator's account is prepared for the CDK. @throws CdkFailed */
  async prepare(): Promise<void> {
    await Promise.all([bootstrap(this.deployOptions), synthesise(this.deployOptions)]);
  }

  /** `cdk deploy`, then the on-call engineer subscribes. @throws CdkFailed, DeploymentIncomplete */
  async deploy(): Promise<void> {
    await deployAll(this.deployOptions);
    const deployment = await findDeployment(this.aws, this.cluster.id);
    const store = openStore(this.aws, deployment.tableName);
    const topology = await until('the deployment is registered', { timeoutMs: REGISTRATION_TIMEOUT_MS }, async () =>
      ready(await store.readTopology()),
    );
    const [vip] = topology.vips;
    if (vip === undefined) throw new Error(`cluster ${topology.cluster} has no VIP`);
    this.deployed = {
      deployment,
      store,
      topology,
      vip,
      outside: new Outside(this.aws, topology),
      phone: await Phone.subscribe(this.aws, deployment.topicArn),
      observers: new Observers(this.aws, deployment.observers, this.deployOptions.workDir),
    };
  }

  /** A FreeSWITCH on every node, the internet gateway, and a caller that begins to ask. */
  async startNodes(): Promise<void> {
    const { topology, vip, outside, deployment } = this.mustBeDeployed();
    await assertAddressesExist(topology);
    const [eslPassword, databaseLogins] = await Promise.all([
      readEslPassword(this.aws, deployment.secretArn),
      readDatabaseLogins(this.aws, deployment.secretArns),
    ]);
    const secrets = { eslPassword, databaseLogins };
    const fleet = new Fleet(
      this.aws,
      topology,
      freeSwitchStarter(this.options.projectDir, topology, secrets, this.options.standIns ?? {}, this.real),
    );
    await fleet.powerOn();
    this.running = { fleet, street: await Street.open(outside, vip, topology) };
  }

  /** Until every VIP is held, every observer sees its holder serve, its standbys are fit, and the caller is answered. */
  async waitUntilHealthy(): Promise<void> {
    const { topology } = this.mustBeDeployed();
    const { street } = this.mustRun();
    const names = topology.vips.map((vip) => vip.id).join(', ');
    await until(`${names} held, the standbys fit`, { timeoutMs: HEALTHY_TIMEOUT_MS, everyMs: 200 }, async () => {
      const snapshot = await this.snapshot();
      const missing = topology.vips.flatMap((vip) => missingForHealth(snapshot, vip, Date.now()));
      const caller = street.servedNow() ? [] : ['the caller has no answer'];
      const all = [...missing, ...caller];
      return all.length === 0 ? ready(true) : notYet(all.join('; '));
    });
  }

  /** What `understudy check` says of each node. */
  check(): Promise<Inspection[]> {
    return checkNodes(this.aws, this.topology);
  }

  /** Puts bridged calls on the holder, every one of which a failover should keep, if there is a database. */
  async placeCalls(count: number): Promise<void> {
    await this.establish([{ count }]);
    this.placed = count;
  }

  /** Calls of any sort on the holder of a VIP, the first one's where none is named. Nothing is expected of them. */
  async establish(loads: readonly Load[], vipId = this.vip.id): Promise<void> {
    const nodeId = (await readVip(this.store, vipId)).holder?.nodeId ?? '';
    const exchange = { nodeId, process: this.fleet.process(nodeId), vipId };
    await establishCalls(exchange, loads, { database: this.database, snapshot: () => this.snapshot() });
  }

  /** Until the survival ledger is closed; its last count is due 36 s after the recovery. */
  async waitForLedger(): Promise<void> {
    const { observers, deployment } = this.mustBeDeployed();
    await until('the calls are counted', { timeoutMs: LEDGER_TIMEOUT_MS, everyMs: 1_000 }, async () => {
      const { calls, transitions } = await this.facts();
      const step = transitions.at(-1)?.steps.ledger;
      if (step === undefined || step.status !== 'pending') return ready(true);
      const sinceMs = Date.now() - (calls.ledger?.recoveredAtMs ?? Date.now());
      // The minute schedule would do it too: this only shortens the wait.
      if (sinceMs > LAST_COUNT_MS) await observers.wake(deployment.failoverFunction);
      return notYet(`${Math.round(sinceMs / 1000)} s since the recovery`);
    }).catch((error: unknown) => this.options.log(String(error)));
  }

  /** Breaks what is to be broken, the holder always being the victim. Needs a healthy world. */
  async inject(fault: Fault): Promise<void> {
    const { vip, topology, outside, observers } = this.mustBeDeployed();
    const { fleet } = this.mustRun();
    const state = await this.vipState();
    const holder = state.holder?.nodeId ?? '';
    const victim: Victim = {
      holder,
      zone: topology.nodes.find((node) => node.id === holder)?.zone ?? '',
      standbys: vip.candidates.filter((nodeId) => nodeId !== holder),
    };
    await prepareFault(fault, victim, fleet, (nodeIds) => this.seenBroken(nodeIds));
    this.before = await noteBefore(fault, state, vip, outside);
    await injectFault(fault, victim, fleet, observers);
  }

  /**
   * Until what the fault must lead to has come about, and the page with it: the facts of that look, because a later one
   * may fall into a moment in which a busy machine answers its caller late. Time running out is no error here: the facts
   * then say what is missing.
   */
  async waitForOutcome(timeoutMs = OUTCOME_TIMEOUT_MS): Promise<Facts> {
    const look = outcomeOf(this.mustBeBroken().fault, () => this.facts());
    return until('the outcome is known', { timeoutMs, everyMs: 250 }, look).catch((error: unknown) => {
      this.options.log(String(error));
      return this.facts();
    });
  }

  /** Everything known about the last fault, gathered now. */
  facts(): Promise<Facts> {
    const { vip, outside, phone, store } = this.mustBeDeployed();
    const { street, fleet } = this.mustRun();
    const sessions = (nodeId: string): Promise<number | null> => sessionsOf(fleet.process(nodeId));
    const recoverable = this.topology.database !== null;
    const sources = { vip, store, outside, phone, street, sessions, placed: this.placed, recoverable };
    return gatherFacts(sources, this.mustBeBroken());
  }

  /** Back to a healthy start for the next fault: nothing is torn down, the roles may have changed. */
  async reset(): Promise<void> {
    const { store, vip, observers, phone } = this.mustBeDeployed();
    await this.settle();
    const state = await this.vipState();
    const recovered = state.status === 'held' && this.before?.vip.holder?.nodeId !== state.holder?.nodeId;
    await observers.restoreAll();
    await this.repairInPause(recovered && state.holder !== null ? [state.holder.nodeId] : []);
    await store.acknowledge(vip.id, Date.now());
    await this.waitUntilHealthy();
    // A holder that was repaired is reinstated: that, and its page, belong to what was before.
    await this.settle();
    await phone.caughtUp();
    this.before = null;
    this.placed = 0;
  }

  /** `cdk destroy`, for the test that everything can be removed again. The emulator stays up. */
  async destroyStacks(): Promise<void> {
    await destroyAll(this.deployOptions);
  }

  /** Ends everything. May be called at any point, also twice. */
  async destroy(): Promise<void> {
    const { deployed, running } = this;
    this.deployed = null;
    this.running = null;
    await running?.street.close();
    await running?.fleet.powerOff();
    await deployed?.phone.close();
    deployed?.outside.close();
    deployed?.observers.close();
    await this.emulator.stop();
    this.real?.parties.stop();
    await this.postgres?.stop();
    this.lane.release();
  }

  /** What the deployment made: names of table, topic, functions. */
  get deployment(): Deployment {
    return this.mustBeDeployed().deployment;
  }

  /** Where the emulator unpacks the functions' code. */
  get temporaryDir(): string {
    return join(this.deployOptions.workDir, 'tmp');
  }

  get store(): StateStore {
    return this.mustBeDeployed().store;
  }

  get topology(): Topology {
    return this.mustBeDeployed().topology;
  }

  get fleet(): Fleet {
    return this.mustRun().fleet;
  }

  get vip(): VipTopology {
    return this.mustBeDeployed().vip;
  }

  get observers(): Observers {
    return this.mustBeDeployed().observers;
  }

  get outside(): Outside {
    return this.mustBeDeployed().outside;
  }

  get phone(): Phone {
    return this.mustBeDeployed().phone;
  }

  get street(): Street {
    return this.mustRun().street;
  }

  /** Past all roles of the cluster; null where it has no database. */
  get database(): AdministratorsView | null {
    const { database } = this.mustBeDeployed().topology;
    if (database === null || this.postgres === null) return null;
    return new AdministratorsView(this.postgres, database.name);
  }

  snapshot(): Promise<ClusterSnapshot> {
    return this.store.readCluster();
  }

  /** The stop of the old node belongs to the minute schedule: the function is called at once instead of waiting. */
  private async settle(): Promise<void> {
    const { store, observers, deployment } = this.mustBeDeployed();
    let kicks = 0;
    await until('no journal is unfinished', { timeoutMs: OUTCOME_TIMEOUT_MS, everyMs: 500 }, async () => {
      const open = await store.listUnfinishedTransitions();
      if (open.length === 0) return ready(true);
      if (kicks++ % 4 === 0) await observers.wake(deployment.failoverFunction);
      return notYet(open.map((transition) => `${transition.id} ${transition.status}`).join(', '));
    });
  }

  /**
   * Every node fresh but those in `leave`, and the pause not over before every observer has seen them so: a busy machine
   * judges the gap of a reboot when it is long over, and the failover that comes of it, acknowledged by nobody, blocks
   * the next one.
   */
  private async repairInPause(leave: readonly string[]): Promise<void> {
    const { store, topology } = this.mustBeDeployed();
    await store.setPaused({ kind: 'cluster' }, true, 'the nodes are repaired');
    try {
      await this.mustRun().fleet.repair(leave);
      const repairedAtMs = Date.now();
      const looks = topology.nodes
        .filter((node) => !leave.includes(node.id))
        .flatMap((node) => topology.observers.map((zone) => ({ nodeId: node.id, zone })));
      await until('the repaired nodes are seen', { timeoutMs: HEALTHY_TIMEOUT_MS, everyMs: 200 }, async () => {
        const { observations } = await this.snapshot();
        const missing = looks.filter(({ nodeId, zone }) => {
          const seen = observations.find((each) => each.nodeId === nodeId && each.zone === zone);
          return seen === undefined || seen.observedAtMs < repairedAtMs || seen.esl.verdict !== 'ok';
        });
        return missing.length === 0
          ? ready(true)
          : notYet(missing.map(({ nodeId, zone }) => `${nodeId} not from ${zone}`).join(', '));
      });
    } finally {
      await store.setPaused({ kind: 'cluster' }, false, null);
    }
  }

  private async seenBroken(nodeIds: readonly string[]): Promise<void> {
    const { vip } = this.mustBeDeployed();
    await until('the observers have seen it', { timeoutMs: HEALTHY_TIMEOUT_MS }, async () => {
      const fit = stillFit(await this.snapshot(), vip, nodeIds, Date.now());
      return fit.length === 0 ? ready(true) : notYet(`${fit.join(', ')} still counts as fit`);
    });
  }

  private vipState(): Promise<VipState> {
    const { store, vip } = this.mustBeDeployed();
    return readVip(store, vip.id);
  }

  private mustBeDeployed(): Deployed {
    if (this.deployed === null) throw new Error('deploy() comes first');
    return this.deployed;
  }

  private mustRun(): Running {
    if (this.running === null) throw new Error('startNodes() comes first');
    return this.running;
  }

  private mustBeBroken(): Before {
    if (this.before === null) throw new Error('inject() comes first');
    return this.before;
  }
}
