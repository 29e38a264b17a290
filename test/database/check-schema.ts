import { LOCKER_ROLE, OUR_SCHEMA } from '../../lib/database/names';
import { CORE_TABLES } from '../../lib/database/schema/freeswitch-core';
import { SOFIA_TABLES } from '../../lib/database/schema/freeswitch-sofia';
import { FREESWITCH_VIEWS } from '../../lib/database/schema/freeswitch-views';
import { installedVersion, SCHEMA_VERSION } from '../../lib/database/schema/version';
import type { Queries } from '../../lib/database/session';
import { CONTROL_ROLE, NODES_ROLE, OBSERVER_ROLE, OWNER_ROLE } from '../../lib/domain/database-names';

const OUR_TABLES = ['recovery_orders', 'recovery_plan', 'recovery_aside'];
const OUR_FUNCTIONS = ['lock_node', 'unlock_node', 'end_node_sessions', 'sessions_from', 'nodes_waiting'];

export interface SchemaCheck {
  version: number | null;
  /** What is not there, one thing a line (`table public.recovery`); empty when all is. */
  missing: string[];
}

/**
 * Tells what FreeSWITCH and Understudy would miss. Reads the catalogue only, so that every role may ask; `nodeRoles`
 * are those that are expected to log in.
 */
export async function checkSchema(queries: Queries, nodeRoles: readonly string[] = []): Promise<SchemaCheck> {
  const version = await installedVersion(queries);
  const wanted = [
    ...[OWNER_ROLE, NODES_ROLE, LOCKER_ROLE, CONTROL_ROLE, OBSERVER_ROLE, ...nodeRoles].map((role) => `role ${role}`),
    ...[...CORE_TABLES, ...SOFIA_TABLES].flatMap((table) => [
      `table public.${table.name}`,
      ...Object.keys(table.columns).map((column) => `column public.${table.name}.${column}`),
      `permission of ${NODES_ROLE} on public.${table.name}`,
    ]),
    ...Object.keys(FREESWITCH_VIEWS).flatMap((view) => [
      `table public.${view}`,
      `permission of ${NODES_ROLE} on public.${view}`,
    ]),
    ...OUR_TABLES.map((table) => `table ${OUR_SCHEMA}.${table}`),
    ...OUR_FUNCTIONS.map((name) => `function ${OUR_SCHEMA}.${name}`),
  ];
  const found = await inCatalogue(queries);
  const tables = new Set(wanted.filter((thing) => thing.startsWith('table ') && !found.has(thing)));
  const missing = wanted.filter((thing) => !found.has(thing) && !isPartOf(thing, tables));
  if (version !== SCHEMA_VERSION) missing.unshift(`version ${SCHEMA_VERSION} (there is ${version ?? 'none'})`);
  return { version, missing };
}

/** A missing table is said once, not again for each of its columns. */
function isPartOf(thing: string, missingTables: ReadonlySet<string>): boolean {
  return [...missingTables].some((table) => {
    const name = table.slice('table '.length);
    return thing.startsWith(`column ${name}.`) || thing.endsWith(` on ${name}`);
  });
}

async function inCatalogue(queries: Queries): Promise<Set<string>> {
  const { rows } = await queries.query<{ thing: string }>(
    `with relations as (
       select c.oid, n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('public', '${OUR_SCHEMA}') and c.relkind in ('r', 'v', 'p'))
     select 'role ' || rolname as thing from pg_roles
     union all select 'table ' || name from relations
     union all select 'column ' || name || '.' || attname from relations join pg_attribute on attrelid = oid
       where attnum > 0 and not attisdropped
     union all select 'permission of ' || grp.rolname || ' on ' || name from relations, pg_roles grp
       where grp.rolname = '${NODES_ROLE}' and has_table_privilege(grp.oid, relations.oid, 'select')
         and has_table_privilege(grp.oid, relations.oid, 'insert')
         and has_table_privilege(grp.oid, relations.oid, 'update')
         and has_table_privilege(grp.oid, relations.oid, 'delete')
     union all select 'function ' || n.nspname || '.' || p.proname from pg_proc p
       join pg_namespace n on n.oid = p.pronamespace where n.nspname = '${OUR_SCHEMA}'`,
  );
  return new Set(rows.map(({ thing }) => thing));
}
