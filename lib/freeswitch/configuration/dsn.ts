/** How a node's FreeSWITCH reaches the shared database. */
import type { ClusterConfig } from '../../config/model';
import { databaseRoleOf } from '../../domain/database-names';

/** Written on the node from Secrets Manager, mode 0600: a rotated password needs no restart, and no file names it. */
export const PASSWORD_FILE = '/run/understudy/pgpass';
/** Certificates that the server's is verified against. */
export const DATABASE_CA_FILE = '/etc/understudy/rds-ca.pem';

export interface NodeDsnInput {
  /** Names, or placeholders that the node fills in. */
  host: string;
  port: string;
  database: string;
  nodeId: string;
  tls: boolean;
}

/**
 * libpq's words behind FreeSWITCH's `pgsql://`. Without the time-outs a database whose packets are lost keeps SIP
 * silent for 17.6 s after they flow again, with them for 1.5 s (FACTS 8.6). `client_min_messages` keeps FreeSWITCH's
 * own probing for tables out of the log.
 */
export function nodeDsn({ host, port, database, nodeId, tls }: NodeDsnInput): string {
  const words: [string, string][] = [
    ['host', host],
    ['port', port],
    ['dbname', database],
    ['user', databaseRoleOf(nodeId)],
    ['passfile', PASSWORD_FILE],
    ...(tls
      ? ([
          ['sslmode', 'verify-full'],
          ['sslrootcert', DATABASE_CA_FILE],
        ] as [string, string][])
      : ([['sslmode', 'disable']] as [string, string][])),
    ['connect_timeout', '3'],
    ['tcp_user_timeout', '4000'],
    ['keepalives_idle', '2'],
    ['keepalives_interval', '1'],
    ['keepalives_count', '3'],
    ['options', '-c client_min_messages=NOTICE'],
  ];
  return `pgsql://${words.map(([name, value]) => `${name}=${quoted(value)}`).join(' ')}`;
}

/** libpq takes a value with a space or a quote only between quotes, with a backslash before both kinds. */
function quoted(value: string): string {
  if (value !== '' && !/[\s'\\]/.test(value)) return value;
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** null where calls are not recovered. `host` and `port` only where the deployment makes the database. */
export function dsnOfNode(
  database: ClusterConfig['database'],
  nodeId: string,
  created: { host: string; port: string },
): string | null {
  if (database.source === 'none') return null;
  const where = database.source === 'create' ? created : { host: database.host, port: String(database.port) };
  return nodeDsn({ ...where, database: database.name, nodeId, tls: database.tls });
}
