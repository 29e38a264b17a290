import { drawFaults } from '../../lib/simulation/faults/draw';
import type { Fault, FaultKind, ScheduledFault } from '../../lib/simulation/faults/fault';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { Dice } from '../../lib/simulation/kernel/random';
import { YEAR_MS } from '../../lib/simulation/scenario';
import { World } from '../../lib/simulation/world/world';
import { MINUTE_MS, pair, worldAfter } from './scenarios';

beforeAll(useLightAbort);

describe('the faults of a run', () => {
  const drawn = (faultKinds?: FaultKind[]) => {
    const scenario = pair({ durationMs: 3 * YEAR_MS, faultScale: 1, ...(faultKinds && { faultKinds }) });
    return new World(scenario).drawFaults();
  };
  const kindsOf = (faults: ReturnType<typeof drawn>) => [...new Set(faults.map(({ fault }) => fault.kind))].sort();

  it('are of many kinds, unless some are asked for: then companions, too, are of these', () => {
    expect(kindsOf(drawn()).length).toBeGreaterThan(15);
    expect(kindsOf(drawn(['freeze', 'crash']))).toEqual(['crash', 'freeze']);
  });

  it('strike when they would strike among all the others', () => {
    const among = drawn().map(({ atMs, fault }) => `${atMs} ${fault.kind}`);
    const alone = drawn(['freeze']).filter(({ atMs }, index, all) => all[index - 1]?.atMs !== atMs);

    expect(alone.length).toBeGreaterThan(3);
    expect(alone.filter(({ atMs, fault }) => among.includes(`${atMs} ${fault.kind}`)).length).toBeGreaterThan(3);
  });

  it('need nothing that a lone killer of functions would bring along', () => {
    expect(kindsOf(drawn(['functions-killed']))).toEqual(['functions-killed']);
  });
});

describe('the mix of a run', () => {
  /** Some stormy years of a cluster. */
  const drawnBy = (seed: number, ...faultKinds: FaultKind[]) =>
    drawFaults(pair({ seed, durationMs: 5 * YEAR_MS, faultScale: 6, faultKinds }), new Dice(seed, 'faults'));
  const seeds = Array.from({ length: 60 }, (_, index) => index + 1);
  const count = (faults: ScheduledFault[], kind: FaultKind): number =>
    faults.filter(({ fault }) => fault.kind === kind).length;
  /** How long after the fault before it each comes that meets it. */
  const near = (faults: ScheduledFault[]): number[] =>
    faults
      .slice(1)
      .map(({ atMs }, index) => atMs - (faults[index]?.atMs ?? 0))
      .filter((gapMs) => gapMs < 5 * MINUTE_MS);

  it.each(['storm', 'crash', 'deploy'] as const)(
    'leaves a kind out now and then, and has it several times as often as another run has: %s',
    (kind) => {
      const counts = seeds.map((seed) => count(drawnBy(seed, kind), kind));

      const missing = counts.filter((each) => each === 0).length;
      expect(missing / seeds.length).toBeGreaterThan(0.15);
      expect(missing / seeds.length).toBeLessThan(0.45);
      expect(Math.max(...counts)).toBeGreaterThan(3 * Math.min(...counts.filter((each) => each > 0)));
    },
  );

  it('leaves out different kinds in different runs', () => {
    const missing = (seed: number): string =>
      (['storm', 'crash', 'deploy', 'busy', 'delay'] as const)
        .filter((kind) => drawnBy(seed, kind).length === 0)
        .join();

    expect(new Set(seeds.slice(0, 20).map(missing)).size).toBeGreaterThan(8);
  });

  it('brings another fault along with three in ten, within moments', () => {
    const faults = seeds.map((seed) => drawnBy(seed, 'storm'));

    const withOthers = faults.flatMap(near);
    const all = faults.flat().length;
    // By themselves they are days apart.
    expect(withOthers.length / (all - withOthers.length)).toBeCloseTo(0.3, 1);
    const meanMs = withOthers.reduce((sum, gapMs) => sum + gapMs, 0) / withOthers.length;
    expect(meanMs).toBeGreaterThan(30_000);
    expect(meanMs).toBeLessThan(60_000);
  });

  it('brings along whatever kind there is, those too that are left out otherwise', () => {
    const crashes = seeds
      .map((seed) => drawnBy(seed, 'storm', 'crash'))
      .filter((faults) => count(faults, 'storm') > 300)
      .map((faults) => count(faults, 'crash'));

    expect(Math.min(...crashes)).toBeGreaterThan(0);
    expect(crashes.filter((each) => each < 50).length).toBeGreaterThan(3);
  });

  it.each(['functions-killed', 'functions-frozen'] as const)(
    'brings along what moves a VIP wherever something strikes a convergence: %s',
    (kind) => {
      const faults = seeds.slice(0, 10).flatMap((seed) => {
        const drawn = drawnBy(seed, kind, 'crash', 'busy');
        // What came along with another one brings nothing along itself.
        const alone = drawn.filter(({ atMs }, index) => atMs - (drawn[index - 1]?.atMs ?? 0) > 10 * MINUTE_MS);
        return alone.map(({ atMs, fault }) => {
          const soon = drawn.filter((each) => each.atMs >= atMs && each.atMs < atMs + 10 * MINUTE_MS);
          return { fault, isMet: soon.some((each) => each.fault.kind === 'crash') };
        });
      });
      const shareMet = (struck: (fault: Fault) => boolean): number => {
        const some = faults.filter(({ fault }) => struck(fault));
        expect(some.length).toBeGreaterThan(50);
        return some.filter(({ isMet }) => isMet).length / some.length;
      };

      const aims = (fault: Fault): boolean => fault.kind === kind && (!('name' in fault) || fault.name !== 'observer');
      expect(shareMet(aims)).toBe(1);
      expect(shareMet((fault) => fault.kind === 'busy')).toBeLessThan(0.5);
    },
  );
});

describe('a fault that lasts', () => {
  const HOUR_MS = 60 * MINUTE_MS;

  it.each([
    ['a freeze', { kind: 'freeze', nodeId: 'fs-1', forMs: HOUR_MS }],
    ['lost hardware', { kind: 'host', nodeId: 'fs-1', forMs: HOUR_MS }],
  ] as const)('is over when what it struck has gone: %s', async (_name, fault) => {
    const faults = [{ atMs: 5 * MINUTE_MS, fault }];

    const world = await worldAfter(5 * MINUTE_MS + 1_000, pair(), faults);
    expect(world.isUndisturbed()).toBe(false);
    // The control plane has stopped and started the node on other hardware.
    await world.kernel.run(15 * MINUTE_MS, () => undefined);
    expect(world.isCalm()).toBe(true);
  });

  it('goes on where nothing replaces what it struck', async () => {
    const fault = { kind: 'busy', nodeId: 'fs-1', forMs: 5 * MINUTE_MS } as const;

    const world = await worldAfter(9 * MINUTE_MS, pair(), [{ atMs: 5 * MINUTE_MS, fault }]);
    expect(world.isUndisturbed()).toBe(false);
    await world.kernel.run(11 * MINUTE_MS, () => undefined);

    expect(world.isUndisturbed()).toBe(true);
  });
});
