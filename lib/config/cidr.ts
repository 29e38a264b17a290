/** IPv4 ranges, as numbers. Nothing here does I/O. */
export interface Cidr {
  /** First address as an unsigned 32-bit integer. */
  first: number;
  last: number;
  prefix: number;
}

const CIDR_PATTERN = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/** What a VPC may use without taking public addresses away: RFC 1918, and the shared space of RFC 6598. */
const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/** Reads `a.b.c.d/n`; null when it is no IPv4 range. Bits right of the prefix are dropped, see `formatCidr`. */
export function parseCidr(text: string): Cidr | null {
  const parts = CIDR_PATTERN.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = parts;
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return null;
  const size = 2 ** (32 - prefix);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, prefix };
}

/** The canonical text: `10.0.0.7/16` parses and formats to `10.0.0.0/16`. */
export function formatCidr({ first, prefix }: Cidr): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join('.')}/${prefix}`;
}

export const overlaps = (a: Cidr, b: Cidr): boolean => a.first <= b.last && b.first <= a.last;

export const contains = (outer: Cidr, inner: Cidr): boolean => outer.first <= inner.first && inner.last <= outer.last;

export function isPrivate(cidr: Cidr): boolean {
  return PRIVATE_RANGES.map(parseCidr).some((range) => range !== null && contains(range, cidr));
}
