import type { FaultKind } from '../../lib/simulation/faults/fault';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
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
