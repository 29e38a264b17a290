/**
 * Quorum coverage: the share of time in which enough observers were watching for a failure to be decided at all. Pure.
 * An observer watches at a moment when the store holds a fresh observation by it, neither blind nor muted, of *every*
 * node: exactly what a decision could use. Leases are not asked: a renewed lease proves a process, not a sight.
 */
import { quorumOf, type ClusterSnapshot } from '../../domain/model';
import { isFresh } from '../../domain/voters';

/** What coverage is reckoned from. */
export type Sightings = Pick<ClusterSnapshot, 'topology' | 'observations'>;

/** Zones of the configured observers that watch at `nowMs`, in the order of the topology. */
export function watchingZones(snapshot: Sightings, nowMs: number): string[] {
  const { observers, nodes, policy } = snapshot.topology;
  return observers.filter((zone) =>
    nodes.every((node) =>
      snapshot.observations.some(
        (each) =>
          each.zone === zone &&
          each.nodeId === node.id &&
          !each.blind &&
          !each.muted &&
          isFresh(each, nowMs, policy.freshForMs),
      ),
    ),
  );
}

export function hasQuorum(snapshot: Sightings, nowMs: number): boolean {
  return watchingZones(snapshot, nowMs).length >= quorumOf(snapshot.topology.observers.length);
}

/** One speaks for all: the first zone that watches. When none does, whoever notices. */
export function speaksForAll(zone: string, snapshot: Sightings, nowMs: number): boolean {
  const [first] = watchingZones(snapshot, nowMs);
  return first === undefined || first === zone;
}

/** Times are monotonic. The time between two samples counts as the later of them says. */
export interface CoverageWindow {
  startedAtMs: number;
  sampledAtMs: number;
  uncoveredMs: number;
}

export const openWindow = (nowMs: number): CoverageWindow => ({
  startedAtMs: nowMs,
  sampledAtMs: nowMs,
  uncoveredMs: 0,
});

export function sample(window: CoverageWindow, covered: boolean, nowMs: number): CoverageWindow {
  const passedMs = Math.max(0, nowMs - window.sampledAtMs);
  return { ...window, sampledAtMs: nowMs, uncoveredMs: window.uncoveredMs + (covered ? 0 : passedMs) };
}

/** Per cent of the window with a quorum; 100 for an empty one. */
export function coveragePercent(window: CoverageWindow): number {
  const lengthMs = window.sampledAtMs - window.startedAtMs;
  return lengthMs <= 0 ? 100 : (100 * (lengthMs - window.uncoveredMs)) / lengthMs;
}
