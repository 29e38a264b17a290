import { HERE } from '../fixture';
import { ADOPT, CANDIDATES, ROOM, refusesEach, secondVip } from '../mistakes';

refusesEach('instances and images', [
  {
    name: 'an instance type that nobody knows',
    change: [
      [
        'c7g.large\n          image: ami-0123456789abcdef0\n      - id: bob',
        `c7g.larg${HERE}\n          image: ami-0123456789abcdef0\n      - id: bob`,
      ],
    ],
    path: 'clusters[0].nodes[0].create.instanceType',
    says: /did you mean c7g.large\?.*addressesPerInterface/,
  },
  {
    name: 'an instance type too small for its VIPs',
    change: [
      [
        'c7g.large\n          image: ami-0123456789abcdef0\n      - id: bob',
        `t3.nano${HERE}\n          image: ami-0123456789abcdef0\n      - id: bob`,
      ],
      [CANDIDATES, secondVip(`        elasticIp: create\n        profiles: [other]\n${CANDIDATES}${ROOM}`)],
    ],
    path: 'clusters[0].nodes[0].create.instanceType',
    says: /carries 2 private addresses.*needs 3/,
  },
  {
    name: 'an image by alias',
    change: [['ami-0123456789abcdef0\n      - id: bob', `resolve:ssm:/fs/latest${HERE}\n      - id: bob`]],
    path: 'clusters[0].nodes[0].create.image',
    says: /pinned image like ami-/,
  },
  {
    name: 'a node both made and adopted',
    base: ADOPT,
    change: [
      [
        '      - id: fs1\n',
        `      - id: fs1${HERE}\n        create: { instanceType: t3.small, image: ami-01234567 }\n`,
      ],
      ['          us-east-1a:\n', '          us-east-1a:\n            nodeSubnetId: subnet-01234567\n'],
    ],
    path: 'clusters[0].nodes[0]',
    says: /exactly one of `create` and `adopt`/,
  },
  {
    name: 'an adopted node with two VIPs',
    base: ADOPT,
    change: [
      [
        '        adopt:\n          tag: { key: Name, value: freeswitch-1 }',
        `        adopt:${HERE}\n          tag: { key: Name, value: freeswitch-1 }`,
      ],
      [
        '        candidates: [fs1, fs2] # an adopted node carries one VIP, on its primary address\n',
        '        candidates: [fs1, fs2]\n      - id: second\n        elasticIp: create\n        profiles: [second]\n        candidates: [fs1, fs3]\n',
      ],
      [
        '    vips:\n',
        '      - { id: fs3, zone: us-east-1c, adopt: { tag: { key: Name, value: freeswitch-3 } } }\n    vips:\n',
      ],
    ],
    path: 'clusters[0].nodes[0].adopt',
    says: /fs1 is adopted and can carry one VIP only/,
  },
  {
    name: 'an adopted node in a network that is yet to be made',
    change: [
      [
        '        zone: us-east-1b\n        create:\n          instanceType: c7g.large\n          image: ami-0123456789abcdef0\n    vips',
        `        zone: us-east-1b\n        adopt: { tag: { key: Name, value: fs } }${HERE}\n    vips`,
      ],
    ],
    path: 'clusters[0].nodes[1].adopt',
    says: /lives in a VPC that exists/,
  },
]);
