import { renderNodeConfiguration, userFoldersOf } from '../../../lib/freeswitch/configuration';
import { promotedVariable } from '../../../lib/freeswitch/promotion';
import { cluster, contentOf, find, paramsOf, parseXml, vip, type Cluster } from './fixture';

const render = (change: Partial<Cluster> = {}, nodeId = 'node-1') =>
  renderNodeConfiguration({ cluster: cluster(change), nodeId });
const profile = (name: string, change: Partial<Cluster> = {}): Record<string, string> =>
  paramsOf(contentOf(render(change), `sip_profiles/${name}.xml`));
const core = (change: Partial<Cluster> = {}): Record<string, string> =>
  paramsOf(contentOf(render(change), 'autoload_configs/switch.conf.xml'));

describe('what a recovery needs (facts 7.4 and 8)', () => {
  test('each VIP has its own profile, in standby until promoted', () => {
    expect(profile('external-a')['profile-standby']).toBe('true$${promoted_a}');
    expect(profile('external-blue-b')['profile-standby']).toBe(`true$\${${promotedVariable('blue-b')}}`);
  });

  test('nothing sets a promotion, or a reload would undo what was said', () => {
    for (const { content } of render()) expect(content).not.toMatch(/cmd="set"[^>]*promoted/);
  });

  test('calls are tracked, in the shared database, whose tables FreeSWITCH does not make', () => {
    expect(profile('external-a')).toMatchObject({ 'track-calls': 'true', 'odbc-dsn': '$${db_dsn}' });
    expect(core()).toMatchObject({
      'core-db-dsn': '$${db_dsn}',
      'core-non-sqlite-db-required': 'true',
      'auto-create-schemas': 'false',
    });
  });

  test('recovered legs keep their ports', () => {
    expect(core()).toMatchObject({
      'rtp-start-port': '16384',
      'rtp-end-port': '24575',
      'rtp-port-usage-robustness': 'true',
      'rtp-retain-crypto-keys': 'true',
    });
  });

  test('a database that hangs does not silence OPTIONS', () => {
    expect(profile('external-a')['inbound-reg-in-new-thread']).toBe('true');
    expect(paramsOf(contentOf(render(), 'autoload_configs/sofia.conf.xml'))['max-reg-threads']).toBe('50');
  });

  test('peers see the address that moves, and registrations one domain', () => {
    expect(profile('external-blue-b')).toMatchObject({
      'sip-ip': '$${service_ip_blue_b}',
      'rtp-ip': '$${service_ip_blue_b}',
      'ext-sip-ip': '$${public_ip_blue_b}',
      'ext-rtp-ip': '$${public_ip_blue_b}',
      'local-network-acl': 'no_peer',
      'force-register-domain': 'lab.example',
      'force-register-db-domain': 'lab.example',
      'challenge-realm': 'lab.example',
    });
  });

  test('OPTIONS tells a full node in every release', () => {
    expect(profile('external-a')['sip-options-respond-503-on-busy']).toBe('true');
    const version = (value: '1.10' | '1.11') => ({ freeswitch: { ...cluster().freeswitch, version: value } });
    expect(render(version('1.10'))).toEqual(render(version('1.11')));
  });
});

