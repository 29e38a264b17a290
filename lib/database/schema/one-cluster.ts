import { NODES_ROLE } from '../../domain/database-names';
import { DatabaseRefused } from '../../domain/errors';
import type { Queries } from '../session';

/**
 * Roles belong to the server and not to a database: of two clusters on one server each would change passwords, read and
 * delete rows, and end sessions of the other.
 *
 * @throws DatabaseRefused when nodes of a cluster were let into another database of the server
 */
export async function assertNoOtherCluster(queries: Queries, database: string): Promise<void> {
  const { rows } = await queries.query<{ name: string }>(
    `select distinct datname as name from pg_database, aclexplode(datacl) as granted
     join pg_roles on pg_roles.oid = granted.grantee where rolname = '${NODES_ROLE}' and datname <> $1 order by 1`,
    [database],
  );
  if (rows.length === 0) return;
  const others = rows.map(({ name }) => `"${name}"`).join(', ');
  throw new DatabaseRefused(
    `The server has a cluster in ${others} already, and roles belong to the whole server: ${database} would share its ` +
      `nodes' logins and locks. Name another server as database.existing.host. If that cluster is gone, or is to have ` +
      `${database} from now on, drop its database, or \`revoke connect on database ${others} from ${NODES_ROLE}\``,
  );
}
