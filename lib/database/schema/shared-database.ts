/** Setting the shared database up from nothing but an administrator's login: what the deployment calls. */
import { performance } from 'node:perf_hooks';

import { CONTROL_ROLE, OBSERVER_ROLE } from '../../domain/database-names';
import { DatabaseRefused } from '../../domain/errors';
import { codeOf } from '../failures';
import { RDS_IAM_ROLE } from '../names';
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
  const setUp = async (queries: Queries) => {
    const report = await setUpDatabase(queries, options);
    if (options.iam) await assertStillLetIn(queries, login, options.database, leftMs);
    return report;
  };
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

/**
 * From PostgreSQL 16 on, whoever makes a role is a member of it, and so of what is granted to it: a server that takes
 * IAM tokens alone from members of `rds_iam` may mean the administrator too. The first session is still open to undo it.
 */
async function assertStillLetIn(
  queries: Queries,
  login: AdminLogin,
  database: string,
  leftMs: () => number,
): Promise<void> {
  try {
    await asAdmin(login, database, leftMs, 'let the administrator in again', (again) => again.query('select 1'));
  } catch (error) {
    if (!(error instanceof DatabaseRefused)) throw error;
    await queries.query(`revoke ${RDS_IAM_ROLE} from ${CONTROL_ROLE}, ${OBSERVER_ROLE}`);
    throw new DatabaseRefused(
      `${login.user} may not sign in with its password once ${CONTROL_ROLE} is in ${RDS_IAM_ROLE}, which was taken ` +
        `back: it is a member of the roles that it made. Let another administrator make ${CONTROL_ROLE} and ` +
        `${OBSERVER_ROLE} with LOGIN, and deploy again`,
      { cause: error },
    );
  }
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
