/**
 * One process of FreeSWITCH, from its start to its end: in standby for every VIP until it is promoted, its calls in
 * memory and their rows in the database. What it does later it does only while it lives, and not while it is frozen.
 */
import type { EslEvidence, NodeTopology, SipEvidence, VipTopology } from '../../domain/model';
import type { Kernel } from '../kernel/kernel';
import type { Dice } from '../kernel/random';
import type { SimDatabase } from './database';
import { RecoveryJob } from './recovery-job';
import { callIdsIn, type Leg } from './recovery-table';
import { RowQueue } from './row-queue';

export interface IncarnationDeps {
  kernel: Kernel;
  dice: Dice;
  node: Pick<NodeTopology, 'id' | 'databaseRole' | 'vipAddresses'>;
  /** null: no row of any call is written. */
  database: SimDatabase | null;
  /** Whether packets of the node get to the database. */
  reachesDatabase: () => boolean;
  /** See `EslEvidence.clockOffsetMs`, against true time. */
  clockOffsetMs: () => number;
  onChange: () => void;
  onEnd: () => void;
}

export type EslAnswer = Exclude<EslEvidence['verdict'], 'malformed'>;
export type SipAnswer = Exclude<SipEvidence['verdict'], 'malformed' | 'refused'>;
/** Why a kept connection closed: with the notice of a shutdown, or without a word. */
export type ClosedBy = 'shutdown' | 'end';

export type Direction = 'inbound' | 'outbound';
/** Which calls are paused: the flags of `fsctl pause` (FACTS 4). */
export type Pauses = Readonly<Record<Direction, boolean>>;

/** FACTS 3. */
const SIP_AFTER_MS = 1_200;
const ESL_AFTER_MS = 2_600;
/** FACTS 1: a graceful stop. */
const PORTS_CLOSE_AFTER_MS = 800;
const EXIT_AFTER_MS = 4_500;
/** FACTS 3: until the row of a leg is in the database. */
const ROW_WRITTEN_MS = [50, 220] as const;
/** A leg that hears nothing of its peer any more. */
const SILENT_LEG_ENDS_MS = 30_000;

export class Incarnation {
  private phase: 'starting' | 'up' | 'stopping' | 'ended' = 'starting';
  private sipOpen = false;
  private eslOpen = false;
  /** What ails the event socket alone; null: nothing. */
  private eslAilment: 'closed' | 'hangs' | null = null;
  private frozen = false;
  private paused: Pauses = { inbound: false, outbound: false };
  private busy = false;
  /** VIPs whose profiles hang; null: the whole stack. */
  private readonly stuckIn = new Set<string | null>();
  /** `promoted_<vip>`, and which profiles have read it (FACTS 8.1). */
  private readonly variables = new Set<string>();
  private readonly serving = new Set<string>();
  private readonly legs = new Map<string, Leg>();
  /** Gathered once after each change: they are asked for often. */
  private readonly callIds = new Map<string, ReadonlySet<string>>();
  private readonly queue: RowQueue;
  private readonly heldBack: (() => void)[] = [];
  private readonly connections = new Set<(by: ClosedBy) => void>();
  private callsTaken = 0;
  private jobs = 0;

  constructor(
    private readonly deps: IncarnationDeps,
    readonly coreUuid: string,
  ) {
    const later = this.later.bind(this);
    this.queue = new RowQueue({ canWrite: () => !this.frozen && this.canUseDatabase(), later });
  }

  begin(): void {
    const { database, node } = this.deps;
    const takenOver = (legs: readonly Leg[]): void => this.hearNothingOf(legs);
    database?.began(this.coreUuid, { role: node.databaseRole, clockMs: () => this.clockMs(), takenOver });
    this.later(SIP_AFTER_MS, () => this.whileStarting(() => (this.sipOpen = true)));
    this.later(ESL_AFTER_MS, () =>
      this.whileStarting(() => {
        this.phase = 'up';
        this.eslOpen = true;
      }),
    );
  }

  get state(): 'starting' | 'up' | 'frozen' | 'stopping' | 'ended' {
    return this.frozen ? 'frozen' : this.phase;
  }

  get pauses(): Pauses {
    return this.paused;
  }

  /** In either direction: outgoing calls alone are enough that no caller gets through. */
  get isPaused(): boolean {
    return this.paused.inbound || this.paused.outbound;
  }

  /** A bridged call is two. */
  get sessions(): number {
    return this.legs.size;
  }

  /** Nothing is under way that has an end. */
  get isQuiet(): boolean {
    return this.phase === 'up' && !this.frozen && this.jobs === 0 && this.queue.isEmpty;
  }

  callsOf(vipId: string): number {
    return this.callIdsOf(vipId).size;
  }

