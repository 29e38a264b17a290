/**
 * What a node's archive holds: our scripts and units as they stand in `files/`, and what was rendered for this node.
 * Every path is relative to the archive's root; `bin/install` on the node knows where each folder belongs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FreeSwitchVersion } from '../../config/model';
import { addressRules, type MappedVip } from './address-rules';
import { cloudWatchAgentConfiguration } from './cloudwatch-agent';
import { packageList } from './packages';

export interface ArchiveFile {
  path: string;
  content: string;
}

export interface ArchiveContents {
  cluster: string;
  node: string;
  /** VIPs with a service address that may come to this node. */
  mapped: readonly MappedVip[];
  /** FreeSWITCH's configuration, without node.xml. Paths relative to its folder. */
  configuration: readonly ArchiveFile[];
  /** node.xml with `@@NAME@@` where `configure` on the node puts a value. */
  nodeXml: string;
  /** Folders for the users' own files, which the configuration includes from: made where they are missing. */
  userFolders: readonly string[];
  version: FreeSwitchVersion;
}

const STATIC_FILES = join(__dirname, 'files');

/** @returns the archive's files, sorted by path: the same contents give the same hash */
export function archiveFiles(contents: ArchiveContents): ArchiveFile[] {
  const { cluster, node, configuration } = contents;
  const files: ArchiveFile[] = [
    ...staticFiles(STATIC_FILES, ''),
    { path: 'etc/addresses.nft', content: addressRules(contents.mapped) },
    { path: 'etc/cloudwatch-agent.json', content: cloudWatchAgentConfiguration(cluster, node) },
    { path: 'etc/node.xml.template', content: contents.nodeXml },
    { path: 'packages', content: packageList(contents.version, modulesIn(configuration)) },
    { path: 'user-folders', content: contents.userFolders.map((folder) => `${folder}\n`).join('') },
    ...configuration.map(({ path, content }) => ({ path: `freeswitch/${path}`, content })),
  ];
  const strange = files.find(({ path }) => path.startsWith('/') || path.split('/').includes('..'));
  if (strange !== undefined) throw new Error(`${strange.path}: a file of the archive leads out of it`);
  const usersOwn = configuration.find(({ path }) => path === 'user' || path.startsWith('user/'));
  if (usersOwn !== undefined) throw new Error(`${usersOwn.path}: what is in user/ is the users' own`);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** @returns the files of a folder of ours, with their paths below it */
function staticFiles(folder: string, prefix: string): ArchiveFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${prefix}${entry.name}`;
    const full = join(folder, entry.name);
    return entry.isDirectory() ? staticFiles(full, `${path}/`) : [{ path, content: readFileSync(full, 'utf8') }];
  });
}

/** Modules that the configuration loads: where FreeSWITCH comes from packages, theirs are installed. */
function modulesIn(files: readonly ArchiveFile[]): string[] {
  const lists = files.filter(({ path }) => /modules\.conf\.xml$/.test(path));
  return lists.flatMap(({ content }) =>
    [...content.matchAll(/<load module="(mod_\w+)"/g)].map((match) => match[1] ?? ''),
  );
}
