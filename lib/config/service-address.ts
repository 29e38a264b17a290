/** The address that SIP and media of a VIP bind to on every candidate, so that recovery rows are valid everywhere. */
import { createHash } from 'node:crypto';
import { present, type ClusterDraft, type Draft } from './draft';
import type { WrittenVip } from './schema';

/** Private, rarely used, and not routed anywhere: a service address exists on `lo` of the candidates only. */
const RANGE_PREFIX = '10.255';
/** Third octet 0 to 255; the fourth is never .0 or .255, which old equipment takes for a network or a broadcast. */
const LAST_OCTETS = 254;

/**
 * An address out of 10.255.0.0/16 that depends on the VIP's id alone: another VIP, added or removed, moves no other, and
 * a replaced node binds what the rows of established calls name.
 */
export function derivedServiceAddress(vipId: string): string {
  const number = createHash('sha256').update(`service address of ${vipId}`).digest().readUInt32BE(0);
  const place = number % (256 * LAST_OCTETS);
  return `${RANGE_PREFIX}.${Math.floor(place / LAST_OCTETS)}.${(place % LAST_OCTETS) + 1}`;
}

/**
 * The address that holds for a VIP: as written, or derived where the deployment makes every candidate. null: none; so it
 * is too where a candidate is adopted, because nobody has put such an address on that node.
 */
export function effectiveServiceAddress(vip: Draft<WrittenVip>, cluster: ClusterDraft): string | null {
  if (vip.serviceAddress !== undefined) return vip.serviceAddress === 'none' ? null : vip.serviceAddress;
  const adopted = [...present(cluster.nodes)].some(
    ([node]) => node.adopt !== undefined && node.id !== undefined && vip.candidates?.includes(node.id),
  );
  return adopted || vip.id === undefined ? null : derivedServiceAddress(vip.id);
}
