import { isIP } from 'node:net';
import { MalformedEvent } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import type { NodeControlRequest } from '../domain/ports';

/** The function's own time limit is above this. */
const MAX_TIMEOUT_MS = 60_000;

/**
 * Checks what the orders hang on: addresses are addresses, ports are ports, the deadline is one. By hand, because a
 * schema library would be a fifth of this function's bundle.
 * @throws MalformedEvent naming the first field that is wrong
 */
export function parseNodeControlRequest(event: unknown): NodeControlRequest {
  const root = record(event, 'event');
  const timeoutMs = root['timeoutMs'];
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw wrong('timeoutMs', `milliseconds above 0, at most ${MAX_TIMEOUT_MS}`);
  }
  const node = nodeOf(root['node']);
  const action = root['action'];
  switch (action) {
    case 'shutdownNow': {
      const coreUuid = root['coreUuid'] ?? null;
      if (coreUuid !== null && typeof coreUuid !== 'string') throw wrong('coreUuid', 'a text or null');
      return { action, node, timeoutMs, coreUuid };
    }
    case 'promote':
    case 'check':
      return { action, node, vip: vipOf(root['vip']), timeoutMs };
    default:
      throw wrong('action', '"shutdownNow", "promote" or "check"');
  }
}

function nodeOf(value: unknown): NodeTopology {
  const node = record(value, 'node');
  text(node['id'], 'node.id');
  address(node['managementAddress'], 'node.managementAddress');
  port(node['eslPort'], 'node.eslPort');
  const addresses = record(node['vipAddresses'], 'node.vipAddresses');
  for (const [vip, each] of Object.entries(addresses)) address(each, `node.vipAddresses.${vip}`);
  // What the orders use is checked; the rest of the topology is only carried along.
  return node as unknown as NodeTopology;
}

function vipOf(value: unknown): VipTopology {
  const vip = record(value, 'vip');
  text(vip['id'], 'vip.id');
  port(vip['sipPort'], 'vip.sipPort');
  const profiles = vip['profiles'];
  if (!Array.isArray(profiles) || profiles.length === 0) throw wrong('vip.profiles', 'a list of sofia profiles');
  for (const profile of profiles as unknown[]) text(profile, 'vip.profiles');
  return vip as unknown as VipTopology;
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'an object');
  return value as Record<string, unknown>;
}

function text(value: unknown, name: string): void {
  if (typeof value !== 'string' || value === '') throw wrong(name, 'a text');
}

function address(value: unknown, name: string): void {
  if (typeof value !== 'string' || isIP(value) === 0) throw wrong(name, 'an IP address');
}

function port(value: unknown, name: string): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 65_535) {
    throw wrong(name, 'a port number');
  }
}

function wrong(name: string, wanted: string): MalformedEvent {
  return new MalformedEvent(`node-control was called with a wrong ${name}: it must be ${wanted}`);
}
