/** What a laptop changes in a file made for AWS, so that the demo deploys the very example that a user copies. */
import { formatCidr, parseCidr } from './cidr';
import type { Problem } from './format';

export interface Overrides {
  /**
   * Range of the VPC instead of the one in the file, without its rule on private ranges: on a laptop the instances
   * live inside 127.0.0.0/8. For a file with one cluster.
   */
  networkCidr?: string;
  /** false: the database speaks no TLS, because it listens on this machine's loopback alone. */
  databaseTls?: boolean;
  /** Where `database.existing` is instead: the laptop's own, on a loopback address, which no file may name. */
  databaseServer?: { host: string; port: number };
  /** `none`: no VIP gets a service address, because all nodes share the one loopback interface of a laptop. */
  serviceAddresses?: 'none';
}

/** What is wrong with the overrides for a file of so many clusters. */
export function overrideProblems({ networkCidr }: Overrides, clusters: number): Problem[] {
  if (networkCidr === undefined) return [];
  const problem = (message: string): Problem[] => [{ path: 'networkCidr (override)', line: null, message }];
  const cidr = parseCidr(networkCidr);
  if (cidr === null || formatCidr(cidr) !== networkCidr || cidr.prefix < 16 || cidr.prefix > 24) {
    return problem(`must be an IPv4 range of /16 to /24 like 127.64.0.0/16; here is ${JSON.stringify(networkCidr)}`);
  }
  return clusters > 1 ? problem(`one range cannot serve ${clusters} clusters: use a file with one cluster`) : [];
}
