/** Way B of FACTS 7.3: nodes without a service address bind RTP to their own, which stands in each row. */
import { isIP } from 'node:net';

import { DatabaseRefused } from '../domain/errors';
import type { RewrittenVariable } from '../domain/ports';
import { OF_SOFIA, variable } from './recovery-rows';
import type { Queries } from './session';

interface Rewriting {
  deadCoreUuids: readonly string[];
  profiles: readonly string[];
  rewriteTo: string;
}

const OF_THE_ORDER = `${OF_SOFIA} and runtime_uuid = any($1) and profile_name = any($2)`;

/** One statement. The old address is each row's own: there may be rows of several dead nodes. */
export function rewriteMediaAddress(queries: Queries, change: Rewriting): Promise<number> {
  return rewrite(queries, change, 'local_media_ip', change.rewriteTo);
}

/**
 * What the peers are told in the re-INVITE. Where no Elastic IP moves with the VIP, its address is the new holder's:
 * with the dead one's still in the rows, signalling would live and audio would not (FACTS 7.3, last paragraph).
 */
export function rewriteAdvertised(
  queries: Queries,
  change: Omit<Rewriting, 'rewriteTo'> & { advertiseTo: string },
): Promise<number> {
  return rewrite(queries, change, 'advertised_media_ip', change.advertiseTo);
}

async function rewrite(
  queries: Queries,
  { deadCoreUuids, profiles }: Pick<Rewriting, 'deadCoreUuids' | 'profiles'>,
  name: RewrittenVariable,
  address: string,
): Promise<number> {
  assertAddress(address);
  const { rowCount } = await queries.query(
    `update public.recovery
     set metadata = regexp_replace(metadata, '<${name}>[^<]*</${name}>', '<${name}>' || $3 || '</${name}>', 'g')
     where ${OF_THE_ORDER} and ${variable('recovery', name)} <> $3`,
    [deadCoreUuids, profiles, address],
  );
  return rowCount ?? 0;
}

/** A row that would be rewritten: the present text of each variable, null where the row has none. */
export interface RowToRewrite {
  uuid: string;
  local_media_ip: string | null;
  advertised_media_ip: string | null;
}

/**
 * The rows that `rewriteMediaAddress` and `rewriteAdvertised` would change, in order of the legs' uuids. Null: that
 * variable would not be rewritten.
 */
export async function rowsToRewrite(
  queries: Queries,
  { deadCoreUuids, profiles }: Pick<Rewriting, 'deadCoreUuids' | 'profiles'>,
  to: Readonly<Record<RewrittenVariable, string | null>>,
): Promise<RowToRewrite[]> {
  const [binds, tells] = [to.local_media_ip, to.advertised_media_ip];
  for (const address of [binds, tells]) if (address !== null) assertAddress(address);
  const [local, advertised] = [variable('recovery', 'local_media_ip'), variable('recovery', 'advertised_media_ip')];
  const { rows } = await queries.query<RowToRewrite>(
    `select coalesce(uuid, '') as uuid, ${local} as local_media_ip, ${advertised} as advertised_media_ip
     from public.recovery
     where ${OF_THE_ORDER} and (${local} <> $3::text or ${advertised} <> $4::text) order by uuid`,
    [deadCoreUuids, profiles, binds, tells],
  );
  return rows;
}

/** The text becomes part of an XML document that FreeSWITCH parses. */
function assertAddress(address: string): void {
  if (isIP(address) === 0) {
    throw new DatabaseRefused(
      `"${address}" is not an IP address: the rows stay as they are. Correct the node's address.`,
    );
  }
}
