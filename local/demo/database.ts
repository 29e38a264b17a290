/** The PostgreSQL that stands behind the emulator's RDS. */
import { Client, type QueryResultRow } from 'pg';

import type { LocalPostgres } from '../postgres/start';

/** Tells the emulator where its database instances are, and who may set them up. */
export function behindRds(postgres: LocalPostgres | null): Record<string, string> {
  if (postgres === null) return {};
  return {
    UNDERSTUDY_POSTGRES_ENDPOINT: `${postgres.host}:${postgres.port}`,
    UNDERSTUDY_POSTGRES_ADMIN: `${postgres.adminUser}:${postgres.adminPassword}`,
  };
}

/** The cluster's database as the server's administrator sees it: past every role of ours. */
export class AdministratorsView {
  constructor(
    private readonly postgres: LocalPostgres,
    private readonly database: string,
  ) {}

  /** Over a connection of its own. Throws what the server says. */
  async query<R extends QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    const { host, port, adminUser: user, adminPassword: password } = this.postgres;
    const { database } = this;
    const client = new Client({ host, port, user, password, database, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<R>(text, values);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Rows of the recovery table, one a leg, over all nodes. */
  async countLegs(): Promise<number> {
    const [row] = await this.query<{ legs: number }>('select count(*)::int as legs from public.recovery');
    return row?.legs ?? 0;
  }
}
