/** Service addresses exist on `lo` of the nodes alone: one that is somebody else's would make that one unreachable. */
import { isPrivate, overlaps, parseCidr } from '../cidr';
import { present } from '../draft';
import { refuse, type ClusterRule } from '../finding';
import { effectiveServiceAddress } from '../service-address';

export const serviceAddressesAreFree: ClusterRule = function* (cluster, at) {
  const network = cluster.network?.create?.cidr ?? cluster.network?.existing?.cidr;
  const vpc = network === undefined ? null : parseCidr(network);
  const owners = new Map<string, string>();
  for (const [vip, index] of present(cluster.vips)) {
    const address = effectiveServiceAddress(vip, cluster);
    const host = address === null ? null : parseCidr(`${address}/32`);
    if (address === null || host === null) continue;
    const written = vip.serviceAddress !== undefined;
    const path = [...at, 'vips', index, ...(written ? ['serviceAddress'] : [])];
    const what = written ? address : `${address}, derived from the id ${vip.id ?? ''},`;
    const owner = owners.get(address);
    owners.set(address, owner ?? vip.id ?? '');
    // Two VIPs of one id are refused as such.
    if (owner !== undefined && owner !== vip.id) {
      yield refuse(path, `${what} is the service address of VIP ${owner} too: write another one as serviceAddress`);
    }
    if (!isPrivate(host)) {
      yield refuse(
        path,
        `${what} is not private: 127.0.0.0/8 leaves no node, and a public one is somebody else's. Write a ` +
          'serviceAddress out of 10.255.0.0/16, or another private range that nothing uses',
      );
    } else if (vpc !== null && overlaps(vpc, host)) {
      yield refuse(
        path,
        `${what} lies in the range of the VPC, ${network ?? ''}, where something else may get it: write a ` +
          'serviceAddress outside',
      );
    }
  }
};
