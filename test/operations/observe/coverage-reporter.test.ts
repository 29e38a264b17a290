import type { ClusterSnapshot } from '../../../lib/domain/model';
import { CoverageReporter } from '../../../lib/operations/observe/coverage-reporter';
import { healthy, NOW, ZONES } from '../../support/cluster';
import { silentLog } from '../../support/fake-world';
import { VirtualClock } from '../../support/virtual-clock';

const [A, B] = ZONES;

/** The reporter of a zone, and what it said. */
function reporterOf(zone: string) {
  const clock = new VirtualClock({ startMs: NOW });
  const told: number[] = [];
  const warned: string[] = [];
  const metrics = { count: (_: string, value: number) => void told.push(value), durationMs: () => undefined };
  const log = { ...silentLog, warn: (message: string) => void warned.push(message) };
  const reporter = new CoverageReporter({ clock, metrics, log }, zone);
  /** For so long, a sample each 5 s. */
  const sample = async (seconds: number, isCovered = true): Promise<void> => {
    for (let passed = 0; passed < seconds; passed += 5) {
      await clock.advance(5_000);
      reporter.sample(seenAt(clock.wallMs(), isCovered));
    }
  };
  return { told, warned, sample };
}

const seenAt = (nowMs: number, isCovered: boolean): ClusterSnapshot => {
  const snapshot = healthy();
  const observations = snapshot.observations.map((each) => ({ ...each, observedAtMs: nowMs, blind: !isCovered }));
  return { ...snapshot, observations };
};

describe('quorum coverage', () => {
  it('is told twice a minute, by the first zone that watches', async () => {
    const [first, second] = [reporterOf(A), reporterOf(B)];
    for (const each of [first, second]) await each.sample(60);
    expect(first.told).toEqual([100, 100]);
    expect(second.told).toEqual([]);
  });

  it('is of each half minute by itself, and told by whoever notices where nobody watches', async () => {
    const { told, sample } = reporterOf(B);
    await sample(30, false);
    await sample(15, true);
    await sample(15, false);
    expect(told).toEqual([0, 50]);
  });

  it('is lost and found with one word each', async () => {
    const { warned, sample } = reporterOf(A);
    await sample(15, false);
    await sample(15, true);
    expect(warned).toEqual(['no quorum of observers', 'a quorum of observers watches']);
  });
});
