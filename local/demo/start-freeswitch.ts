/** Starts the FreeSWITCH of a node, real or not, written down so that even a crash of ours leaves none behind. */
import { spawn } from 'node:child_process';

import type { NodeTopology, Topology } from '../../lib/domain/model';
import { trackChild } from '../emulator/processes';
import type { Spawn } from '../standin/child';
import type { NodeAddresses } from '../standin/freeswitch-process';
import { startFreeSwitch } from '../standin/start';
import type { StartFreeSwitch } from './fleet';

/** @param password of the event socket, as the nodes' secret has it */
export function freeSwitchStarter(projectDir: string, topology: Topology, password: string): StartFreeSwitch {
  return (node) => {
    const spawnTracked: Spawn = (command, args, options) =>
      trackChild(projectDir, `FreeSWITCH of ${node.id}`, (marker) =>
        spawn(command, args, { ...options, env: { ...(options.env ?? process.env), ...marker }, detached: true }),
      ).child;
    return startFreeSwitch({ ...addressesOf(topology, node, password), spawn: spawnTracked }, process.env);
  };
}

/** ESL on the primary address, and the profiles of each VIP on its own address on this node. */
export function addressesOf(topology: Topology, node: NodeTopology, password: string): NodeAddresses {
  return {
    name: node.id,
    management: node.managementAddress,
    eslPort: node.eslPort,
    password,
    sip: topology.vips.flatMap((vip) => {
      const address = node.vipAddresses[vip.id];
      if (address === undefined) return [];
      const publicAddress = vip.elasticIp === null ? {} : { publicAddress: vip.elasticIp.publicIp };
      return [{ vip: vip.id, address, port: vip.sipPort, profiles: vip.profiles, ...publicAddress }];
    }),
  };
}
