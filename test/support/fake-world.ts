/**
 * AWS and FreeSWITCH as a convergence sees them, in memory, with the rules that matter (an EIP is taken, a stale
 * association, DNS as compare-and-swap), a log of every call, and faults at any of them.
 */
import type { NodeTopology, VipTopology } from '../../lib/domain/model';
import type {
  AliveResult,
  CallCounts,
  CheckResult,
  DemoteResult,
  Dns,
  DnsRecord,
  EipAssociation,
  ElasticIps,
  Forecast,
  Inspection,
  Instances,
  InstanceView,
  LockResult,
  Log,
  Metrics,
  NodeControl,
  PageMessage,
  Pager,
  PreviewResult,
  ProcessLook,
  PromoteResult,
  RecoverResult,
  RecoveryOrder,
  ShutdownProof,
  UnlockResult,
} from '../../lib/domain/ports';

/** Before the effect: throw to refuse, return a promise that never settles to kill. After: the answer is lost. */
export interface Interference {
  before?: (call: string, index: number) => void | Promise<void>;
  after?: (call: string, index: number) => void | Promise<void>;
}

export class FakeWorld {
  readonly calls: string[] = [];
  readonly pages: PageMessage[] = [];
  /** Names of what was counted and timed, and each count. */
  readonly metrics: string[] = [];
  readonly counts: { name: string; value: number }[] = [];
  association: EipAssociation | null;
  eipOwner: string | null = null;
  eipEpoch: number | null = null;
  /** What else sits on a private address: address -> allocation id. */
  readonly occupants = new Map<string, string>();
  record: DnsRecord | null = null;
  readonly instances = new Map<string, InstanceView>();
  /** Node id -> alive process and whether it serves the VIP. */
  readonly switches = new Map<string, { coreUuid: string; serving: boolean } | null>();
  /** Node id -> why its process could not serve, as its ESL says. */
  readonly unfit = new Map<string, string>();
  /** Nodes that do not reach their database, and why. */
  readonly withoutDatabase = new Map<string, string>();
  /** Nodes that were asked for it. */
  readonly askedForDatabase: string[] = [];
  /** Nodes that only the functions beside them reach. */
  readonly cutOff = new Set<string>();
  promotions: string[] = [];
  /** Node ids whose role is locked in the database. */
  readonly locked = new Set<string>();
  databaseAway = false;
  /** Calls with rows of the old holder, and (null: all of them) how many live after the recovery. */
  callsBefore = 0;
  callsAlive: number | null = null;
  /** By the plan of the order that is counted; null: an older node-control does not tell. */
  callsPlanned: number | null = null;
  /** Of an order's incarnation that the node still runs. */
  stayed: CallCounts | null = null;
  /** Of the new holder, before the recovery and at each look at the calls. */
  sessions: { before: number | null; now: number | null } = { before: null, now: null };
  unregisteredGateways: string[] | null = [];
  /** What node-control says of any node's calls, and of each node's level; what is not said is an idle, ready node. */
  forecastAnswer: Partial<Forecast> = {};
  readonly inspections = new Map<string, Partial<Inspection>>();
  readonly recoveries: { nodeId: string; vipId: string; order: RecoveryOrder }[] = [];
  /** What node-control says of any recovery, and what it was asked; what is not said is a holder without rows. */
  previewAnswer: Partial<Extract<PreviewResult, { known: true }>> | Extract<PreviewResult, { known: false }> = {};
  readonly previews: { nodeId: string; vipId: string; order: RecoveryOrder }[] = [];
  private associations = 0;

  constructor(
    nodes: readonly NodeTopology[],
    holder: NodeTopology,
    private readonly interfere: Interference = {},
  ) {
    for (const node of nodes) {
      this.switches.set(node.id, { coreUuid: `uuid-${node.id}`, serving: node === holder });
      this.instances.set(node.instanceId, { instanceId: node.instanceId, state: 'running', owner: null });
    }
    this.association = this.associate(holder.networkInterfaceId, holder.vipAddresses.main ?? '', holder.instanceId);
    this.record = { addresses: [holder.vipAddresses.main ?? ''], ttlS: 5, epoch: 1, owner: 'pbx/test' };
  }

