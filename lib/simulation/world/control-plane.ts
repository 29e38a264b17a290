/** The functions of the control plane, wired as `lambdas/` wires them, over the simulated world. */
import { ownerOf, type NodeTopology, type VipTopology } from '../../domain/model';
import type { Log, Metrics, NodeControl, NodeProbe, PageMessage, Pager, StateStore } from '../../domain/ports';
import type { ConvergeDeps } from '../../operations/converge/context';
import { onWake } from '../../operations/converge-cluster';
import { evaluateCluster } from '../../operations/evaluate';
import { noteInstanceState } from '../../operations/instance-evidence';
import type { AskDatabase } from '../../operations/observe/database-watch';
import { DEFAULT_LEASE_POLICY } from '../../operations/observe/lease-rule';
import { runObserver } from '../../operations/observe/observer';
import { register } from '../../operations/register';
import type { Wake } from '../../operations/wake';
import type { Scenario } from '../scenario';
import { EPOCH_MS, type Entry, type Kernel } from '../kernel/kernel';
import type { Process } from '../kernel/process';
import type { Dice } from '../kernel/random';
import { CLUSTER, requestOf, zoneOf } from './cluster';
import type { Ec2, SimInstance } from './ec2';
import type { Functions, Invocation } from './functions';
import { OBSERVER_LIFETIME_MS, STAGGER_MS, STREAM_RECORD_AGE_MS, STREAM_RETRIES, TIMEOUT_MS } from './lambda-limits';
import type { Names } from './names';
import type { Network } from './network';
import { nodeControlSeenBy } from './node-control';
import type { StreamRecord } from './table';
import type { Weather } from './weather';

const ALARM_EVENT_MS = 1_000;

/** FreeSWITCH and the shared database, as one function in one zone reaches them. */
export interface NodeSide {
  probe(process: Process, zone: string, node: NodeTopology, vips: readonly VipTopology[]): NodeProbe;
  ordersIn(process: Process, zone: string): NodeControl;
  /** null: the cluster has no database. */
  askDatabase(process: Process, zone: string): AskDatabase | null;
}

export interface ControlPlaneDeps {
  scenario: Scenario;
  kernel: Kernel;
  dice: Dice;
  functions: Functions;
  weather: Weather;
  network: Network;
  ec2: Ec2;
  names: Names;
  nodes: NodeSide;
  tableFor: (process: Process, online: () => boolean) => StateStore;
  onPage: (message: PageMessage) => void;
  say: (line: string) => void;
}

export const SCHEDULE_MS = DEFAULT_LEASE_POLICY.scheduleMs;

/** A stream record comes within a fraction of a second, now and then much later, and now and then twice. */
const STREAM_MS = [20, 250] as const;
const STREAM_LATE = { chance: 0.02, ms: 20_000 };
const STREAM_TWICE = 0.02;

/** EventBridge hands each event over at least once, also those of a schedule; a second one comes beside the first. */
const EVENT_TWICE = { chance: 0.02, withinMs: 1_000 };

const SILENT: Metrics = { count: () => undefined, durationMs: () => undefined };

export class ControlPlane {
  /** Raised by every deployment. */
  private version = 0;
  private tick: Entry | null = null;
  private readonly lanes = new Map<string, Promise<void>>();
  private readonly zones: string[];
  private readonly log: Log;

  constructor(private readonly deps: ControlPlaneDeps) {
    this.zones = deps.scenario.shape.observerZones.map(zoneOf);
    const note = (message: string): void => void message;
    this.log = { info: note, warn: note, error: (message, fields) => deps.say(`log ${message} ${words(fields)}`) };
  }

  /** Deploys, with a new version of code and configuration, and begins the schedules with the first deployment. */
  deploy(): void {
    this.version += 1;
    if (this.version === 1) {
      this.scheduleNext();
      this.deps.kernel.onSkip(() => this.scheduleNext());
    }
    this.registerSoon(`v${this.version}`);
  }

