/** Items as this version writes them. Sizes are in docs/state.md; lifetimes are seconds of the `ttl` attribute. */
import type {
  ClusterControl,
  InstanceEvidence,
  NodeState,
  Observation,
  ObserverLease,
  StoredIncident,
  Topology,
  Transition,
  VipState,
} from '../../domain/model';
import { toItem, type Item } from './attributes';
import {
  controlKey,
  incidentKey,
  instanceKey,
  journalKey,
  leaseKey,
  nodeKey,
  observationKey,
  topologyKey,
  vipKey,
} from './keys';
import { subjectOf } from '../../domain/store-rules';

const DAY_S = 86_400;

/**
 * How long an item outlives its use, in seconds. Nothing hangs on it: readers judge by the item's own times, and a
 * vote that is gone is one vote less, which can only prevent a failover.
 */
export const LIFETIME_S = {
  observation: DAY_S,
  lease: DAY_S,
  instance: 7 * DAY_S,
  // The journal of the present holder is what drift is held against, and a good holder may hold for years.
  closedJournal: 10 * 365 * DAY_S,
  audit: 365 * DAY_S,
} as const;

/** Epoch seconds, as DynamoDB's TTL wants them. */
export const ttl = (atMs: number, lifetimeS: number): number => Math.floor(atMs / 1000) + lifetimeS;

export function encodeTopology(topology: Topology): Item {
  return toItem(topologyKey(), { version: topology.version }, { body: topology });
}

export function encodeControl(control: ClusterControl): Item {
  return toItem(controlKey(), { ...control });
}

export function encodeVip(vip: VipState): Item {
  const { vipId, holder, lastAutomaticFailoverAtMs, recentFailoversAtMs, failoverEvents, ...attributes } = vip;
  return toItem(vipKey(vipId), {
    ...attributes,
    ...encodeFailovers({ lastAutomaticFailoverAtMs, recentFailoversAtMs, failoverEvents }),
    holderNode: holder?.nodeId ?? null,
    holderCoreUuid: holder?.coreUuid ?? null,
  });
}

/** List and names as JSON text: they are written whole. An empty one is no attribute. */
export function encodeFailovers<T extends number | null>(failovers: {
  lastAutomaticFailoverAtMs: T;
  recentFailoversAtMs: readonly number[];
  failoverEvents: Readonly<Record<string, string>>;
}): { lastAutomaticFailoverAtMs: T; recentFailoversAtMs?: string; failoverEvents?: string } {
  const { lastAutomaticFailoverAtMs, recentFailoversAtMs, failoverEvents } = failovers;
  return {
    lastAutomaticFailoverAtMs,
    ...(recentFailoversAtMs.length === 0 ? {} : { recentFailoversAtMs: JSON.stringify(recentFailoversAtMs) }),
    ...(Object.keys(failoverEvents).length === 0 ? {} : { failoverEvents: JSON.stringify(failoverEvents) }),
  };
}

/** Claims are a string set, so that a claim is added and returned without reading it; an empty set is no attribute. */
export function encodeNode({ nodeId, claims, ...attributes }: NodeState): Item {
  const item = toItem(nodeKey(nodeId), attributes);
  return claims.length === 0 ? item : { ...item, claims: { SS: claims } };
}

export function encodeObservation(observation: Observation): Item {
  const { observedAtMs, ...body } = observation;
  return toItem(
    observationKey(observation.nodeId, observation.zone),
    { observedAtMs, ttl: ttl(observedAtMs, LIFETIME_S.observation) },
    { body },
  );
}

export function encodeInstance({ nodeId, state, atMs }: InstanceEvidence): Item {
  return toItem(instanceKey(nodeId), { state, atMs, ttl: ttl(atMs, LIFETIME_S.instance) });
}

export function encodeLease({ zone, ...lease }: ObserverLease): Item {
  return toItem(leaseKey(zone), { ...lease, ttl: ttl(lease.untilMs, LIFETIME_S.lease) });
}

/** What never changes is the body; status, lease and steps are attributes, because updates touch them one by one. */
export function encodeTransition(transition: Transition): Item {
  const { id: _id, vipId, epoch, status, decidedBy, closedAtMs, lease, steps, calls, ...body } = transition;
  return toItem(
    journalKey(vipId, epoch),
    {
      epoch,
      status,
      decidedBy,
      closedAtMs,
      leaseOwner: lease?.owner ?? null,
      leaseUntilMs: lease?.untilMs ?? null,
      calls: calls === null ? null : JSON.stringify(calls),
      ttl: closedAtMs === null ? null : ttl(closedAtMs, LIFETIME_S.closedJournal),
    },
    { body, jsonMaps: { steps } },
  );
}

export function encodeIncident(incident: StoredIncident): Item {
  const { kind, vipId, nodeId, reasons, ...attributes } = incident;
  return toItem(incidentKey(kind, subjectOf(incident)), attributes, { body: { vipId, nodeId, reasons } });
}