  private associate(networkInterfaceId: string, privateAddress: string, instanceId: string | null): EipAssociation {
    this.associations += 1;
    return { associationId: `eipassoc-${this.associations}`, networkInterfaceId, privateAddress, instanceId };
  }

  private async call<T>(name: string, effect: () => T): Promise<T> {
    const index = this.calls.push(name) - 1;
    await this.interfere.before?.(name, index);
    const result = effect();
    await this.interfere.after?.(name, index);
    return result;
  }

  readonly elasticIps: ElasticIps = {
    read: () =>
      this.call('eip.read', () => ({ association: this.association, owner: this.eipOwner, epoch: this.eipEpoch })),
    readByPrivateAddress: (_eni, address) =>
      this.call('eip.readByAddress', () => {
        const other = this.occupants.get(address);
        if (other !== undefined) return { allocationId: other };
        return this.association?.privateAddress === address ? { allocationId: 'eipalloc-main' } : null;
      }),
    detach: (associationId) =>
      this.call('eip.detach', () => {
        if (this.association?.associationId !== associationId) return 'already-gone';
        this.association = null;
        return 'detached';
      }),
    attach: (target) =>
      this.call('eip.attach', () => {
        if (this.association !== null) return 'taken';
        this.association = this.associate(target.networkInterfaceId, target.privateAddress, null);
        return 'attached';
      }),
    tag: (_allocationId, { owner, epoch }) =>
      this.call('eip.tag', () => {
        this.eipOwner = owner;
        this.eipEpoch = epoch;
      }),
    release: () =>
      this.call('eip.release', () => {
        this.eipOwner = null;
        this.eipEpoch = null;
      }),
  };

  readonly dns: Dns = {
    read: () => this.call('dns.read', () => this.record),
    swap: (_zone, _name, old, next) =>
      this.call('dns.swap', () => {
        if (JSON.stringify(old) !== JSON.stringify(this.record)) return 'stale';
        this.record = next;
        return 'changed';
      }),
    remove: () =>
      this.call('dns.remove', () => {
        this.record = null;
        return 'changed';
      }),
  };

  readonly ec2: Instances = {
    describe: (ids) => this.call('ec2.describe', () => ids.flatMap((id) => this.instances.get(id) ?? [])),
    forceStop: (id) =>
      this.call('ec2.forceStop', () => {
        const view = this.instances.get(id);
        if (view !== undefined) view.state = 'stopping';
      }),
    start: (id) =>
      this.call('ec2.start', () => {
        const view = this.instances.get(id);
        if (view !== undefined) view.state = 'running';
      }),
    tagOwner: (id, owner) =>
      this.call('ec2.tagOwner', () => {
        const view = this.instances.get(id);
        if (view !== undefined) view.owner = owner;
      }),
    releaseOwner: (id) =>
      this.call('ec2.releaseOwner', () => {
        const view = this.instances.get(id);
        if (view !== undefined) view.owner = null;
      }),
  };

