/** The simulated Lambda: cold starts, time limits, kills, and zones whose machines run nothing. */
import { Kernel } from '../../../lib/simulation/kernel/kernel';
import type { Process } from '../../../lib/simulation/kernel/process';
import { Dice } from '../../../lib/simulation/kernel/random';
import { Functions } from '../../../lib/simulation/world/functions';

const TIMEOUT_MS = 30_000;
const KEPT_WARM_MS = 300_000;

function functionsStage() {
  const kernel = new Kernel();
  const functions = new Functions(kernel, new Dice(1, 'functions'));
  const said: string[] = [];
  const say = (what: string): void => void said.push(`${what} at ${kernel.nowMs}`);
  const ends: unknown[] = [];
  const invoke = (work: (process: Process) => Promise<unknown>, name = 'failover', zone: string | null = null) =>
    functions.invoke({ name, zone, timeoutMs: TIMEOUT_MS }, work, (error) => void ends.push(error));
  const live = (ms: number): Promise<void> => kernel.run(kernel.nowMs + ms, () => undefined);
  /** How long after its invocation the handler began. */
  const startOf = async (name = 'failover'): Promise<number> => {
    const invokedAtMs = kernel.nowMs;
    let beganAtMs = Number.NaN;
    invoke((process) => {
      beganAtMs = kernel.nowMs;
      return process.sleep(10);
    }, name);
    await live(2_000);
    return beganAtMs - invokedAtMs;
  };
  return { functions, invoke, live, startOf, said, say, ends };
}

describe('a function', () => {
  it('starts cold at first, warm while it is kept, and cold after it was idle', async () => {
    const { live, startOf } = functionsStage();

    const cold = [await startOf()];
    const warm = [await startOf(), await startOf()];
    await live(KEPT_WARM_MS);
    cold.push(await startOf(), await startOf('another'));

    for (const ms of cold) {
      expect(ms).toBeGreaterThanOrEqual(300);
      expect(ms).toBeLessThanOrEqual(900);
    }
    expect(new Set(cold).size).toBe(cold.length);
    for (const ms of warm) expect(ms).toBeLessThan(20);
  });

  it('of which one runs starts another environment, and cold', async () => {
    const { invoke, live, startOf } = functionsStage();
    invoke((process) => process.sleep(20_000));
    await live(5_000);

    expect(await startOf()).toBeGreaterThanOrEqual(300);
  });

  it('runs as often as it was invoked, side by side', async () => {
    const { functions, invoke, live, say, said } = functionsStage();
    const work = (process: Process): Promise<void> => process.sleep(5_000).then(() => say(process.name));

    invoke(work);
    invoke(work);
    await live(2_000);

    expect([...functions.running].map(({ name }) => name)).toEqual(['failover', 'failover']);
    await live(10_000);
    expect(said).toHaveLength(2);
  });

  it.each([
    ['well', () => Promise.resolve(), null],
    ['with an error', () => Promise.reject(new Error('stuck')), new Error('stuck')],
  ])('that ends %s says so, and what it left behind stands still', async (_words, work, end) => {
    const { functions, invoke, live, say, said, ends } = functionsStage();

    invoke((process) => {
      void process.sleep(500).then(() => say('left behind'));
      return work();
    });
    await live(TIMEOUT_MS);

    expect([said, ends, functions.running.size]).toEqual([[], [end], 0]);
  });

  /** It sends something that takes effect a second later, and goes on a second after that. */
  const sends =
    (say: (what: string) => void, afterMs: number) =>
    async (process: Process): Promise<void> => {
      await process.sleep(afterMs);
      await process.exchange(1_000, 1_000, () => say('effect'));
      say('went on');
    };

  it('that runs out of time stands where it is, and says nothing: what it sent takes effect', async () => {
    const { functions, invoke, live, say, said, ends } = functionsStage();
    const invocation = invoke(sends(say, TIMEOUT_MS - 1_500));

    await live(TIMEOUT_MS - 1);
    expect(invocation?.process.alive).toBe(true);
    await live(1);
    expect([invocation?.process.alive, functions.running.size]).toEqual([false, 0]);
    await live(TIMEOUT_MS);

    expect([said.map((each) => each.split(' at ')[0]), ends]).toEqual([['effect'], []]);
  });

  it('that is killed does the same, and others live', async () => {
    const { functions, invoke, live, say, said, ends } = functionsStage();
    const other = invoke((process) => process.sleep(20_000), 'observer-a', 'a');
    const invocation = invoke(sends(say, 2_000));
    await live(3_200);

    expect(functions.kill(({ name }) => name === 'failover')).toBe(1);
    await live(5_000);

    expect([invocation?.process.alive, other?.process.alive]).toEqual([false, true]);
    expect([said.map((each) => each.split(' at ')[0]), ends]).toEqual([['effect'], []]);
  });

  it('is not run in a zone that is dark', () => {
    const { functions, invoke } = functionsStage();
    functions.isDark = (zone) => zone === 'a';
    const work = (process: Process): Promise<void> => process.sleep(1);

    expect([invoke(work, 'observer-a', 'a'), invoke(work, 'observer-b', 'b')?.zone, invoke(work)?.zone]).toEqual([
      null,
      'b',
      null,
    ]);
  });
});
