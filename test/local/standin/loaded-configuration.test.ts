/** The stand-in's `xml_locate`, held against what the product reads out of a real one's. */
import { readLoadedConfiguration } from '../../../lib/freeswitch/inspect/loaded-xml';
import { userOfDsn } from '../../../lib/freeswitch/inspect/dsn-user';
import { locate, type NodeConfiguration } from '../../../local/standin/loaded-configuration';
import type { StandbySetting } from '../../../local/standin/options';
import { Lab } from './switches';

const DATABASE = { host: 'db', port: 5432, name: 'freeswitch', user: 'node_fs1', password: 'hush' };

const node = (standby: StandbySetting, database: NodeConfiguration['database'] = null): NodeConfiguration => ({
  switchName: 'fs1',
  database,
  profiles: [
    {
      ...{ name: 'external', vip: 'main', bind: { address: '127.64.10.10', port: 5060 }, realm: 'r' },
      ...{ sipIp: '10.255.0.10', mediaIp: '10.255.0.10', publicAddress: '198.51.100.10', publicPort: 5060 },
      ...{ standby, respond503OnBusy: true, regThreads: true },
    },
  ],
});

async function loaded(file: string, configuration: NodeConfiguration, variables: Record<string, string> = {}) {
  return readLoadedConfiguration(locate(file, configuration, new Map(Object.entries(variables))) ?? '');
}

async function ofProfile(configuration: NodeConfiguration, variables: Record<string, string> = {}) {
  return (await loaded('sofia.conf', configuration, variables))?.profiles.get('external');
}

it.each([
  ['absent', {}, undefined],
  ['true', { promoted_main: '-no' }, 'true'],
  ['unless-promoted', {}, 'true'],
  ['unless-promoted', { promoted_main: '-no' }, 'true-no'],
] as const)('profile-standby of %s with %j is %s', async (standby, variables, value) => {
  expect((await ofProfile(node(standby), variables))?.get('profile-standby')).toBe(value);
});

it('binds SIP and media to the service address', async () => {
  const settings = await ofProfile(node('true'));

  expect([settings?.get('sip-ip'), settings?.get('rtp-ip')]).toEqual(['10.255.0.10', '10.255.0.10']);
});

it('names the database and its own role, and no password', async () => {
  const configuration = node('true', DATABASE);
  const core = (await loaded('switch.conf', configuration))?.settings.get('core-db-dsn') ?? '';

  expect(userOfDsn(core)).toBe('node_fs1');
  expect((await ofProfile(configuration))?.get('odbc-dsn')).toBe(core);
  expect((await ofProfile(configuration))?.get('track-calls')).toBe('true');
  expect(locate('sofia.conf', configuration, new Map())).not.toContain('hush');
});

it('without a database names none, and tracks no calls', async () => {
  expect((await loaded('switch.conf', node('true')))?.settings.has('core-db-dsn')).toBe(false);
  expect((await ofProfile(node('true')))?.has('track-calls')).toBe(false);
});

it('shows a variable from the next time on that any XML is read', async () => {
  const { api } = await start();
  const SOFIA = 'xml_locate configuration configuration name sofia.conf';
  await api('global_setvar promoted_b=-no');

  expect(await api(SOFIA)).not.toContain('true-no');
  await api('sofia profile external-a rescan');
  expect(await api(SOFIA)).toContain('true-no');
});

it.each(['xml_locate', 'xml_locate directory', 'xml_locate configuration configuration name nosuch.conf'])(
  'finds nothing for %s',
  async (line) => {
    const { api } = await start();

    expect(await api(line)).toBe("can't find anything\n");
  },
);

async function start() {
  const node = await new Lab().start('n1');
  return { api: (line: string) => node.api(line) };
}
