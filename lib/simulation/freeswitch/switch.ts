/**
 * FreeSWITCH on one node as its peers see it: the host, whoever starts the process there again, and the process that
 * runs now. What befalls it is called by whoever draws the faults.
 */
import type { NodeTopology, VipTopology } from '../../domain/model';
import type { Entry, Kernel } from '../kernel/kernel';
import type { Dice } from '../kernel/random';
import type { SimDatabase } from './database';
import { type Direction, type EslAnswer, Incarnation, type SipAnswer } from './incarnation';

export interface SimSwitchOptions {
  kernel: Kernel;
  /** A stream of its own. */
  dice: Dice;
  node: Pick<NodeTopology, 'id' | 'databaseRole' | 'vipAddresses'>;
  /** All of the cluster; those without an address on this node are left out. */
  vips: readonly VipTopology[];
  database: SimDatabase | null;
  /** Whether packets of the node get to the database; left out: always. */
  reachesDatabase?: () => boolean;
}

/** systemd, after a process ended. */
const RESTART_AFTER_MS = 1_000;
/** A start that failed is tried again, from this to that. */
const BACK_OFF_MS = [1_000, 30_000] as const;
/** From power to the first start of FreeSWITCH. */
const BOOT_MS = [36_000, 44_000] as const;

const NO_CALLS: ReadonlySet<string> = new Set();

export class SimSwitch {
  /** Whether somebody on the host starts a process again that ended. */
  supervised = true;
  /** Each process ends by itself so long after its start; null: it lives. */
  livesForMs: number | null = null;
  /** Raised by each change that anybody could see from outside. */
  version = 0;
  private hostIsUp = true;
  private running: Incarnation | null = null;
  private starts = 0;
  private failedStarts = 0;
  private pendingStart: Entry | null = null;
  private rejecting = false;
  private databaseIsCut = false;
  private offsetMs = 0;
  private readonly vips: readonly VipTopology[];

  constructor(private readonly options: SimSwitchOptions) {
    const { vips, node, database } = options;
    this.vips = vips.filter((vip) => node.vipAddresses[vip.id] !== undefined);
    database?.onChange(() => this.changed());
  }

  get nodeId(): string {
    return this.options.node.id;
  }

  /** VIPs with an address here. */
  get vipIds(): readonly string[] {
    return this.vips.map((vip) => vip.id);
  }

  get state(): 'off' | 'dead' | Exclude<Incarnation['state'], 'ended'> {
    if (!this.hostIsUp) return 'off';
    const state = this.running?.state ?? 'ended';
    return state === 'ended' ? 'dead' : state;
  }

  /** The process that runs or is frozen now; null where there is none. */
  get process(): Incarnation | null {
    return this.running;
  }

  get coreUuid(): string | null {
    return this.running?.coreUuid ?? null;
  }

  /** Whether it is of a process of this node, of whichever. */
  ran(coreUuid: string): boolean {
    return coreUuid.startsWith(this.coreUuids);
  }

  get sessions(): number {
    return this.running?.sessions ?? 0;
  }

  callsOf(vipId: string): number {
    return this.running?.callsOf(vipId) ?? 0;
  }

  callIdsOf(vipId: string): ReadonlySet<string> {
    return this.running?.callIdsOf(vipId) ?? NO_CALLS;
  }

  get clockOffsetMs(): number {
    return this.offsetMs;
  }

  /** Nothing is under way that has an end: no start, no recovery, no statement that waits for the database. */
  get isQuiet(): boolean {
    return this.pendingStart === null && (this.running === null || this.running.isQuiet);
  }

  /** What a question to its event socket comes to, where packets get here. */
  answersEsl(): EslAnswer {
    if (!this.hostIsUp) return 'silent';
    const answer = this.running?.answersEsl() ?? 'refused';
    return this.rejecting && answer !== 'refused' && answer !== 'silent' ? 'rejected' : answer;
  }

  /** What OPTIONS to a VIP's address here comes to, where packets get here. */
  answersSip(vipId: string): SipAnswer {
    if (this.running === null) return 'silent';
    const waits = this.options.database?.silencesSip(this.running.coreUuid) === true && this.takesRegistrations();
    return waits ? 'silent' : this.running.answersSip(vipId);
  }

  /** Whether a caller who reaches the VIP's address here is served: INVITE does not wait for the database (FACTS 8.6). */
  serves(vipId: string): boolean {
    return this.running?.answersSip(vipId) === 'ok';
  }

  /** One REGISTER that waits silences all profiles, and without one OPTIONS is answered: phones find no standby. */
  private takesRegistrations(): boolean {
    return this.vips.some(({ id }) => this.running?.acts(id) === true);
  }

  // What is done to it.

