import { policyIsSane } from '../../../lib/config/rules/policy';
import { effectivePolicy } from '../../../lib/config/effective-policy';
import { DETECTION, STRATEGIES, YARDSTICK } from '../../../local/evaluate/strategies';

describe.each([
  ['strategies', STRATEGIES],
  ['settings of detection', DETECTION],
])('the %s', (_name, strategies) => {
  test.each(strategies.map((strategy) => [strategy.id, strategy] as const))(
    '%s has a policy that a configuration may have',
    (_, { policy, shape }) => {
      const database = shape.database ? ({ create: {} } as const) : 'none';
      expect([...policyIsSane({ policy, database }, ['clusters', 0])]).toEqual([]);
    },
  );

  test('each differs from the yardstick', () => {
    const played = strategies.map(({ shape, policy }) => JSON.stringify([shape, effectivePolicy(policy)]));

    expect(strategies[0]).toMatchObject({ shape: YARDSTICK.shape, policy: YARDSTICK.policy });
    expect(new Set(played).size).toBe(strategies.length);
  });

  test('all have more nodes than VIPs, and zones for a majority of observers', () => {
    for (const { shape } of strategies) {
      expect(shape.nodeZones.length).toBeGreaterThan(shape.vips);
      expect(new Set(shape.observerZones).size).toBe(shape.observerZones.length);
      for (const zone of shape.nodeZones) expect(shape.observerZones).toContain(zone);
    }
  });
});
