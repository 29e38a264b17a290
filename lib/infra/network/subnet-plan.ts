/**
 * Which part of the VPC each zone gets, worked out from the zone's own letter: a zone that is added later never moves
 * the subnets of the others. (A subnet that moves is replaced, and everything in it.)
 *
 * The VPC is cut into sixteen blocks: 0 to 5 are the node subnets of the zones a to f, 8 to 13 their function subnets.
 * Of a function block the upper half is kept for a NAT gateway. No region names a zone beyond f: what g and h would have
 * had (6, 7, 14, 15) are the subnets of the database.
 */

import { formatCidr, parseCidr } from '../../config/cidr';

export interface ZoneSubnets {
  nodes: string;
  functions: string;
  /** null in a VPC of /24: half of its blocks would be smaller than the /28 that AWS allows. */
  nat: string | null;
  /** null in a VPC of /24 for the zones e and f: it has room for four. */
  database: string | null;
}

const BLOCK_BITS = 4;
const SMALLEST_SUBNET = 28;
const ZONES = 6;
/** Positions of the database subnets of the zones a to f, in blocks. */
const DATABASE_HALVES = [6, 6.5, 7, 7.5, 14, 14.5];
const DATABASE_WHOLES = [6, 7, 14, 15];

/**
 * @param vpcCidr IPv4, /16 to /24 (what AWS allows at the large end, what leaves room at the small one)
 * @param zone for example `us-east-1a`
 * @throws Error when the range or the zone's letter does not fit the plan
 */
export function planSubnets(vpcCidr: string, zone: string): ZoneSubnets {
  const network = parseCidr(vpcCidr);
  if (network === null) throw new Error(`${vpcCidr} is not an IPv4 network such as 10.20.0.0/16`);
  const { first, prefix } = network;
  if (prefix < 16 || prefix > 24) throw new Error(`the network ${vpcCidr} must be between /16 and /24`);
  const index = zone.charCodeAt(zone.length - 1) - 'a'.charCodeAt(0);
  if (!(index >= 0 && index < ZONES)) throw new Error(`the zone ${zone} must end in a letter from a to f`);

  const blockPrefix = prefix + BLOCK_BITS;
  const block = (position: number): number => first + position * 2 ** (32 - blockPrefix);
  const halves = blockPrefix + 1 <= SMALLEST_SUBNET;
  const small = halves ? blockPrefix + 1 : blockPrefix;
  const database = (halves ? DATABASE_HALVES : DATABASE_WHOLES)[index];
  return {
    nodes: cidr(block(index), blockPrefix),
    functions: cidr(block(8 + index), small),
    nat: halves ? cidr(block(8.5 + index), small) : null,
    database: database === undefined ? null : cidr(block(database), small),
  };
}

const cidr = (first: number, prefix: number): string =>
  formatCidr({ first, last: first + 2 ** (32 - prefix) - 1, prefix });
