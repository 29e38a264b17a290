/** The database must be there when a node is not. */
import { refuse, warn, type ClusterRule } from '../finding';

export const databaseSurvivesAZone: ClusterRule = function* (cluster, at) {
  if (typeof cluster.database !== 'object' || cluster.database.create?.multiAz !== false) return;
  yield warn(
    [...at, 'database', 'create', 'multiAz'],
    'the zone of the database takes the calls along when it is lost: with true a second zone has them',
  );
};

export const databaseHostIsNotLoopback: ClusterRule = function* (cluster, at) {
  const host = typeof cluster.database === 'object' ? cluster.database.existing?.host : undefined;
  if (host === undefined || !(host.startsWith('127.') || host === '0.0.0.0')) return;
  yield refuse(
    [...at, 'database', 'existing', 'host'],
    `${host} is a different machine on every node: write the name or the address that all nodes reach it by`,
  );
};
