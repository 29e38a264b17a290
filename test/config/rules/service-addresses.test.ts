import { problemsOf, replaceOnce, BASE, HERE } from '../fixture';
import { CANDIDATES, ROOM, refusesEach, secondVip } from '../mistakes';

const serviceAddress = (address: string): [string, string][] => [
  [CANDIDATES, `${CANDIDATES}        serviceAddress: ${address}${HERE}\n`],
];

refusesEach('service addresses', [
  {
    name: 'a range instead of an address',
    change: serviceAddress('10.255.0.10/32'),
    path: 'clusters[0].vips[0].serviceAddress',
    says: /an IPv4 address like 10\.255\.12\.34; here is/,
  },
  {
    name: 'one that leaves no node',
    change: serviceAddress('127.0.0.10'),
    path: 'clusters[0].vips[0].serviceAddress',
    says: /127\.0\.0\.10 is not private: .* Write a serviceAddress out of 10\.255\.0\.0\/16/,
  },
  {
    name: "somebody else's",
    change: serviceAddress('203.0.113.7'),
    path: 'clusters[0].vips[0].serviceAddress',
    says: /is not private/,
  },
  {
    name: 'one that the VPC may give to something else',
    change: serviceAddress('10.80.3.4'),
    path: 'clusters[0].vips[0].serviceAddress',
    says: /10\.80\.3\.4 lies in the range of the VPC, 10\.80\.0\.0\/16, .*: write a serviceAddress outside/,
  },
  {
    name: 'a derived one inside the VPC, at the VIP that has it',
    change: [
      ['cidr: 10.80.0.0/16', 'cidr: 10.255.0.0/16'],
      ['      - id: main\n', `      - id: main${HERE}\n`],
    ],
    path: 'clusters[0].vips[0]',
    says: /10\.255\.23\.166, derived from the id main, lies in the range of the VPC/,
  },
  {
    name: 'one for two VIPs',
    change: [
      [
        CANDIDATES,
        secondVip(
          `        elasticIp: create\n        profiles: [other]\n        serviceAddress: 10.255.23.166${HERE}\n${CANDIDATES}${ROOM}`,
        ),
      ],
    ],
    path: 'clusters[0].vips[1].serviceAddress',
    says: /10\.255\.23\.166 is the service address of VIP main too: write another one as serviceAddress/,
  },
]);

describe('service addresses that are allowed', () => {
  it.each(['none', '192.168.99.1', '100.64.0.1', '10.79.255.255'])('%s', (address) => {
    const text = replaceOnce(BASE, CANDIDATES, `${CANDIDATES}        serviceAddress: ${address}\n`);

    expect(problemsOf(text)).toEqual([]);
  });
});
