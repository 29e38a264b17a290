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
