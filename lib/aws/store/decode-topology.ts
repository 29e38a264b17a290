/** The topology back to the model; see decode.ts for the rules. It is read by code of the previous version too. */
import type { DatabaseTopology, NodeTopology, Policy, Topology, VipTopology } from '../../domain/model';
import { CANDIDATE_ORDERS, CRASH_ACTIONS, FAILBACKS, SIP_STUCK_ACTIONS } from '../../domain/model';
import type { PlainItem } from './attributes';
import { fieldsOf } from './decode';
import { Fields } from './fields';

export function decodeTopology(item: PlainItem): Topology {
  const fields = fieldsOf(item);
  const each = (name: string): Fields[] =>
    fields.list(name).map((value, index) => new Fields(`topology ${name}[${index}]`, value));
  return {
    version: fields.string('version'),
    cluster: fields.string('cluster'),
    region: fields.string('region'),
    owner: fields.string('owner'),
    observers: fields.strings('observers'),
    nodes: each('nodes').map(decodeNodeTopology),
    vips: each('vips').map(decodeVipTopology),
    policy: decodePolicy(fields.object('policy')),
    database: decodeDatabase(fields.objectOrNull('database')),
    nodeControl: fields.has('nodeControl') ? fields.map('nodeControl', (entries, zone) => entries.string(zone)) : {},
  };
}

function decodeDatabase(fields: Fields | null): DatabaseTopology | null {
  if (fields === null) return null;
  return { host: fields.string('host'), port: fields.natural('port'), name: fields.string('name') };
}

function decodeNodeTopology(fields: Fields): NodeTopology {
  return {
    id: fields.string('id'),
    zone: fields.string('zone'),
    instanceId: fields.string('instanceId'),
    managementAddress: fields.string('managementAddress'),
    eslPort: fields.natural('eslPort'),
    fingerprint: fields.stringOrNull('fingerprint'),
    networkInterfaceId: fields.string('networkInterfaceId'),
    vipAddresses: fields.map('vipAddresses', (entries, vipId) => entries.string(vipId)),
    databaseRole: fields.stringOrNull('databaseRole'),
  };
}

function decodeVipTopology(fields: Fields): VipTopology {
  const elasticIp = fields.objectOrNull('elasticIp');
  const dns = fields.objectOrNull('privateDns');
  return {
    id: fields.string('id'),
    elasticIp:
      elasticIp === null
        ? null
        : { allocationId: elasticIp.string('allocationId'), publicIp: elasticIp.string('publicIp') },
    privateDns:
      dns === null ? null : { zoneId: dns.string('zoneId'), name: dns.string('name'), ttlS: dns.natural('ttlS') },
    profiles: fields.strings('profiles'),
    sipPort: fields.natural('sipPort'),
    candidates: fields.strings('candidates'),
    manualOnly: fields.strings('manualOnly'),
    firstHolder: fields.stringOrNull('firstHolder'),
    serviceAddress: fields.stringOrNull('serviceAddress'),
    group: fields.stringOrNull('group'),
  };
}

/**
 * The configuration's loader fills in every value before it is registered. Only what the first version did not know
 * has a default here, which is what that version did: no slack, no hold, no failback, no limit that was ever reached.
 */
function decodePolicy(fields: Fields): Policy {
  return {
    probeIntervalMs: fields.natural('probeIntervalMs'),
    probeTimeoutMs: fields.natural('probeTimeoutMs'),
    heartbeatMs: fields.natural('heartbeatMs'),
    freshForMs: fields.natural('freshForMs'),
    suspectAfterMisses: fields.natural('suspectAfterMisses'),
    sipStuckAfterMisses: fields.natural('sipStuckAfterMisses'),
    missSlack: fields.numberOr('missSlack', 0),
    dissentHoldMs: fields.numberOr('dissentHoldMs', 0),
    sipStuckAction: fields.has('sipStuckAction') ? fields.oneOf('sipStuckAction', SIP_STUCK_ACTIONS) : 'failover',
    standbyHolderAfterMisses: fields.natural('standbyHolderAfterMisses'),
    blockPeriodMs: fields.natural('blockPeriodMs'),
    holdDownMs: fields.numberOr('holdDownMs', 0),
    candidateOrder: fields.has('candidateOrder') ? fields.oneOf('candidateOrder', CANDIDATE_ORDERS) : 'listed',
    failback: fields.has('failback') ? fields.oneOf('failback', FAILBACKS) : 'never',
    failbackAfterMs: fields.numberOr('failbackAfterMs', 1_800_000),
    maxFailoversPerWindow: fields.numberOr('maxFailoversPerWindow', 1_000),
    failoverWindowMs: fields.numberOr('failoverWindowMs', 3_600_000),
    maxVipsPerNode: fields.natural('maxVipsPerNode'),
    maxTransitionsInFlight: fields.natural('maxTransitionsInFlight'),
    maxRetargets: fields.natural('maxRetargets'),
    stopFailedNode: fields.booleanOr('stopFailedNode', true),
    // The role of a version that did not restore nodes may not start them.
    restoreFailedNode: fields.booleanOr('restoreFailedNode', false),
    crashAction: fields.has('crashAction') ? fields.oneOf('crashAction', CRASH_ACTIONS) : 'failover',
    restartGraceMs: fields.numberOr('restartGraceMs', 10_000),
    recoverForMs: fields.numberOr('recoverForMs', 120_000),
    maxClockBehindMs: fields.numberOr('maxClockBehindMs', 1_000),
  };
}
