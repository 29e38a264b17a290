/** A zone as one thing: whether it looks lost, and the one event that its failure is. Pure. */
import type { Decision } from './decision';
import { isZoneSilent } from './failure-kinds/zone';
import { isPaused } from './maintenance';
import type { ClusterSnapshot } from './model';

/**
 * Says in the reasons of what befalls VIPs of a failed zone that it was the zone, and adds one incident for all of them:
 * a human must not read one event as many. The decision of that incident bears the zone in place of a VIP (`zone X`,
 * which no VIP can be called), and the incident is the whole cluster's.
 */
export function nameFailedZones(snapshot: ClusterSnapshot, decisions: readonly Decision[], nowMs: number): Decision[] {
  if (decisions.every((decision) => decision.kind === 'none' && decision.well)) return [...decisions];
  const failed = failedZones(snapshot, nowMs);
  const struck = (zone: string): Decision[] => decisions.filter((decision) => zoneOf(snapshot, decision) === zone);
  return [
    ...decisions.map((decision) => {
      const zone = failed.find((each) => each === zoneOf(snapshot, decision));
      return zone === undefined ? decision : withReason(decision, whyFailed(snapshot, zone));
    }),
    ...failed.flatMap((zone) => {
      const acted = struck(zone).filter(({ kind }) => kind === 'change' || kind === 'incident');
      return acted.length === 0 ? [] : [zoneFailure(snapshot, zone, acted, nowMs)];
    }),
  ];
}

/**
 * A failed zone is the cluster's incident. One that comes and goes is one event until every VIP is well again; those
 * that a human paused say nothing of it.
 */
export function isZoneFailureOver(snapshot: ClusterSnapshot, decisions: readonly Decision[], nowMs: number): boolean {
  if (failedZones(snapshot, nowMs).length > 0) return false;
  const judged = snapshot.vips.filter((vip) => !isPaused(vip, nowMs)).map(({ vipId }) => vipId);
  return decisions.every((each) => !judged.includes(each.vipId) || (each.kind === 'none' && each.well));
}

/** Zones of nodes of which nothing answers a majority. */
function failedZones(snapshot: ClusterSnapshot, nowMs: number): string[] {
  const zones = [...new Set(snapshot.topology.nodes.map((node) => node.zone))];
  return zones.filter((zone) => isZoneSilent(snapshot, zone, nowMs));
}

/** The zone of the node that the VIP is held by, or that it was to go to. */
function zoneOf(snapshot: ClusterSnapshot, { vipId }: Decision): string | null {
  const holder = snapshot.vips.find((each) => each.vipId === vipId)?.holder;
  return snapshot.topology.nodes.find((node) => node.id === holder?.nodeId)?.zone ?? null;
}

function whyFailed({ topology }: ClusterSnapshot, zone: string): string {
  const nodes = topology.nodes.filter((node) => node.zone === zone).map((node) => node.id);
  const observer = topology.observers.includes(zone) ? ', and neither does its observer' : '';
  return `zone ${zone} failed: none of its nodes (${nodes.join(', ')}) answers a majority${observer}`;
}

function zoneFailure(snapshot: ClusterSnapshot, zone: string, struck: readonly Decision[], nowMs: number): Decision {
  const reasons = [whyFailed(snapshot, zone), `VIPs there: ${struck.map(({ vipId }) => vipId).join(', ')}`];
  return {
    kind: 'incident',
    vipId: `zone ${zone}`,
    incident: {
      kind: 'zone-failure',
      vipId: null,
      nodeId: null,
      epoch: null,
      reasons,
      atMs: nowMs,
      notifiedAtMs: null,
    },
    reasons,
  };
}

function withReason(decision: Decision, why: string): Decision {
  const reasons = [why, ...decision.reasons];
  return decision.kind === 'incident'
    ? { ...decision, reasons, incident: { ...decision.incident, reasons } }
    : { ...decision, reasons };
}
