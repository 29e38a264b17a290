/** What kind of failure a cluster of `./cluster` is seen in. */
import { classify, type Classification } from '../../lib/domain/failure-kinds';
import type { ClusterSnapshot, Observation } from '../../lib/domain/model';
import { healthy, looks, NOW } from './cluster';

export function classified(snapshot: ClusterSnapshot, vipId = 'main'): Classification {
  const vip = snapshot.topology.vips.find((each) => each.id === vipId);
  const state = snapshot.vips.find((each) => each.vipId === vipId);
  if (vip === undefined || state === undefined) throw new Error(`no VIP ${vipId}`);
  return classify(snapshot, vip, state, NOW);
}

/** The holder fs-a seen so, beside a standby that is well. */
export const holderSeen = (observations: Observation[], overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot =>
  healthy({ observations: [...observations, ...looks('fs-b', 'ok', 'standby')], ...overrides });
