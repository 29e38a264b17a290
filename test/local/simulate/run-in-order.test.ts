import type { RunResult } from '../../../lib/simulation/results';
import type { Scenario } from '../../../lib/simulation/scenario';
import { parseOptions, scenarioOf } from '../../../local/simulate/options';
import { runInOrder, type Outcome } from '../../../local/simulate/run-in-order';
import { inProcess, type Runner } from '../../../local/simulate/runner';
import { yearsOf, type Year } from '../../../local/simulate/years';
import { quietYear, VIOLATION } from '../../simulation/made-up-run';

const yearsOfSeed = (years: number): Year[] => yearsOf({ seed: 1, years, fromYear: 0 }, scenarioOf(parseOptions([])));

/** Ends a run when told to, by the seed it was given. */
class Held {
  private readonly ends = new Map<number, (result: RunResult) => void>();
  stopped = 0;

  readonly runner = (): Runner => ({
    run: ({ scenario: { seed } }) => new Promise((end) => this.ends.set(seed, end)),
    stop: () => void (this.stopped += 1),
  });

  get running(): number[] {
    return [...this.ends.keys()];
  }

  async end({ scenario: { seed } }: Year): Promise<void> {
    this.ends.get(seed)?.(quietYear({ seed }));
    this.ends.delete(seed);
    await new Promise(setImmediate);
  }
}

describe('many years on several runners', () => {
  test('are told in their order, whichever ended first', async () => {
    const [first, second, third] = yearsOfSeed(3) as [Year, Year, Year];
    const held = new Held();
    const told: number[] = [];
    const all = runInOrder([first, second, third], [held.runner(), held.runner()], true, ({ year }) => told.push(year));

    await held.end(second);
    await held.end(third);
    expect(told).toEqual([]);
    await held.end(first);
    await all;

    expect(told).toEqual([0, 1, 2]);
  });

  test('are not begun after a stop, and those under way are told', async () => {
    const years = yearsOfSeed(4) as [Year, Year, Year, Year];
    const held = new Held();
    const told: number[] = [];
    const stop = new AbortController();
    const runners = [held.runner(), held.runner()];
    const all = runInOrder(years, runners, true, ({ year }) => told.push(year), stop.signal);

    stop.abort();
    await held.end(years[0]);
    expect(held.running).toEqual([years[1].scenario.seed]);
    await held.end(years[1]);
    await all;

    expect(told).toEqual([0, 1]);
    expect(held.stopped).toBe(2);
  });

  test('a long one holds nobody up: the other runner takes the rest', async () => {
    const [long, ...short] = yearsOfSeed(4) as [Year, ...Year[]];
    const held = new Held();
    const all = runInOrder([long, ...short], [held.runner(), held.runner()], true, () => undefined);

    for (const year of short) {
      expect(held.running).toEqual([long.scenario.seed, year.scenario.seed]);
      await held.end(year);
    }
    await held.end(long);
    await all;

    expect(held.stopped).toBe(2);
  });

  test('one that comes to no result is told like the others, with the reason', async () => {
    const outcomes: Outcome[] = [];
    const run = async ({ seed }: Scenario): Promise<RunResult> => {
      if (seed === years[1]?.scenario.seed) throw new Error('out of memory');
      return quietYear({ seed });
    };
    const years = yearsOfSeed(3);

    await runInOrder(years, [inProcess(run)], true, (_, outcome) => outcomes.push(outcome));

    expect(outcomes.map(({ kind }) => kind)).toEqual(['ran', 'lost', 'ran']);
    expect(outcomes[1]).toEqual({ kind: 'lost', reason: 'Error: out of memory' });
  });

  test('where nobody can take what was found, everything stops and nothing more is told', async () => {
    const years = yearsOfSeed(3) as [Year, Year, Year];
    const held = new Held();
    const told: number[] = [];
    const all = runInOrder(years, [held.runner(), held.runner()], true, ({ year }) => {
      told.push(year);
      throw new Error('disk full');
    });

    await Promise.all([expect(all).rejects.toThrow('disk full'), held.end(years[0])]);
    await held.end(years[1]);

    expect(told).toEqual([0]);
    expect(held.stopped).toBe(2);
    expect(held.running).toEqual([]);
  });
});

describe('the trace of a run', () => {
  const traceAfter = async (violations: RunResult['violations'], keepTrace: boolean): Promise<readonly string[]> => {
    const runner = inProcess(async () => quietYear({ violations, trace: ['begins', 'ends'] }));
    const [{ scenario }] = yearsOfSeed(1) as [Year];
    return (await runner.run({ scenario, keepTrace })).trace;
  };

  test('is let go where nobody wants it', async () => {
    expect(await traceAfter([], false)).toEqual([]);
  });

  test('is kept when it is wanted, and whenever an invariant was broken', async () => {
    expect(await traceAfter([], true)).toEqual(['begins', 'ends']);
    expect(await traceAfter([VIOLATION], false)).toEqual(['begins', 'ends']);
  });
});
