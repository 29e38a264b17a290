import { policyIsSane } from '../../../lib/config/rules/policy';
import { effectivePolicy } from '../../../lib/config/effective-policy';
import { STRATEGIES, YARDSTICK } from '../../../local/evaluate/strategies';

describe('the strategies', () => {
  test.each(STRATEGIES.map((strategy) => [strategy.id, strategy] as const))(
    '%s has a policy that a configuration may have',
    (_, { policy }) => {
      expect([...policyIsSane({ policy }, ['clusters', 0])]).toEqual([]);
    },
  );

  test('each differs from the yardstick', () => {
    const played = STRATEGIES.map(({ shape, policy }) => JSON.stringify([shape, effectivePolicy(policy)]));

    expect(STRATEGIES[0]).toBe(YARDSTICK);
    expect(new Set(played).size).toBe(STRATEGIES.length);
  });

  test('all have more nodes than VIPs, and zones for a majority of observers', () => {
    for (const { shape } of STRATEGIES) {
      expect(shape.nodeZones.length).toBeGreaterThan(shape.vips);
      expect(new Set(shape.observerZones).size).toBe(shape.observerZones.length);
      for (const zone of shape.nodeZones) expect(shape.observerZones).toContain(zone);
    }
  });
});
