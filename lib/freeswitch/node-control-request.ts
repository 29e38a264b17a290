import { isIP } from 'node:net';
import { MalformedEvent } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import type { NodeControlRequest, RecoveryOrder } from '../domain/ports';

/** The function's own time limit is above this. */
const MAX_TIMEOUT_MS = 60_000;
/** Far above any cluster: a list that is longer is an attack or a mistake, not an order. */
const MAX_LIST = 64;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** As the configuration allows them. They become names of roles and values of `hostname` columns. */
const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** `transitionId` of the model: a VIP's id, `#`, an epoch. */
const TRANSITION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}#\d{1,15}$/;

const ACTIONS: readonly NodeControlRequest['action'][] = [
  'shutdownNow', 'promote', 'check', 'demote', 'lockRole', 'unlockRole', 'recover', 'countAlive', 'previewRecovery',
  'forecast', 'inspect',
]; // prettier-ignore

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
    case 'shutdownNow':
      return { action, node, timeoutMs, coreUuid: coreUuidOf(root) };
    case 'promote':
      return { action, node, vip: vipOf(root['vip'], 'vip'), timeoutMs, coreUuid: coreUuidOf(root) };
    case 'check':
      // Of an event of the previous version it is missing.
      return { action, node, vip: vipOf(root['vip'], 'vip'), timeoutMs, asksDatabase: root['asksDatabase'] === true };
    case 'demote':
      return { action, node, vip: vipOf(root['vip'], 'vip'), timeoutMs };
    case 'lockRole':
    case 'unlockRole':
      return { action, node, timeoutMs };
    case 'recover':
    case 'countAlive':
    case 'previewRecovery':
      return { action, node, vip: vipOf(root['vip'], 'vip'), order: orderOf(root['order']), timeoutMs };
    case 'forecast':
    case 'inspect':
      return { action, node, vips: list(root['vips'], 'vips').map((each) => vipOf(each, 'vips')), timeoutMs };
    default:
      throw wrong('action', `one of ${ACTIONS.join(', ')}`);
  }
}

/** Of an event of a version that did not name it, it is missing. */
function coreUuidOf(root: Record<string, unknown>): string | null {
  const coreUuid = root['coreUuid'] ?? null;
  if (coreUuid !== null && typeof coreUuid !== 'string') throw wrong('coreUuid', 'a text or null');
  return coreUuid;
}

function nodeOf(value: unknown): NodeTopology {
  const node = record(value, 'node');
  text(node['id'], 'node.id');
  address(node['managementAddress'], 'node.managementAddress');
  port(node['eslPort'], 'node.eslPort');
  const addresses = record(node['vipAddresses'], 'node.vipAddresses');
  for (const [vip, each] of Object.entries(addresses)) address(each, `node.vipAddresses.${vip}`);
  // Of an event of the previous version it is missing.
  const role = node['databaseRole'] ?? null;
  if (role !== null) text(role, 'node.databaseRole');
  // What the orders use is checked; the rest of the topology is only carried along.
  return node as unknown as NodeTopology;
}

function vipOf(value: unknown, name: string): VipTopology {
  const vip = record(value, name);
  text(vip['id'], `${name}.id`);
  port(vip['sipPort'], `${name}.sipPort`);
  const serviceAddress = vip['serviceAddress'] ?? null;
  if (serviceAddress !== null) address(serviceAddress, `${name}.serviceAddress`);
  const profiles = list(vip['profiles'], `${name}.profiles`);
  if (profiles.length === 0) throw wrong(`${name}.profiles`, 'a list of sofia profiles');
  for (const profile of profiles) text(profile, `${name}.profiles`);
  return vip as unknown as VipTopology;
}

/** Its parts go into SQL as parameters; they are checked all the same, because rows are deleted by them. */
function orderOf(value: unknown): RecoveryOrder {
  const order = record(value, 'order');
  // Of an event of the previous version these are missing.
  const onto = order['ontoCoreUuid'];
  const decidedAt = order['decidedAtMs'];
  const oldClock = order['oldClockAheadMs'] ?? null;
  if (oldClock !== null && !(typeof oldClock === 'number' && Number.isFinite(oldClock))) {
    throw wrong('order.oldClockAheadMs', 'milliseconds, or nothing');
  }
  return {
    transitionId: matching(order['transitionId'], TRANSITION_ID, 'order.transitionId', 'the id of a transition'),
    ...(decidedAt === undefined ? {} : { decidedAtMs: milliseconds(decidedAt, 'order.decidedAtMs') }),
    deadCoreUuids: list(order['deadCoreUuids'], 'order.deadCoreUuids').map((each) =>
      matching(each, UUID, 'order.deadCoreUuids', 'a list of UUIDs'),
    ),
    deadNodeIds: list(order['deadNodeIds'], 'order.deadNodeIds').map((each) =>
      matching(each, NODE_ID, 'order.deadNodeIds', 'a list of node ids'),
    ),
    ...(onto === undefined ? {} : { ontoCoreUuid: matching(onto, UUID, 'order.ontoCoreUuid', 'a UUID') }),
    maxClockBehindMs: milliseconds(order['maxClockBehindMs'], 'order.maxClockBehindMs'),
    ...(oldClock === null ? {} : { oldClockAheadMs: oldClock }),
  };
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'an object');
  return value as Record<string, unknown>;
}

function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value) || value.length > MAX_LIST) throw wrong(name, `a list of at most ${MAX_LIST}`);
  return value;
}

function matching(value: unknown, pattern: RegExp, name: string, wanted: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw wrong(name, wanted);
  return value;
}

function milliseconds(value: unknown, name: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw wrong(name, 'milliseconds');
  return value;
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
