import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

import { loadConfig } from '../../../lib/config/load';
import { laptopConfig } from '../../../local/demo/laptop-config';

const ROOT = join(__dirname, '../../..');

describe('a configuration for the laptop', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'understudy-laptop-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const example = (name: string): string => relative(folder, join(ROOT, 'examples', name));

  it('is the file itself where it fits: what a user copies is what is deployed', () => {
    const config = example('primary-standby.yaml');
    expect(laptopConfig(folder, 'demo', config)).toEqual({ path: config, changes: [] });
  });

  it('of another region is a copy in the local one, without public names, that loads', () => {
    const { path, changes } = laptopConfig(folder, 'demo', example('active-cluster.yaml'));

    const [cluster] = loadConfig(resolve(folder, path), { networkCidr: '127.64.0.0/16' }).clusters;
    expect(cluster).toMatchObject({ region: 'us-east-1', observerZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'] });
    expect(cluster?.nodes.map(({ zone }) => zone)).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
    expect(cluster?.vips.map(({ publicDns }) => publicDns)).toEqual([null, null]);
    expect(changes).toEqual(['us-east-1 in place of eu-west-1', 'no publicDns: its zone is in an account']);
  });

  it('finds the folders that the file names from where the file was', () => {
    const written = 'clusters:\n  - region: eu-west-1\n    freeswitch: { userFiles: { folder: ./pbx } }\n';
    writeFileSync(join(folder, 'mine.yaml'), written);

    const { path } = laptopConfig(folder, 'demo', 'mine.yaml');

    expect(join(folder, path)).not.toBe(join(folder, 'mine.yaml'));
    expect(readFileSync(join(folder, path), 'utf8')).toContain(join(folder, 'pbx'));
  });

  it.each([
    ['no YAML', '{'],
    ['no configuration', 'a: 1'],
    ['nothing', ''],
  ])('leaves %s to whoever loads it', (_words, text) => {
    writeFileSync(join(folder, 'mine.yaml'), text);
    expect(laptopConfig(folder, 'demo', 'mine.yaml')).toEqual({ path: 'mine.yaml', changes: [] });
  });
});
