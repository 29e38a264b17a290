import type { ScheduledFault } from '../../lib/simulation/faults/fault';
import type { RunResult } from '../../lib/simulation/results';
import type { Scenario } from '../../lib/simulation/scenario';
import { shrink } from '../../lib/simulation/shrink';
import { quietYear, VIOLATION } from './made-up-run';
import { MINUTE_MS, pair } from './scenarios';

const HOUR_MS = 60 * MINUTE_MS;
const VIOLATED_AT_MS = 11 * HOUR_MS;
const violation = { ...VIOLATION, atMs: VIOLATED_AT_MS };

/** One an hour, each on a node of its own name. */
const TEN: readonly ScheduledFault[] = Array.from({ length: 10 }, (_, index) => ({
  atMs: (index + 1) * HOUR_MS,
  fault: { kind: 'crash', nodeId: `fs-${index + 1}` },
}));

const namesOf = (faults: readonly ScheduledFault[]): string[] =>
  faults.map(({ fault }) => ('nodeId' in fault ? fault.nodeId : fault.kind));

type Asked = { scenario: Scenario; names: string[] };

/** A run that breaks the invariant when all of these faults befall it. */
function brokenBy(needed: readonly string[], asked: Asked[] = []) {
  return (scenario: Scenario, { faults }: { faults: readonly ScheduledFault[] }): Promise<RunResult> => {
    const names = namesOf(faults);
    asked.push({ scenario, names });
    const isBroken = needed.every((name) => names.includes(name));
    return Promise.resolve(quietYear({ violations: isBroken ? [violation] : [] }));
  };
}

describe('shrinking a violation', () => {
  const scenario = pair({ durationMs: 1_000 * HOUR_MS });

  it.each([
    ['far apart', ['fs-2', 'fs-9']],
    ['next to each other', ['fs-9', 'fs-10']],
    ['the first two', ['fs-1', 'fs-2']],
  ])('finds the two of ten faults that it needs: %s', async (_words, needed) => {
    const shrunk = await shrink(scenario, TEN, violation, brokenBy(needed));

    expect(namesOf(shrunk?.faults ?? [])).toEqual(needed);
    expect(shrunk?.result.violations).toEqual([violation]);
  });

  it('runs no longer than until the violation, and leaves out what came after it', async () => {
    const asked: Asked[] = [];
    const late: ScheduledFault = { atMs: 12 * HOUR_MS, fault: { kind: 'deploy' } };

    await shrink(scenario, [...TEN, late], violation, brokenBy(['fs-3'], asked));

    expect(asked.every((each) => each.scenario.durationMs === VIOLATED_AT_MS + 2_000)).toBe(true);
    expect(asked.flatMap(({ names }) => names)).not.toContain('deploy');
  });

  it.each([
    ['the last hour first', ['fs-10'], [['fs-10'], []]],
    ['then the last six', ['fs-7'], [['fs-10'], ['fs-5', 'fs-6', 'fs-7', 'fs-8', 'fs-9', 'fs-10']]],
  ])('tries %s, and counts each run', async (_words, needed, then) => {
    const asked: Asked[] = [];

    const shrunk = await shrink(scenario, TEN, violation, brokenBy(needed, asked));

    expect(asked.slice(1, 3).map(({ names }) => names)).toEqual(then);
    expect(shrunk?.runs).toBe(asked.length);
  });

  it('tries nothing twice where all is of the last hour', async () => {
    const asked: Asked[] = [];

    await shrink(scenario, TEN.slice(-1), violation, brokenBy(['fs-10'], asked));

    expect(asked.map(({ names }) => names)).toEqual([['fs-10'], []]);
  });

  it('keeps what happened in the instant of the violation, and runs no longer than before', async () => {
    const asked: Asked[] = [];
    const last: ScheduledFault = { atMs: VIOLATED_AT_MS, fault: { kind: 'deploy' } };
    const short = pair({ durationMs: VIOLATED_AT_MS + 500 });

    const shrunk = await shrink(short, [...TEN, last], violation, brokenBy(['deploy'], asked));

    expect(shrunk?.faults).toEqual([last]);
    expect(asked[0]?.scenario.durationMs).toBe(VIOLATED_AT_MS + 500);
  });

  it('is null when the violation does not come again', async () => {
    expect(await shrink(scenario, TEN, violation, brokenBy(['never']))).toBeNull();
  });

  it('is null when another one comes in its place', async () => {
    const other = { ...violation, invariant: 'another' };
    const run = (): Promise<RunResult> => Promise.resolve(quietYear({ violations: [other] }));

    expect(await shrink(scenario, TEN, violation, run)).toBeNull();
  });

  it('ends after so many runs with the best that it found', async () => {
    const asked: Asked[] = [];

    const shrunk = await shrink(scenario, TEN, violation, brokenBy(['fs-2', 'fs-9'], asked), 8);

    expect(asked.length).toBe(8);
    expect(shrunk?.runs).toBe(8);
    expect(namesOf(shrunk?.faults ?? [])).toEqual(expect.arrayContaining(['fs-2', 'fs-9']));
    expect(shrunk?.faults.length).toBeLessThan(10);
  });
});