  /** Starts the process if there is none: at once, or as soon as the database lets it in. */
  startProcess(): void {
    this.cancelStart();
    if (!this.hostIsUp || this.running !== null) return;
    if (!this.databaseLetsIn()) {
      this.tryAgain();
      return;
    }
    this.failedStarts = 0;
    this.starts += 1;
    const { kernel, dice, node, database } = this.options;
    const incarnation = new Incarnation(
      {
        ...{ kernel, dice, node, database },
        reachesDatabase: () => this.reachesDatabase(),
        clockOffsetMs: () => this.offsetMs,
        onChange: () => this.changed(),
        onEnd: () => this.ended(),
      },
      `${this.coreUuids}${this.starts}`,
    );
    this.running = incarnation;
    incarnation.begin();
    if (this.livesForMs !== null) {
      kernel.after(this.livesForMs, () => {
        // Started while it was ailing, and alive when that was over: it stays.
        if (this.running === incarnation && this.livesForMs !== null) incarnation.kill();
      });
    }
    this.changed();
  }

  /** The process ends without a word: SIGKILL, a fault of memory, `fsctl shutdown now`. Its rows stay. */
  crash(): void {
    this.running?.kill();
  }

  /** It hangs as a whole: connections stay, nothing is answered. */
  freeze(): void {
    this.running?.freeze();
  }

  /** It goes on where it was, and does what was held back: the return of the dead. */
  thaw(): void {
    this.running?.thaw();
  }

  /** @param vipId its profiles alone; null: the whole stack */
  stickSip(vipId: string | null = null): void {
    this.running?.setSipStuck(vipId, true);
  }

  unstickSip(vipId: string | null = null): void {
    this.running?.setSipStuck(vipId, false);
  }

  /** The event socket alone: `unload mod_event_socket`, or one whose threads hang. null: well again. */
  ailEsl(ailment: 'closed' | 'hangs' | null): void {
    this.running?.ailEsl(ailment);
  }

  fallIntoStandby(vipId: string): void {
    this.running?.fallIntoStandby(vipId);
  }

  /** Its session limit is reached. */
  setBusy(busy: boolean): void {
    this.running?.setBusy(busy);
  }

  /** `fsctl pause` and `fsctl resume`; without a direction for both. */
  setPaused(paused: boolean, direction?: Direction): void {
    this.running?.setPaused(paused, direction);
  }

  /** Wrong password, or not on the list: here from the next question on, in truth from the next connection. */
  rejectEsl(rejects: boolean): void {
    this.rejecting = rejects;
    this.changed();
  }

  /** Its own way there, whichever process uses it. */
  cutFromDatabase(cut: boolean): void {
    this.databaseIsCut = cut;
    this.changed();
  }

  /** Negative is behind. */
  setClockOffset(offsetMs: number): void {
    this.offsetMs = offsetMs;
    this.changed();
  }

  /** SIGTERM, which our own units never send: BYE to all, and rows deleted by uuid as far as its role may write. */
  gracefulStop(): void {
    this.running?.stopGracefully();
  }

  /** The host is gone with all that ran on it: from now on silence. */
  hostDown(): void {
    if (!this.hostIsUp) return;
    this.hostIsUp = false;
    this.cancelStart();
    this.running?.vanish();
    this.changed();
  }

  /** Power: it boots, and a new process starts. */
  hostUp(): void {
    if (this.hostIsUp) return;
    this.hostIsUp = true;
    this.failedStarts = 0;
    this.changed();
    const [from, to] = BOOT_MS;
    this.startAfter(from + this.options.dice.below(to - from));
  }

  /** Callers fill the VIP up to `calls` established calls, where it serves. @returns how many are new */
  establish(vipId: string, calls: number): number {
    const vip = this.vips.find((each) => each.id === vipId);
    if (vip === undefined || this.running === null || !this.serves(vipId)) return 0;
    return this.running.establish(vip, calls);
  }

  /** The calls of a VIP come to their natural end: a drain. */
  endCalls(vipId: string): void {
    this.running?.endCalls(vipId);
  }

  private get coreUuids(): string {
    return `${this.options.node.id}:`;
  }

  private reachesDatabase(): boolean {
    return !this.databaseIsCut && (this.options.reachesDatabase?.() ?? true);
  }

  private databaseLetsIn(): boolean {
    const { database, node } = this.options;
    return database === null || (this.reachesDatabase() && database.admits(node.databaseRole));
  }

  private ended(): void {
    this.running = null;
    this.changed();
    if (this.hostIsUp && this.supervised) this.startAfter(RESTART_AFTER_MS);
  }

  private tryAgain(): void {
    if (!this.supervised) return;
    const [first, longest] = BACK_OFF_MS;
    this.startAfter(Math.min(longest, first * 2 ** this.failedStarts));
    this.failedStarts += 1;
  }

  private startAfter(delayMs: number): void {
    this.cancelStart();
    this.pendingStart = this.options.kernel.after(delayMs, () => {
      this.pendingStart = null;
      this.startProcess();
    });
  }

  private cancelStart(): void {
    if (this.pendingStart !== null) this.options.kernel.cancel(this.pendingStart);
    this.pendingStart = null;
  }

  private changed(): void {
    this.version += 1;
  }
}
