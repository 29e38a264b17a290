/** What DESIGN 2.1 promises of hand-overs, over days of virtual time. Figures of longer runs: docs/performance.md. */
import { DEFAULT_LEASE_POLICY } from '../../../lib/operations/observe/lease-rule';
import { simulateHandOvers, type Coverage } from './hand-over';

const uncoveredS = (coverage: Coverage): number[] => Object.values(coverage.zones).map((zone) => zone.uncoveredS);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const longestS = (coverage: Coverage): number =>
  Math.max(...Object.values(coverage.zones).map((zone) => zone.longestS));

/** Two looks of an observer that starts cold, a deadline apart, have no vote: within a second the third one has. */
const COLD_S = 1;

it('half a day with a tenth of the ticks lost and a deployment: a zone is without a vote only while it starts cold', async () => {
  const day = { seed: 11, hours: 12, lostTicks: 0.1, crashesPerDay: 0, deployment: true };

  const coverage = await simulateHandOvers(day);

  expect(coverage.lostTicks).toBeGreaterThan(150);
  expect(coverage.handOvers).toBeGreaterThan(150);
  expect(coverage.killedByTimeout).toBe(0);
  expect(longestS(coverage)).toBeLessThanOrEqual(COLD_S);
  expect(sum(uncoveredS(coverage))).toBeLessThanOrEqual(coverage.handOvers * COLD_S);
  // Hand-overs are staggered, but a deployment sends all zones a new observer at once.
  expect(coverage.quorumUncoveredS).toBeLessThanOrEqual(2 * COLD_S);
}, 300_000);

it('an observer that dies is replaced within two ticks at the most; the quorum notices if another starts cold then', async () => {
  const day = { seed: 12, hours: 6, lostTicks: 0, crashesPerDay: 24, deployment: false };

  const coverage = await simulateHandOvers(day);

  expect(coverage.crashes).toBeGreaterThan(8);
  expect(longestS(coverage)).toBeLessThanOrEqual(60 + 12);
  expect(coverage.quorumUncoveredS).toBeLessThanOrEqual(coverage.crashes * COLD_S);
}, 300_000);

it('without the margin for lost ticks there would be gaps: the simulation can tell', async () => {
  const leasePolicy = { ...DEFAULT_LEASE_POLICY, relieveBeforeMs: 0 };
  const day = { seed: 13, hours: 3, lostTicks: 0.1, crashesPerDay: 0, deployment: false, leasePolicy };

  const coverage = await simulateHandOvers(day);

  expect(longestS(coverage)).toBeGreaterThan(COLD_S);
}, 300_000);
