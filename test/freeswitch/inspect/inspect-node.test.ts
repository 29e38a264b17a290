import type { NodeTopology, VipTopology } from '../../../lib/domain/model';
import { EslNodeControl } from '../../../lib/freeswitch/node-control';
import { FakeNode } from '../fake-node';
import { given, nodeOf, vipOf } from '../support/one-node';

const HOST = '127.0.0.44';
const SERVICE = '10.255.0.10';
const DSN = 'pgsql://host=db user=node_node_a password=hush';
let fake: FakeNode;
let control: EslNodeControl;
let node: NodeTopology;
let vip: VipTopology;

// The reader of XML is loaded when it is first wanted: on a busy machine that takes longer than a question may.
beforeAll(() => import('xmlbuilder2'), 60_000);

beforeEach(async () => {
  fake = await FakeNode.start(HOST);
  control = new EslNodeControl(given());
  node = nodeOf(fake, HOST, { id: 'node-a', databaseRole: 'node_node_a' });
  vip = vipOf(fake, { candidates: ['node-a'], serviceAddress: SERVICE });
  configure({}, {});
  fake.replies.set('switchname', 'node-a');
  fake.replies.set('module_exists mod_pgsql', 'true');
});

afterEach(() => fake.kill());

const params = (settings: Record<string, string | undefined>): string =>
  Object.entries(settings)
    .map(([name, value]) => (value === undefined ? '' : `<param name="${name}" value="${value}"></param>\n\n`))
    .join('');

/** The shape of what a real node answers to `xml_locate`, with a gateway whose password must not be taken for ours. */
function configure(profile: Record<string, string | undefined>, core: Record<string, string | undefined>): void {
  const settings = {
    'profile-standby': 'true',
    'track-calls': 'true',
    'odbc-dsn': DSN,
    'sip-ip': SERVICE,
    'rtp-ip': SERVICE,
    ...profile,
  };
  const gateway = `<gateway name="g">${params({ password: 'hush', 'sip-ip': '192.0.2.1' })}</gateway>`;
  const sofia = `<configuration name="sofia.conf">\n  <global_settings></global_settings>
    <profiles>\n<profile name="external-main"><gateways>${gateway}</gateways>
    <settings>\n${params(settings)}</settings></profile></profiles>\n</configuration>\n`;
  const switchConf = `<configuration name="switch.conf">\n<settings>${params({ 'core-db-dsn': DSN, ...core })}</settings></configuration>\n`;
  fake.replies.set('xml_locate configuration configuration name sofia.conf', sofia);
  fake.replies.set('xml_locate configuration configuration name switch.conf', switchConf);
}

