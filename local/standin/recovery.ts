import { cSeqAt, type Leg } from './leg';
import { legOf } from './recovery-row';
import type { CallRows, RecoveryRow } from './rows/row-store';
import type { SoftSwitch } from './softswitch';

/** FACTS 3: rebuilding takes about this long a leg, one leg after another. */
const LEG_TAKES_MS = 2.5;
/** FACTS 7.1: how long the originator waits for its partner; a later one is never bridged. */
const PARTNER_WITHIN_MS = 2_000;
/** Transaction time-out of a re-INVITE that nobody answers. */
const UNANSWERED_AFTER_MS = 32_000;

export interface RecoveryCounters {
  /** Orders that rebuilt at least one leg, and those among them that found the profile serving new calls (FACTS 8.3). */
  recoveries: number;
  recoveredWhileServing: number;
  /** Legs that were started, as replies count them, and those among them that failed. */
  legs: number;
  failedLegs: number;
}

/**
 * What FreeSWITCH does with the rows of other processes: it rebuilds the legs, then deletes the same rows, whatever
 * became of them. There is no test whether their owner is dead (FACTS 7.1, 7.2, 7.5).
 */
export class Recovery {
  readonly counters: RecoveryCounters = { recoveries: 0, recoveredWhileServing: 0, legs: 0, failedLegs: 0 };
  private readonly recoveredAtMs = new Map<string, number>();
  /** Legs that failed: their partners, wherever in the list they come, get BYE. */
  private readonly failed = new Set<string>();

  /** @param rows null: no database, so the table is this process's own and has no rows of others */
  constructor(
    private readonly system: SoftSwitch,
    private readonly rows: CallRows | null,
    private readonly ownAddresses: ReadonlySet<string>,
  ) {}

  /**
   * @param profile null: whatever is in the table; rows of profiles that this node has not are deleted unrecovered
   * @returns legs started, also those that failed right after; 0 as well when the database is away
   */
  async recover(profile: string | null): Promise<number> {
    if (this.rows === null) return 0;
    const query = { ownCoreUuid: this.system.coreUuid, profile };
    const found = await unlessAway(this.rows.legsOfOthers(query));
    if (found === null) return 0;
    let started = 0;
    for (const row of found) if (await this.rebuild(row)) started += 1;
    if (found.length > 0) await unlessAway(this.rows.deleteLegsOfOthers(query));
    this.count(started, profile);
    return started;
  }

  /** Deletes every row of the profile: this node's and the live peers' too. */
  async flush(profile: string): Promise<void> {
    if (this.rows !== null) await unlessAway(this.rows.deleteLegsOf(profile));
  }

  /** Legs that live without their partner: signalling, and no audio. */
  get silentLegs(): Leg[] {
    return this.system.calls.all.filter(
      (leg) => this.recoveredAtMs.has(leg.uuid) && leg.partner !== null && !leg.bridged,
    );
  }

  private async rebuild(row: RecoveryRow): Promise<boolean> {
    const { system } = this;
    const leg = legOf(row);
    const profile = system.profile(row.profileName);
    if (leg === null || profile === null || !profile.running) return false;
    if (system.paused[leg.direction] || system.calls.find(leg.uuid) !== null) return false;
    await new Promise<void>((resolve) => void system.time.after(LEG_TAKES_MS, resolve));
    this.start(leg);
    return true;
  }

  private start(leg: Leg): void {
    const { calls, time } = this.system;
    const cSeq = cSeqAt(this.system.clockMs());
    // A strict party wants a CSeq that rises (FACTS 0): one that is repeated gets a 500 as one that went down does.
    const refused = leg.direction === 'outbound' && leg.lastCSeq !== null && cSeq <= leg.lastCSeq;
    const fails = refused || leg.transport !== 'udp' || leg.peer === 'gone' || !this.canBind(leg);
    const partner = leg.partner === null ? null : calls.find(leg.partner);
    const deserted = leg.partner !== null && this.failed.has(leg.partner);
    calls.restore({ ...leg, lastCSeq: Math.max(cSeq, leg.lastCSeq ?? 0) });
    this.recoveredAtMs.set(leg.uuid, time.wallMs());
    if (fails || deserted) return this.fail(leg);
    if (partner !== null) this.join(leg.uuid, partner);
    if (leg.peer === 'unreachable' || this.system.faults.noReturnPath) {
      time.after(UNANSWERED_AFTER_MS, () => this.fail(leg));
    }
  }

  /** FACTS 7.3: a leg binds the address that its row says, or it is hung up and nobody is told. */
  private canBind(leg: Leg): boolean {
    return this.ownAddresses.has(leg.media.localIp);
  }

  private join(uuid: string, partner: Leg): void {
    const { calls, time } = this.system;
    const leg = calls.find(uuid);
    const sinceMs = time.wallMs() - (this.recoveredAtMs.get(partner.uuid) ?? 0);
    // Later than that both live on, and neither hears the other.
    if (leg !== null && sinceMs <= PARTNER_WITHIN_MS * time.scale) calls.bridge(leg, partner);
  }

  private fail({ uuid }: Leg): void {
    const { calls } = this.system;
    const leg = calls.find(uuid);
    if (leg === null) return;
    this.counters.failedLegs += 1;
    this.failed.add(uuid);
    calls.end(uuid);
    if (leg.partner !== null) calls.end(leg.partner);
  }

  private count(started: number, profile: string | null): void {
    if (started === 0) return;
    this.counters.legs += started;
    this.counters.recoveries += 1;
    const concerned = this.system.profiles.filter(({ name }) => profile === null || name === profile);
    if (concerned.some(({ standby }) => !standby)) this.counters.recoveredWhileServing += 1;
  }
}

/** To FreeSWITCH a database that is away, or says no, is an empty one. One that is frozen is waited for. */
const unlessAway = <T>(answer: Promise<T>): Promise<T | null> => answer.catch(() => null);