  readonly nodeControl: NodeControl = {
    shutdownNow: (node): Promise<ShutdownProof> =>
      this.call('node.shutdownNow', () => {
        const alive = this.switches.get(node.id);
        this.switches.set(node.id, null);
        return alive ? { fenced: true, proof: 'socket closed, then refused' } : { fenced: false, reason: 'no ESL' };
      }),
    promote: (node: NodeTopology, vip: VipTopology, _timeoutMs: number, meant = null): Promise<PromoteResult> =>
      this.call('node.promote', () => {
        const alive = this.switches.get(node.id);
        if (!alive) return { promoted: false, reason: 'ESL refused' };
        if (meant !== null && alive.coreUuid !== meant) return { promoted: false, reason: 'another incarnation' };
        alive.serving = true;
        this.promotions.push(`${node.id}/${vip.id}`);
        return { promoted: true, coreUuid: alive.coreUuid, proof: 'OPTIONS 200' };
      }),
    check: (node, _vip, _timeoutMs, asksDatabase = false, from = 'beside'): Promise<CheckResult> =>
      this.call('node.check', () => {
        if (from === 'outside' && this.cutOff.has(node.id))
          return { coreUuid: null, unfit: 'no greeting', serving: false, reason: 'no answer', unreached: true };
        const alive = this.switches.get(node.id);
        if (asksDatabase) this.askedForDatabase.push(node.id);
        const process: ProcessLook = alive
          ? {
              ...{ coreUuid: alive.coreUuid, unfit: this.unfit.get(node.id) ?? null },
              ...(asksDatabase && { withoutDatabase: this.withoutDatabase.get(node.id) ?? null }),
            }
          : { coreUuid: null, unfit: 'ESL refused' };
        return alive?.serving === true
          ? { ...process, serving: true, proof: 'OPTIONS 200' }
          : { ...process, serving: false, reason: '503 System Paused' };
      }),
    demote: (node): Promise<DemoteResult> =>
      this.call('node.demote', () => {
        const alive = this.switches.get(node.id);
        if (!alive) return { demoted: false, reason: 'ESL refused' };
        alive.serving = false;
        return { demoted: true, proof: 'OPTIONS 503 System Paused' };
      }),
    lockRole: (node): Promise<LockResult> =>
      this.call('node.lockRole', () => {
        if (this.databaseAway) return { locked: false, away: true, reason: 'the database does not answer' };
        this.locked.add(node.id);
        return { locked: true, proof: `role ${node.databaseRole ?? ''} may not log in` };
      }),
    unlockRole: (node): Promise<UnlockResult> =>
      this.call('node.unlockRole', () => {
        if (this.databaseAway) return { unlocked: false, reason: 'the database does not answer' };
        this.locked.delete(node.id);
        return { unlocked: true, proof: `role ${node.databaseRole ?? ''} may log in again` };
      }),
    recover: (node, vip, order): Promise<RecoverResult> =>
      this.call('node.recover', () => {
        this.recoveries.push({ nodeId: node.id, vipId: vip.id, order });
        if (this.databaseAway) {
          return { recovered: false, away: true, before: null, reason: 'the database does not answer' };
        }
        const before = { calls: this.callsBefore, legs: 2 * this.callsBefore };
        return {
          ...{ recovered: true, before, connectionOriented: 0, movedAside: 0, notes: [], proof: 'none waits' },
          stayed: this.stayed,
          ownSessions: this.sessions.before,
        };
      }),
    countAlive: (): Promise<AliveResult> =>
      this.call('node.countAlive', () => ({
        known: true,
        alive: { calls: this.callsAlive ?? this.callsBefore, legs: 2 * (this.callsAlive ?? this.callsBefore) },
        planned: this.callsPlanned === null ? null : { calls: this.callsPlanned, legs: 2 * this.callsPlanned },
        sessions: this.sessions.now,
        unregisteredGateways: this.unregisteredGateways,
      })),
    previewRecovery: (node, vip, order): Promise<PreviewResult> =>
      this.call('node.previewRecovery', () => {
        this.previews.push({ nodeId: node.id, vipId: vip.id, order });
        if (this.previewAnswer.known === false) return this.previewAnswer;
        const none = (coreUuid: string) => ({ coreUuid, rows: 0, calls: 0, connectionOriented: 0 });
        const ownCoreUuid = this.switches.get(node.id)?.coreUuid ?? '';
        return {
          ...{ known: true, way: vip.serviceAddress === null ? 'B' : 'A', ownCoreUuid, obstacle: null },
          ...{ recovered: order.deadCoreUuids.map(none), own: none(ownCoreUuid), foreign: [] },
          ...{ rewritten: 0, differences: [], examples: [] },
          ...this.previewAnswer,
        };
      }),
    forecast: (node, vips): Promise<Forecast> =>
      this.call('node.forecast', () => ({
        nodeId: node.id,
        sessions: 0,
        vips: vips.map((vip) => ({ vipId: vip.id, calls: 0, connectionOriented: 0 })),
        unanswered: 0,
        unknown: [],
        ...this.forecastAnswer,
      })),
    inspect: (node): Promise<Inspection> =>
      this.call('node.inspect', () => ({
        nodeId: node.id,
        level: 3,
        missing: [],
        conflicts: [],
        ...this.inspections.get(node.id),
      })),
  };

  readonly pager: Pager = { page: (message) => this.call('sns.page', () => void this.pages.push(message)) };

  readonly metricsPort: Metrics = {
    count: (name, value) => {
      this.metrics.push(name);
      this.counts.push({ name, value });
    },
    durationMs: (name) => void this.metrics.push(name),
  };
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
