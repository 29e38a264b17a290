/** A cluster of fake nodes in virtual time, with a store in memory, and observers that can be started and cut down. */
import type { Observation, Policy, Topology } from '../../../lib/domain/model';
import type { Clock, Log, Metrics } from '../../../lib/domain/ports';
import type { AskDatabase } from '../../../lib/operations/observe/database-watch';
import type { LeasePolicy } from '../../../lib/operations/observe/lease-rule';
import { runObserver, type ObserverOutcome } from '../../../lib/operations/observe/observer';
import { healthy, policy as defaultPolicy, topologyOf } from '../../support/cluster';
import { FakeNode, FakeProbe } from '../../support/fake-probe';
import { MemoryStateStore, type MemoryStoreHooks } from '../../../lib/simulation/memory-store';
import { seededRandom, VirtualClock } from '../../support/virtual-clock';

export interface StartOptions {
  owner?: string;
  version?: string;
  lifetimeMs?: number;
  startDelayMs?: number;
}

export interface StartedObserver {
  owner: string;
  probes: Map<string, FakeProbe>;
  outcome: Promise<ObserverOutcome>;
  ended: ObserverOutcome | null;
  /** The function's process is gone this instant: nothing of it ever runs again, nothing is released. */
  crash(): void;
}

export interface RigOptions {
  seed?: number;
  nodes?: number;
  policy?: Partial<Policy>;
  leasePolicy?: LeasePolicy;
  hooks?: MemoryStoreHooks;
  evaluate?: () => Promise<void>;
  /** Left out: the cluster has no database. */
  askDatabase?: AskDatabase;
}

export class Rig {
  readonly clock: VirtualClock;
  readonly store: MemoryStateStore;
  readonly nodes = new Map<string, FakeNode>();
  readonly counted: { name: string; value: number; atMs: number }[] = [];
  readonly told: string[] = [];
  controlTargetAnswers = false;
  controlTargetTries = 0;
  evaluations = 0;
  private started = 0;

  constructor(private readonly options: RigOptions = {}) {
    const seed = options.seed ?? 1;
    this.clock = new VirtualClock({ seed });
    this.store = new MemoryStateStore(options.hooks);
    const topology = topologyOf(options.nodes ?? 2);
    this.register({ ...topology, policy: { ...defaultPolicy, ...options.policy } });
    const start = healthy();
    this.store.control = start.control;
    for (const vip of start.vips) {
      this.store.vips.set(vip.vipId, {
        ...vip,
        holder: { nodeId: 'fs-a', coreUuid: this.node('fs-a').coreUuid },
        changedAtMs: this.clock.wallMs(),
      });
    }
  }

  register(topology: Topology): void {
    this.store.topology = structuredClone(topology);
    for (const node of topology.nodes) {
      if (this.nodes.has(node.id)) continue;
      const fake = new FakeNode(node.id, Object.keys(node.vipAddresses));
      fake.condition = node.id === 'fs-a' ? 'ok' : 'standby';
      this.nodes.set(node.id, fake);
    }
  }

  get topology(): Topology {
    if (this.store.topology === null) throw new Error('no topology');
    return this.store.topology;
  }

  node(id: string): FakeNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  seen(nodeId: string, zone: string): Observation | undefined {
    return this.store.observations.get(`${nodeId}#${zone}`);
  }

  count(name: string): number {
    return this.counted.filter((each) => each.name === name).reduce((sum, each) => sum + each.value, 0);
  }

  start(zone: string, options: StartOptions = {}): StartedObserver {
    this.started += 1;
    const owner = options.owner ?? `${zone}/${this.started}`;
    const process = new Mortal(this.clock);
    const probes = new Map<string, FakeProbe>();
    const outcome = runObserver(
      {
        clock: process,
        store: process.wrap(this.store),
        random: seededRandom(this.started),
        log: this.log(owner),
        metrics: this.metrics(),
        openProbe: (node) => {
          const probe = new FakeProbe(this.node(node.id), process);
          probes.set(node.id, probe);
          return probe;
        },
        controlTargetAnswers: async () => {
          this.controlTargetTries += 1;
          return this.controlTargetAnswers;
        },
        evaluate: async () => {
          this.evaluations += 1;
          await this.options.evaluate?.();
        },
        askDatabase: this.options.askDatabase,
        ...(this.options.leasePolicy === undefined ? {} : { leasePolicy: this.options.leasePolicy }),
      },
      {
        zone,
        owner,
        version: options.version ?? this.topology.version,
        lifetimeMs: options.lifetimeMs ?? 880_000,
        startDelayMs: options.startDelayMs ?? 0,
      },
    );
    const started: StartedObserver = { owner, probes, outcome, ended: null, crash: () => process.die() };
    void outcome.then((ended) => {
      started.ended = ended;
    });
    return started;
  }

  private log(owner: string): Log {
    const tell = (message: string): void => void this.told.push(`${owner}: ${message}`);
    return { info: tell, warn: tell, error: tell };
  }

  private metrics(): Metrics {
    const count = (name: string, value: number): void =>
      void this.counted.push({ name, value, atMs: this.clock.monotonicMs() });
    return { count, durationMs: count };
  }
}

/** A process that can die: after that, what it awaits never comes. */
class Mortal implements Clock {
  private dead = false;

  constructor(private readonly clock: Clock) {}

  die(): void {
    this.dead = true;
  }

  wallMs(): number {
    return this.clock.wallMs();
  }

  monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.whileAlive(this.clock.sleep(ms, signal));
  }

  wrap<S extends Pick<MemoryStateStore, 'readCluster' | 'putObservation' | 'takeObserverLease'>>(
    store: S,
  ): Pick<MemoryStateStore, 'readCluster' | 'putObservation' | 'takeObserverLease'> {
    return {
      readCluster: () => this.whileAlive(store.readCluster()),
      putObservation: (observation, nowMs) => this.whileAlive(store.putObservation(observation, nowMs)),
      takeObserverLease: (lease, mayTake) => this.whileAlive(store.takeObserverLease(lease, mayTake)),
    };
  }

  private async whileAlive<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } finally {
      if (this.dead) await new Promise<never>(() => undefined);
    }
  }
}
