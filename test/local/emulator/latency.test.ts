import fc from 'fast-check';
import { latencyOf, realisticLatencies, seededRandom, type LatencyProfile } from '../../../local/emulator/latency';

const profile: LatencyProfile = {
  seed: 1,
  streamReadMs: 0,
  calls: {
    'ec2:AssociateAddress': { medianMs: 400, sigma: 0.4, source: 'test' },
    'ec2:*': { medianMs: 100, sigma: 0, source: 'test' },
  },
};

test('the entry of the action comes before that of the service; without one there is no delay', () => {
  const next = () => 0.75; // cosine of 3/2 pi: the median
  expect(latencyOf(profile, 'ec2', 'AssociateAddress', next)).toBeCloseTo(400);
  expect(latencyOf(profile, 'ec2', 'DescribeAddresses', next)).toBe(100);
  expect(latencyOf(profile, 'sns', 'Publish', next)).toBe(0);
});

test('drawn often, the median and the p99 are those of the log-normal distribution', () => {
  const next = seededRandom(42);
  const drawn = Array.from({ length: 20_000 }, () => latencyOf(profile, 'ec2', 'AssociateAddress', next));
  drawn.sort((a, b) => a - b);
  expect(drawn[10_000]! / 400).toBeCloseTo(1, 1);
  expect(drawn[19_800]! / (400 * Math.exp(2.326 * 0.4))).toBeCloseTo(1, 1);
});

test('the same seed gives the same latencies, uniform numbers stay in [0, 1)', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [one, other] = [seededRandom(seed), seededRandom(seed)];
      for (let i = 0; i < 20; i += 1) {
        const value = one();
        expect(value).toBe(other());
        expect(value >= 0 && value < 1).toBe(true);
      }
    }),
  );
});

test('every realistic latency says where it comes from', () => {
  Object.entries(realisticLatencies.calls).forEach(([call, { source }]) => {
    expect(`${call}: ${source}`).toMatch(/estimate|https:\/\//);
  });
});
