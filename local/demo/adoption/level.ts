/** The levels of adoption, as the demo makes nodes of them: what stands in the configuration, and what on the nodes. */
import type { Document } from 'yaml';

import { derivedServiceAddress } from '../../../lib/config/service-address';
import type { ClusterConfig } from '../../../lib/config/model';
import { assertNever } from '../../../lib/domain/model';
import type { StandInSettings } from '../start-freeswitch';
import type { ExistingSite } from './existing-site';

export const ADOPTION_LEVELS = [0, 1, 2, 3] as const;
export type AdoptionLevel = (typeof ADOPTION_LEVELS)[number];

/** From this level on calls are recovered, out of a PostgreSQL that the nodes share. */
const DATABASE_LEVEL = 2;
const SERVICE_ADDRESS_LEVEL = 3;

export const needsDatabase = (level: AdoptionLevel): boolean => level >= DATABASE_LEVEL;

/**
 * The lowest level that a configuration stands for. Whether profiles boot in standby, which is all of level 1, is
 * written on the nodes alone.
 */
export function levelOf({ database, vips }: ClusterConfig): AdoptionLevel {
  if (database.source === 'none') return 0;
  return vips.every((vip) => vip.serviceAddress !== null) ? SERVICE_ADDRESS_LEVEL : DATABASE_LEVEL;
}

/** What the check says that the next level takes; null: there is none. */
export function takesNext(level: AdoptionLevel): RegExp | null {
  switch (level) {
    case 0:
      return /profile-standby/;
    case 1:
      return /mod_pgsql/;
    case 2:
      return /service address/;
    case 3:
      return null;
    default:
      return assertNever(level);
  }
}

/** Level 0 is FreeSWITCH as it is everywhere: it serves from its start, and knows nothing of promotions. */
export const nodesOf = (level: AdoptionLevel): StandInSettings => ({
  standby: level === 0 ? 'absent' : 'unless-promoted',
});

/** Puts the site's ids where the file has placeholders, and what the level takes beside them. */
export function describeSite(document: Document, site: ExistingSite, level: AdoptionLevel): void {
  const cluster = ['clusters', 0];
  document.setIn([...cluster, 'network', 'existing', 'vpcId'], site.vpcId);
  document.setIn([...cluster, 'network', 'existing', 'zones'], site.functionSubnets);
  document.setIn([...cluster, 'eslSecret', 'arn'], site.secretArn);
  document.setIn([...cluster, 'database'], site.database === null ? 'none' : { existing: site.database });
  for (const [index, { id, hostedZoneId }] of site.vips.entries()) {
    const vip = [...cluster, 'vips', index];
    if (hostedZoneId !== null) document.setIn([...vip, 'privateDns', 'zoneId'], hostedZoneId);
    const serviceAddress = level >= SERVICE_ADDRESS_LEVEL ? derivedServiceAddress(id) : 'none';
    document.setIn([...vip, 'serviceAddress'], serviceAddress);
  }
}
