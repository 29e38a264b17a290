import { HERE } from '../fixture';
import { ADOPT, CANDIDATES, NET, ROOM, refusesEach } from '../mistakes';

refusesEach('ids', [
  {
    name: 'a node id in capitals',
    change: [['      - id: alice\n', `      - id: Alice${HERE}\n`]],
    path: 'clusters[0].nodes[0].id',
    says: /lower-case letters.*here is "Alice"/,
  },
  {
    name: 'a cluster id of 21 characters',
    change: [['id: pbx', `id: a23456789012345678901${HERE}`]],
    path: 'clusters[0].id',
    says: /up to 20/,
  },
  {
    name: 'two nodes of one id',
    change: [
      ['      - id: bob\n', `      - id: alice${HERE}\n`],
      ['candidates: [alice, bob]', 'candidates: [alice, alice2]'],
      [
        '    vips:',
        `      - { id: alice2, zone: us-east-1b, create: { instanceType: c7g.large, image: ami-01234567 } }\n    vips:`,
      ],
    ],
    path: 'clusters[0].nodes[1].id',
    says: /another node is called alice/,
  },
  {
    name: 'two VIPs of one id',
    change: [
      [
        CANDIDATES,
        `${CANDIDATES}      - id: main${HERE}\n        elasticIp: create\n        profiles: [other]\n${CANDIDATES}${ROOM}`,
      ],
    ],
    path: 'clusters[0].vips[1].id',
    says: /another VIP is called main/,
  },
]);

refusesEach('zones', [
  {
    name: 'a node in a zone of another region',
    change: [['zone: us-east-1b', `zone: us-west-2b${HERE}`]],
    path: 'clusters[0].nodes[1].zone',
    says: /us-west-2b is not a zone of us-east-1: write one like us-east-1a/,
  },
  {
    name: 'a Local Zone',
    change: [['zone: us-east-1b', `zone: us-east-1-bos-1a${HERE}`]],
    path: 'clusters[0].nodes[1].zone',
    says: /Local Zone/,
  },
  {
    name: 'an observer in another region',
    change: [['us-east-1b, us-east-1c]', `us-east-1b, us-east-2c]${HERE}`]],
    path: 'clusters[0].observers[2]',
    says: /us-east-2c is not a zone/,
  },
  {
    name: 'two observers in one zone',
    change: [['us-east-1b, us-east-1c]', `us-east-1b, us-east-1b, us-east-1c]${HERE}`]],
    path: 'clusters[0].observers[2]',
    says: /us-east-1b has an observer already/,
  },
  {
    name: 'six observers',
    change: [['us-east-1c]', `us-east-1c, us-east-1d, us-east-1e, us-east-1f]${HERE}`]],
    path: 'clusters[0].observers',
    says: /at most 5 items/,
  },
  {
    name: 'no observer',
    change: [['[us-east-1a, us-east-1b, us-east-1c]', `[]${HERE}`]],
    path: 'clusters[0].observers',
    says: /at least 1 item;/,
  },
  {
    name: 'all nodes in one zone',
    change: [
      ['    nodes:', `    nodes:${HERE}`],
      ['zone: us-east-1b', 'zone: us-east-1a'],
    ],
    path: 'clusters[0].nodes',
    says: /all nodes live in us-east-1a/,
  },
  {
    name: 'a zone of an existing network in another region',
    base: ADOPT,
    change: [
      [
        '          us-east-1c:\n',
        `          eu-west-1a: { functionSubnetId: subnet-01234567, routeTableId: rtb-01234567 }${HERE}\n          us-east-1c:\n`,
      ],
    ],
    path: `${NET}.existing.zones.eu-west-1a`,
    says: /not a zone of us-east-1/,
  },
]);