  /** One invocation of a zone's observer. */
  challenge(zone: string, startDelayMs: number, version = `v${this.version}`): Invocation | null {
    const kind = { name: `observer-${zone}`, zone, timeoutMs: TIMEOUT_MS.observer };
    return this.deps.functions.invoke(kind, async (process) => {
      const { kernel, dice, network, nodes } = this.deps;
      const store = this.deps.tableFor(process, () => network.isOnline(zone));
      const owner = process.name;
      const askDatabase = nodes.askDatabase(process, zone);
      await runObserver(
        {
          store,
          clock: process,
          random: dice.fork(owner),
          log: this.log,
          metrics: SILENT,
          openProbe: (node, vips) => nodes.probe(process, zone, node, vips),
          controlTargetAnswers: (timeoutMs) => this.controlTargets(process, zone, timeoutMs),
          ...(askDatabase === null ? {} : { askDatabase }),
          evaluate: async () => {
            await evaluateCluster({
              store,
              clock: process,
              log: this.log,
              metrics: SILENT,
              actor: `observer/${owner}/${kernel.nowMs}`,
            });
          },
        },
        { zone, owner, version, startDelayMs, lifetimeMs: OBSERVER_LIFETIME_MS },
      );
    });
  }

  wakeFailover(wake: Wake, onEnd: (error: unknown) => void = () => undefined): Invocation | null {
    const kind = { name: 'failover', zone: null, timeoutMs: TIMEOUT_MS.failover };
    return this.deps.functions.invoke(kind, (process) => onWake(this.convergeDeps(process), wake), onEnd);
  }

