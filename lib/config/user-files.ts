/** The folder with a user's own files of FreeSWITCH, which is named from where the configuration lies. */
import { statSync } from 'node:fs';
import type { Problem } from './format';
import type { UnderstudyConfig } from './model';

/** Folders that are not there: found here with their place, not by a deployment half an hour later. */
export function missingUserFolders({ clusters }: UnderstudyConfig): Problem[] {
  return clusters.flatMap(({ freeswitch: { userFiles } }, index) => {
    if (userFiles.source !== 'folder' || isFolder(userFiles.path)) return [];
    const path = `clusters[${index}].freeswitch.userFiles.folder`;
    return [
      { path, line: null, message: `${userFiles.path} is no folder: create it, or name the one with your files` },
    ];
  });
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
