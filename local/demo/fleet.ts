/**
 * The FreeSWITCH processes of a deployment, one per node, on the private addresses that its instance has. It plays the
 * hypervisor too: an instance that stops takes its process along without a goodbye, one that starts boots a new one.
 */
import { DescribeInstancesCommand, EC2Client, StartInstancesCommand } from '@aws-sdk/client-ec2';

import type { NodeTopology, Topology } from '../../lib/domain/model';
import { awsClientConfig } from '../emulator/loopback';
import type { FreeSwitchProcess } from '../standin/freeswitch-process';
import { notYet, ready, until } from './until';

/** Starts FreeSWITCH, real or not, on a node's addresses; resolves when it answers. */
export type StartFreeSwitch = (node: NodeTopology) => Promise<FreeSwitchProcess>;

const HYPERVISOR_POLL_MS = 250;

export class Fleet {
  private readonly processes = new Map<string, FreeSwitchProcess>();
  private readonly powered = new Map<string, boolean>();
  private readonly busy = new Map<string, Promise<void>>();
  private readonly ec2: EC2Client;
  private running = true;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    aws: { endpoint: string },
    private readonly topology: Topology,
    private readonly start: StartFreeSwitch,
  ) {
    this.ec2 = new EC2Client(awsClientConfig(aws));
  }

  /** Boots FreeSWITCH on every node and begins to follow the instances' states. */
  async powerOn(): Promise<void> {
    await Promise.all(this.topology.nodes.map((node) => this.boot(node)));
    this.loop = this.hypervise();
  }

  process(nodeId: string): FreeSwitchProcess {
    const found = this.processes.get(nodeId);
    if (found === undefined) throw new Error(`no FreeSWITCH was started on node ${nodeId}`);
    return found;
  }

  /** Every instance running, every FreeSWITCH fresh except on the nodes in `leave`. */
  async repair(leave: readonly string[]): Promise<void> {
    await this.startInstances();
    const broken = this.topology.nodes.filter((node) => !leave.includes(node.id));
    await Promise.all(broken.map((node) => this.reboot(node)));
  }

  async powerOff(): Promise<void> {
    this.running = false;
    await this.loop;
    await Promise.all([...this.processes.values()].map((process) => process.stop()));
    this.ec2.destroy();
  }

  /** Instance id -> state, as EC2 says. */
  async states(): Promise<Map<string, string>> {
    const ids = this.topology.nodes.map((node) => node.instanceId);
    const { Reservations: reservations = [] } = await this.ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }));
    const instances = reservations.flatMap((reservation) => reservation.Instances ?? []);
    return new Map(instances.map((instance) => [instance.InstanceId ?? '', instance.State?.Name ?? 'unknown']));
  }

  private async boot(node: NodeTopology): Promise<void> {
    this.processes.set(node.id, await this.start(node));
    this.powered.set(node.id, true);
  }

  /** From whatever state it is in: frozen, stuck, dead. */
  private reboot(node: NodeTopology): Promise<void> {
    return this.oneAtATime(node, async () => {
      const process = this.process(node.id);
      await process.kill();
      await process.restart();
      this.powered.set(node.id, true);
    });
  }

  /** The hypervisor and a repair may want the same node at the same moment. */
  private async oneAtATime(node: NodeTopology, action: () => Promise<void>): Promise<void> {
    const before = this.busy.get(node.id) ?? Promise.resolve();
    const own = before.catch(() => undefined).then(action);
    this.busy.set(node.id, own);
    await own;
  }

  /** A stop that is under way must end before EC2 accepts a start. */
  private async startInstances(): Promise<void> {
    await until('every instance is running', { timeoutMs: 60_000, everyMs: HYPERVISOR_POLL_MS }, async () => {
      const states = await this.states();
      const stopped = [...states].filter(([, state]) => state === 'stopped').map(([id]) => id);
      if (stopped.length > 0) await this.ec2.send(new StartInstancesCommand({ InstanceIds: stopped }));
      const allRun = [...states.values()].every((state) => state === 'running');
      return allRun ? ready(true) : notYet([...states].map(([id, state]) => `${id} ${state}`).join(', '));
    });
  }

  private async hypervise(): Promise<void> {
    while (this.running) {
      await this.followInstances().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, HYPERVISOR_POLL_MS));
    }
  }

  /** `Force` with `SkipOsShutdown` is a power cut: the process ends at once and says nothing. */
  private async followInstances(): Promise<void> {
    const states = await this.states();
    for (const node of this.topology.nodes) {
      const state = states.get(node.instanceId) ?? '';
      const isOff = ['stopping', 'stopped', 'shutting-down', 'terminated'].includes(state);
      const hasPower = this.powered.get(node.id) !== false;
      if (isOff && hasPower) {
        this.powered.set(node.id, false);
        await this.processes.get(node.id)?.kill();
      }
      // As the node's supervisor does: what cannot start yet (locked out of the database) is started again.
      if (state === 'running' && !hasPower) await this.reboot(node);
    }
  }
}
