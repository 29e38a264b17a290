import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../lib/config/load';
import { ConfigurationError } from '../../lib/domain/errors';
import {
  BASE,
  example,
  EXAMPLES,
  HERE,
  linesMarked,
  load,
  problemsOf,
  replaceOnce,
  ROOT,
  TWO_CLUSTERS,
} from './fixture';
import { RTP, secret } from './mistakes';

describe('a file without mistakes', () => {
  it.each(EXAMPLES)('examples/%s loads, without a warning', (name) => {
    const config = loadConfig(join(ROOT, 'examples', name));

    expect(config.clusters).toHaveLength(1);
    expect(config.warnings).toEqual([]);
  });

  it('comes out with its defaults filled in and its units converted', () => {
    const [cluster] = load(BASE).clusters;

    expect(cluster).toEqual({
      id: 'pbx',
      region: 'us-east-1',
      account: '',
      network: { source: 'create', cidr: '10.80.0.0/16', nodeEgress: 'nat' },
      observerZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
      nodes: [
        {
          id: 'alice',
          zone: 'us-east-1a',
          eslPort: 8021,
          source: 'create',
          instanceType: 'c7g.large',
          imageId: 'ami-0123456789abcdef0',
          volumeGiB: 20,
        },
        {
          id: 'bob',
          zone: 'us-east-1b',
          eslPort: 8021,
          source: 'create',
          instanceType: 'c7g.large',
          imageId: 'ami-0123456789abcdef0',
          volumeGiB: 20,
        },
      ],
      vips: [
        {
          id: 'main',
          elasticIp: { source: 'create' },
          privateDns: { zoneName: 'pbx.internal', zoneId: null, name: 'sip.pbx.internal', ttlS: 5 },
          publicDns: null,
          profiles: ['external'],
          sipPort: 5060,
          serviceAddress: '10.255.23.166',
          group: null,
          tls: null,
          candidates: ['alice', 'bob'],
          manualOnly: [],
        },
      ],
      ingress: [
        { protocol: 'udp', fromPort: 5060, toPort: 5060, sources: ['203.0.113.0/24'], description: 'carrier' },
        { protocol: 'tcp', fromPort: 5060, toPort: 5060, sources: ['203.0.113.0/24'], description: 'carrier' },
        { protocol: 'udp', fromPort: 16384, toPort: 32768, sources: ['203.0.113.0/24'], description: 'media' },
      ],
      rtp: { fromPort: 16384, toPort: 32768 },
      policy: {
        probeIntervalMs: 1_000,
        probeTimeoutMs: 400,
        heartbeatMs: 5_000,
        freshForMs: 12_000,
        suspectAfterMisses: 5,
        sipStuckAfterMisses: 6,
        missSlack: 0,
        dissentHoldMs: 5_000,
        sipStuckAction: 'failover',
        standbyHolderAfterMisses: 3,
        blockPeriodMs: 600_000,
        holdDownMs: 30_000,
        candidateOrder: 'listed',
        failback: 'manual',
        failbackAfterMs: 1_800_000,
        maxFailoversPerWindow: 3,
        failoverWindowMs: 3_600_000,
        maxVipsPerNode: 1,
        maxTransitionsInFlight: 10,
        maxRetargets: 3,
        stopFailedNode: true,
        restoreFailedNode: true,
        crashAction: 'failover',
        restartGraceMs: 10_000,
        recoverForMs: 120_000,
        maxClockBehindMs: 1_000,
      },
      paging: { emails: ['oncall@example.com'] },
      eslSecret: { source: 'create' },
      database: { source: 'none' },
      freeswitch: {
        version: '1.11',
        sipDomain: 'pbx.understudy.internal',
        codecs: ['PCMU', 'PCMA'],
        maxSessions: 1_000,
        sessionsPerSecond: 200,
        modules: [],
        userFiles: { source: 'none' },
        install: { source: 'image' },
      },
      state: { customerManagedKey: false, deletionProtection: true },
    });
  });

  it('gives the same policy when every default is written out: the defaults pass their own rules', () => {
    const policy = `    policy: { probeInterval: 1000ms, probeTimeout: 400ms, heartbeat: 5s, freshFor: 12s, blockPeriod: 10m }\n`;

    const written = load(replaceOnce(BASE, '    callers:\n', `${policy}    callers:\n`));

    expect(written).toEqual(load(BASE));
  });

  it('only pages for a stuck SIP stack where that is written', () => {
    const policy = '    policy: { sipStuckAction: page }\n';

    const [cluster] = load(replaceOnce(BASE, '    callers:\n', `${policy}    callers:\n`)).clusters;

    expect(cluster?.policy.sipStuckAction).toBe('page');
  });

  it("is watched from three zones where no observer is named, the nodes' zones first", () => {
    const text = BASE.replace(/ +observers: .*\n/, '').replace('zone: us-east-1a', 'zone: us-east-1f');

    expect(load(text).clusters[0]?.observerZones).toEqual(['us-east-1f', 'us-east-1b', 'us-east-1a']);
  });

  it('keeps what is adopted, by its tag and ids', () => {
    const [cluster] = load(example('adopt.yaml')).clusters;

    expect(cluster?.nodes[0]).toEqual({
      id: 'fs1',
      zone: 'us-east-1a',
      eslPort: 8021,
      source: 'adopt',
      tag: { key: 'Name', value: 'freeswitch-1' },
    });
    expect(cluster?.vips[0]?.elasticIp).toEqual({ source: 'adopt', tag: { key: 'Name', value: 'freeswitch-public' } });
    expect(cluster?.eslSecret.source).toBe('existing');
  });

  it('may end its lines like Windows does', () => {
    expect(load(BASE.replaceAll('\n', '\r\n'))).toEqual(load(BASE));
  });
});

