/** The password of one node's login role: setting it, as the administrator, and trying it, as the node. */
import { DatabaseRefused } from '../domain/errors';
import { codeOf } from './failures';
import { asAdmin, type AdminLogin } from './schema/shared-database';
import { scramVerifier } from './scram-verifier';

/** For a connection and one statement. */
const TIMEOUT_MS = 8_000;

/** What `databaseRoleOf` makes: the name becomes part of a statement, and must not be the administrator's. */
const NODE_ROLE = /^node_[a-z0-9_]{1,57}$/;

/** SQLSTATE of a refused sign-in: the password is wrong, or the role may not sign in (PostgreSQL, appendix A). */
const INVALID_PASSWORD = '28P01';
const INVALID_AUTHORIZATION = '28000';
/** The server's function that looks, after the password was found right, whether the role may sign in at all. */
const AFTER_THE_PASSWORD = 'InitializeSessionUserId';

/**
 * Only its verifier travels. Sessions that are open go on, and a role that is locked out stays so.
 *
 * @throws DatabaseAway; DatabaseRefused also when it is not a node's role
 */
export async function setRolePassword(
  admin: AdminLogin,
  database: string,
  role: string,
  password: string,
): Promise<void> {
  if (!NODE_ROLE.test(role)) throw new DatabaseRefused(`"${role}" is not the login role of a node: correct its secret`);
  await asAdmin(
    admin,
    database,
    () => TIMEOUT_MS,
    `give ${role} a new password`,
    (queries) => queries.query(`alter role ${role} password '${scramVerifier(password)}'`),
  );
}

/**
 * Whether a password is taken. `locked`: it is, and the role may not sign in at present; PostgreSQL says so only after
 * it has found the password right.
 *
 * @throws DatabaseAway; DatabaseRefused for another reason than the sign-in
 */
export async function trySignIn(login: AdminLogin, database: string): Promise<'ok' | 'locked' | 'rejected'> {
  try {
    await asAdmin(
      login,
      database,
      () => TIMEOUT_MS,
      'answer',
      (queries) => queries.query('select 1'),
    );
    return 'ok';
  } catch (error) {
    if (!(error instanceof DatabaseRefused)) throw error;
    const code = codeOf(error.cause);
    if (code === INVALID_AUTHORIZATION && routineOf(error.cause) === AFTER_THE_PASSWORD) return 'locked';
    if (code === INVALID_PASSWORD || code === INVALID_AUTHORIZATION) return 'rejected';
    throw error;
  }
}

const routineOf = (error: unknown): unknown => (error instanceof Error ? Reflect.get(error, 'routine') : undefined);
