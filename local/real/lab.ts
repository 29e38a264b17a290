/** One cluster of real FreeSWITCH nodes, watched and moved by Understudy, with parties that call through it. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UnderstudyError } from '../../lib/domain/errors';
import type { NodeTopology, Topology, Transition, VipTopology } from '../../lib/domain/model';
import type { LocalPostgres } from '../postgres/start';
import { labCluster, type LabShape } from './cluster';
import { ControlPlane } from './control-plane';
import { countRows, countSessions, setUpDatabase, type RowCount } from './database';
import { LabElasticIps } from './elastic-ips';
import { LabInstances } from './instances';
import { LabStore } from './lab-store';
import { addVips, setMappings } from './network';
import { writeNodeFiles } from './node-files';
import { NodeProcess } from './node-process';
import type { Parties } from './parties';
import { OUTSIDE } from './plan';
import { until } from './wait';

/** What all scenarios share. */
export interface Ground {
  folder: string;
  postgres: LocalPostgres;
  parties: Parties;
  binary: string;
  modules: string;
  say: (line: string) => void;
  verbose: boolean;
}

const SERVED_WITHIN_MS = 60_000;
const MOVED_WITHIN_MS = 90_000;
/** 36 s after the recovery, and a turn of the control plane. */
const COUNTED_WITHIN_MS = 120_000;
const ORDER_TIMEOUT_MS = 3_000;

export class Lab {
  private constructor(
    readonly ground: Ground,
    readonly topology: Topology,
    readonly store: LabStore,
    readonly control: ControlPlane,
    readonly instances: LabInstances,
    readonly processes: ReadonlyMap<string, NodeProcess>,
  ) {}

