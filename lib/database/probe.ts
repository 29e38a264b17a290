/**
 * The observers' question whether the database is there, on a connection that is kept from look to look: whether nodes
 * wait in it. A database whose disk hangs, or with a lock on the registrations, answers whatever needs neither.
 */
import { performance } from 'node:perf_hooks';

import { describeError, DatabaseAway } from '../domain/errors';
import type { DatabaseEvidence } from '../domain/model';
import { isOlderSchema } from './failures';
import { OUR_SCHEMA } from './names';
import { Session, type Queries, type SessionTarget } from './session';

/** A healthy database answers us in a few milliseconds across zones, and the nodes as well. */
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
      const waiting = await session.within(leftMs, 'answer', nodesWaiting);
      return evidenceOf(Math.round(performance.now() - askedAt), waiting);
    } catch (error) {
      this.kept = null;
      session.abandon();
      throw error;
    }
  }
}

/** Sessions of nodes that have waited for long. */
async function nodesWaiting(queries: Queries): Promise<number> {
  try {
    const { rows } = await queries.query<{ waiting: number }>(
      `select ${OUR_SCHEMA}.nodes_waiting('${SLOW_MS} milliseconds') as waiting`,
    );
    return rows[0]?.waiting ?? 0;
  } catch (error) {
    // It has answered, and knows no more.
    if (isOlderSchema(error)) return 0;
    throw error;
  }
}

function evidenceOf(latencyMs: number, waiting: number): DatabaseEvidence {
  const answered = `answered in ${latencyMs} ms`;
  if (waiting > 0) {
    const detail = `${answered}, and ${waiting} session(s) of nodes have waited there for more than ${SLOW_MS} ms`;
    return { verdict: 'slow', detail, latencyMs };
  }
  return { verdict: latencyMs > SLOW_MS ? 'slow' : 'ok', detail: answered, latencyMs };
}

function away(error: unknown): DatabaseEvidence {
  const detail = error instanceof DatabaseAway ? error.message : describeError(error);
  return { verdict: 'away', detail, latencyMs: null };
}
