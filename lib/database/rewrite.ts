/** Way B of FACTS 7.3: nodes without a service address bind RTP to their own, which stands in each row. */
import { isIP } from 'node:net';

import { DatabaseRefused } from '../domain/errors';
import { mediaAddress, OF_SOFIA, variable } from './recovery-rows';
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
  name: 'local_media_ip' | 'advertised_media_ip',
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

/** What `rewriteMediaAddress` would change, in order of the legs' uuids. */
export async function previewMediaAddress(
  queries: Queries,
  change: Rewriting,
): Promise<{ uuid: string; from: string; to: string }[]> {
  assertAddress(change.rewriteTo);
  const { rows } = await queries.query<{ uuid: string; from: string; to: string }>(
    `select uuid, ${mediaAddress('recovery')} as "from", $3::text as "to" from public.recovery
     where ${OF_THE_ORDER} and ${mediaAddress('recovery')} <> $3 order by uuid`,
    [change.deadCoreUuids, change.profiles, change.rewriteTo],
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
