/** A pair whose first node holds the VIP, and the judgement of it. */
import { decide } from '../../../lib/domain/decide';
import type { Decision } from '../../../lib/domain/decision';
import type { ClusterSnapshot, Observation, Transition } from '../../../lib/domain/model';
import { healthy, look, looks, NOW, ZONES } from '../../support/cluster';

export const standby = looks('fs-b', 'ok', 'standby');

export function decideOne(snapshot: ClusterSnapshot, journals: Transition[] = []): Decision {
  const [decision] = decide(snapshot, journals, NOW);
  if (decision === undefined) throw new Error('no decision for the only VIP');
  return decision;
}

export function withHolderSeen(seen: Observation[], overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return healthy({ observations: [...seen, ...standby], ...overrides });
}

/** Silence that has lasted longer than an observer who disagrees can hold it back. */
export const forLong = { eslMissingSinceMs: NOW - 6_000, sipMissingSinceMs: { main: NOW - 6_000 } };

/** The holder refused by ESL and silent on SIP, seen from these zones; the other zones see it well. */
export function deadFrom(zones: readonly string[]): Observation[] {
  return ZONES.map((zone) =>
    zones.includes(zone) ? look('fs-a', zone, 'refused', 'silent') : look('fs-a', zone, 'ok', 'ok'),
  );
}
