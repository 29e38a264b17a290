/**
 * The lab's network, made inside a namespace of our own (`main.ts`), so that it ends with us even when we are killed:
 *
 *   control plane, PostgreSQL ─┐
 *   node1, node2, node3 ───────┤ VPC (bridge) ─ router (1:1 NAT) ─ outside: caller and callee
 *
 * No interface leads out of it.
 */
import { addressRules, privateVariable } from '../../lib/freeswitch/host/address-rules';
import { run, runIn } from './commands';
import { natRules, type Mapping } from './nat';
import { OUTSIDE, VPC, nodeName, primaryAddress, vipAddress } from './plan';

export const ROUTER = 'router';
export const PARTIES = 'parties';
const OUTSIDE_INTERFACE = 'outside';
const NODE_INTERFACE = 'eth0';

/** A VIP as the host of a node has it. */
export interface HostVip {
  id: string;
  place: number;
  /** null: the profiles bind the private address itself (way B). */
  serviceAddress: string | null;
}

/** Everything but the VIPs of nodes. */
export async function makeNetwork(nodes: number): Promise<void> {
  await run('ip', ['link', 'set', 'lo', 'up']);
  // Names of namespaces live here: our own, so that nobody else sees or removes them.
  await run('mkdir', ['-p', '/run/netns']);
  await run('mount', ['-t', 'tmpfs', 'tmpfs', '/run/netns']);
  await makeRouter();
  await run('ip', ['link', 'add', 'vpc0', 'type', 'veth', 'peer', 'name', 'control', 'netns', ROUTER]);
  await run('ip', ['address', 'add', `${VPC.control}/${VPC.bits}`, 'dev', 'vpc0']);
  await run('ip', ['link', 'set', 'vpc0', 'up']);
  await toBridge('control');
  await makeParties();
  for (let number = 1; number <= nodes; number += 1) await makeNode(number);
}

async function makeRouter(): Promise<void> {
  await run('ip', ['netns', 'add', ROUTER]);
  await runIn(ROUTER, 'ip', ['link', 'set', 'lo', 'up']);
  await runIn(ROUTER, 'ip', ['link', 'add', 'vpc', 'type', 'bridge']);
  await runIn(ROUTER, 'ip', ['address', 'add', `${VPC.router}/${VPC.bits}`, 'dev', 'vpc']);
  await runIn(ROUTER, 'ip', ['link', 'set', 'vpc', 'up']);
  await runIn(ROUTER, 'sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0']);
  // A packet that cannot be delivered is lost in silence, as in a VPC.
  await runIn(ROUTER, 'sysctl', ['-qw', 'net.ipv4.conf.all.send_redirects=0']);
}

async function makeParties(): Promise<void> {
  await run('ip', ['netns', 'add', PARTIES]);
  await run('ip', ['-n', PARTIES, 'link', 'add', NODE_INTERFACE, 'type', 'veth', 'peer', 'name', OUTSIDE_INTERFACE]);
  await run('ip', ['-n', PARTIES, 'link', 'set', OUTSIDE_INTERFACE, 'netns', ROUTER]);
  await run('ip', ['-n', ROUTER, 'address', 'add', `${OUTSIDE.router}/${OUTSIDE.bits}`, 'dev', OUTSIDE_INTERFACE]);
  await run('ip', ['-n', ROUTER, 'link', 'set', OUTSIDE_INTERFACE, 'up']);
  await run('ip', ['-n', PARTIES, 'link', 'set', 'lo', 'up']);
  for (const address of [OUTSIDE.caller, OUTSIDE.callee]) {
    await run('ip', ['-n', PARTIES, 'address', 'add', `${address}/${OUTSIDE.bits}`, 'dev', NODE_INTERFACE]);
  }
  await run('ip', ['-n', PARTIES, 'link', 'set', NODE_INTERFACE, 'up']);
  await run('ip', ['-n', PARTIES, 'route', 'add', 'default', 'via', OUTSIDE.router]);
}

async function makeNode(number: number): Promise<void> {
  const name = nodeName(number);
  await run('ip', ['netns', 'add', name]);
  await run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  await run('ip', ['-n', name, 'link', 'add', NODE_INTERFACE, 'type', 'veth', 'peer', 'name', name]);
  await run('ip', ['-n', name, 'link', 'set', name, 'netns', ROUTER]);
  await toBridge(name);
  await run('ip', ['-n', name, 'address', 'add', `${primaryAddress(number)}/${VPC.bits}`, 'dev', NODE_INTERFACE]);
  await run('ip', ['-n', name, 'link', 'set', NODE_INTERFACE, 'up']);
  await run('ip', ['-n', name, 'route', 'add', 'default', 'via', VPC.router]);
}

async function toBridge(end: string): Promise<void> {
  await run('ip', ['-n', ROUTER, 'link', 'set', end, 'master', 'vpc']);
  await run('ip', ['-n', ROUTER, 'link', 'set', end, 'up']);
}

/** What `understudy-addresses.service` does on a node: service addresses and the product's own rules. */
export async function addVips(number: number, vips: readonly HostVip[]): Promise<void> {
  const name = nodeName(number);
  const mapped: { id: string; serviceAddress: string }[] = [];
  const defined: string[] = [];
  for (const { id, place, serviceAddress } of vips) {
    const own = vipAddress(place, number);
    await run('ip', ['-n', name, 'address', 'replace', `${own}/${VPC.bits}`, 'dev', NODE_INTERFACE]);
    if (serviceAddress === null) continue;
    await run('ip', ['-n', name, 'address', 'replace', `${serviceAddress}/32`, 'dev', 'lo']);
    mapped.push({ id, serviceAddress });
    defined.push('--define', `${privateVariable(id)}=${own}`);
  }
  const rules = addressRules(mapped);
  await runIn(name, 'nft', ['--define', `interface=${NODE_INTERFACE}`, ...defined, '--file', '-'], rules);
}

/** The gateway's whole table of Elastic IPs. */
export const setMappings = async (mappings: readonly Mapping[]): Promise<void> => {
  await runIn(ROUTER, 'nft', ['--file', '-'], natRules(mappings, OUTSIDE_INTERFACE));
};
