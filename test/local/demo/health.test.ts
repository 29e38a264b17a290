import { missingForHealth } from '../../../local/demo/health';
import type { ClusterSnapshot } from '../../../lib/domain/model';
import { healthy, looks, nodeState, NOW, vipState } from '../../support/cluster';

const missing = (overrides: Partial<ClusterSnapshot>): string[] => {
  const snapshot = healthy(overrides);
  const [vip] = snapshot.topology.vips;
  if (vip === undefined) throw new Error('the cluster has no VIP');
  return missingForHealth(snapshot, vip, NOW);
};

describe('a healthy start', () => {
  test('is a holder that serves, as every observer sees it, and a fit standby', () => {
    expect(missing({})).toEqual([]);
  });

  test('is none while a VIP moves, a standby boots, or an observer sees the holder otherwise', () => {
    const standby = looks('fs-b', 'ok', 'standby');
    const [, ...others] = looks('fs-a', 'ok', 'ok');

    expect(missing({ vips: [vipState({ status: 'moving' })] })).toEqual(['the VIP is moving']);
    expect(missing({ observations: [...looks('fs-a', 'ok', 'ok'), ...looks('fs-b', 'refused', 'silent')] })).toEqual([
      expect.stringContaining('fs-b: 0 of 2 observers see it fit'),
    ]);
    expect(missing({ observations: [...others, ...standby] })).toEqual(['2 of 3 observers see fs-a serving']);
  });

  test('asks nothing of a node that holds as many other VIPs as it may', () => {
    const observations = [...looks('fs-a', 'ok', 'ok'), ...looks('fs-b', 'refused', 'silent')];
    const nodes = [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b', { claims: ['second'] })];
    expect(missing({ observations, nodes })).toEqual([]);
  });

  test('is none when what serves is another incarnation than the holder: it is about to be reinstated', () => {
    const restarted = looks('fs-a', 'ok', 'ok', { coreUuid: 'uuid-new' });

    expect(missing({ observations: [...restarted, ...looks('fs-b', 'ok', 'standby')] })).toEqual([
      '0 of 3 observers see fs-a serving',
    ]);
  });
});
