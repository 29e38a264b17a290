import { BASE, HERE } from '../fixture';
import { ADOPT, NET, refusesEach } from '../mistakes';

/** With alice, who has two addresses, one zone needs thirteen. */
const eleven = Array.from({ length: 11 }, (_, index) => index)
  .map((n) => `      - { id: n${n}, zone: us-east-1a, create: { instanceType: t3.small, image: ami-01234567 } }\n`)
  .join('');

refusesEach('network', [
  {
    name: 'no choice of egress',
    change: [
      ['    network:', `    network:${HERE}`],
      ['      nodeEgress: nat\n', ''],
    ],
    path: `${NET}.nodeEgress`,
    says: /is missing.*no default/,
  },
  {
    name: 'a public range',
    change: [['cidr: 10.80.0.0/16', `cidr: 52.80.0.0/16${HERE}`]],
    path: `${NET}.create.cidr`,
    says: /not private: take it from 10/,
  },
  {
    name: 'the loopback range, which only an override may name',
    change: [['cidr: 10.80.0.0/16', `cidr: 127.64.0.0/16${HERE}`]],
    path: `${NET}.create.cidr`,
    says: /not private/,
  },
  {
    name: 'a range larger than a VPC',
    change: [['cidr: 10.80.0.0/16', `cidr: 10.80.0.0/15${HERE}`]],
    path: `${NET}.create.cidr`,
    says: /\/16 to \/24, not \/15/,
  },
  {
    name: 'a range smaller than we make',
    change: [['cidr: 10.80.0.0/16', `cidr: 10.80.0.0/25${HERE}`]],
    path: `${NET}.create.cidr`,
    says: /\/16 to \/24, not \/25/,
  },
  {
    name: 'bits right of the prefix',
    change: [['cidr: 10.80.0.0/16', `cidr: 10.80.1.0/16${HERE}`]],
    path: `${NET}.create.cidr`,
    says: /write 10.80.0.0\/16/,
  },
  {
    name: 'a range too small for the addresses of its nodes',
    change: [
      ['nodeEgress: nat', 'nodeEgress: public-ip'],
      ['cidr: 10.80.0.0/16', `cidr: 10.80.0.0/24${HERE}`],
      ['    vips:', `${eleven}    vips:`],
    ],
    path: `${NET}.create.cidr`,
    says: /too small: the nodes of us-east-1a need 13 addresses.* has 11/,
  },
  {
    name: 'a range without room for NAT gateways',
    change: [['cidr: 10.80.0.0/16', `cidr: 10.80.0.0/24${HERE}`]],
    path: `${NET}.create.cidr`,
    says: /no room for NAT gateways: take \/23/,
  },
  {
    name: 'both a new and an existing network',
    base: ADOPT,
    change: [
      ['    network:\n', `    network:${HERE}\n`],
      ['      nodeEgress: nat', '      create: { cidr: 10.0.0.0/16 }\n      nodeEgress: nat'],
      [
        ADOPT.slice(ADOPT.indexOf('      - id: fs1'), ADOPT.indexOf('    vips:')),
        BASE.slice(BASE.indexOf('      - id: alice'), BASE.indexOf('    vips:'))
          .replace('id: alice', 'id: fs1')
          .replace('id: bob', 'id: fs2'),
      ],
      ['          us-east-1a:\n', '          us-east-1a:\n            nodeSubnetId: subnet-01234567\n'],
      ['          us-east-1b:\n', '          us-east-1b:\n            nodeSubnetId: subnet-01234567\n'],
    ],
    path: NET,
    says: /exactly one of `create` and `existing`/,
  },
  {
    name: 'an existing network without the zone of a default observer',
    base: ADOPT,
    change: [
      ['        zones:\n', `        zones:${HERE}\n`],
      [ADOPT.slice(ADOPT.indexOf('          us-east-1c:'), ADOPT.indexOf('        endpointsExist')), ''],
    ],
    path: `${NET}.existing.zones`,
    says: /us-east-1c has an observer or a node/,
  },
  {
    name: 'a node to be made in an existing zone without a subnet for it',
    base: ADOPT,
    change: [
      ['          us-east-1a:\n', `          us-east-1a:${HERE}\n`],
      [
        '        adopt:\n          tag: { key: Name, value: freeswitch-1 }',
        '        create: { instanceType: t3.small, image: ami-01234567 }',
      ],
    ],
    path: `${NET}.existing.zones.us-east-1a`,
    says: /node fs1.*nodeSubnetId/,
  },
]);
