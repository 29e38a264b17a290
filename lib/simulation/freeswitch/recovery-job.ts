/**
 * `fsctl recover sofia:PROFILE` for the profiles of one VIP (FACTS 7.1): reads every row that is not its own, rebuilds
 * one leg after another, then deletes those rows, rebuilt or not. It knows no order, asks nobody whose the rows are, and
 * "0 sessions" can mean that it could not read any.
 */
import type { VipTopology } from '../../domain/model';
import type { Dice } from '../kernel/random';
import type { SimDatabase } from './database';
import type { Leg, Row } from './recovery-table';

/** The process that recovers, as its job sees it. */
export interface RecoveringProcess {
  readonly coreUuid: string;
  readonly isPaused: boolean;
  /** Its wall clock, by which recovered legs are numbered. */
  clockMs: () => number;
  canUseDatabase: () => boolean;
  later: (delayMs: number, action: () => void) => void;
  holds: (uuid: string) => boolean;
  /** They live from now on, and their rows are written a moment later. */
  adopt: (legs: readonly Leg[]) => void;
  addressesFor: (vip: VipTopology) => Leg['addresses'];
}

const FIRST_LEG_MS = 20;
const MS_PER_LEG = 2.5;
const SLOW_FACTOR = 10;
/** `connect_timeout` of the DSN. */
const NO_DATABASE_MS = 3_000;
/**
 * FACTS 7.5: 300 s behind the clock that a call was numbered by loses it. A CSeq counts half seconds, so that two of them
 * can make it go back.
 */
const CLOCK_COSTS_CALLS_MS = 2_000;

export class RecoveryJob {
  private replies: string[] | null = null;
  private readonly listeners: ((replies: string[]) => void)[] = [];

  constructor(
    private readonly process: RecoveringProcess,
    database: SimDatabase | null,
    private readonly vip: VipTopology,
    dice: Dice,
  ) {
    if (database === null || !process.canUseDatabase()) {
      const isLocked = database !== null && database.verdict !== 'away';
      process.later(isLocked ? FIRST_LEG_MS : NO_DATABASE_MS, () => this.end(0));
    } else if (process.isPaused) {
      process.later(FIRST_LEG_MS, () => this.finish(database, 0));
    } else {
      this.rebuild(database, dice);
    }
  }

  /** Calls back with one reply a profile, at once when it has ended already; never when its process ends first. */
  onEnd(listener: (replies: string[]) => void): void {
    if (this.replies === null) this.listeners.push(listener);
    else listener(this.replies);
  }

  private rebuild(database: SimDatabase, dice: Dice): void {
    const rows = database.table.ofOthers(this.process.coreUuid, this.vip.profiles);
    const factor = database.verdict === 'slow' ? SLOW_FACTOR : 1;
    const takesMs = factor * (FIRST_LEG_MS + dice.below(10) + MS_PER_LEG * rows.length);
    // Half of them are up and tracked again before the old rows go: a process that ends in between leaves both.
    const half = Math.ceil(rows.length / 2);
    this.process.later(takesMs / 2, () => this.invite(database, rows.slice(0, half)));
    this.process.later(takesMs, () => {
      this.invite(database, rows.slice(half));
      this.finish(database, rows.length);
    });
  }

  private invite(database: SimDatabase, rows: readonly Row[]): void {
    const { process, vip } = this;
    const livedAlready = new Set(rows.filter((row) => process.holds(row.uuid)).map((row) => row.uuid));
    database.recordRecovery(process.coreUuid, rows, livedAlready);
    const here = process.addressesFor(vip);
    const clockMs = process.clockMs();
    // With an Elastic IP every node tells the peers that one, and it has moved along.
    const taken = rows.filter(
      ({ addresses, coreUuid }) =>
        database.numberedUntilMs(coreUuid) - clockMs <= CLOCK_COSTS_CALLS_MS &&
        addresses.local_media_ip === here.local_media_ip &&
        (vip.elasticIp !== null || addresses.advertised_media_ip === here.advertised_media_ip),
    );
    process.adopt(taken.filter((row) => !livedAlready.has(row.uuid)));
  }

  private finish(database: SimDatabase, legs: number): void {
    if (this.process.canUseDatabase()) {
      for (const row of database.table.ofOthers(this.process.coreUuid, this.vip.profiles)) database.table.delete(row);
    }
    this.end(legs);
  }

  private end(legs: number): void {
    const [first, ...others] = this.vip.profiles;
    const said = (profile: string, sessions: number) => `${profile}: +OK ${sessions} session(s) recovered in total`;
    this.replies = [said(first ?? '', legs), ...others.map((profile) => said(profile, 0))];
    for (const listener of this.listeners) listener(this.replies);
  }
}
