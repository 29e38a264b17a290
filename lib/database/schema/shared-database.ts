/** Setting the shared database up from nothing but an administrator's login: what the deployment calls. */
import { performance } from 'node:perf_hooks';

import { DatabaseRefused } from '../../domain/errors';
import { codeOf } from '../failures';
import { Session, type Queries } from '../session';
import { assertNoOtherCluster } from './one-cluster';
import { setUpDatabase, type SetUpOptions, type SetUpReport } from './set-up';

/** Of a role that may create roles and databases, for example the master user of RDS. */
export interface AdminLogin {
  host: string;
  port: number;
  user: string;
  password: string;
  tls: boolean;
}

/** Every server has it; a database is made from inside another one. */
const MAINTENANCE_DATABASE = 'postgres';
const NO_SUCH_DATABASE = '3D000';
const DATABASE_EXISTS = '42P04';

/**
 * Makes the database if there is none of that name, and sets it up (`setUpDatabase`). Ends within `timeoutMs`.
 *
 * @throws DatabaseAway, DatabaseRefused
 */
export async function setUpSharedDatabase(
  login: AdminLogin,
  options: SetUpOptions,
  timeoutMs: number,
): Promise<SetUpReport> {
  const startedAt = performance.now();
  const leftMs = () => Math.max(1, Math.round(timeoutMs - (performance.now() - startedAt)));
  const setUp = (queries: Queries) => setUpDatabase(queries, options);
  try {
    return await asAdmin(login, options.database, leftMs, 'be set up', setUp);
  } catch (error) {
    if (!(error instanceof DatabaseRefused) || codeOf(error.cause) !== NO_SUCH_DATABASE) throw error;
  }
  await asAdmin(login, MAINTENANCE_DATABASE, leftMs, 'make the database', async (queries) => {
    await assertNoOtherCluster(queries, options.database);
    await createDatabase(queries, options.database);
  });
  return asAdmin(login, options.database, leftMs, 'be set up', setUp);
}

/** One connection as the administrator, for `work`. */
export async function asAdmin<T>(
  login: AdminLogin,
  database: string,
  leftMs: () => number,
  doing: string,
  work: (queries: Queries) => Promise<T>,
): Promise<T> {
  const { password, ...place } = login;
  const target = { ...place, name: database, password: () => Promise.resolve(password) };
  const session = await Session.open(target, leftMs());
  try {
    return await session.within(leftMs(), doing, work);
  } finally {
    await session.close();
  }
}

async function createDatabase(queries: Queries, name: string): Promise<void> {
  try {
    // Templates are only copied with their own collation; template0 takes the one that needs nothing of the machine.
    await queries.query(`create database "${name.replaceAll('"', '""')}" encoding 'UTF8' template template0`);
  } catch (error) {
    if (codeOf(error) !== DATABASE_EXISTS) throw error;
  }
}
