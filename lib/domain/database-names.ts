/** Names in the shared database that several parts must agree on. */

/** Login role of a node: its name is the handle by which the node is locked out. Ids are lower case and dashes. */
export const databaseRoleOf = (nodeId: string): string => `node_${nodeId.replaceAll('-', '_')}`;

/** Owns FreeSWITCH's tables; nobody logs in as it. */
export const OWNER_ROLE = 'understudy_owner';
/** What every node may do, and no more: read and write rows. */
export const NODES_ROLE = 'understudy_nodes';
/** node-control: locks nodes out and recovers calls. */
export const CONTROL_ROLE = 'understudy_control';
/** Observers: may connect and ask whether anybody is there. */
export const OBSERVER_ROLE = 'understudy_observer';

/** That a node is signed in by roles that its lock does not reach, with the remedy. */
export function signedInAs(
  others: readonly { role: string; sessions: number }[],
  address: string,
  ownRole: string,
): string {
  const roles = others.map(({ role, sessions }) => `${role} (${sessions} session(s))`).join(', ');
  return (
    `${address} is signed in as ${roles}, which may change the rows of calls and which no lock of the node reaches: let ` +
    `core-db-dsn and odbc-dsn there sign in as ${ownRole}, or take insert, update and delete on public.recovery from it`
  );
}
