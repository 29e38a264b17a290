import { BASE, HERE, linesMarked, load, problemsOf, replaceOnce } from '../fixture';
import { CANDIDATES, ROOM, RTP, SIP_FROM, VIP, secondVip } from '../mistakes';

describe('what is allowed, with a warning', () => {
  it.each([
    [1, '[us-east-1a]', 'one observer decides alone'],
    [2, '[us-east-1a, us-east-1b]', 'the loss of a zone pages and does not fail over by itself'],
    [4, '[us-east-1a, us-east-1b, us-east-1c, us-east-1d]', 'use three or five'],
  ])('%d observers', (_count, observers, says) => {
    const text = replaceOnce(BASE, '[us-east-1a, us-east-1b, us-east-1c]', `${observers}${HERE}`);

    const { warnings } = load(text);

    expect(warnings).toEqual([
      { path: 'clusters[0].observers', line: linesMarked(text)[0], message: expect.stringContaining(says) },
    ]);
  });

  it('votes that one lost heartbeat makes stale', () => {
    const text = replaceOnce(BASE, RTP, `    policy:\n      freshFor: 8s${HERE}\n${RTP}`);

    const { warnings } = load(text);

    expect(warnings).toEqual([
      {
        path: 'clusters[0].policy.freshFor',
        line: linesMarked(text)[0],
        message: expect.stringContaining('10s or more'),
      },
    ]);
  });

  it('a clock so far behind that recovered calls are refused', () => {
    const text = replaceOnce(BASE, RTP, `    policy:\n      maxClockBehind: 3s${HERE}\n${RTP}`);

    const { warnings } = load(text);

    expect(warnings).toEqual([
      {
        path: 'clusters[0].policy.maxClockBehind',
        line: linesMarked(text)[0],
        message: expect.stringContaining('more than 2s behind'),
      },
    ]);
  });

  it.each([
    // 19 for SIP by UDP, 19 by TCP, 19 for media; the functions' one for ESL and one for OPTIONS.
    [19, []],
    [20, [expect.stringMatching(/needs 62 inbound rules.*AWS takes 60 .*Service Quotas/)]],
  ])('more rules than a security group takes by default: %d networks', (count, messages) => {
    const networks = Array.from({ length: count }, (_, index) => `198.51.${index}.0/24`).join(', ');
    const text = BASE.replaceAll('[203.0.113.0/24]', `[${networks}]`).replace(RTP, `    callers:${HERE}\n`);

    const { warnings } = load(text);

    expect(warnings).toEqual(
      messages.map((message) => ({ path: 'clusters[0].callers', line: linesMarked(text)[0], message })),
    );
  });

  it.each([
    ['as many VIPs on a node as may move at once', '{ maxVipsPerNode: 2, maxTransitionsInFlight: 2 }'],
    ['more room on a node than may move at once, where there are not so many VIPs', '{ maxVipsPerNode: 49 }'],
  ])('without a warning: %s', (_words, limits) => {
    const extra = secondVip('        elasticIp: create\n        profiles: [extra]\n        candidates: [alice, bob]\n');

    expect(load(replaceOnce(BASE, CANDIDATES, `${extra}    policy: ${limits}\n`)).warnings).toEqual([]);
  });

  it('candidates of one zone, where the cluster has two', () => {
    const third = '      - { id: carol, zone: us-east-1a, create: { instanceType: c7g.large, image: ami-01234567 } }\n';
    const text = replaceOnce(
      replaceOnce(BASE, '    vips:', `${third}    vips:`),
      'alice, bob]',
      `alice, carol]${HERE}`,
    );

    const { warnings } = load(text);

    expect(warnings).toEqual([
      {
        path: 'clusters[0].vips[0].candidates',
        line: linesMarked(text)[0],
        message: expect.stringContaining('us-east-1a'),
      },
    ]);
  });
});

describe('what is allowed', () => {
  it.each([
    [
      'the whole internet, when the rule says so',
      SIP_FROM,
      `carrier\n          from: [0.0.0.0/0]\n          iUnderstandTheWholeInternetCanReachThis: true`,
    ],
    ['a prefix list', SIP_FROM, 'carrier\n          from: [pl-0123456789abcdef0]'],
    ['a VIP for private callers only', VIP, VIP.replace('create', 'none')],
    ['shared address space', '10.80.0.0/16', '100.64.0.0/16'],
    [
      'an unknown instance type with its number of addresses',
      'c7g.large\n          image: ami-0123456789abcdef0\n      - id: bob',
      'x9z.large\n          addressesPerInterface: 10\n          image: ami-0123456789abcdef0\n      - id: bob',
    ],
    [
      'two VIPs on two nodes that may each hold two',
      CANDIDATES,
      secondVip(`        elasticIp: create\n        profiles: [other]\n${CANDIDATES}${ROOM}`),
    ],
    [
      'two VIPs that move together, where a node has room for both',
      CANDIDATES,
      `${CANDIDATES}        group: trunks\n      - id: extra\n        elasticIp: create\n        profiles: [other]\n` +
        `        group: trunks\n${CANDIDATES}${ROOM}`,
    ],
    ['a grace of two seconds that is never waited for', RTP, `    policy: { restartGrace: 2s }\n${RTP}`],
    ['as many sessions as pairs of media ports', RTP, `    rtpPorts: 20000-21999\n${RTP}`],
    ['a database with all its defaults', RTP, `    database: { create: {} }\n${RTP}`],
    ['the zone itself as a name', 'name: sip.pbx.internal', 'name: pbx.internal'],
    ['an account in quotes', '    region: us-east-1\n', "    region: us-east-1\n    account: '012345678901'\n"],
  ])('%s', (_name, from, to) => {
    expect(problemsOf(replaceOnce(BASE, from, to))).toEqual([]);
  });
});
