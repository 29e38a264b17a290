/** The shared PostgreSQL of the lab, set up as a deployment does, and questions that only the lab asks. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { CONTROL_ROLE, OBSERVER_ROLE } from '../../lib/domain/database-names';
import type { DatabaseTopology, Topology } from '../../lib/domain/model';
import { PgCallDatabase } from '../../lib/database/pg-call-database';
import { setUpSharedDatabase } from '../../lib/database/schema/shared-database';
import { startPostgres, type LocalPostgres } from '../postgres/start';
import { VPC } from './plan';

const SET_UP_TIMEOUT_MS = 20_000;
const QUESTION_TIMEOUT_MS = 5_000;

export interface RowCount {
  profile: string;
  hostname: string;
  coreUuid: string;
  legs: number;
}

export const startDatabase = (folder: string): Promise<LocalPostgres> =>
  startPostgres({ projectDir: folder, instanceName: 'lab', host: VPC.control });

/** Drops what an earlier scenario left. @returns login role -> password */
export async function setUpDatabase(postgres: LocalPostgres, topology: Topology): Promise<Map<string, string>> {
  const passwords = new Map<string, string>();
  for (const { databaseRole } of topology.nodes) {
    if (databaseRole !== null) passwords.set(databaseRole, randomBytes(18).toString('base64url'));
  }
  const name = nameOf(topology);
  await asAdmin(postgres, 'postgres', async (client) => {
    await client.query(`drop database if exists "${name}" with (force)`);
    // A role that the last scenario locked stays locked through a set-up; this is another cluster.
    for (const role of passwords.keys()) {
      await client.query(
        `do $$ begin if exists (select from pg_roles where rolname = '${role}') then alter role ${role} login; end if; end $$`,
      );
    }
  });
  await setUpSharedDatabase(
    {
      host: postgres.host,
      port: postgres.port,
      user: postgres.adminUser,
      password: postgres.adminPassword,
      tls: false,
    },
    { database: name, nodes: [...passwords].map(([role, password]) => ({ role, password })), iam: false },
    SET_UP_TIMEOUT_MS,
  );
  return passwords;
}

/** As node-control signs in, and as the observers do. */
export const controlDatabase = (topology: Topology): PgCallDatabase => connect(topology, CONTROL_ROLE);
export const observerDatabase = (topology: Topology): PgCallDatabase => connect(topology, OBSERVER_ROLE);

function connect({ database, region }: Topology, user: string): PgCallDatabase {
  if (database === null) throw new RangeError('the lab has a database');
  return new PgCallDatabase({ ...database, user, tls: false, auth: 'none', region });
}

export function countRows(postgres: LocalPostgres, { name }: DatabaseTopology): Promise<RowCount[]> {
  return asAdmin(postgres, name, async (client) => {
    const { rows } = await client.query<{ profile: string; hostname: string; uuid: string; legs: string }>(
      `select profile_name as profile, hostname, runtime_uuid as uuid, count(*) as legs
         from public.recovery group by 1, 2, 3 order by 1, 2, 3`,
    );
    return rows.map(({ profile, hostname, uuid, legs }) => ({
      profile,
      hostname,
      coreUuid: uuid,
      legs: Number(legs),
    }));
  });
}

export function countSessions(postgres: LocalPostgres, role: string): Promise<number> {
  return asAdmin(postgres, 'postgres', async (client) => {
    const { rows } = await client.query<{ sessions: string }>(
      'select count(*) as sessions from pg_stat_activity where usename = $1',
      [role],
    );
    return Number(rows[0]?.sessions ?? 0);
  });
}

function nameOf({ database }: Topology): string {
  if (database === null) throw new RangeError('the lab has a database');
  return database.name;
}

async function asAdmin<T>(
  { host, port, adminUser: user, adminPassword: password }: LocalPostgres,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host,
    port,
    user,
    password,
    database,
    connectionTimeoutMillis: QUESTION_TIMEOUT_MS,
    query_timeout: QUESTION_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