  /** By name, which a call keeps wherever it is rebuilt. */
  callIdsOf(vipId: string): ReadonlySet<string> {
    const known = this.callIds.get(vipId);
    if (known !== undefined) return known;
    const calls = callIdsIn(this.legsOf(vipId));
    this.callIds.set(vipId, calls);
    return calls;
  }

  canUseDatabase(): boolean {
    const { database, node, reachesDatabase } = this.deps;
    return database !== null && database.admits(node.databaseRole) && reachesDatabase();
  }

  /** What a question to its event socket comes to, where its host answers. */
  answersEsl(): EslAnswer {
    if (!this.eslOpen || this.eslAilment === 'closed') return 'refused';
    if (this.frozen || this.eslAilment === 'hangs') return 'silent';
    if (this.phase === 'stopping') return 'stopping';
    return this.isPaused ? 'paused' : 'ok';
  }

  /** What OPTIONS to a VIP's address comes to, where its host answers. */
  answersSip(vipId: string): SipAnswer {
    if (!this.sipOpen || this.frozen || this.isSipStuck(vipId)) return 'silent';
    // Tested before the flag of the profile, which it hides.
    if (this.busy || this.paused.inbound) return 'busy';
    return this.serving.has(vipId) ? 'ok' : 'standby';
  }

  /** Whether it answers callers of a VIP as the one that serves it, if only that it takes no new one. */
  acts(vipId: string): boolean {
    if (this.answersSip(vipId) === 'silent') return false;
    // A full or paused one that fell into standby says to everybody what it said before, and its calls go on.
    return this.serving.has(vipId) || ((this.busy || this.paused.inbound) && this.isPromoted(vipId));
  }

  // What its operator and its fate do.

  setPaused(paused: boolean, direction?: Direction): void {
    const set = direction === undefined ? { inbound: paused, outbound: paused } : { [direction]: paused };
    this.change(() => (this.paused = { ...this.paused, ...set }));
  }

  setBusy(busy: boolean): void {
    this.change(() => (this.busy = busy));
  }

  /** Its own doing: nothing that it waits for. */
  isSipStuck(vipId: string): boolean {
    return this.stuckIn.has(null) || this.stuckIn.has(vipId);
  }

  /** @param vipId its profiles alone; null: the whole stack */
  setSipStuck(vipId: string | null, stuck: boolean): void {
    this.change(() => (stuck ? this.stuckIn.add(vipId) : this.stuckIn.delete(vipId)));
  }

  /** Its calls and its SIP go on. A module that is unloaded closes what it had open. */
  ailEsl(ailment: 'closed' | 'hangs' | null): void {
    this.change(() => (this.eslAilment = ailment));
    if (ailment === 'closed') this.closeConnections('end');
  }

  freeze(): void {
    this.change(() => (this.frozen = true));
  }

  thaw(): void {
    if (!this.frozen) return;
    this.change(() => (this.frozen = false));
    for (const action of this.heldBack.splice(0)) this.whenRunning(action);
  }

  /** At once, or when it thaws; never where it has ended. */
  whenRunning(action: () => void): void {
    if (this.phase === 'ended') return;
    if (this.frozen) this.heldBack.push(action);
    else action();
  }

  /** `sofia global standby on` for one of them: the flag is gone, the variable stays. */
  fallIntoStandby(vipId: string): void {
    this.change(() => this.serving.delete(vipId));
  }

  /** SIGKILL, a crash, or `fsctl shutdown now`: no BYE, and its rows stay. Its host closes its connections. */
  kill(): void {
    this.end();
    this.closeConnections('end');
  }

  /** Its host is gone: nobody closes anything. */
  vanish(): void {
    this.end();
    this.connections.clear();
  }

  /** SIGTERM: hangs up every call, deletes the rows by uuid, and ends only when the database has taken that. */
  stopGracefully(): void {
    this.whenRunning(() => {
      if (this.phase === 'stopping') return;
      this.change(() => (this.phase = 'stopping'));
      this.hangUp([...this.legs.values()]);
      this.later(PORTS_CLOSE_AFTER_MS, () => {
        this.change(() => (this.sipOpen = this.eslOpen = false));
        this.closeConnections('shutdown');
      });
      this.later(EXIT_AFTER_MS, () => this.exit());
    });
  }

  // What ESL orders.

  isPromoted(vipId: string): boolean {
    return this.variables.has(vipId);
  }

  setPromoted(vipId: string, promoted: boolean): void {
    if (promoted) this.variables.add(vipId);
    else this.variables.delete(vipId);
  }

  rescan(vipId: string): void {
    this.change(() => (this.variables.has(vipId) ? this.serving.add(vipId) : this.serving.delete(vipId)));
  }

