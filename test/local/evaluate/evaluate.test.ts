import type { Command } from 'commander';
import type { Scenario } from '../../../lib/simulation/scenario';
import { evaluate, type Evaluation } from '../../../local/evaluate/evaluate';
import { parseOptions } from '../../../local/evaluate/options';
import { STRATEGIES } from '../../../local/evaluate/strategies';
import { inProcess, type Run } from '../../../local/simulate/runner';
import { seedOfYear } from '../../../local/simulate/years';
import { madeUpRun, quietYear, VIOLATION } from '../../simulation/made-up-run';

async function evaluated(run: Run, ...argv: string[]): Promise<Evaluation & { lines: string[] }> {
  const options = parseOptions(['--seed', '4', ...argv]);
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const runners = [inProcess(run), inProcess(run)];
  return { ...(await evaluate(options, { runners, say, nowMs: () => 0 })), lines };
}

describe('an evaluation', () => {
  test('runs every strategy over the same years', async () => {
    const seeds = new Map<string, number[]>();
    const run: Run = (scenario: Scenario) => {
      const key = JSON.stringify([scenario.shape, scenario.policy]);
      seeds.set(key, [...(seeds.get(key) ?? []), scenario.seed]);
      return madeUpRun(scenario);
    };

    const { rows } = await evaluated(run, '--years', '3');

    expect(rows).toHaveLength(STRATEGIES.length);
    const expected = [0, 1, 2].map((year) => seedOfYear(4, year)).sort();
    expect([...seeds.values()].map((each) => each.sort())).toEqual(STRATEGIES.map(() => expected));
  });

  test.each([[['n+1,pair']], [['n+1', 'pair']]])('ranks only those that are asked for: %j', async (only) => {
    const { rows } = await evaluated(madeUpRun, '--years', '1', '--only', ...only);

    expect(rows.map(({ strategy }) => strategy.id).sort()).toEqual(['n+1', 'pair']);
  });

  test.each([
    { what: 'a strategy that nobody knows', argv: ['--only', 'hope'], says: /known: pair, / },
    {
      what: 'to put some rows in the place of a whole table',
      argv: ['--only', 'pair', '--write-docs'],
      says: /--only/,
    },
  ])('refuses $what', ({ argv, says }) => {
    const silent = (command: Command) => command.exitOverride().configureOutput({ writeErr: () => undefined });

    expect(() => parseOptions(argv, silent)).toThrow(says);
  });

  test('tells a broken invariant with the command that replays it', async () => {
    const { lines, violations } = await evaluated(
      async () => quietYear({ violations: [VIOLATION] }),
      ...['--years', '1', '--only', 'probe-5s'],
    );

    expect(violations).toBe(1);
    expect(lines[0]).toContain(
      'npm run evaluate -- --set strategies --only probe-5s --seed 4 --from-year 0 --years 1 ',
    );
  });

  test('of the settings of detection stands as they are listed', async () => {
    const { rows } = await evaluated(madeUpRun, '--set', 'detection', '--years', '1', '--only', 'k8,k3');

    expect(rows.map(({ rank, strategy }) => [rank, strategy.id])).toEqual([
      [null, 'k8'],
      [null, 'k3'],
    ]);
  });

  test('lets only those faults strike that are asked for, and replays them', async () => {
    const scenarios: Scenario[] = [];
    const { lines } = await evaluated(
      async (scenario) => {
        scenarios.push(scenario);
        return quietYear({ violations: [VIOLATION] });
      },
      ...['--years', '1', '--only', 'pair', '--kinds', 'freeze,host'],
    );

    expect(scenarios.map(({ faultKinds }) => faultKinds)).toEqual([['freeze', 'host']]);
    expect(lines[0]).toContain('--faults 1 --kinds freeze,host');
  });

  test('that is stopped has compared the same years of every strategy', async () => {
    const stop = new AbortController();
    let runs = 0;
    const runners = [
      inProcess(async (scenario) => {
        runs += 1;
        if (runs === 5) stop.abort();
        return madeUpRun(scenario);
      }),
    ];
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const options = parseOptions(['--seed', '4', '--years', '30', '--only', 'pair,n+1']);

    const { rows, years } = await evaluate(options, { runners, say, nowMs: () => 0, stop: stop.signal });

    expect(runs).toBe(5);
    expect(years).toBe(2);
    expect(rows.map(({ figures }) => figures.clusterYears)).toEqual([2, 2]);
    expect(lines.at(-1)).toBe('1 runs of a year that not all strategies have lived are in no figure');
  });

  test('tells a year that came to no result', async () => {
    const { lines, lostYears } = await evaluated(
      () => Promise.reject(new Error('out of memory')),
      ...['--years', '1', '--only', 'pair'],
    );

    expect(lostYears).toBe(1);
    expect(lines[0]).toContain('pair, seed 4, year 0 came to no result: Error: out of memory');
  });
});
