/** The shared database as one process of the control plane reaches it: `CallDatabase` in virtual time. */
import { DatabaseAway } from '../../domain/errors';
import type { DatabaseEvidence } from '../../domain/model';
import type { CallDatabase } from '../../domain/ports';
import type { Process } from '../kernel/process';
import type { Dice } from '../kernel/random';
import type { SimDatabase } from './database';
import { ask, SILENCE } from './exchange';
import { callsIn } from './recovery-table';

export interface SimCallDatabaseOptions {
  database: SimDatabase;
  process: Process;
  dice: Dice;
  /** Whether packets get to the database from here; left out: always. */
  reach?: () => boolean;
}

/** Signing in, TLS, and a transaction. */
const QUERY_MS = [8, 24] as const;
/** A role is looked after twice, 20 ms apart, before it counts as gone. */
const LOCK_MS = [50, 90] as const;
/** On a connection that is kept. */
const PROBE_MS = [2, 5] as const;
/** A database under load or half way through its failover. */
const SLOW_MS = [600, 3_000] as const;

export class SimCallDatabase implements CallDatabase {
  constructor(private readonly options: SimCallDatabaseOptions) {}

  /** Asked once a look: one timer while it answers. */
  async probe(timeoutMs: number): Promise<DatabaseEvidence> {
    const { process } = this.options;
    const latencyMs = this.latency(PROBE_MS);
    await process.sleep(Math.min(latencyMs, timeoutMs));
    if (latencyMs <= timeoutMs && this.answers()) return answeredEvidence(latencyMs);
    await process.sleep(Math.max(0, timeoutMs - latencyMs));
    return awayEvidence(timeoutMs);
  }

  lockRole: CallDatabase['lockRole'] = (role, timeoutMs) =>
    this.run(LOCK_MS, timeoutMs, (database) => database.lockRole(role));

  unlockRole: CallDatabase['unlockRole'] = (role, timeoutMs) =>
    this.run(QUERY_MS, timeoutMs, (database) => database.unlockRole(role));

  prepareRecovery: CallDatabase['prepareRecovery'] = (order, timeoutMs) =>
    this.run(QUERY_MS, timeoutMs, (database) => database.orders.prepare(order));

  previewRecovery: CallDatabase['previewRecovery'] = (order, timeoutMs) =>
    this.run(QUERY_MS, timeoutMs, (database) => database.orders.preview(order));

  countRecovered: CallDatabase['countRecovered'] = (transitionId, ownCoreUuid, timeoutMs) =>
    this.run(QUERY_MS, timeoutMs, (database) => database.orders.count(transitionId, ownCoreUuid));

  countCalls: CallDatabase['countCalls'] = (profiles, coreUuid, timeoutMs) =>
    this.run(QUERY_MS, timeoutMs, (database) => {
      const rows = database.table.of(coreUuid, profiles);
      return { calls: callsIn(rows), legs: rows.length, connectionOriented: 0 };
    });

  takeOverRegistrations: CallDatabase['takeOverRegistrations'] = (change, timeoutMs) =>
    this.run(QUERY_MS, timeoutMs, (database) => {
      const moved = database.takeOverRegistrations(change);
      return { moved, deletedConnections: 0, deletedExpired: 0 };
    });

  /** An answer that comes too late is lost, and what was asked was done all the same: the worse of the two. */
  private async run<T>(
    within: readonly [number, number],
    timeoutMs: number,
    work: (database: SimDatabase) => T,
  ): Promise<T> {
    const { process, database } = this.options;
    const answer = await ask(process, this.latency(within), timeoutMs, () =>
      this.answers() ? work(database) : SILENCE,
    );
    if (answer === SILENCE) throw new DatabaseAway(`the database did not answer within ${Math.round(timeoutMs)} ms`);
    return answer;
  }

  private answers(): boolean {
    const { database, reach } = this.options;
    return database.verdict !== 'away' && reach?.() !== false;
  }

  private latency(within: readonly [number, number]): number {
    const [from, to] = this.options.database.verdict === 'slow' ? SLOW_MS : within;
    return from + this.options.dice.below(to - from);
  }
}

/** As the shipped probe judges it. */
const SLOW_FROM_MS = 500;
/** A healthy answer is one of few, so that it is shared. */
const ANSWERED: DatabaseEvidence[] = [];

function answeredEvidence(latencyMs: number): DatabaseEvidence {
  const known = ANSWERED[latencyMs];
  if (known !== undefined) return known;
  const verdict = latencyMs > SLOW_FROM_MS ? 'slow' : 'ok';
  const evidence = Object.freeze({ verdict, detail: `answered \`select 1\` in ${latencyMs} ms`, latencyMs } as const);
  if (verdict === 'ok') ANSWERED[latencyMs] = evidence;
  return evidence;
}

function awayEvidence(timeoutMs: number): DatabaseEvidence {
  return { verdict: 'away', detail: `did not answer within ${Math.round(timeoutMs)} ms`, latencyMs: null };
}
