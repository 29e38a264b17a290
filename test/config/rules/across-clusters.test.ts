import { BASE, HERE, TWO_CLUSTERS, problemsOf, replaceOnce } from '../fixture';
import { ADOPT, refusesEach } from '../mistakes';

const secondCluster = (from: string, to: string): [string, string] => [
  TWO_CLUSTERS.slice(BASE.length),
  replaceOnce(TWO_CLUSTERS.slice(BASE.length), from, to),
];

refusesEach('two clusters of one file', [
  {
    name: 'one id',
    base: TWO_CLUSTERS,
    change: [secondCluster('id: lab', `id: pbx${HERE}`)],
    path: 'clusters[1].id',
    says: /another cluster is called pbx/,
  },
  {
    name: 'overlapping networks of their own',
    base: TWO_CLUSTERS,
    change: [secondCluster('10.81.0.0/16', `10.80.128.0/20${HERE}`)],
    path: 'clusters[1].network.create.cidr',
    says: /10.80.128.0\/20 overlaps 10.80.0.0\/16 of cluster pbx/,
  },
  {
    name: 'one name',
    base: TWO_CLUSTERS,
    change: [
      secondCluster(
        'zone: lab.internal\n          name: sip.lab.internal',
        `zone: pbx.internal\n          name: sip.pbx.internal${HERE}`,
      ),
    ],
    path: 'clusters[1].vips[0].privateDns.name',
    says: /used by cluster pbx already/,
  },
]);

describe('two clusters that adopt', () => {
  const second = ADOPT.slice(ADOPT.indexOf('  - id: legacy')).replace('id: legacy', 'id: other');

  it('may not adopt the same nodes, Elastic IP and name, nor furnish one VPC twice', () => {
    const problems = problemsOf(ADOPT + second);

    expect(problems.map(({ path }) => path)).toEqual([
      'clusters[1].network.existing.endpointsExist',
      'clusters[1].nodes[0].adopt.tag',
      'clusters[1].nodes[1].adopt.tag',
      'clusters[1].vips[0].elasticIp.adopt.tag',
      'clusters[1].vips[0].privateDns.name',
    ]);
    expect(problems[3]?.message).toBe(
      'the Elastic IP tagged Name=freeswitch-public is used by cluster legacy already: each needs its own',
    );
  });

  it('may use one tag in two regions, because it finds other resources there', () => {
    const elsewhere = second.replaceAll('us-east-1', 'eu-west-1').replace('sip.corp', 'eu.corp');

    const problems = problemsOf(ADOPT + elsewhere.replace('endpointsExist: false', 'endpointsExist: true'));

    expect(problems).toEqual([]);
  });

  it('may not both make the zone of one name in one VPC', () => {
    const makesZone = (text: string): string => text.replace(/ +zoneId: .*\n/, '');
    const other = makesZone(second)
      .replaceAll('freeswitch-', 'other-')
      .replace('sip.corp', 'other.corp')
      .replace('endpointsExist: false', 'endpointsExist: true');

    const problems = problemsOf(makesZone(ADOPT) + other);

    expect(problems).toEqual([
      {
        path: 'clusters[1].vips[0].privateDns.zone',
        line: expect.any(Number),
        message: expect.stringContaining('cluster legacy makes the zone corp.internal'),
      },
    ]);
  });
});