describe('files', () => {
  test('no two have one path, and each is well-formed', () => {
    const files = render();

    expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
    for (const { content } of files) expect(() => parseXml(content)).not.toThrow();
  });

  test('what the preprocessor reads stands alone on its line, and lines stay below its buffer', () => {
    const lines = render().flatMap(({ content }) => content.split('\n'));

    for (const line of lines.filter((each) => /x-pre-process/i.test(each))) {
      expect(line).toMatch(/^\s*<X-PRE-PROCESS cmd="[a-z]+" data="[^"]*"\/>$/);
    }
    for (const line of lines.filter((each) => each.includes('$${'))) {
      expect(line.split('$${')).toHaveLength(2);
      expect(Buffer.byteLength(line)).toBeLessThan(1_000);
    }
  });

  test('every include of a rendered file finds it, and all others are places for the users', () => {
    const files = render();
    const paths = files.map(({ path }) => path);

    const targets = files.flatMap(({ path, content }) =>
      find(parseXml(content), 'X-PRE-PROCESS').map(({ attributes }) =>
        // FreeSWITCH looks from the folder of the file in which the include stands.
        new URL(attributes['data'] ?? '', `file:///${path}`).pathname.slice(1),
      ),
    );

    const ofUsers = targets.filter((target) => target.startsWith('user/'));
    expect(targets.filter((target) => !ofUsers.includes(target)).sort()).toEqual(
      [...paths.filter((path) => path !== 'freeswitch.xml'), 'node.xml'].sort(),
    );
    const folders = userFoldersOf({ cluster: cluster(), nodeId: 'node-1' });
    for (const target of ofUsers) {
      const folder = target.slice(0, target.lastIndexOf('/'));
      expect(folders.some((each) => each === folder || each.startsWith(`${folder}/`))).toBe(true);
    }
  });

  test('nodes that carry the same VIPs get the same text', () => {
    expect(render({}, 'node-1')).toEqual(render({}, 'node-2'));
  });

  test('a node carries the profiles of those VIPs alone that it may hold', () => {
    const vips = [vip('a'), vip('b', { candidates: ['node-2', 'node-3'] })];

    const paths = render({ vips }, 'node-1').map(({ path }) => path);

    expect(paths).toContain('sip_profiles/external-a.xml');
    expect(paths).not.toContain('sip_profiles/external-b.xml');
  });

  test('a node that does not exist is named, with those that do', () => {
    expect(() => render({}, 'node-9')).toThrow('no node "node-9": choose one of node-1, node-2, node-3');
  });
});

describe('without a database', () => {
  const without: Partial<Cluster> = { database: { source: 'none' } };

  test('FreeSWITCH keeps its own SQLite, and no driver is loaded', () => {
    for (const name of ['core-db-dsn', 'core-non-sqlite-db-required', 'auto-create-schemas']) {
      expect(core(without)).not.toHaveProperty(name);
    }
    expect(profile('external-a', without)).not.toHaveProperty('odbc-dsn');
    for (const { content } of render(without)) expect(content).not.toMatch(/mod_pgsql|db_dsn/);
  });

  test('it is a standby all the same', () => {
    expect(profile('external-a', without)['profile-standby']).toBe('true$${promoted_a}');
  });
});

describe("the users' own files", () => {
  const positions = (text: string, ...parts: string[]): number[] => parts.map((part) => text.indexOf(part));

  test('win over the built-in dialplan, directory and logs; what failover rests on wins over them', () => {
    const root = contentOf(render(), 'freeswitch.xml');
    const order = [
      ['autoload_configs/sofia.conf.xml', 'user/autoload_configs/*.xml', 'autoload_configs/timezones.conf.xml'],
      ['user/dialplan/*.xml', 'dialplan/refuse.xml'],
      ['user/directory/*.xml', 'directory/domain.xml'],
    ];

    for (const parts of order) {
      const found = positions(root, ...parts.map((part) => `data="${part}"`));
      expect(found.every((position) => position > 0)).toBe(true);
      expect(found).toEqual(found.toSorted((a, b) => a - b));
    }
  });

  test('may change a param of a profile, but not its standby, tracking, addresses or ports', () => {
    const text = contentOf(
      render({ vips: [vip('a', { tls: { secretArn: 'arn', port: 5061 } })] }),
      'sip_profiles/external-a.xml',
    );
    const [before, behind] = text.split('/external-a/settings/*.xml');

    for (const name of ['context', 'auth-calls', 'inbound-codec-prefs', 'nonce-ttl']) {
      expect(before).toContain(`name="${name}"`);
      expect(behind).not.toContain(`name="${name}"`);
    }
    for (const name of ['profile-standby', 'track-calls', 'sip-ip', 'sip-port', 'odbc-dsn', 'tls-sip-port']) {
      expect(behind).toContain(`name="${name}"`);
    }
  });

  test('are all there is that routes: the built-in dialplan has nothing but a refusal', () => {
    const actions = find(parseXml(contentOf(render(), 'dialplan/refuse.xml')), 'action');

    expect(actions.map(({ attributes }) => attributes)).toEqual([
      { application: 'hangup', data: 'NO_ROUTE_DESTINATION' },
    ]);
    expect(find(parseXml(contentOf(render(), 'directory/domain.xml')), 'user')).toEqual([]);
  });
});