  /** At least once, mostly soon. The records of one VIP are one lane: each is handed over when the one before has ended. */
  streamed(record: StreamRecord): void {
    const { dice } = this.deps;
    const lane = record.kind === 'journal' ? record.vipId : record.kind;
    const untilMs = this.deps.kernel.nowMs + STREAM_RECORD_AGE_MS;
    const copies = dice.chance(STREAM_TWICE) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const lateMs = dice.chance(STREAM_LATE.chance) ? STREAM_LATE.ms : dice.between(...STREAM_MS);
      const arrived = this.after(lateMs);
      const before = this.lanes.get(lane);
      this.lanes.set(
        lane,
        Promise.all([arrived, before]).then(() => this.handOver(record, untilMs)),
      );
    }
  }

  /** Resolves when it was worked on, was tried often enough, or is too old. */
  private async handOver(record: StreamRecord, untilMs: number): Promise<void> {
    for (let retries = 0; this.deps.kernel.nowMs <= untilMs; retries += 1) {
      const isDone = await this.workOn(record);
      if (isDone || retries === STREAM_RETRIES) return;
      await this.after(1_000 * (retries + 1));
    }
  }

  /** @returns false: it threw, ran out of time or was killed, which is one and the same to AWS */
  private workOn(record: StreamRecord): Promise<boolean> {
    return new Promise((resolve) => {
      const invocation = this.wakeFailover(record, (error) => resolve(error === null));
      // An end of its own is told in the instant in which the process dies, and is heard first.
      invocation?.process.onDeath(() => void Promise.resolve().then(() => resolve(false)));
    });
  }

  private after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.deps.kernel.after(ms, resolve));
  }

  /** Its draws are its own, so that all else is drawn as if it came once. */
  private atLeastOnce(event: string, invoke: () => void): void {
    const { kernel } = this.deps;
    const dice = this.deps.dice.fork(`${event}/${kernel.nowMs}`);
    invoke();
    if (dice.chance(EVENT_TWICE.chance)) kernel.after(dice.between(0, EVENT_TWICE.withinMs), invoke);
  }

  /** EventBridge hands a state change on. */
  noteInstance({ instanceId, state }: SimInstance, lateMs: number): void {
    this.tellOfInstance('EC2 Instance State-change Notification', { 'instance-id': instanceId, state }, lateMs);
  }

  /** The alarm on the status checks of an instance. */
  noteStatusChecks({ instanceId }: SimInstance, value: 'ALARM' | 'OK'): void {
    const metric = { namespace: 'AWS/EC2', name: 'StatusCheckFailed', dimensions: { InstanceId: instanceId } };
    const detail = { state: { value }, configuration: { metrics: [{ metricStat: { metric } }] } };
    this.tellOfInstance('CloudWatch Alarm State Change', detail, ALARM_EVENT_MS);
  }

  private tellOfInstance(detailType: string, detail: object, lateMs: number): void {
    const { kernel, functions } = this.deps;
    const event = { 'detail-type': detailType, time: new Date(EPOCH_MS + kernel.nowMs).toISOString(), detail };
    kernel.after(lateMs, () => {
      const kind = { name: 'ec2-evidence', zone: null, timeoutMs: TIMEOUT_MS.evidence };
      const note = (process: Process): Promise<unknown> =>
        noteInstanceState({ store: this.deps.tableFor(process, () => true), clock: process, log: this.log }, event);
      this.atLeastOnce(kind.name, () => void functions.invoke(kind, note));
    });
  }

  /** What an operator's command gets: the store from outside of the VPC. @param onEnd as for every invocation */
  operator(
    handler: (store: StateStore, process: Process) => Promise<unknown>,
    onEnd: (error: unknown) => void = () => undefined,
  ): void {
    const kind = { name: 'operator', zone: null, timeoutMs: TIMEOUT_MS.failover };
    const run = (process: Process): Promise<unknown> =>
      handler(
        this.deps.tableFor(process, () => true),
        process,
      );
    this.deps.functions.invoke(kind, run, onEnd);
  }

  nodeControlFor(process: Process): NodeControl {
    const { functions, weather, nodes } = this.deps;
    const ordersIn = (inner: Process, zone: string): NodeControl => nodes.ordersIn(inner, zone);
    return nodeControlSeenBy(process, { functions, weather, zones: this.zones, ordersIn });
  }

  private registerSoon(version: string): void {
    const { functions, dice, ec2, names, scenario } = this.deps;
    const kind = { name: 'registrar', zone: null, timeoutMs: TIMEOUT_MS.registrar };
    functions.invoke(
      kind,
      (process) =>
        register(
          {
            store: this.deps.tableFor(process, () => true),
            inventory: ec2.inventorySeenBy(process),
            elasticIps: ec2.addressesSeenBy(process, ownerOf(CLUSTER)),
            instances: ec2.instancesSeenBy(process),
            dns: names.seenBy(process),
            kicker: {
              kick: async (functionName) => {
                this.challenge(functionName.slice('observer-'.length), 0, version);
              },
            },
            clock: process,
            log: this.log,
          },
          requestOf(scenario, version),
        ),
      (error) => {
        // CloudFormation rolls back, and somebody deploys again.
        if (error !== null) this.deps.kernel.after(60_000 * (1 + dice.next()), () => this.registerSoon(version));
      },
    );
  }

  /** Ticks belong to the grid of the minute; those of time that was skipped are skipped too. */
  private scheduleNext(): void {
    const { kernel } = this.deps;
    if (this.tick !== null) kernel.cancel(this.tick);
    const atMs = (Math.floor(kernel.elapsedMs / SCHEDULE_MS) + 1) * SCHEDULE_MS;
    this.tick = kernel.at(atMs - kernel.skippedMs, () => {
      this.atLeastOnce('schedule', () => void this.wakeFailover({ kind: 'schedule' }));
      for (const [index, zone] of this.zones.entries()) {
        this.atLeastOnce(`schedule/${zone}`, () => void this.challenge(zone, index * STAGGER_MS));
      }
      this.scheduleNext();
    });
  }

  private async controlTargets(process: Process, zone: string, timeoutMs: number): Promise<boolean> {
    const heard = this.deps.network.hearsAnybody(zone, this.zones);
    await process.sleep(heard ? 3 : timeoutMs);
    return heard;
  }

  private convergeDeps(process: Process): ConvergeDeps {
    const { weather, dice, ec2, names, onPage } = this.deps;
    const pager: Pager = { page: (message) => weather.call(process, 'sns', 'Publish', () => onPage(message)) };
    return {
      store: this.deps.tableFor(process, () => true),
      elasticIps: ec2.addressesSeenBy(process, ownerOf(CLUSTER)),
      dns: names.seenBy(process),
      instances: ec2.instancesSeenBy(process),
      nodeControl: this.nodeControlFor(process),
      pager,
      clock: process,
      random: dice.fork(process.name),
      metrics: SILENT,
      log: this.log,
      runbookUrl: 'docs/runbook.md',
      table: CLUSTER,
    };
  }
}

function words(fields: Record<string, unknown> | undefined): string {
  return fields === undefined ? '' : JSON.stringify(fields);
}