  /** Resolves when every VIP is served. */
  static async start(ground: Ground, name: string, shape: LabShape): Promise<Lab> {
    const { config, topology } = labCluster(shape, ground.postgres.port);
    const passwords = await setUpDatabase(ground.postgres, topology);
    const eslPassword = randomBytes(18).toString('base64url');
    await setMappings([]);
    const processes = new Map<string, NodeProcess>();
    for (const [index, node] of topology.nodes.entries()) {
      const vips = topology.vips.map(({ id, serviceAddress }, place) => ({ id, place, serviceAddress }));
      await addVips(index + 1, vips);
      const folder = join(ground.folder, name, node.id);
      mkdirSync(folder, { recursive: true });
      const databasePassword = passwords.get(node.databaseRole ?? '') ?? '';
      writeNodeFiles(
        folder,
        config,
        topology,
        node,
        { eslPassword, databasePassword },
        OUTSIDE.callee,
        shape.userFiles,
      );
      const { binary, modules } = ground;
      processes.set(node.instanceId, new NodeProcess({ namespace: node.id, binary, modules, folder }));
    }
    const store = await LabStore.of(topology);
    const instances = new LabInstances(processes);
    const elasticIps = new LabElasticIps(topology);
    const { say, verbose } = ground;
    const control = new ControlPlane({ topology, store, elasticIps, instances, eslPassword, say, verbose });
    const lab = new Lab(ground, topology, store, control, instances, processes);
    try {
      for (const process of processes.values()) process.start();
      control.start();
      await lab.untilServed();
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.ground.parties.ask({ do: 'forget' }).catch(() => undefined);
    await this.control.stop();
    await Promise.all([...this.processes.values()].map((process) => process.kill()));
  }

  vip(id: string): VipTopology {
    const vip = this.topology.vips.find((each) => each.id === id);
    if (vip === undefined) throw new UnderstudyError(`the lab has no VIP ${id}`);
    return vip;
  }

  node(id: string): NodeTopology {
    const node = this.topology.nodes.find((each) => each.id === id);
    if (node === undefined) throw new UnderstudyError(`the lab has no node ${id}`);
    return node;
  }

  process(nodeId: string): NodeProcess {
    const process = this.processes.get(this.node(nodeId).instanceId);
    if (process === undefined) throw new UnderstudyError(`the lab has no process of ${nodeId}`);
    return process;
  }

  async holderOf(vipId: string): Promise<string> {
    const { vips } = await this.store.readCluster();
    const holder = vips.find((vip) => vip.vipId === vipId)?.holder;
    if (holder === undefined || holder === null) throw new UnderstudyError(`nobody holds ${vipId}`);
    return holder.nodeId;
  }

  async epochOf(vipId: string): Promise<number> {
    return (await this.store.readStanding(vipId, Date.now())).epoch;
  }

  /** Every VIP is held, and every other node is seen fit to take over. */
  async untilServed(): Promise<void> {
    for (const { id } of this.topology.vips) {
      await until(`${id} is served`, SERVED_WITHIN_MS, async () => {
        const { vips } = await this.store.readCluster();
        const vip = vips.find((each) => each.vipId === id);
        return vip?.status === 'held' && (vip.holder?.coreUuid ?? null) !== null ? vip : null;
      });
    }
    for (const node of this.topology.nodes) await this.untilFit(node.id);
  }

  /** The node answers to every observer, is not locked out, and its process is the one they see. */
  async untilFit(nodeId: string): Promise<void> {
    await until(`${nodeId} is fit`, SERVED_WITHIN_MS, async () => {
      const { nodes, observations } = await this.store.readCluster();
      const state = nodes.find((each) => each.nodeId === nodeId);
      const seen = observations.filter((each) => each.nodeId === nodeId);
      const fit = seen.length === this.topology.observers.length && seen.every((each) => each.esl.verdict === 'ok');
      return fit && state?.lockedBy === null ? state : null;
    });
  }

  /** The transition after `epoch`, done, with its calls counted after 5 s where there are any. */
  untilMoved(vipId: string, epoch: number, withinMs = MOVED_WITHIN_MS): Promise<Transition> {
    return until(`${vipId} has moved`, withinMs, async () => {
      const current = await this.epochOf(vipId);
      if (current <= epoch) return null;
      const transition = await this.store.readTransition(vipId, current);
      if (transition === null || transition.status !== 'done') return null;
      const { calls, steps } = transition;
      if (steps.recover.status === 'pending') return null;
      return calls === null || calls.before === 0 || calls.aliveAfter5s !== null ? transition : null;
    });
  }

  /** The last look at its calls has been taken: by then every leg whose peer does not answer has been given up. */
  untilCounted(vipId: string, epoch: number): Promise<Transition> {
    return until(`the calls of ${vipId} are counted`, COUNTED_WITHIN_MS, async () => {
      const transition = await this.store.readTransition(vipId, epoch);
      return transition !== null && (transition.calls?.confirmed ?? null) !== null ? transition : null;
    });
  }

  /** As an operator who has looked: the next failover need not wait out the block period. */
  acknowledge(vipId: string): Promise<void> {
    return this.store.acknowledge(vipId, Date.now());
  }

  rows(): Promise<RowCount[]> {
    const { database } = this.topology;
    if (database === null) throw new UnderstudyError('the lab has a database');
    return countRows(this.ground.postgres, database);
  }

  /** Legs of the VIP that the incarnation tracks. */
  async legsOf(vipId: string, coreUuid: string | null): Promise<number> {
    const { profiles } = this.vip(vipId);
    const rows = (await this.rows()).filter((row) => profiles.includes(row.profile) && row.coreUuid === coreUuid);
    return rows.reduce((sum, row) => sum + row.legs, 0);
  }

  /** Of the node's role in the shared database. */
  sessionsOf(nodeId: string): Promise<number> {
    return countSessions(this.ground.postgres, this.node(nodeId).databaseRole ?? '');
  }

  async serves(vipId: string, nodeId: string): Promise<boolean> {
    return (await this.control.nodes.check(this.node(nodeId), this.vip(vipId), ORDER_TIMEOUT_MS)).serving;
  }
}
