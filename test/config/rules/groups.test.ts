import { HERE } from '../fixture';
import { CANDIDATES, refusesEach } from '../mistakes';

const CAROL = '      - { id: carol, zone: us-east-1c, create: { instanceType: c7g.large, image: ami-01234567 } }\n';
const NODES_END = '    vips:\n';
const room = (vips: number): string => `    policy: { maxVipsPerNode: ${vips} }\n`;
const extra = (candidates: string, group = 'trunks'): string =>
  `      - id: extra\n        elasticIp: create\n        profiles: [extra]\n        candidates: ${candidates}\n        group: ${group}`;
const member = (group: string, index: number): string =>
  `      - { id: v${index}, elasticIp: create, profiles: [p${index}], group: ${group}, candidates: [alice, bob, carol] }\n`;

refusesEach('groups of VIPs', [
  {
    name: 'a group whose VIPs could go to different nodes',
    change: [
      [NODES_END, `${CAROL}${NODES_END}`],
      [CANDIDATES, `${CANDIDATES}        group: trunks\n${extra('[alice, carol]')}${HERE}\n${room(2)}`],
    ],
    path: 'clusters[0].vips[1].group',
    says: /need the same candidates, .*: main has alice, bob, and extra alice, carol/,
  },
  {
    name: 'a group that begins on two nodes',
    change: [[CANDIDATES, `${CANDIDATES}        group: trunks\n${extra('[bob, alice]')}${HERE}\n${room(2)}`]],
    path: 'clusters[0].vips[1].group',
    says: /must begin on one node: main begins on alice, so write that one first in candidates of extra/,
  },
  {
    name: 'a group of which only one VIP may be taken by itself',
    change: [
      [NODES_END, `${CAROL}${NODES_END}`],
      [
        CANDIDATES,
        '        candidates: [alice, bob, carol]\n        group: trunks\n' +
          `        manualOnly: [carol]\n${extra('[alice, bob, carol]')}${HERE}\n${room(2)}`,
      ],
    ],
    path: 'clusters[0].vips[1].group',
    says: /need the same manualOnly, .*: main has \[carol\], and extra \[\]/,
  },
  {
    name: 'a group too large for any node',
    change: [
      [NODES_END, `${CAROL}${NODES_END}`],
      [CANDIDATES, `${CANDIDATES}        group: trunks\n${extra('[alice, bob]')}${HERE}\n`],
    ],
    path: 'clusters[0].vips[1].group',
    says: /group trunks has 2 VIPs, .* policy\.maxVipsPerNode is 1: raise it to 2/,
  },
  {
    name: 'a group that could not move at once',
    change: [
      [
        CANDIDATES,
        `${CANDIDATES}        group: trunks\n${extra('[alice, bob]')}\n    policy: { maxVipsPerNode: 2, maxTransitionsInFlight: 1 }${HERE}\n`,
      ],
    ],
    path: 'clusters[0].policy.maxTransitionsInFlight',
    says: /must be at least 2, the VIPs that a node may hold.*; here is 1/,
  },
  {
    // Six VIPs apart would fill two nodes of three; three pairs do not.
    name: 'a group that finds no place together, although its VIPs would apart',
    change: [
      [NODES_END, `${CAROL}    vips:${HERE}\n`],
      [
        CANDIDATES,
        '        candidates: [alice, bob, carol]\n        group: one\n' +
          ['one', 'two', 'two', 'three', 'three'].map(member).join('') +
          room(3),
      ],
    ],
    path: 'clusters[0].vips',
    says: /when node alice is lost, group three finds no place/,
  },
]);