describe('the database', () => {
  it('is made with defaults that survive a zone, over TLS', () => {
    const [cluster] = load(replaceOnce(BASE, RTP, `    database: { create: {} }\n${RTP}`)).clusters;

    expect(cluster?.database).toEqual({
      source: 'create',
      instanceClass: 'db.t4g.medium',
      storageGiB: 20,
      multiAz: true,
      backupDays: 7,
      name: 'freeswitch',
      tls: true,
    });
  });

  it('is used as it is where it exists', () => {
    const written = `    database: { existing: { host: db.example.com, name: calls, adminSecretArn: '${secret('db')}' } }\n`;

    const [cluster] = load(replaceOnce(BASE, RTP, `${written}${RTP}`)).clusters;

    expect(cluster?.database).toEqual({
      source: 'existing',
      host: 'db.example.com',
      port: 5432,
      name: 'calls',
      adminSecretArn: secret('db'),
      securityGroupId: null,
      tls: true,
    });
  });

  it('speaks no TLS on a laptop', () => {
    const [cluster] = load(replaceOnce(BASE, RTP, `    database: { create: {} }\n${RTP}`), {
      databaseTls: false,
    }).clusters;

    expect(cluster?.database).toMatchObject({ source: 'create', tls: false });
  });
});

describe("FreeSWITCH's settings", () => {
  it('come out as they were written', () => {
    const written =
      `    freeswitch: { version: '1.10', sipDomain: sip.example.com, codecs: [opus@48000h, PCMU], maxSessions: 50,\n` +
      `      sessionsPerSecond: 20, modules: [mod_conference], userFiles: { s3: { bucket: files, prefix: fs/ } },\n` +
      `      install: { packages: { tokenSecretArn: '${secret('token')}' } } }\n`;

    const [cluster] = load(replaceOnce(BASE, RTP, `${written}${RTP}`)).clusters;

    expect(cluster?.freeswitch).toEqual({
      version: '1.10',
      sipDomain: 'sip.example.com',
      codecs: ['opus@48000h', 'PCMU'],
      maxSessions: 50,
      sessionsPerSecond: 20,
      modules: ['mod_conference'],
      userFiles: { source: 's3', bucket: 'files', prefix: 'fs/' },
      install: { source: 'packages', tokenSecretArn: secret('token') },
    });
  });
});

describe("a folder with a user's own files", () => {
  const text = replaceOnce(BASE, RTP, `    freeswitch: { userFiles: { folder: ./mine } }\n${RTP}`);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'understudy-'));
    writeFileSync(join(folder, 'understudy.yaml'), text);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is named from where the configuration lies', () => {
    mkdirSync(join(folder, 'mine'));

    const [cluster] = loadConfig(join(folder, 'understudy.yaml')).clusters;

    expect(cluster?.freeswitch.userFiles).toEqual({ source: 'folder', path: join(folder, 'mine') });
  });

  it('is refused where it is missing', () => {
    expect(() => loadConfig(join(folder, 'understudy.yaml'))).toThrow(
      /clusters\[0\]\.freeswitch\.userFiles\.folder\n.*mine is no folder: create it, or name the one/,
    );
  });
});

