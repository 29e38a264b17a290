/** Understudy itself, in this process: three observers, the failover function and node-control, on the lab's adapters. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '../../lib/aws/system-clock';
import { SystemRandom } from '../../lib/aws/system-random';
import { describeError } from '../../lib/domain/errors';
import type { Topology } from '../../lib/domain/model';
import type { Dns, Log, Metrics, PageMessage, Pager } from '../../lib/domain/ports';
import { EslCallSwitch } from '../../lib/freeswitch/call-switch';
import { EslNodeControl } from '../../lib/freeswitch/node-control';
import { FreeSwitchNodeProbe } from '../../lib/freeswitch/node-probe';
import { onWake } from '../../lib/operations/converge-cluster';
import type { ConvergeDeps } from '../../lib/operations/converge/context';
import { evaluateCluster } from '../../lib/operations/evaluate';
import { NodeOrders } from '../../lib/operations/node-orders';
import { runObserver } from '../../lib/operations/observe/observer';
import type { Wake } from '../../lib/operations/wake';
import { controlDatabase, observerDatabase } from './database';
import type { LabElasticIps } from './elastic-ips';
import type { LabInstances } from './instances';
import type { LabStore } from './lab-store';

/** On AWS a minute; here, so that nobody waits for the restored standby. */
const SCHEDULE_EVERY_MS = 3_000;
const OBSERVER_LIFETIME_MS = 3_600_000;
const LAST_SLEEP_MS = 20;
const STOP_WITHIN_MS = 5_000;

export interface ControlPlaneParts {
  topology: Topology;
  store: LabStore;
  elasticIps: LabElasticIps;
  instances: LabInstances;
  eslPassword: string;
  say: (line: string) => void;
  verbose: boolean;
}

export class ControlPlane {
  readonly pages: PageMessage[] = [];
  readonly nodes: NodeOrders;
  readonly deps: ConvergeDeps;
  private readonly databases: { close(): Promise<void> }[] = [];
  private readonly stopped = new AbortController();
  private readonly running: Promise<unknown>[] = [];
  private readonly clock = new StoppableClock(this.stopped.signal);
  private readonly random = new SystemRandom();

  constructor(private readonly parts: ControlPlaneParts) {
    const { clock, random } = this;
    const password = { get: () => Promise.resolve(parts.eslPassword), drop: () => undefined };
    const database = controlDatabase(parts.topology);
    this.databases.push(database);
    const switches = new EslCallSwitch({ password, clock, random });
    this.nodes = new NodeOrders(new EslNodeControl({ password, clock, random }), { switches, database, clock });
    const pager: Pager = { page: async (message) => void this.pages.push(message) };
    this.deps = {
      store: parts.store,
      elasticIps: parts.elasticIps,
      instances: parts.instances,
      dns: noDns,
      nodeControl: this.nodes,
      pager,
      clock,
      random,
      metrics: noMetrics,
      log: this.log('failover'),
      runbookUrl: 'docs/runbook.md',
      table: 'lab',
    };
    parts.store.onNotYet = (id, step, why) => this.deps.log.info(`${id}, step ${step}: ${why}`);
    parts.store.onDecided = ({ vipId, epoch }) => this.wake({ kind: 'journal', vipId, epoch });
  }

  start(): void {
    for (const zone of this.parts.topology.observers) this.running.push(this.observe(zone));
    this.running.push(this.schedule());
  }

  /** Resolves when nothing of it runs any more; what will not end by itself is left to the end of the process. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.parts.store.onDecided = () => undefined;
    await Promise.race([Promise.allSettled(this.running), sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    await Promise.all(this.databases.map((database) => database.close()));
  }

  private async observe(zone: string): Promise<void> {
    const { topology, store, eslPassword } = this.parts;
    const { clock, random } = this;
    const log = this.log(zone);
    const database = observerDatabase(topology);
    this.databases.push(database);
    const password = { get: () => Promise.resolve(eslPassword), drop: () => undefined };
    const observer = { store, clock, log, metrics: noMetrics, actor: `observer/${zone}` };
    await runObserver(
      {
        ...observer,
        random,
        openProbe: (node, vips) => new FreeSwitchNodeProbe({ node, vips, password, clock, random }),
        controlTargetAnswers: () => Promise.resolve(true),
        askDatabase: (timeoutMs) => database.probe(timeoutMs),
        evaluate: async () => void (await evaluateCluster(observer)),
      },
      { zone, owner: zone, version: topology.version, lifetimeMs: OBSERVER_LIFETIME_MS, startDelayMs: 0 },
    );
  }

  private async schedule(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await this.clock.sleep(SCHEDULE_EVERY_MS);
      if (!this.stopped.signal.aborted) await this.converge({ kind: 'schedule' });
    }
  }

  private wake(wake: Wake): void {
    this.running.push(this.converge(wake));
  }

  /** The stream tries again what was thrown; here the schedule comes soon enough. */
  private async converge(wake: Wake): Promise<void> {
    try {
      await onWake(this.deps, wake);
    } catch (error) {
      this.deps.log.error('a convergence was broken off', { error: describeError(error) });
    }
  }

  private log(who: string): Log {
    const { say, verbose } = this.parts;
    const tell = (message: string, fields?: Record<string, unknown>): void => {
      // What is broken off by the end of the lab is no news.
      if (this.stopped.signal.aborted) return;
      say(`    ${who}: ${message} ${fields === undefined ? '' : JSON.stringify(fields)}`);
    };
    return { info: verbose ? tell : () => undefined, warn: verbose ? tell : () => undefined, error: tell };
  }
}

/** Time that lets everybody go when the lab ends: an observer would watch for an hour. */
class StoppableClock extends SystemClock {
  constructor(private readonly stopped: AbortSignal) {
    super();
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await super.sleep(ms, signal === undefined ? this.stopped : AbortSignal.any([signal, this.stopped]));
    // A loop that only sleeps would otherwise never let anything else run.
    if (this.stopped.aborted) await super.sleep(Math.min(ms, LAST_SLEEP_MS));
  }
}

const noMetrics: Metrics = { count: () => undefined, durationMs: () => undefined };

const noDns: Dns = {
  read: async () => null,
  swap: async () => 'stale',
  remove: async () => 'stale',
};
