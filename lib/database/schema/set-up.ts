import { OWNER_ROLE } from '../../domain/database-names';
import { DatabaseRefused } from '../../domain/errors';
import { LOCKER_ROLE, OUR_SCHEMA } from '../names';
import { transaction, type Queries } from '../session';
import { CORE_TABLES } from './freeswitch-core';
import { SOFIA_TABLES } from './freeswitch-sofia';
import { viewStatements } from './freeswitch-views';
import { LOCK_FUNCTION_STATEMENTS, ROLE_CHANGE_LOCK } from './lock-functions';
import { assertNoOtherCluster } from './one-cluster';
import { OUR_TABLE_STATEMENTS } from './our-tables';
import { databaseGrant, FUNCTION_GRANTS, SCHEMA_GRANTS, setUpRoles, TABLE_GRANTS, type NodeLogin } from './roles';
import { tableStatements } from './table';
import { installedVersion, SCHEMA_VERSION, versionStatement } from './version';

export interface SetUpOptions {
  /** The database that `admin` is connected to; said again so that a wrong one is noticed. */
  database: string;
  nodes: readonly NodeLogin[];
  /** Node-control and the observers sign in with IAM tokens: an RDS or Aurora PostgreSQL is needed. */
  iam: boolean;
}

export interface SetUpReport {
  version: number;
  /** What a human should know. */
  notes: string[];
}

/**
 * Makes roles, tables, functions and permissions as this version wants them: what is missing is added, passwords are
 * set, nothing is removed, and a role that is locked stays locked. One transaction; a second one at once waits.
 *
 * `admin` needs CREATEROLE and the ownership of the database (or CREATE on it), as the master user of RDS has them; it
 * need not be a superuser. PostgreSQL 15 and later.
 *
 * @throws DatabaseRefused when it is the wrong database, another cluster has the server, a newer version has set it up,
 *   or it knows no IAM and is to
 */
export async function setUpDatabase(admin: Queries, options: SetUpOptions): Promise<SetUpReport> {
  return transaction(admin, async () => {
    await admin.query(`select pg_advisory_xact_lock(${ROLE_CHANGE_LOCK})`);
    await assertDatabase(admin, options.database);
    await assertNoOtherCluster(admin, options.database);
    const notes = await setUpRoles(admin, options.nodes, options.iam);
    await each(admin, [databaseGrant(quoted(options.database)), ...SCHEMA_GRANTS]);
    await as(admin, OWNER_ROLE, [
      ...[...CORE_TABLES, ...SOFIA_TABLES].flatMap((table) => tableStatements('public', table)),
      ...viewStatements(await existingViews(admin)),
      ...OUR_TABLE_STATEMENTS,
      ...TABLE_GRANTS,
    ]);
    await as(admin, LOCKER_ROLE, [...LOCK_FUNCTION_STATEMENTS, ...FUNCTION_GRANTS]);
    await admin.query(versionStatement());
    return { version: SCHEMA_VERSION, notes };
  });
}

async function assertDatabase(admin: Queries, expected: string): Promise<void> {
  const { rows } = await admin.query<{ name: string }>('select current_database() as name');
  if (rows[0]?.name !== expected) {
    throw new DatabaseRefused(`Connected to the database ${rows[0]?.name}, not to ${expected}: nothing was changed`);
  }
  const installed = await installedVersion(admin);
  if (installed !== null && installed > SCHEMA_VERSION) {
    throw new DatabaseRefused(
      `Schema ${OUR_SCHEMA} is of version ${installed}, this is version ${SCHEMA_VERSION}: deploy the newer Understudy`,
    );
  }
}

async function as(admin: Queries, role: string, statements: readonly string[]): Promise<void> {
  await admin.query(`set local role ${role}`);
  await each(admin, statements);
  await admin.query('reset role');
}

async function each(admin: Queries, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await admin.query(statement);
}

async function existingViews(admin: Queries): Promise<Set<string>> {
  const { rows } = await admin.query<{ viewname: string }>(`select viewname from pg_views where schemaname = 'public'`);
  return new Set(rows.map(({ viewname }) => viewname));
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
