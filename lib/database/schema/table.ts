/** Tables as data: the same description creates them and tells what is missing. */

export interface TableDefinition {
  name: string;
  /** Name -> type with its constraints, in order. */
  columns: Readonly<Record<string, string>>;
  /** Name -> indexed columns. */
  indexes: Readonly<Record<string, string>>;
}

export const varchar = (length: number, ...names: string[]): Record<string, string> =>
  ofType(`varchar(${length})`, names);
export const int = (...names: string[]): Record<string, string> => ofType('integer', names);
export const text = (...names: string[]): Record<string, string> => ofType('text', names);

/** One index `PREFIX_column` for each column, as mod_sofia has them. */
export const each = (prefix: string, ...columns: string[]): Record<string, string> =>
  Object.fromEntries(columns.map((column) => [`${prefix}_${column}`, column]));

function ofType(type: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, type]));
}

/**
 * Statements that make the table, add what an older one lacks, and change nothing else. Columns are only ever added:
 * FreeSWITCH names the columns it writes, so one more does not disturb an older release.
 */
export function tableStatements(schema: string, table: TableDefinition): string[] {
  const name = `${schema}.${table.name}`;
  const columns = Object.entries(table.columns).map(([column, type]) => `${column} ${type}`);
  return [
    `create table if not exists ${name} (${columns.join(', ')})`,
    `alter table ${name} ${columns.map((column) => `add column if not exists ${column}`).join(', ')}`,
    ...Object.entries(table.indexes).map(([index, on]) => `create index if not exists ${index} on ${name} (${on})`),
  ];
}
