import { spawnSync } from 'node:child_process';
import { placeholdersIn } from '../../../lib/freeswitch/configuration';
import { archiveFiles } from '../../../lib/freeswitch/host/archive';
import { archiveOf } from '../../../lib/infra/nodes/archive-of';
import { NodeFolder, settings } from '../../freeswitch/host/node-folder';
import { exampleConfig } from '../fixture';

const config = exampleConfig();
const files = archiveOf(config, 'alice');
const content = (path: string): string => files.find((file) => file.path === path)?.content ?? '';

describe("a node's archive", () => {
  it('holds scripts, units, rules and the configuration, the same each time', () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'bin/install',
        'drop-ins/back-off.conf',
        'etc/addresses.nft',
        'etc/cloudwatch-agent.json',
        'etc/node.xml.template',
        'freeswitch/freeswitch.xml',
        'units/understudy-freeswitch.service',
      ]),
    );
    expect(archiveOf(config, 'alice')).toEqual(files);
  });

  it('holds nothing of the users and no reference of the template', () => {
    expect(files.filter(({ path }) => path.startsWith('freeswitch/user/'))).toEqual([]);
    expect(files.filter((file) => /\$\{Token\[/.test(file.content))).toEqual([]);
  });

  it('installs the packages of the modules that the configuration loads', () => {
    const packages = content('packages').trimEnd().split('\n');
    expect(packages[0]).toBe(config.freeswitch.version);
    expect(packages).toEqual(
      expect.arrayContaining(['freeswitch', 'freeswitch-mod-sofia', 'freeswitch-mod-event-socket']),
    );
  });

  it('refuses a file that would land among the users own, or outside', () => {
    const contents = {
      cluster: 'pbx',
      node: 'alice',
      mapped: [],
      nodeXml: '',
      userFolders: [],
      version: config.freeswitch.version,
    };
    const withFile = (path: string) => () => archiveFiles({ ...contents, configuration: [{ path, content: '' }] });
    expect(withFile('user/dialplan/mine.xml')).toThrow("the users' own");
    expect(withFile('../passwd')).toThrow('leads out of it');
  });
});

describe('install, on the node', () => {
  let node: NodeFolder;
  beforeEach(() => {
    node = new NodeFolder({ ...settings, vips: settings.vips.map((vip) => ({ ...vip, id: 'main' })) });
    for (const file of files) node.write(`archive/${file.path}`, file.content);
  });
  afterEach(() => node.remove());
  const install = () => node.run('../archive/bin/install');

  it('puts everything in its place, with nothing left to be filled in', () => {
    const { code, err } = install();
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('installed: node alice') as string });
    const nodeXml = node.read('etc/freeswitch/node.xml');
    expect(placeholdersIn(nodeXml)).toEqual([]);
    expect(nodeXml).toContain('10.99.1.11');
    expect(nodeXml).toContain('198.51.100.10');
    expect(node.has('etc/freeswitch/freeswitch.xml')).toBe(true);
    expect(node.has('etc/systemd/system/understudy-freeswitch.service')).toBe(true);
    expect(node.read('etc/understudy/cloudwatch-agent.json')).toContain('"log_group_name": "/pbx/nodes"');
  });

  it("masks the packages' own unit, which says SIGTERM to a node with calls", () => {
    install();
    const link = spawnSync('readlink', [`${node.root}/etc/systemd/system/freeswitch.service`], { encoding: 'utf8' });
    expect(link.stdout).toBe('/dev/null\n');
  });

  it('makes the folders of the users and never touches what is in them, however often it runs', () => {
    install();
    node.write('etc/freeswitch/user/dialplan/mine.xml', '<include>mine</include>');
    expect(install().code).toBe(0);
    expect(node.read('etc/freeswitch/user/dialplan/mine.xml')).toBe('<include>mine</include>');
  });
});
