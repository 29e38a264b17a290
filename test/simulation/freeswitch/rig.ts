/** Two simulated nodes, their database and the control plane's access to them, in virtual time. */
import type { NodeTopology, Topology, VipTopology } from '../../../lib/domain/model';
import type { RecoveryOrder } from '../../../lib/domain/ports';
import { SimCallDatabase } from '../../../lib/simulation/freeswitch/call-database';
import { SimDatabase } from '../../../lib/simulation/freeswitch/database';
import type { Route } from '../../../lib/simulation/freeswitch/exchange';
import { nodeOrders } from '../../../lib/simulation/freeswitch/orders';
import { SimProbe } from '../../../lib/simulation/freeswitch/probe';
import { SimSwitch, type SimSwitchOptions } from '../../../lib/simulation/freeswitch/switch';
import { Kernel } from '../../../lib/simulation/kernel/kernel';
import { Process } from '../../../lib/simulation/kernel/process';
import { Dice } from '../../../lib/simulation/kernel/random';
import { topologyOf } from '../../support/cluster';

export const MAIN = 'main';
export const PROBE_TIMEOUT_MS = 500;
export const BOOTED_MS = 2_700;
const LONG_MS = 120_000;

export class Rig {
  readonly kernel = new Kernel();
  readonly topology: Topology;
  readonly database: SimDatabase;
  readonly switches: ReadonlyMap<string, SimSwitch>;
  /** Nodes to which no packet gets, and from which none comes. */
  readonly cut = new Set<string>();
  /** Nodes from which nothing comes. */
  readonly mute = new Set<string>();
  delayMs = 0;
  readonly route: Route = {
    carries: (nodeId, direction) => !this.cut.has(nodeId) && !(direction === 'back' && this.mute.has(nodeId)),
    delayMs: () => this.delayMs,
  };
  losing: 'all' | 'datagrams' | null = null;
  private processes = 0;

  constructor(
    readonly seed = 1,
    topology: Partial<Topology> = {},
    options: Partial<SimSwitchOptions> = {},
  ) {
    this.topology = topologyOf(2, { database: { host: 'db', port: 5432, name: 'freeswitch' }, ...topology });
    const { nodes, vips } = this.topology;
    const { kernel } = this;
    this.database = new SimDatabase(
      kernel,
      nodes.flatMap((node) => node.databaseRole ?? []),
    );
    const { database } = this;
    this.switches = new Map(
      nodes.map((node) => [
        node.id,
        new SimSwitch({ ...{ kernel, node, vips, database }, dice: new Dice(seed, node.id), ...options }),
      ]),
    );
  }

  node(id: string): NodeTopology {
    return found(this.topology.nodes.find((each) => each.id === id));
  }

  get vip(): VipTopology {
    return found(this.topology.vips[0]);
  }

  get a(): SimSwitch {
    return found(this.switches.get('fs-a'));
  }

  get b(): SimSwitch {
    return found(this.switches.get('fs-b'));
  }

  process(): Process {
    return new Process(this.kernel, `process-${(this.processes += 1)}`);
  }

  /** Node-control of one invocation. */
  control(process = this.process()) {
    const { switches, database, route } = this;
    const dice = new Dice(this.seed, process.name);
    return nodeOrders({ process, dice, switches, route, database: new SimCallDatabase({ database, process, dice }) });
  }

  probe(node: SimSwitch, process = this.process()): SimProbe {
    return new SimProbe({
      ...{ node, process, dice: new Dice(this.seed, `probe/${process.name}`) },
      path: { lost: () => this.losing },
      route: this.route,
    });
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.kernel.run(this.kernel.nowMs + ms, () => undefined);
  }

  /** Lives until the promise has settled. */
  async end<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = (): void => void (settled = true);
    promise.then(settle, settle);
    await this.kernel.run(
      this.kernel.nowMs + LONG_MS,
      () => undefined,
      () => settled,
    );
    return promise;
  }

  look(probe: SimProbe) {
    return this.end(probe.probe(PROBE_TIMEOUT_MS));
  }

  /** Both nodes up, fs-a holds the VIP with so many calls, their rows written. */
  async inService(calls: number): Promise<this> {
    for (const each of this.switches.values()) each.startProcess();
    await this.pass(BOOTED_MS);
    await this.end(this.control().promote(this.node('fs-a'), this.vip, 3_000));
    this.a.establish(MAIN, calls);
    await this.pass(1_000);
    return this;
  }

  recover(deadCoreUuids: string[], transitionId = 'main#2', process = this.process()) {
    const order: RecoveryOrder = { transitionId, deadCoreUuids, deadNodeIds: ['fs-a'], maxClockBehindMs: 1_000 };
    return this.control(process).recover(this.node('fs-b'), this.vip, order, 25_000);
  }

  rows(coreUuid: string): number {
    return this.database.table.of(coreUuid).length;
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not in the rig');
  return value;
}
