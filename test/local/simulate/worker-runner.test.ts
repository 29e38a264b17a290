import { join } from 'node:path';

import { runCluster } from '../../../lib/simulation/run';
import type { Scenario } from '../../../lib/simulation/scenario';
import { parseOptions, scenarioOf } from '../../../local/simulate/options';
import { bundle } from '../../../local/bundle';
import type { Runner } from '../../../local/simulate/runner';
import { WorkerRunner, workers } from '../../../local/simulate/worker-runner';
import { madeUpRun } from '../../simulation/made-up-run';

/** A process starts within a second, and within many where the machine has much else to do. */
jest.setTimeout(60_000);

const scenario = (seed: number): Scenario => ({ ...scenarioOf(parseOptions([])), seed, durationMs: 1_000 });
const DIES = 3;
const THROWS = 5;
const NEVER_ENDS = 7;
const WELL = 8;

describe('years in a process of their own', () => {
  let program: string;
  let runner: WorkerRunner;
  const run = (seed: number) => runner.run({ scenario: scenario(seed), keepTrace: true });

  beforeAll(async () => {
    program = await bundle(join(__dirname, 'workers/made-up.ts'), 'test-simulate');
    runner = new WorkerRunner(program);
  });
  afterAll(() => runner.stop());

  test('come back as they were, time on the processor aside', async () => {
    const { cpuMs: _, ...expected } = await madeUpRun(scenario(WELL));

    expect(await run(WELL)).toMatchObject(expected);
  });

  test('a run that throws is no result, and says where', async () => {
    await expect(run(THROWS)).rejects.toThrow(/a mistake in the simulator\n.+made-up\.ts/);
  });

  test('a process that dies is no result, says how it ended, and the next year has a new one', async () => {
    await expect(run(DIES)).rejects.toThrow('its process ended by SIGKILL');

    expect(await run(WELL)).toMatchObject({ seed: WELL });
  });

  test('a run that never ends is no result', async () => {
    const impatient = new WorkerRunner(program, 50);

    await expect(impatient.run({ scenario: scenario(NEVER_ENDS), keepTrace: true })).rejects.toThrow(
      'no result within 0.05 s',
    );
  });
});

test('the simulator gives the same run to the byte in a worker, with its own way to abort, as here', async () => {
  const short = { ...scenario(WELL), durationMs: 15 * 60_000, faultScale: 1_000 };
  const runner = (await workers(1, 1))[0] as Runner;

  const { cpuMs, ...there } = await runner.run({ scenario: short, keepTrace: true });
  const { cpuMs: _, ...here } = await runCluster(short);
  runner.stop();

  expect(there).toEqual(here);
  expect(there.changes.length).toBeGreaterThan(0);
  expect(cpuMs).toBeGreaterThan(0);
});
