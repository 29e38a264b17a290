/** All rules of sense, in the order in which a reader thinks about a cluster. A new rule is one file and one line. */
import { present, type ConfigDraft } from '../draft';
import type { ClusterRule, FileRule, Finding } from '../finding';
import {
  clusterIdsAreUnique,
  nothingIsClaimedTwice,
  ownNetworksDoNotOverlap,
  sharedVpcsAreFurnishedOnce,
} from './across-clusters';
import { sourcesAreCanonical, sourcesAreChosen } from './callers';
import { databaseHostIsNotLoopback, databaseSurvivesAZone } from './database';
import { namesLieInTheirZone, ttlsAreShort, zonesHaveOneId } from './dns';
import { listsNameThingsOnce, mediaPortsCarrySessions, packagesCanBeReached } from './freeswitch';
import { groupsMoveTogether } from './groups';
import { idsAreUnique } from './ids';
import { existingNetworkCoversZones, networkIsPrivate } from './network';
import { adoptedNodesCarryOneVip, adoptedNodesHaveAnExistingNetwork, instanceTypeCarriesAddresses } from './nodes';
import { everyNodeCanBeLost, oneNodeMovesAtOnce } from './placement';
import { policyIsSane } from './policy';
import { portsDoNotMeet, profilesHaveTheirPorts, rtpRangeIsSane } from './ports';
import { secretsLiveInTheRegion } from './secret';
import { nodesGroupHoldsItsRules } from './security-group';
import { serviceAddressesAreFree } from './service-addresses';
import {
  candidatesExist,
  candidatesSpanTwoZones,
  manualOnlyAreCandidates,
  profilesAreUnique,
  vipsCanBeReached,
} from './vips';
import { nodesSpanTwoZones, observersAreDistinct, observersMakeAMajority, zonesBelongToRegion } from './zones';

const CLUSTER_RULES: readonly ClusterRule[] = [
  idsAreUnique,
  zonesBelongToRegion,
  nodesSpanTwoZones,
  observersAreDistinct,
  observersMakeAMajority,
  networkIsPrivate,
  existingNetworkCoversZones,
  instanceTypeCarriesAddresses,
  adoptedNodesCarryOneVip,
  adoptedNodesHaveAnExistingNetwork,
  candidatesExist,
  manualOnlyAreCandidates,
  candidatesSpanTwoZones,
  vipsCanBeReached,
  profilesAreUnique,
  serviceAddressesAreFree,
  groupsMoveTogether,
  everyNodeCanBeLost,
  oneNodeMovesAtOnce,
  namesLieInTheirZone,
  ttlsAreShort,
  zonesHaveOneId,
  sourcesAreChosen,
  sourcesAreCanonical,
  nodesGroupHoldsItsRules,
  rtpRangeIsSane,
  portsDoNotMeet,
  profilesHaveTheirPorts,
  databaseHostIsNotLoopback,
  databaseSurvivesAZone,
  mediaPortsCarrySessions,
  listsNameThingsOnce,
  packagesCanBeReached,
  policyIsSane,
  secretsLiveInTheRegion,
];

const FILE_RULES: readonly FileRule[] = [
  clusterIdsAreUnique,
  nothingIsClaimedTwice,
  ownNetworksDoNotOverlap,
  sharedVpcsAreFurnishedOnce,
];

export function checkSense(draft: ConfigDraft): Finding[] {
  const clusters = draft.clusters ?? [];
  return [
    ...[...present(clusters)].flatMap(([cluster, index]) =>
      CLUSTER_RULES.flatMap((rule) => [...rule(cluster, ['clusters', index])]),
    ),
    ...FILE_RULES.flatMap((rule) => [...rule(clusters)]),
  ];
}
