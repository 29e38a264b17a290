import { resolve } from 'node:path';
import { DEFAULTS } from './defaults';
import { unchecked } from './defined';
import type { FreeSwitchConfig } from './model';
import type { WrittenCluster } from './schema';

type WrittenFreeSwitch = NonNullable<WrittenCluster['freeswitch']>;

/** Folders are named from `directory`, where the file lies, and come out absolute. */
export function resolveFreeSwitch(cluster: WrittenCluster, directory: string): FreeSwitchConfig {
  const written = cluster.freeswitch ?? {};
  const standard = DEFAULTS.freeswitch;
  return {
    version: written.version ?? standard.version,
    sipDomain: written.sipDomain ?? `${cluster.id}.understudy.internal`,
    codecs: written.codecs ?? [...standard.codecs],
    maxSessions: written.maxSessions ?? standard.maxSessions,
    sessionsPerSecond: written.sessionsPerSecond ?? standard.sessionsPerSecond,
    modules: written.modules ?? [...standard.modules],
    userFiles: resolveUserFiles(written.userFiles, directory),
    install:
      typeof written.install === 'object' ? { source: 'packages', ...written.install.packages } : { source: 'image' },
  };
}

function resolveUserFiles(written: WrittenFreeSwitch['userFiles'], directory: string): FreeSwitchConfig['userFiles'] {
  if (written === undefined) return { source: 'none' };
  if (written.folder !== undefined) return { source: 'folder', path: resolve(directory, written.folder) };
  if (written.s3 === undefined) throw unchecked('freeswitch.userFiles');
  return { source: 's3', ...written.s3 };
}
