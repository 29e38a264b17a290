import * as fc from 'fast-check';
import { formatCidr, overlaps, parseCidr, type Cidr } from '../../lib/config/cidr';
import { planSubnets } from '../../lib/infra/network/subnet-plan';

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f'];

function parsed(cidr: string): Cidr {
  const result = parseCidr(cidr);
  if (result === null) throw new Error(`${cidr} is no range`);
  return result;
}

describe('the subnet plan', () => {
  it('puts nodes at the beginning of the range, where the local world looks for them', () => {
    expect(planSubnets('127.64.0.0/16', 'us-east-1a')).toEqual({
      nodes: '127.64.0.0/20',
      functions: '127.64.128.0/21',
      nat: '127.64.136.0/21',
      database: '127.64.96.0/21',
    });
    expect(planSubnets('127.64.0.0/16', 'us-east-1c').nodes).toBe('127.64.32.0/20');
  });

  it('leaves no room for NAT in a /24, whose blocks are as small as AWS allows', () => {
    expect(planSubnets('10.0.7.0/24', 'eu-west-1b')).toEqual({
      nodes: '10.0.7.16/28',
      functions: '10.0.7.144/28',
      nat: null,
      database: '10.0.7.112/28',
    });
  });

  it('has room for a database in four zones of a /24, and in every zone of a larger network', () => {
    const withRoom = (cidr: string) =>
      LETTERS.filter((letter) => planSubnets(cidr, `eu-west-1${letter}`).database !== null);
    expect(withRoom('10.0.7.0/24')).toEqual(['a', 'b', 'c', 'd']);
    expect(withRoom('10.0.6.0/23')).toEqual(LETTERS);
  });

  it('never lets two subnets overlap, and keeps all inside the network, from /28 upwards', () => {
    const network = fc.record({ octet: fc.integer({ min: 0, max: 255 }), prefix: fc.integer({ min: 16, max: 24 }) });
    fc.assert(
      fc.property(network, ({ octet, prefix }) => {
        const range = parsed(`10.${octet}.0.0/${prefix}`);
        const subnets = LETTERS.flatMap((letter) => {
          const { nodes, functions, nat, database } = planSubnets(formatCidr(range), `eu-west-1${letter}`);
          return [nodes, functions, nat, database];
        })
          .filter((each): each is string => each !== null)
          .map(parsed);
        subnets.forEach((subnet, index) => {
          expect(subnet.prefix).toBeLessThanOrEqual(28);
          expect(subnet.first).toBeGreaterThanOrEqual(range.first);
          expect(subnet.last).toBeLessThanOrEqual(range.last);
          expect(subnets.slice(index + 1).some((other) => overlaps(subnet, other))).toBe(false);
        });
      }),
    );
  });

  it('knows the zones that AWS has', () => {
    expect(() => planSubnets('10.0.0.0/16', 'us-east-1g')).toThrow(/from a to f/);
  });

  it.each(['10.0.0.0/15', '10.0.0.0/25', 'ten'])('refuses %s', (cidr) => {
    expect(() => planSubnets(cidr, 'us-east-1a')).toThrow(cidr);
  });
});
