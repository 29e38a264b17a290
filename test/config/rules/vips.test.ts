import { HERE } from '../fixture';
import { CANDIDATES, PRIVATE_DNS, ROOM, refusesEach, secondVip } from '../mistakes';

refusesEach('VIPs', [
  {
    name: 'one candidate',
    change: [['candidates: [alice, bob]', `candidates: [alice]${HERE}`]],
    path: 'clusters[0].vips[0].candidates',
    says: /at least 2 items/,
  },
  {
    name: 'a candidate that does not exist',
    change: [['candidates: [alice, bob]', `candidates: [alice, bop]${HERE}`]],
    path: 'clusters[0].vips[0].candidates[1]',
    says: /no node is called bop: did you mean bob\?/,
  },
  {
    name: 'a candidate twice',
    change: [['candidates: [alice, bob]', `candidates: [alice, bob, bob]${HERE}`]],
    path: 'clusters[0].vips[0].candidates[2]',
    says: /bob is a candidate already/,
  },
  {
    name: 'a node for operators alone that is no candidate',
    change: [[CANDIDATES, `${CANDIDATES}        manualOnly: [carol]${HERE}\n`]],
    path: 'clusters[0].vips[0].manualOnly[0]',
    says: /carol is no candidate of main, so nobody can choose it/,
  },
  {
    name: 'a standby that only an operator may choose: the loss of the other node finds no place',
    change: [
      ['    vips:', `    vips:${HERE}`],
      [CANDIDATES, `${CANDIDATES}        manualOnly: [bob]\n`],
    ],
    path: 'clusters[0].vips',
    says: /when node alice is lost, VIP main finds no place/,
  },
  {
    name: 'neither address nor name',
    change: [
      ['elasticIp: create', `elasticIp: none${HERE}`],
      [PRIVATE_DNS, ''],
    ],
    path: 'clusters[0].vips[0].elasticIp',
    says: /neither Elastic IP nor privateDns/,
  },
  {
    name: 'a public name without a public address',
    change: [
      ['elasticIp: create', 'elasticIp: none'],
      [PRIVATE_DNS, `${PRIVATE_DNS}        publicDns: { zone: a.com, zoneId: Z012345, name: x.a.com }${HERE}\n`],
    ],
    path: 'clusters[0].vips[0].publicDns',
    says: /a public name points at the Elastic IP/,
  },
  {
    name: 'a public name of an adopted address',
    change: [
      ['elasticIp: create', 'elasticIp: { adopt: { tag: { key: Name, value: main } } }'],
      [PRIVATE_DNS, `${PRIVATE_DNS}        publicDns: { zone: a.com, zoneId: Z012345, name: x.a.com }${HERE}\n`],
    ],
    path: 'clusters[0].vips[0].publicDns',
    says: /adopted Elastic IP stays yours/,
  },
  {
    name: 'an Elastic IP that is neither made nor adopted nor none',
    change: [['elasticIp: create', `elasticIp: yes${HERE}`]],
    path: 'clusters[0].vips[0].elasticIp',
    says: /`create`, `none`, or `adopt`.*here is "yes"/,
  },
  {
    name: 'a profile with a slash',
    change: [['profiles: [external]', `profiles: [ex/ternal]${HERE}`]],
    path: 'clusters[0].vips[0].profiles[0]',
    says: /letters, digits/,
  },
  {
    name: 'a profile twice',
    change: [['profiles: [external]', `profiles: [external, external]${HERE}`]],
    path: 'clusters[0].vips[0].profiles[1]',
    says: /named twice/,
  },
  {
    name: 'a profile of another VIP on the same nodes',
    change: [
      [CANDIDATES, secondVip(`        elasticIp: create\n        profiles: [external]${HERE}\n${CANDIDATES}${ROOM}`)],
    ],
    path: 'clusters[0].vips[1].profiles[0]',
    says: /external belongs to VIP main.*external-extra/,
  },
  {
    name: 'a profile of another VIP on other nodes, whose calls it would take',
    change: [
      [
        '    vips:\n',
        '      - { id: carol, zone: us-east-1a, create: { instanceType: c7g.large, image: ami-01234567 } }\n' +
          '      - { id: dave, zone: us-east-1b, create: { instanceType: c7g.large, image: ami-01234567 } }\n    vips:\n',
      ],
      [
        CANDIDATES,
        secondVip(
          `        elasticIp: create\n        profiles: [external]${HERE}\n        candidates: [carol, dave]\n`,
        ),
      ],
    ],
    path: 'clusters[0].vips[1].profiles[0]',
    says: /external belongs to VIP main, and calls are recovered by the profile's name: .* external-extra/,
  },
  {
    name: 'more VIPs than the survivors may hold',
    change: [
      ['    vips:', `    vips:${HERE}`],
      [CANDIDATES, secondVip(`        elasticIp: create\n        profiles: [other]\n${CANDIDATES}`)],
    ],
    path: 'clusters[0].vips',
    says: /when node alice is lost, VIP extra finds no place: 2 VIPs, 2 nodes, at most 1/,
  },
  {
    name: 'a node that holds more VIPs than may move at once',
    change: [
      [
        CANDIDATES,
        secondVip('        elasticIp: create\n        profiles: [extra]\n        candidates: [alice, bob]\n') +
          `    policy: { maxVipsPerNode: 3, maxTransitionsInFlight: 1 }${HERE}\n`,
      ],
    ],
    path: 'clusters[0].policy.maxTransitionsInFlight',
    says: /must be at least 2, the VIPs that a node may hold: .*planned move.* here is 1\. Write more, or a lower maxVips/,
  },
]);