  recover(vip: VipTopology): RecoveryJob {
    const { coreUuid, isPaused } = this;
    const process = {
      coreUuid,
      isPaused,
      clockMs: () => this.clockMs(),
      canUseDatabase: () => this.canUseDatabase(),
      later: this.later.bind(this),
      holds: (uuid: string) => this.legs.has(uuid),
      adopt: (legs: readonly Leg[]) => this.adopt(legs),
      addressesFor: (of: VipTopology) => this.addressesFor(of),
    };
    this.jobs += 1;
    const job = new RecoveryJob(process, this.deps.database, vip, this.deps.dice);
    job.onEnd(() => (this.jobs -= 1));
    return job;
  }

  /** Calls back once, when the connection closes. @returns how to close it from this side */
  connect(onClosed: (by: ClosedBy) => void): () => void {
    this.connections.add(onClosed);
    return () => this.connections.delete(onClosed);
  }

  // What its callers do.

  /** New calls until the VIP has `calls` of them; none while it shuts down. @returns how many are new */
  establish(vip: VipTopology, calls: number): number {
    if (this.phase === 'stopping') return 0;
    const missing = Math.max(0, calls - this.callsOf(vip.id));
    const addresses = this.addressesFor(vip);
    const legs = Array.from({ length: missing }, () => {
      const callId = `${this.coreUuid}/${(this.callsTaken += 1)}`;
      const shared = { callId, vipId: vip.id, profile: vip.profiles[0] ?? '', addresses };
      return [
        { ...shared, uuid: `${callId}a` },
        { ...shared, uuid: `${callId}b` },
      ];
    });
    this.adopt(legs.flat());
    return missing;
  }

  /** All calls of a VIP end. */
  endCalls(vipId: string): void {
    this.hangUp(this.legsOf(vipId));
  }

  legsOf(vipId: string): Leg[] {
    return [...this.legs.values()].filter((leg) => leg.vipId === vipId);
  }

  private adopt(legs: readonly Leg[]): void {
    if (legs.length === 0) return;
    this.changeLegs(() => legs.forEach((leg) => this.legs.set(leg.uuid, leg)));
    const [from, to] = ROW_WRITTEN_MS;
    this.later(from + this.deps.dice.below(to - from), () =>
      this.track(legs.filter(({ uuid }) => this.legs.has(uuid))),
    );
  }

  private track(legs: readonly Leg[]): void {
    const { database } = this.deps;
    if (database === null || legs.length === 0) return;
    const { coreUuid } = this;
    this.queue.push(() => legs.forEach((leg) => database.table.insert({ ...leg, coreUuid })));
  }

  private hangUp(legs: readonly Leg[]): void {
    const { database } = this.deps;
    if (legs.length === 0) return;
    this.changeLegs(() => legs.forEach((leg) => this.legs.delete(leg.uuid)));
    if (database !== null) this.queue.push(() => legs.forEach((leg) => database.table.deleteLeg(leg.uuid)));
  }

  /** The return of the dead (FACTS 7.5, 8.5): what it hangs up it deletes, and those are the rows of who took over. */
  private hearNothingOf(legs: readonly Leg[]): void {
    this.whenRunning(() =>
      this.later(SILENT_LEG_ENDS_MS, () => this.hangUp(legs.filter((leg) => this.legs.has(leg.uuid)))),
    );
  }

  private addressesFor(vip: VipTopology): Leg['addresses'] {
    const own = this.deps.node.vipAddresses[vip.id] ?? '';
    return { local_media_ip: vip.serviceAddress ?? own, advertised_media_ip: vip.elasticIp?.publicIp ?? own };
  }

  private clockMs(): number {
    return this.deps.kernel.elapsedMs + this.deps.clockOffsetMs();
  }

  private exit(): void {
    if (this.queue.isEmpty) this.end();
    else this.later(EXIT_AFTER_MS, () => this.exit());
  }

  private end(): void {
    if (this.phase === 'ended') return;
    this.phase = 'ended';
    this.frozen = this.sipOpen = this.eslOpen = false;
    this.heldBack.length = 0;
    this.legs.clear();
    this.deps.database?.ended(this.coreUuid);
    this.deps.onEnd();
  }

  private closeConnections(by: ClosedBy): void {
    const open = [...this.connections];
    this.connections.clear();
    for (const closed of open) closed(by);
  }

  /** It may have been told to stop meanwhile. */
  private whileStarting(apply: () => void): void {
    if (this.phase === 'starting') this.change(apply);
  }

  private changeLegs(apply: () => void): void {
    this.callIds.clear();
    this.change(apply);
  }

  private change(apply: () => void): void {
    apply();
    this.deps.onChange();
  }

  private later(delayMs: number, action: () => void): void {
    this.deps.kernel.after(delayMs, () => this.whenRunning(action));
  }
}
