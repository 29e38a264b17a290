/** The observers' question whether the database is there, on a connection that is kept from look to look. */
import { performance } from 'node:perf_hooks';

import { describeError, DatabaseAway } from '../domain/errors';
import type { DatabaseEvidence } from '../domain/model';
import { Session, type SessionTarget } from './session';

/** A healthy database answers `select 1` in a few milliseconds across zones. */
const SLOW_MS = 500;
/** Below this a second attempt would say nothing about the database. */
const WORTH_A_TRY_MS = 20;

export class DatabaseProbe {
  private kept: Session | null = null;

  constructor(private readonly target: SessionTarget) {}

  /** Ends within `timeoutMs`. Never throws: a refusal is evidence too, and `detail` says which. */
  async probe(timeoutMs: number): Promise<DatabaseEvidence> {
    const startedAt = performance.now();
    const leftMs = () => Math.round(timeoutMs - (performance.now() - startedAt));
    const wasKept = this.kept !== null;
    try {
      return await this.ask(leftMs());
    } catch (error) {
      // A connection that was lost since the last look (a frozen function, a failover that is over) says nothing.
      if (!wasKept || leftMs() < WORTH_A_TRY_MS) return away(error);
    }
    try {
      return await this.ask(leftMs());
    } catch (error) {
      return away(error);
    }
  }

  async close(): Promise<void> {
    const session = this.kept;
    this.kept = null;
    await session?.close();
  }

  private async ask(timeoutMs: number): Promise<DatabaseEvidence> {
    const startedAt = performance.now();
    const session = this.kept ?? (await Session.open(this.target, timeoutMs));
    this.kept = session;
    const askedAt = performance.now();
    try {
      const leftMs = Math.max(1, Math.round(timeoutMs - (askedAt - startedAt)));
      await session.within(leftMs, 'answer `select 1`', (queries) => queries.query('select 1'));
    } catch (error) {
      this.kept = null;
      session.abandon();
      throw error;
    }
    const latencyMs = Math.round(performance.now() - askedAt);
    const verdict = latencyMs > SLOW_MS ? 'slow' : 'ok';
    return { verdict, detail: `answered \`select 1\` in ${latencyMs} ms`, latencyMs };
  }
}

function away(error: unknown): DatabaseEvidence {
  const detail = error instanceof DatabaseAway ? error.message : describeError(error);
  return { verdict: 'away', detail, latencyMs: null };
}
