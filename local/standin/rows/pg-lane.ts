import { Client, DatabaseError, type QueryResultRow } from 'pg';
import type { DatabaseAccess } from '../options';
import { RowsAway, RowsCut } from './row-store';

/** `connect_timeout` of the rendered DSN. */
const CONNECT_TIMEOUT_MS = 3_000;

/** SQLSTATE classes after which the connection is gone: operator intervention, and trouble of the connection. */
const ENDS_CONNECTION = /^(57P|08)/;

/** One connection of a FreeSWITCH process: opened when it is needed, and again after it broke. */
export class PgLane {
  private client: Client | null = null;
  private connecting: Promise<Client> | null = null;
  private closed = false;

  constructor(
    private readonly access: DatabaseAccess,
    private readonly purpose: string,
  ) {}

  /** @throws RowsAway, RowsCut, or pg's DatabaseError for what the database would not do. */
  async query<R extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    const client = await this.connected();
    try {
      return (await client.query<R>(text, [...values])).rows;
    } catch (error) {
      if (error instanceof DatabaseError && !ENDS_CONNECTION.test(error.code ?? '')) throw error;
      this.forget(client);
      throw new RowsCut(messageOf(error));
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const { client } = this;
    this.client = null;
    // A frozen database would never say goodbye.
    if (client !== null) void client.end().catch(() => undefined);
    return Promise.resolve();
  }

  private connected(): Promise<Client> {
    if (this.closed) return Promise.reject(new RowsAway('this process has ended'));
    if (this.client !== null) return Promise.resolve(this.client);
    this.connecting ??= this.connect().finally(() => (this.connecting = null));
    return this.connecting;
  }

  private async connect(): Promise<Client> {
    const { host, port, name, user, password } = this.access;
    const client = new Client({
      ...{ host, port, user, password, database: name },
      application_name: `freeswitch ${this.purpose}`,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    // The server ended an idle connection, for example with pg_terminate_backend.
    client.on('error', () => this.forget(client));
    client.on('end', () => this.forget(client));
    try {
      await client.connect();
    } catch (error) {
      throw new RowsAway(messageOf(error));
    }
    this.client = client;
    return client;
  }

  private forget(client: Client): void {
    if (this.client === client) this.client = null;
    void client.end().catch(() => undefined);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'the connection ended');
