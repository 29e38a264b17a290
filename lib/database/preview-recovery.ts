/** The dry run of a preparation: what it would find and change, by reading alone. */
import { isIP } from 'node:net';

import type { AddressChange, CallDatabase, IncarnationRows, RewrittenVariable, RowsPreview } from '../domain/ports';
import { callKey, isConnectionOriented, OF_SOFIA } from './recovery-rows';
import { rowsToRewrite, type RowToRewrite } from './rewrite';
import type { Queries } from './session';

type PreviewOrder = Parameters<CallDatabase['previewRecovery']>[0];
type NewAddresses = Readonly<Record<RewrittenVariable, string | null>>;

/** Enough to see the pattern; `differences` has the rest by number. */
const MAX_EXAMPLES = 10;

/** Instead of a value that is none: a row holds passwords and keys too, and what is shown is shown by being an address. */
const NO_ADDRESS = '(not an address)';

/** To be run inside a transaction that sees one moment. Counts rows as they are: of two for one leg it has both. */
export async function previewRecovery(queries: Queries, order: PreviewOrder): Promise<RowsPreview> {
  const dead = order.deadCoreUuids.filter((uuid) => uuid !== order.ownCoreUuid);
  const to: NewAddresses = { local_media_ip: order.rewriteTo, advertised_media_ip: order.advertiseTo };
  const found = await byIncarnation(queries, order.profiles);
  const of = (coreUuid: string): IncarnationRows =>
    found.find((each) => each.coreUuid === coreUuid) ?? { coreUuid, rows: 0, calls: 0, connectionOriented: 0 };
  const rows = await rowsToRewrite(queries, { deadCoreUuids: dead, profiles: order.profiles }, to);
  return {
    recovered: dead.map(of),
    own: of(order.ownCoreUuid),
    foreign: found.filter(({ coreUuid }) => coreUuid === null || ![...dead, order.ownCoreUuid].includes(coreUuid)),
    ...summaryOf(rows, to),
  };
}

async function byIncarnation(queries: Queries, profiles: readonly string[]): Promise<IncarnationRows[]> {
  const { rows } = await queries.query<{ [Column in keyof IncarnationRows]: IncarnationRows[Column] }>(
    `select nullif(core, '') as "coreUuid", count(*)::int as rows, count(distinct key)::int as calls,
       (count(distinct key) filter (where connection))::int as "connectionOriented"
     from (select coalesce(runtime_uuid, '') as core, coalesce(${callKey('r')}, '') as key,
             ${isConnectionOriented('r')} as connection
           from public.recovery r where ${OF_SOFIA} and profile_name = any($1)) legs
     group by core order by count(*) desc, core`,
    [profiles],
  );
  return rows;
}

function summaryOf(
  rows: readonly RowToRewrite[],
  to: NewAddresses,
): Pick<RowsPreview, 'rewritten' | 'differences' | 'examples'> {
  const changed = rows.map((row) => ({ uuid: row.uuid, changes: changesOf(row, to) }));
  const differences = new Map<string, AddressChange & { rows: number }>();
  for (const change of changed.flatMap(({ changes }) => changes)) {
    const key = `${change.variable} ${change.from}`;
    differences.set(key, { ...change, rows: (differences.get(key)?.rows ?? 0) + 1 });
  }
  return {
    rewritten: rows.length,
    differences: [...differences.values()].sort((one, other) => other.rows - one.rows),
    examples: changed.slice(0, MAX_EXAMPLES),
  };
}

function changesOf(row: RowToRewrite, to: NewAddresses): AddressChange[] {
  return (['local_media_ip', 'advertised_media_ip'] as const).flatMap((variable) => {
    const [old, address] = [row[variable], to[variable]];
    if (old === null || address === null || old === address) return [];
    return [{ variable, from: isIP(old) === 0 ? NO_ADDRESS : old, to: address }];
  });
}
