import type { ClusterConfig } from '../../config/model';
import {
  knownVariables,
  renderNodeConfiguration,
  renderNodeVariables,
  userFoldersOf,
} from '../../freeswitch/configuration';
import { archiveFiles, type ArchiveFile } from '../../freeswitch/host/archive';
import { vipsOf } from './node-settings';

/** @returns everything a created node fetches: our scripts and units, and FreeSWITCH's configuration for this node */
export function archiveOf(cluster: ClusterConfig, nodeId: string): ArchiveFile[] {
  const input = { cluster, nodeId };
  return archiveFiles({
    cluster: cluster.id,
    node: nodeId,
    mapped: vipsOf(cluster, nodeId).flatMap(({ id, serviceAddress }) =>
      serviceAddress === null ? [] : [{ id, serviceAddress }],
    ),
    configuration: renderNodeConfiguration(input),
    nodeXml: renderNodeVariables(knownVariables(input)).content,
    userFolders: userFoldersOf(input),
    version: cluster.freeswitch.version,
  });
}
