/** Starts the FreeSWITCH of a node, real or not, written down so that even a crash of ours leaves none behind. */
import { spawn } from 'node:child_process';

import type { ClusterConfig } from '../../lib/config/model';
import type { NodeTopology, Topology } from '../../lib/domain/model';
import { trackChild } from '../emulator/processes';
import type { Spawn } from '../standin/child';
import type { NodeAddresses } from '../standin/freeswitch-process';
import type { DatabaseAccess } from '../standin/options';
import type { StandInStart } from '../standin/process';
import { writeNodeFiles } from '../real/node-files';
import type { RealParties } from './real-parties';
import { RealFreeSwitch } from '../standin/real';
import { StandIn } from '../standin/process';
import type { StartFreeSwitch } from './fleet';

/** What a node reads from Secrets Manager at its start. */
export interface NodeSecrets {
  eslPassword: string;
  /** Login role -> password in the shared database. */
  databaseLogins: ReadonlyMap<string, string>;
}

/** What a stand-in may have beside its addresses. */
export type StandInSettings = Pick<
  StandInStart,
  'regThreads' | 'clockBehindMs' | 'gateways' | 'heartbeatMs' | 'standby'
>;

/** What a real FreeSWITCH takes the place of a stand-in with. */
export interface RealSettings {
  /** The program, from UNDERSTUDY_FREESWITCH. */
  binary: string;
  cluster: ClusterConfig;
  parties: RealParties;
}

/** @param real null: stand-ins */
export function freeSwitchStarter(
  projectDir: string,
  topology: Topology,
  secrets: NodeSecrets,
  settings: StandInSettings,
  real: RealSettings | null,
): StartFreeSwitch {
  return (node) => {
    const spawnTracked: Spawn = (command, args, options) =>
      trackChild(projectDir, `FreeSWITCH of ${node.id}`, (marker) =>
        spawn(command, args, { ...options, env: { ...(options.env ?? process.env), ...marker }, detached: true }),
      ).child;
    const addresses = addressesOf(topology, node, secrets);
    if (real === null) return StandIn.start({ ...addresses, ...settings, spawn: spawnTracked });
    const { binary, cluster, parties } = real;
    const databasePassword = addresses.database?.password ?? '';
    return RealFreeSwitch.start({
      ...addresses,
      binary,
      spawn: spawnTracked,
      writeConfiguration: (folder) =>
        writeNodeFiles(
          folder,
          cluster,
          topology,
          node,
          { eslPassword: secrets.eslPassword, databasePassword },
          parties.callee,
        ),
      callParties: (count, address, port) => parties.call(count, address, port),
    });
  };
}

/** ESL on the primary address, and the profiles of each VIP on its own address on this node. */
export function addressesOf(topology: Topology, node: NodeTopology, secrets: NodeSecrets): NodeAddresses {
  const database = databaseOf(topology, node, secrets);
  return {
    name: node.id,
    management: node.managementAddress,
    eslPort: node.eslPort,
    password: secrets.eslPassword,
    ...(database === null ? {} : { database }),
    sip: topology.vips.flatMap((vip) => {
      const address = node.vipAddresses[vip.id];
      if (address === undefined) return [];
      const publicAddress = vip.elasticIp === null ? {} : { publicAddress: vip.elasticIp.publicIp };
      const serviceAddress = vip.serviceAddress === null ? {} : { serviceAddress: vip.serviceAddress };
      return [{ vip: vip.id, address, port: vip.sipPort, profiles: vip.profiles, ...publicAddress, ...serviceAddress }];
    }),
  };
}

function databaseOf(
  { database }: Topology,
  { databaseRole }: NodeTopology,
  { databaseLogins }: NodeSecrets,
): DatabaseAccess | null {
  if (database === null || databaseRole === null) return null;
  const password = databaseLogins.get(databaseRole);
  if (password === undefined) throw new Error(`no secret has the login of ${databaseRole}`);
  return { ...database, user: databaseRole, password };
}