describe('the level of a node', () => {
  it('3: everything is there, nothing is missing', async () => {
    expect(await control.inspect(node, [vip], 2000)).toEqual({
      nodeId: 'node-a',
      level: 3,
      missing: [],
      conflicts: [],
    });
  });

  it('asks read-only, and nothing that reads the database or runs a shell', async () => {
    await control.inspect(node, [vip], 2000);

    expect(fake.commands).toEqual([
      'api switchname',
      'api module_exists mod_pgsql',
      'api global_getvar api_on_startup',
      'api xml_locate configuration configuration name switch.conf',
      'api xml_locate configuration configuration name sofia.conf',
      'api global_getvar promoted_main',
    ]);
  });

  it('3 also while it is promoted', async () => {
    fake.variables.set('promoted_main', '-no');
    configure({ 'profile-standby': 'true-no' }, {});

    expect(await control.inspect(node, [vip], 2000)).toMatchObject({ level: 3, conflicts: [] });
  });

  it.each([
    [{ 'sip-ip': HOST }, [`profile external-main: set sip-ip to ${SERVICE}`]],
    [{ 'rtp-ip': undefined }, [`profile external-main: set rtp-ip to ${SERVICE}`]],
  ])('2: %j', async (profile, missing) => {
    configure(profile, {});

    expect(await control.inspect(node, [vip], 2000)).toMatchObject({ level: 2, missing });
  });

  it('2: a VIP without a service address', async () => {
    const inspection = await control.inspect(node, [{ ...vip, serviceAddress: null }], 2000);

    expect(inspection).toMatchObject({ level: 2, missing: [expect.stringContaining('service address') as string] });
  });

  it.each([
    [{ 'track-calls': 'false' }, {}, 'track-calls'],
    [{ 'odbc-dsn': 'sqlite://memory' }, {}, 'odbc-dsn'],
    [{ 'odbc-dsn': undefined }, {}, 'odbc-dsn'],
    [{}, { 'core-db-dsn': undefined }, 'core-db-dsn'],
  ])('1: %j %j', async (profile, core, named) => {
    configure(profile, core);

    const { level, missing } = await control.inspect(node, [vip], 2000);

    expect([level, missing]).toEqual([1, [expect.stringContaining(named)]]);
  });

  it.each([
    ['core-db-dsn', {}, { 'core-db-dsn': 'pgsql://host=db user=freeswitch password=hush' }],
    ['core-db-dsn', {}, { 'core-db-dsn': 'pgsql://host=db password=hush' }],
    ['odbc-dsn', { 'odbc-dsn': 'postgresql://freeswitch:hush@db/calls' }, {}],
  ])('1: %s signs in as somebody whom a failover does not lock', async (named, profile, core) => {
    configure(profile, core);

    const { level, missing } = await control.inspect(node, [vip], 2000);

    expect([level, missing]).toEqual([1, [expect.stringMatching(new RegExp(`${named} sign in as node_node_a`))]]);
  });

  it('1: the node has a database, and the configuration knows of none', async () => {
    const { level, missing } = await control.inspect({ ...node, databaseRole: null }, [vip], 2000);

    expect([level, missing]).toEqual([1, [expect.stringContaining('database.existing')]]);
  });

  it('1: its rows stand under another name, and the driver is not there', async () => {
    fake.replies.set('switchname', 'fs-pool');
    fake.replies.set('module_exists mod_pgsql', 'false');

    const { level, missing } = await control.inspect(node, [vip], 2000);

    expect(level).toBe(1);
    expect(missing).toEqual([expect.stringContaining('mod_pgsql'), expect.stringContaining('switchname to node-a')]);
  });

  it.each([[undefined], ['false'], ['true-no'], ['1']])(
    '0: profile-standby is %j while nobody promoted it',
    async (value) => {
      configure({ 'profile-standby': value }, {});

      const { level, missing } = await control.inspect(node, [vip], 2000);

      expect(level).toBe(0);
      expect(missing[0]).toContain('<param name="profile-standby" value="true$${promoted_main}"/>');
    },
  );

  it('0: a profile that is not there, or a configuration that cannot be read', async () => {
    const absent = await control.inspect(node, [{ ...vip, profiles: ['external-main', 'more'] }], 2000);
    fake.replies.set('xml_locate configuration configuration name sofia.conf', "can't find anything\n");
    const unreadable = await control.inspect(node, [vip], 2000);

    expect(absent).toMatchObject({ level: 0, missing: ['profile more: add it to sofia.conf'] });
    expect(unreadable).toMatchObject({ level: 0, missing: [expect.stringContaining('cannot be read') as string] });
  });

  it.each(['<configuration', '<configuration name="x"/><b/>', '<a></a>', '\0', '<configuration></b>'])(
    '0: a hostile configuration %j',
    async (reply) => {
      fake.replies.set('xml_locate configuration configuration name sofia.conf', reply);

      expect(await control.inspect(node, [vip], 2000)).toMatchObject({ level: 0 });
    },
  );

  it('none: ESL does not let us in, or nothing listens', async () => {
    fake.password = 'other';
    expect(await control.inspect(node, [vip], 1000)).toMatchObject({
      level: null,
      missing: [/password/].map(containing),
    });

    await fake.kill();
    expect(await control.inspect(node, [vip], 1000)).toMatchObject({
      level: null,
      missing: [/refused/].map(containing),
    });
  });

  it('VIPs that have no address on the node are not looked for there', async () => {
    expect(await control.inspect(node, [vip, { ...vip, id: 'other', profiles: ['nosuch'] }], 2000)).toMatchObject({
      level: 3,
    });
  });

  it('no password of the configuration is in the answer', async () => {
    configure({ 'track-calls': 'no', 'odbc-dsn': 'odbc://hush', 'sip-ip': 'hush' }, { 'core-db-dsn': 'odbc://hush' });

    expect(JSON.stringify(await control.inspect(node, [vip], 2000))).not.toContain('hush');
  });
});

describe('what fights the control plane', () => {
  it('a VIP that serves although nobody promoted it', async () => {
    fake.sipStatus = '200 OK';

    const { conflicts } = await control.inspect(node, [vip], 2000);

    expect(conflicts).toEqual([expect.stringContaining('serves here although nobody promoted it')]);
  });

  it('a node of level 0 serves by design', async () => {
    fake.sipStatus = '200 OK';
    configure({ 'profile-standby': undefined }, {});

    expect(await control.inspect(node, [vip], 2000)).toMatchObject({ level: 0, conflicts: [] });
  });

  it('a promoted VIP whose profile does not follow the variable', async () => {
    fake.variables.set('promoted_main', '-no');

    expect(await control.inspect(node, [vip], 2000)).toMatchObject({
      level: 0,
      conflicts: [expect.stringContaining('puts it into standby') as string],
    });
  });

  it('a recovery at each start', async () => {
    fake.variables.set('api_on_startup', 'sofia recover');

    expect(await control.inspect(node, [vip], 2000)).toMatchObject({
      conflicts: [expect.stringContaining('api_on_startup') as string],
    });
  });
});

describe('two addresses for media in one profile', () => {
  const added = '"></param><param name="RTP-IP" value="192.0.2.9';

  it('fight the control plane: every second leg would bind the one that no caller reaches', async () => {
    configure({ 'rtp-ip': `${SERVICE}${added}` }, {});

    expect(await control.inspect(node, [vip], 2000)).toMatchObject({
      conflicts: [
        `profile external-main: rtp-ip is ${SERVICE} and 192.0.2.9, and its legs take turns among them: leave the one of the VIP`,
      ],
    });
  });

  it('are well when one is of IPv6, or they are the same', async () => {
    configure(
      {
        'rtp-ip': `${SERVICE}"></param><param name="rtp-ip" value="2001:db8::1"></param><param name="rtp-ip" value="${SERVICE}`,
      },
      {},
    );

    expect(await control.inspect(node, [vip], 2000)).toMatchObject({ conflicts: [] });
  });
});

function containing(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
