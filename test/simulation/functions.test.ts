import { Kernel } from '../../lib/simulation/kernel/kernel';
import { Dice } from '../../lib/simulation/kernel/random';
import { Functions } from '../../lib/simulation/world/functions';
import { World } from '../../lib/simulation/world/world';
import { PAIR } from '../../lib/simulation/scenario';
import { pair } from './scenarios';

describe('a kill that is aimed', () => {
  const stage = () => {
    const kernel = new Kernel();
    const functions = new Functions(kernel, new Dice(1, 'functions'));
    const ended: number[] = [];
    const invoke = (workMs: number, name = 'failover') =>
      functions.invoke({ name, zone: null, timeoutMs: 120_000 }, (process) => process.sleep(workMs));
    const live = (untilMs: number) => kernel.run(untilMs, () => undefined);
    return {
      kernel,
      functions,
      ended,
      invoke,
      live,
      shot: () =>
        functions.strikeSoon('failover', ({ process }) => {
          process.kill();
          ended.push(kernel.nowMs);
        }),
    };
  };

  it('ends what runs, at once', async () => {
    const { ended, invoke, live, shot } = stage();
    const invocation = invoke(60_000);
    await live(10_000);

    shot();

    expect([ended, invocation?.process.alive]).toEqual([[10_000], false]);
  });

  it('waits for the first that is still at work when the end comes, and strikes once', async () => {
    const { ended, invoke, live, shot } = stage();
    shot();
    const [idle, other] = [invoke(1), invoke(60_000, 'observer-a')];
    await live(5_000);
    expect([ended, idle?.process.alive, other?.process.alive]).toEqual([[], false, true]);

    const [first, second] = [invoke(60_000), invoke(60_000)];
    await live(20_000);

    expect(ended).toHaveLength(1);
    expect([first?.process.alive, second?.process.alive].filter((alive) => alive === true)).toHaveLength(1);
  });

  it('gives up after a while', async () => {
    const { ended, invoke, live, shot } = stage();
    shot();
    await live(301_000);

    invoke(60_000);
    await live(320_000);

    expect(ended).toEqual([]);
  });
});

describe('nodes that were there before us', () => {
  const waits = (seed: number, database: boolean): boolean => {
    const world = new World(pair({ seed, shape: { ...PAIR, database } }));
    const fs = world.switchOf('fs-1');
    const before = fs.version;
    world.setDatabase('slow');
    return fs.version > before;
  };

  it('are those of a quarter of the clusters that have a database', () => {
    const seeds = Array.from({ length: 200 }, (_, index) => index + 1);

    const adopted = seeds.filter((seed) => waits(seed, true)).length;

    expect(adopted).toBeGreaterThan(30);
    expect(adopted).toBeLessThan(70);
    expect(seeds.filter((seed) => waits(seed, false))).toEqual([]);
  });
});
