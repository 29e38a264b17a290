/** One connection with a deadline that holds even against a server that never answers. */
import { Socket } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { Client, type ClientConfig, type QueryResult, type QueryResultRow } from 'pg';

import { DatabaseAway } from '../domain/errors';
import { databaseFailure, type DatabasePlace } from './failures';

export interface SessionTarget extends DatabasePlace {
  tls: boolean;
  /** Asked once per connection; null: the server asks for none. */
  password: (() => Promise<string>) | null;
}

/** The part of a connection that queries use. */
export interface Queries {
  query<Row extends QueryResultRow>(sql: string, values?: unknown[]): Promise<QueryResult<Row>>;
}

/** Under the server's own time-out the client's follows this late: the server's message says more. */
const CLIENT_AFTER_SERVER_MS = 50;
/** A lock is waited for this part of the time, so that there is time left to say so. */
const LOCK_SHARE = 0.8;
/** Ending politely; a server that does not answer by then has its socket closed. */
const GOODBYE_MS = 200;

export class Session {
  private constructor(
    private readonly client: Client,
    private readonly socket: Socket,
    private readonly place: DatabasePlace,
  ) {}

  /**
   * @throws DatabaseAway, DatabaseRefused
   */
  static async open(target: SessionTarget, timeoutMs: number): Promise<Session> {
    const socket = new Socket();
    const client = new Client({ ...configOf(target, timeoutMs), stream: () => socket });
    // Errors between queries (the server ends the session) must not end the process; the next query reports them.
    client.on('error', () => undefined);
    const session = new Session(client, socket, target);
    try {
      await session.within(timeoutMs, 'let us in', () => client.connect());
    } catch (error) {
      session.abandon();
      throw error;
    }
    return session;
  }

  /**
   * Runs `work`; after `timeoutMs` the socket is closed, so that nothing waits on and whatever is not committed is
   * rolled back by the server.
   *
   * @throws DatabaseAway, DatabaseRefused, and of our errors what `work` throws
   */
  async within<T>(timeoutMs: number, doing: string, work: (queries: Queries) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const { name, host, port } = this.place;
        reject(new DatabaseAway(`The database ${name} at ${host}:${port} did not ${doing} within ${timeoutMs} ms`));
        this.abandon();
      }, timeoutMs);
    });
    const running = work(this.client);
    try {
      return await Promise.race([running, deadline]);
    } catch (error) {
      throw databaseFailure(this.place, doing, error);
    } finally {
      clearTimeout(timer);
      // Whichever lost the race may reject later: that is expected.
      running.catch(() => undefined);
    }
  }

  /** Ends the connection; never throws and never takes long. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.abandon(), GOODBYE_MS);
    await this.client.end().catch(() => undefined);
    clearTimeout(timer);
    this.abandon();
  }

  /** Closes the socket at once. */
  abandon(): void {
    this.socket.destroy();
  }
}

function configOf(target: SessionTarget, timeoutMs: number): ClientConfig {
  const serverMs = Math.max(1, Math.round(timeoutMs - CLIENT_AFTER_SERVER_MS));
  return {
    host: target.host,
    port: target.port,
    database: target.name,
    user: target.user,
    // A function even where nobody asks: the driver would otherwise look into the environment and ~/.pgpass.
    password: target.password ?? (() => ''),
    ssl: target.tls
      ? {
          rejectUnauthorized: true,
          checkServerIdentity: (_, certificate) => checkServerIdentity(target.host, certificate),
        }
      : false,
    application_name: 'understudy',
    statement_timeout: serverMs,
    lock_timeout: Math.max(1, Math.round(serverMs * LOCK_SHARE)),
    idle_in_transaction_session_timeout: serverMs,
    keepAlive: true,
  };
}

/** Everything in `work` or nothing. */
export function transaction<T>(queries: Queries, work: () => Promise<T>): Promise<T> {
  return between(queries, 'begin', work);
}

/** All of `work` sees the rows of one moment, and the server refuses every write. */
export function readOnly<T>(queries: Queries, work: () => Promise<T>): Promise<T> {
  return between(queries, 'begin isolation level repeatable read, read only', work);
}

async function between<T>(queries: Queries, begin: string, work: () => Promise<T>): Promise<T> {
  await queries.query(begin);
  try {
    const result = await work();
    await queries.query('commit');
    return result;
  } catch (error) {
    // On a dead connection this fails too, and the server has rolled back by itself.
    await queries.query('rollback').catch(() => undefined);
    throw error;
  }
}