describe('what a VIP binds', () => {
  it('is an address of its own, that another VIP does not move', () => {
    const [cluster] = load(example('active-cluster.yaml')).clusters;

    expect(cluster?.vips.map(({ id, serviceAddress }) => [id, serviceAddress])).toEqual([
      ['blue', '10.255.106.68'],
      ['green', '10.255.55.45'],
    ]);
  });

  it("is each node's own address where a candidate is adopted", () => {
    expect(load(example('adopt.yaml')).clusters[0]?.vips[0]?.serviceAddress).toBeNull();
  });

  it('is what was written, on adopted nodes too', () => {
    const written = replaceOnce(
      example('adopt.yaml'),
      '        profiles: [external]\n',
      '        profiles: [external]\n        serviceAddress: 10.255.0.10\n',
    );

    expect(load(written).clusters[0]?.vips[0]?.serviceAddress).toBe('10.255.0.10');
  });

  it("is each node's own address on a laptop", () => {
    const [cluster] = load(BASE, { serviceAddresses: 'none' }).clusters;

    expect(cluster?.vips[0]?.serviceAddress).toBeNull();
  });
});

describe('who keeps the failed node', () => {
  it('is not asked to start it again', () => {
    const [cluster] = load(replaceOnce(BASE, RTP, `    policy: { stopFailedNode: false }\n${RTP}`)).clusters;

    expect(cluster?.policy).toMatchObject({ stopFailedNode: false, restoreFailedNode: false });
  });
});

describe('the override of the network', () => {
  it.each(EXAMPLES)('puts the VPC of %s where a laptop has addresses', (name) => {
    const config = loadConfig(join(ROOT, 'examples', name), { networkCidr: '127.64.0.0/16' });

    expect(config.clusters[0]?.network.cidr).toBe('127.64.0.0/16');
  });

  it.each(['127.64.0.0', '127.64.1.0/16', '127.0.0.0/8', 'x'])('is refused as %s', (networkCidr) => {
    expect(problemsOf(BASE, { networkCidr })).toEqual([
      { path: 'networkCidr (override)', line: null, message: expect.stringContaining('like 127.64.0.0/16') },
    ]);
  });

  it('is refused for two clusters, which would get one range', () => {
    expect(problemsOf(TWO_CLUSTERS)).toEqual([]);
    expect(problemsOf(TWO_CLUSTERS, { networkCidr: '127.64.0.0/16' })).toHaveLength(1);
  });
});

describe('mistakes of form', () => {
  it.each([
    [
      'a slip of the fingers',
      '        zone: us-east-1a\n',
      `        zoen: us-east-1a${HERE}\n        zone: us-east-1a\n`,
      'clusters[0].nodes[0].zoen',
      'is not a key here: did you mean `zone`?',
    ],
    [
      'a key of another place',
      '    region: us-east-1\n',
      `    region: us-east-1\n    ttl: 5s${HERE}\n`,
      'clusters[0].ttl',
      'is not a key here: it belongs at clusters[].vips[].privateDns.ttl',
    ],
    [
      'a key from nowhere',
      'emails: [oncall@example.com]',
      `emails: [oncall@example.com]\n      pagerduty: x${HERE}`,
      'clusters[0].paging.pagerduty',
      'is not a key here: remove it (known here: emails)',
    ],
    ['a missing key', '    region: us-east-1\n', '', 'clusters[0].region', 'is missing. AWS region.'],
    [
      'an empty key',
      'region: us-east-1',
      `region:${HERE}`,
      'clusters[0].region',
      'is empty: fill it in, or remove the key if it may be left out. AWS region.',
    ],
    [
      'text instead of a list',
      'profiles: [external]',
      `profiles: external${HERE}`,
      'clusters[0].vips[0].profiles',
      'must be a list (each item on a line of its own, after a hyphen); here is "external"',
    ],
    [
      'a key inside one of two forms',
      'elasticIp: create',
      `elasticIp: { adopt: { tag: { key: Name } } }${HERE}`,
      'clusters[0].vips[0].elasticIp.adopt.tag.value',
      'is missing. Value of the tag.',
    ],
    [
      'an unknown key inside one of two forms',
      'elasticIp: create',
      `elasticIp: { adopted: {} }${HERE}`,
      'clusters[0].vips[0].elasticIp.adopted',
      'is not a key here: did you mean `adopt`?',
    ],
    [
      'a key with a special meaning in JavaScript',
      '    region: us-east-1\n',
      `    region: us-east-1\n    __proto__: {}${HERE}\n`,
      'clusters[0].__proto__',
      expect.stringMatching(/is not a key here/),
    ],
  ])('%s', (_name, from, to, path, message) => {
    const text = replaceOnce(BASE, from, to);

    const problems = problemsOf(text);

    expect(problems).toContainEqual({ path, line: linesMarked(text)[0] ?? 2, message });
  });

  it('are reported together with mistakes of sense, all at once, in the order of the file', () => {
    const text = [
      ['cidr: 10.80.0.0/16', `cidr: 10.80.1.0/16${HERE}`],
      [
        'instanceType: c7g.large\n          image: ami-0123456789abcdef0\n    vips',
        `instanceType: 7${HERE}\n          image: ami-0123456789abcdef0\n    vips`,
      ],
      ['candidates: [alice, bob]', `candidates: [alice, carol]${HERE}`],
      ['emails: [oncall@example.com]', `email: [oncall@example.com]${HERE}`],
    ].reduce((changed, [from = '', to = '']) => replaceOnce(changed, from, to), BASE);

    const problems = problemsOf(text);

    expect(problems.map(({ path }) => path)).toEqual([
      'clusters[0].network.create.cidr',
      'clusters[0].nodes[1].create.instanceType',
      'clusters[0].vips[0].candidates[1]',
      'clusters[0].paging.emails',
      'clusters[0].paging.email',
    ]);
    const lines = problems.map(({ line }) => line ?? 0);
    expect(linesMarked(text).every((line) => lines.includes(line))).toBe(true);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
  });

  it('of a list that is too short do not hide the mistakes inside it', () => {
    const bob = BASE.slice(BASE.indexOf('      - id: bob'), BASE.indexOf('    vips:'));
    const text = replaceOnce(BASE, bob, '').replace('zone: us-east-1a', 'zone: us-west-2a');

    expect(problemsOf(text).map(({ path }) => path)).toEqual([
      'clusters[0].nodes',
      'clusters[0].nodes[0].zone',
      'clusters[0].vips[0].candidates[1]',
    ]);
  });

  it('of one value are not followed by mistakes that come from it', () => {
    const text = replaceOnce(BASE, '      - id: bob\n', `      - id: Bob!${HERE}\n`);

    expect(problemsOf(text).map(({ path }) => path)).toEqual(['clusters[0].nodes[1].id']);
  });
});

