/** What an instance must be able to carry. */
import { present, type ClusterDraft } from '../draft';
import { refuse, type ClusterRule } from '../finding';
import { addressesPerInterface, knownInstanceTypes } from '../instance-types';
import { closest } from '../key-hints';

/** VIPs that name the node as a candidate. */
export const vipsOf = (cluster: ClusterDraft, nodeId: string | undefined): number =>
  nodeId === undefined ? 0 : [...present(cluster.vips)].filter(([vip]) => vip.candidates?.includes(nodeId)).length;

/** One private address for management and one for each VIP that the node may hold. */
export const instanceTypeCarriesAddresses: ClusterRule = function* (cluster, at) {
  for (const [node, index] of present(cluster.nodes)) {
    const type = node.create?.instanceType;
    if (type === undefined) continue;
    const limit = node.create?.addressesPerInterface ?? addressesPerInterface(type);
    const path = [...at, 'nodes', index, 'create', 'instanceType'];
    const vips = vipsOf(cluster, node.id);
    if (limit === null) {
      const close = closest(type, knownInstanceTypes());
      yield refuse(
        path,
        `${type} is not in the table of instance types${close === null ? '' : ` (did you mean ${close}?)`}. If it ` +
          'exists, write addressesPerInterface beside it, with the number that `aws ec2 describe-instance-types ' +
          `--instance-types ${type}\` gives as Ipv4AddressesPerInterface`,
      );
    } else if (1 + vips > limit) {
      yield refuse(
        path,
        `${type} carries ${limit} private addresses on an interface, but this node needs ${1 + vips}: one for ` +
          `management and one for each of ${vips} VIPs. Take a larger type, or fewer VIPs with this candidate`,
      );
    }
  }
};

/** An adopted node has no secondary address of ours: its one address can carry one Elastic IP. */
export const adoptedNodesCarryOneVip: ClusterRule = function* (cluster, at) {
  for (const [node, index] of present(cluster.nodes)) {
    const vips = vipsOf(cluster, node.id);
    if (node.adopt !== undefined && vips > 1) {
      yield refuse(
        [...at, 'nodes', index, 'adopt'],
        `${node.id ?? 'this node'} is adopted and can carry one VIP only, on its primary address, but ${vips} VIPs ` +
          'name it as a candidate: leave one of them',
      );
    }
  }
};

export const adoptedNodesHaveAnExistingNetwork: ClusterRule = function* (cluster, at) {
  if (cluster.network?.create === undefined) return;
  for (const [node, index] of present(cluster.nodes)) {
    if (node.adopt === undefined || node.create !== undefined) continue; // both: the schema refuses that
    yield refuse(
      [...at, 'nodes', index, 'adopt'],
      'an adopted node lives in a VPC that exists: describe that one under network.existing instead of making another',
    );
  }
};
