/**
 * The configuration of a node's FreeSWITCH, whole and pure: the same input gives the same text. Why each parameter is
 * there stands above it in the files themselves; the numbers are those of shared FACTS sections 5 to 8.
 * Every parameter exists in 1.10.12 and in 1.11.2, so both releases get the same files.
 */
import { aclFile, eventSocketFile } from './access';
import { moduleFiles, switchFile } from './core';
import { logFiles } from './logs';
import type { NodeConfigurationInput, RenderedFile } from './model';
import { nodeOf, vipsOf } from './node';
import { profileFiles } from './profile';
import { dialplanFile, directoryFile } from './routing';
import { sofiaFile } from './sofia';
import { userFolders, userPattern } from './user-files';
import { addElement, addInclude, xmlFile, type Element } from './xml';

/** All files but node.xml (`renderNodeVariables`). Throws UnderstudyError for a node or a value that cannot be. */
export function renderNodeConfiguration({ cluster, nodeId, eslClients }: NodeConfigurationInput): RenderedFile[] {
  nodeOf(cluster, nodeId);
  const vips = vipsOf(cluster, nodeId);
  const fixed = [
    switchFile(cluster),
    eventSocketFile(),
    aclFile(eslClients ?? [cluster.network.cidr]),
    sofiaFile(vips.flatMap(({ profiles }) => profiles)),
    ...moduleFiles(cluster),
  ];
  const replaceable = logFiles();
  const dialplan = dialplanFile();
  const directory = directoryFile(cluster.freeswitch.sipDomain);
  const root = rootFile({
    configuration: [...paths(fixed), userPattern('autoload_configs'), ...paths(replaceable)],
    dialplan: [userPattern('dialplan'), dialplan.path],
    directory: [userPattern('directory'), directory.path],
  });
  const profiles = vips.flatMap((vip) => profileFiles(cluster, vip));
  return [root, ...fixed, ...replaceable, ...profiles, dialplan, directory];
}

/** Folders for the users' files, relative to the configuration folder. They may be missing. */
export const userFoldersOf = ({ cluster, nodeId }: NodeConfigurationInput): string[] =>
  userFolders(vipsOf(cluster, nodeId).flatMap(({ profiles }) => profiles));

const paths = (files: readonly RenderedFile[]): string[] => files.map(({ path }) => path);

/** Of two with the same name FreeSWITCH takes the first: the order says whose word holds. */
function rootFile(sections: Record<string, readonly string[]>): RenderedFile {
  const build = (root: Element): void => {
    addInclude(root, 'node.xml');
    for (const [name, files] of Object.entries(sections)) {
      const section = addElement(root, 'section', { name });
      for (const file of files) addInclude(section, file);
    }
  };
  return { path: 'freeswitch.xml', content: xmlFile('document', { type: 'freeswitch/xml' }, build) };
}
