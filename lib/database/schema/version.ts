import { OUR_SCHEMA } from '../names';
import type { Queries } from '../session';

/** Goes up with every change of tables, functions or permissions. */
export const SCHEMA_VERSION = 3;

/** Kept as the schema's comment: the catalogue may be read by every role, our tables only by node-control. */
export const versionStatement = (): string => `comment on schema ${OUR_SCHEMA} is 'version ${SCHEMA_VERSION}'`;

/** null: it was never set up. */
export async function installedVersion(queries: Queries): Promise<number | null> {
  const { rows } = await queries.query<{ version: string | null }>(
    `select substring(obj_description(oid, 'pg_namespace') from '^version ([0-9]+)$') as version
     from pg_namespace where nspname = '${OUR_SCHEMA}'`,
  );
  const version = rows[0]?.version;
  return version === undefined || version === null ? null : Number(version);
}