describe('text that is no configuration', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[index]}`).join(', ')}]`),
  ].join('\n');

  it.each([
    ['an empty file', '', null, 'is empty: start from examples/primary-standby.yaml'],
    ['nothing but a comment', '# later\n', null, 'is empty: start from examples/primary-standby.yaml'],
    [
      'broken syntax',
      'clusters:\n  - id: "pbx\n',
      3,
      expect.stringMatching(/^is not valid YAML: Missing closing "quote/),
    ],
    ['a tab', 'clusters:\n\t- id: pbx\n', 2, expect.stringMatching(/tab|spaces/i)],
    ['a key twice', 'clusters: []\nclusters: []\n', 2, 'this key stands here for the second time: keep one of the two'],
    [
      'two documents',
      `${BASE}---\n${BASE}`,
      BASE.split('\n').length,
      'a second document begins here: put all clusters into one list',
    ],
    ['a tag', 'clusters: !include other.yaml\n', 1, 'tags (!something) are not understood here: write the plain value'],
    ['anchors that unfold for ever', bomb, null, expect.stringMatching(/^has anchors that unfold/)],
    ['an anchor that does not exist', 'clusters: *a\n', 1, '*a stands for nothing: no &a comes before it'],
    ['deep nesting', '['.repeat(100_000), null, expect.stringMatching(/^is nested too deeply/)],
    ['a list', '- id: pbx\n', 1, expect.stringMatching(/^must be a group of keys/)],
    ['a word', 'hello\n', 1, 'must be a group of keys; here is "hello"'],
    ['too much of it', `# ${'x'.repeat(300_000)}`, null, 'is larger than 128 KB: this cannot be an understudy.yaml'],
  ])('%s gives one clear mistake', (_name, text, line, message) => {
    expect(problemsOf(text)).toEqual([{ path: '(the whole file)', line, message }]);
  });
});

it('an anchor inside itself is a mistake like any other', () => {
  expect(problemsOf('clusters: &a [*a]\n')).toEqual([
    { path: 'clusters[0]', line: 1, message: 'must be a group of keys; here is a list of 1' },
  ]);
});

describe('files that cannot be read', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'understudy-config-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const messageFor = (path: string): string => {
    try {
      loadConfig(path);
    } catch (error) {
      if (error instanceof ConfigurationError) return error.message;
      throw error;
    }
    throw new Error('no error');
  };

  it('a missing file', () => {
    expect(messageFor(join(folder, 'none.yaml'))).toContain('does not exist: copy examples/primary-standby.yaml');
  });

  it('a directory', () => {
    expect(messageFor(folder)).toContain('is a directory: name the file inside it');
  });

  it('a huge file, which is not even read', () => {
    const path = join(folder, 'huge.yaml');
    writeFileSync(path, '');
    truncateSync(path, 8 * 1024 ** 4);

    expect(messageFor(path)).toContain('is larger than 128 KB');
  });

  it('a named pipe, whose writer is not waited for', () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);

    expect(messageFor(path)).toContain('is not a regular file');
  });
});
