/** Who may do what. Roles are created and brought up to date, never removed. */
import { CONTROL_ROLE, NODES_ROLE, OBSERVER_ROLE, OWNER_ROLE } from '../../domain/database-names';
import { DatabaseRefused } from '../../domain/errors';
import { codeOf } from '../failures';
import { LOCKER_ROLE, OUR_SCHEMA, RDS_IAM_ROLE } from '../names';
import { scramVerifier } from '../scram-verifier';
import type { Queries } from '../session';

export interface NodeLogin {
  /** `databaseRoleOf(nodeId)`. */
  role: string;
  password: string;
}

/** Roles without a login: they own, or are granted to others. The locker alters the nodes' roles. */
const GROUPS = { [OWNER_ROLE]: '', [NODES_ROLE]: '', [LOCKER_ROLE]: 'createrole' } as const;

/** Sign in with IAM tokens on RDS; on the laptop the server asks them for nothing. Neither has a password. */
const SERVICES = [CONTROL_ROLE, OBSERVER_ROLE] as const;

const NO_IAM =
  `This PostgreSQL has no role ${RDS_IAM_ROLE}: ${SERVICES.join(' and ')} sign in with IAM tokens, which only RDS and ` +
  'Aurora accept. Name an RDS or Aurora PostgreSQL with IAM authentication enabled as database.existing, or use ' +
  '`database: none`, and deploy again.';

const UNSEEN =
  `This administrator may not grant pg_monitor, and ${LOCKER_ROLE} does not have it: a node that signs in as another ` +
  `role than its own goes unnoticed. Let one who may grant pg_monitor to ${LOCKER_ROLE}.`;

const INSUFFICIENT_PRIVILEGE = '42501';

/** Only what `databaseRoleOf` makes: a role's name becomes part of statements, and must not be somebody else's role. */
const NODE_ROLE = /^node_[a-z0-9_]{1,57}$/;

/**
 * @returns what a human should know
 * @throws DatabaseRefused before anything is changed when functions are to sign in by IAM and the server cannot do that
 */
export async function setUpRoles(queries: Queries, nodes: readonly NodeLogin[], iam: boolean): Promise<string[]> {
  const existing = await existingRoles(queries);
  if (iam && !existing.has(RDS_IAM_ROLE)) throw new DatabaseRefused(NO_IAM);
  for (const [role, attributes] of Object.entries(GROUPS)) {
    if (!existing.has(role)) await queries.query(`create role ${role} nologin ${attributes}`);
  }
  for (const role of SERVICES) {
    if (!existing.has(role)) await queries.query(`create role ${role} login`);
  }
  // From PostgreSQL 16 on, whoever makes a role may grant it, also to itself, and needs that to hand objects over to it.
  for (const role of [OWNER_ROLE, LOCKER_ROLE]) await queries.query(`grant ${role} to current_user`);
  for (const node of nodes) await setUpNode(queries, node, existing.has(node.role));
  if (iam) await queries.query(`grant ${RDS_IAM_ROLE} to ${SERVICES.join(', ')}`);
  const sees = await letLockerSee(queries);
  const lockedOut = nodes.flatMap(({ role }) =>
    existing.get(role) === false ? [`${role} may not log in, and stays so: its node is locked out`] : [],
  );
  return sees ? lockedOut : [...lockedOut, UNSEEN];
}

/**
 * Which node a session is of is told by where it comes from, and that is hidden from all but pg_monitor. RDS's
 * administrator may grant it; the lock works without.
 */
async function letLockerSee(queries: Queries): Promise<boolean> {
  await queries.query('savepoint before_monitor');
  try {
    await queries.query(`grant pg_monitor to ${LOCKER_ROLE}`);
    return true;
  } catch (error) {
    if (codeOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    await queries.query('rollback to savepoint before_monitor');
    return false;
  }
}

/**
 * LOGIN is given when the role is made and never here again: a node that is locked out stays locked out through a
 * deployment. The locker is a member with ADMIN OPTION: that is what lets it alter the role and end its sessions
 * (PostgreSQL 16 and later; before, CREATEROLE alone does).
 */
async function setUpNode(queries: Queries, node: NodeLogin, exists: boolean): Promise<void> {
  if (!NODE_ROLE.test(node.role)) throw new DatabaseRefused(`"${node.role}" is not the name of a node's role`);
  // A verifier holds base64 and `$:` only, so it needs no quoting.
  const password = `password '${scramVerifier(node.password)}'`;
  await queries.query(exists ? `alter role ${node.role} ${password}` : `create role ${node.role} login ${password}`);
  await queries.query(`grant ${NODES_ROLE} to ${node.role}`);
  await queries.query(`grant ${node.role} to ${LOCKER_ROLE} with admin option`);
}

/** Whether each of them may log in. */
async function existingRoles(queries: Queries): Promise<Map<string, boolean>> {
  const { rows } = await queries.query<{ rolname: string; rolcanlogin: boolean }>(
    'select rolname, rolcanlogin from pg_roles',
  );
  return new Map(rows.map(({ rolname, rolcanlogin }) => [rolname, rolcanlogin]));
}

const EVERYBODY = [NODES_ROLE, CONTROL_ROLE, OBSERVER_ROLE].join(', ');
const DML = 'select, insert, update, delete';

/** Before tables are made: who may make them, and what the nodes may do with those that come later. */
export const SCHEMA_GRANTS: readonly string[] = [
  `create schema if not exists ${OUR_SCHEMA}`,
  // Databases made by PostgreSQL 14 and older let everybody create tables in `public`.
  'revoke create on schema public from public',
  `grant usage, create on schema public to ${OWNER_ROLE}`,
  `grant usage, create on schema ${OUR_SCHEMA} to ${OWNER_ROLE}, ${LOCKER_ROLE}`,
  `grant usage on schema public to ${NODES_ROLE}, ${CONTROL_ROLE}`,
  `grant usage on schema ${OUR_SCHEMA} to ${CONTROL_ROLE}, ${OBSERVER_ROLE}`,
];

/** To be run as the owner of the tables. Views count as tables here. */
export const TABLE_GRANTS: readonly string[] = [
  `alter default privileges in schema public grant ${DML} on tables to ${NODES_ROLE}`,
  `grant ${DML} on all tables in schema public to ${NODES_ROLE}`,
  `grant select, update, delete on public.recovery, public.sip_registrations, public.registrations to ${CONTROL_ROLE}`,
  `grant ${DML} on all tables in schema ${OUR_SCHEMA} to ${CONTROL_ROLE}`,
];

/** To be run as the locker. */
export const FUNCTION_GRANTS: readonly string[] = [
  `revoke all on all functions in schema ${OUR_SCHEMA} from public`,
  `grant execute on all functions in schema ${OUR_SCHEMA} to ${CONTROL_ROLE}`,
  `grant execute on function ${OUR_SCHEMA}.nodes_waiting to ${OBSERVER_ROLE}`,
];

/** `database` is quoted. A database of somebody else lets everybody connect unless its owner took that away. */
export const databaseGrant = (database: string): string => `grant connect on database ${database} to ${EVERYBODY}`;
