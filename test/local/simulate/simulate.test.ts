import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseOptions, type SimulateOptions } from '../../../local/simulate/options';
import { inProcess, type Run } from '../../../local/simulate/runner';
import { simulate, type Shrink } from '../../../local/simulate/simulate';
import { seedOfYear } from '../../../local/simulate/years';
import { madeUpRun, quietYear, VIOLATION } from '../../simulation/made-up-run';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'understudy-simulate-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const options = (...argv: string[]): SimulateOptions => parseOptions(['--seed', '9', ...argv]);

interface Told {
  lines: string[];
  violations: number;
  lostYears: number[];
}

async function told(
  given: SimulateOptions,
  run: Run,
  { jobs = 1, shrink, stop }: { jobs?: number; shrink?: Shrink; stop?: AbortSignal } = {},
): Promise<Told> {
  const lines: string[] = [];
  const runners = Array.from({ length: jobs }, () => inProcess(run));
  const { figures, lostYears } = await simulate(
    given,
    { runners, say: (line) => lines.push(line), nowMs: () => 0, ...(stop && { stop }) },
    shrink,
  );
  return { lines, violations: figures.violations, lostYears };
}

/** As `madeUpRun`, and in one year an invariant is broken. */
const brokenIn =
  (year: number): Run =>
  async (scenario) => {
    const result = await madeUpRun(scenario);
    return scenario.seed === seedOfYear(9, year) ? { ...result, violations: [VIOLATION] } : result;
  };

test('figures and trace are the same to the byte, however many run at once', async () => {
  const filesOf = async (jobs: number): Promise<string[]> => {
    const [json, trace] = [join(folder, `${jobs}.json`), join(folder, `${jobs}.txt`)];
    /** The earlier a year is started the later it ends. */
    let turns = 40;
    const late: Run = async (scenario) => {
      const result = await madeUpRun(scenario);
      for (let turn = (turns -= 1); turn > 0; turn -= 1) await new Promise(setImmediate);
      return result;
    };
    await told(options('--years', '20.5', '--json', json, '--trace', trace), late, { jobs });
    return [readFileSync(json, 'utf8').replace(/"cpuSecondsPerYear": .+/, ''), readFileSync(trace, 'utf8')];
  };

  expect(await filesOf(7)).toEqual(await filesOf(1));
});

test('the JSON has the figures, and under what they hold', async () => {
  const file = join(folder, 'made/on/the/way/figures.json');

  await told(options('--years', '12', '--json', file, '--preset', 'aggressive', '--kinds', 'host'), madeUpRun);

  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    clusterYears: 12,
    seed: 9,
    lostYears: [],
    under: { fromYear: 0, preset: 'aggressive', shape: 'pair', loss: 0.01, burst: 500, faults: 1, kinds: ['host'] },
  });
});

test('each line of the trace has its year in front', async () => {
  const file = join(folder, 'trace.txt');
  const run: Run = async () => quietYear({ trace: ['begins', 'ends'] });

  await told(options('--years', '2', '--from-year', '7', '--trace', file), run);

  expect(readFileSync(file, 'utf8')).toBe('7 begins\n7 ends\n8 begins\n8 ends\n');
});

describe('a broken invariant', () => {
  test('is told with its seed and year, its end and the command that replays it', async () => {
    const { lines, violations } = await told(options('--years', '5'), brokenIn(3));

    expect(violations).toBe(1);
    const text = lines.find((line) => line.includes('year 3'));
    expect(text).toContain('seed 9, year 3: an invariant was broken');
    expect(text).toContain('1. At most one unfenced node acts for a VIP, after 1 d 01:01:01.001 (90061001 ms)');
    expect(text).toContain(`begins with ${seedOfYear(9, 3)}`);
    expect(text).toContain('npm run simulate -- --seed 9 --from-year 3 --years 1 ');
  });

  test('shows the forty events that led to it', async () => {
    const trace = Array.from({ length: 200 }, (_, index) => `${index === 99 ? 'VIOLATION' : 'event'} ${index}`);
    const run: Run = async () => quietYear({ violations: [VIOLATION], trace });

    const { lines } = await told(options('--years', '1'), run);

    expect(lines[0]).toContain('40 events up to it, of 200:\n  event 60\n');
    expect(lines[0]).toContain('  VIOLATION 99\nreplay');
  });

  test('is made shorter where somebody knows how', async () => {
    const asked: unknown[] = [];
    const shrink: Shrink = async ({ seed }, violation) => {
      asked.push(seed, violation);
      return {
        faults: [{ atMs: 60_000, fault: { kind: 'crash', nodeId: 'fs-1' } }],
        result: quietYear({ violations: [VIOLATION], trace: ['the cause', 'the effect'] }),
        runs: 12,
      };
    };

    const { lines } = await told(options('--years', '5'), brokenIn(3), { shrink });

    expect(asked).toEqual([seedOfYear(9, 3), VIOLATION]);
    expect(lines.at(-1)).toContain('after 12 runs: 1 faults\n  0 d 00:01:00.000 crash nodeId=fs-1\n');
    expect(lines.at(-1)).toContain('  the cause\n  the effect');
  });

  test('is told as it is where somebody stopped: who presses Ctrl-C waits for no search', async () => {
    const stop = new AbortController();
    const run: Run = async () => {
      stop.abort();
      return quietYear({ violations: [VIOLATION] });
    };
    const shrink: Shrink = () => Promise.reject(new Error('nobody asked for it'));

    const { violations } = await told(options('--years', '5'), run, { shrink, stop: stop.signal });

    expect(violations).toBe(1);
  });

  test('that does not break again is told as what it is', async () => {
    const { lines } = await told(options('--years', '5'), brokenIn(3), { shrink: async () => null });

    expect(lines.at(-1)).toContain('the same seed did not give the same run');
  });
});

test('a year that came to no result is told with its number and its replay, and is in no figure', async () => {
  const file = join(folder, 'figures.json');
  const run: Run = async (scenario) => {
    if (scenario.seed === seedOfYear(9, 1)) throw new Error('out of memory');
    return quietYear();
  };

  const { lines, lostYears } = await told(options('--years', '3', '--json', file), run);

  expect(lostYears).toEqual([1]);
  expect(lines[0]).toBe('seed 9, year 1 came to no result: Error: out of memory');
  expect(lines[1]).toContain('--seed 9 --from-year 1 --years 1 ');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ clusterYears: 2, lostYears: [1] });
});