describe('what is configured', () => {
  test.each([
    ['opus@48000h', 'mod_opus'],
    ['G722', 'mod_spandsp'],
    ['G729@8000h@40i', 'mod_g729'],
  ])('the codec %s brings its module along', (codec, module) => {
    const freeswitch = { ...cluster().freeswitch, codecs: [codec, 'PCMU'] };

    const loads = find(parseXml(contentOf(render({ freeswitch }), 'autoload_configs/modules.conf.xml')), 'load');

    expect(loads.map(({ attributes }) => attributes['module'])).toContain(module);
  });

  test('further modules come behind those that are needed, each once', () => {
    const freeswitch = { ...cluster().freeswitch, modules: ['mod_opus', 'mod_sofia', 'mod_pgsql'] };

    const loads = find(parseXml(contentOf(render({ freeswitch }), 'autoload_configs/modules.conf.xml')), 'load');

    const names = loads.map(({ attributes }) => attributes['module']);
    expect(names.at(-1)).toBe('mod_opus');
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('mod_pgsql');
  });

  test('each further profile of a VIP takes the next port, with TLS too', () => {
    const tls = { secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a', port: 5070 };
    const vips = [vip('a', { profiles: ['one', 'two'], sipPort: 5060, tls })];

    expect(profile('one', { vips })).toMatchObject({ 'sip-port': '5060', 'tls-sip-port': '5070', tls: 'true' });
    expect(profile('two', { vips })).toMatchObject({
      'sip-port': '5061',
      'tls-sip-port': '5071',
      'tls-cert-dir': '/etc/understudy/tls/a',
    });
  });

  test('ports of SIP and TLS that would meet are refused', () => {
    const vips = [vip('a', { profiles: ['one', 'two'], tls: { secretArn: 'arn', port: 5061 } })];

    expect(() => render({ vips })).toThrow('set tls.port to 5062 or more');
  });

  test('who may open an ESL connection', () => {
    const files = renderNodeConfiguration({ cluster: cluster(), nodeId: 'node-1', eslClients: ['10.99.7.0/28'] });
    const allowed = (each: typeof files) =>
      find(parseXml(contentOf(each, 'autoload_configs/acl.conf.xml')), 'node').map(
        ({ attributes }) => attributes['cidr'],
      );

    expect(allowed(files)).toEqual(['127.0.0.0/8', '10.99.7.0/28']);
    expect(allowed(render())).toEqual(['127.0.0.0/8', '10.99.0.0/16']);
  });

  test('a hostile value stays a value', () => {
    const sipDomain = `"/><!--#<>&'`;
    const freeswitch = { ...cluster().freeswitch, sipDomain };

    expect(profile('external-a', { freeswitch })['challenge-realm']).toBe(sipDomain);
    expect(render({ freeswitch }).every(({ content }) => !content.includes(sipDomain))).toBe(true);
  });

  test.each(['x\ny', 'x$${db_dsn}', 'x-pre-process', '\u0000'])(
    '%j, which the preprocessor would spoil, is refused',
    (sipDomain) => {
      expect(() => render({ freeswitch: { ...cluster().freeswitch, sipDomain } })).toThrow('choose another value');
    },
  );
});
