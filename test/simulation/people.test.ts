/** What people begin they end, whatever is away at that moment: otherwise no year of theirs would come to rest. */
import type { ScheduledFault } from '../../lib/simulation/faults/fault';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { runCluster } from '../../lib/simulation/run';
import { PAIR } from '../../lib/simulation/scenario';
import { nodeOf } from './invariants/stage';
import { MINUTE_MS, pair, worldAfter } from './scenarios';

beforeAll(useLightAbort);

const paused = (withWindow: boolean) => ({
  atMs: 5 * MINUTE_MS,
  fault: { kind: 'paused', subject: 'node', id: 'fs-2', forMs: 10 * MINUTE_MS, withWindow } as const,
});

const isPausedAfter = async (untilMs: number, ...faults: Parameters<typeof worldAfter>[2] & object) => {
  const world = await worldAfter(untilMs, pair(), faults);
  return world.table.nodes.get('fs-2')?.paused;
};

describe('people', () => {
  it('resume what they paused', async () => {
    expect(await isPausedAfter(14 * MINUTE_MS, paused(false))).toBe(true);
    expect(await isPausedAfter(16 * MINUTE_MS, paused(false))).toBe(false);
  });

  it('resume again where the table was away when they did', async () => {
    const fault = { kind: 'service-away', service: 'dynamodb', forMs: 4 * MINUTE_MS } as const;
    const away = { atMs: 14 * MINUTE_MS, fault };

    expect(await isPausedAfter(17 * MINUTE_MS, paused(false), away)).toBe(true);
    expect(await isPausedAfter(21 * MINUTE_MS, paused(false), away)).toBe(false);
  });

  it('acknowledge again where the table was away when they did', async () => {
    const away = { kind: 'service-away', service: 'dynamodb', forMs: 4 * MINUTE_MS } as const;
    const world = await worldAfter(5 * MINUTE_MS, pair(), [{ atMs: 14 * MINUTE_MS, fault: away }]);
    const acknowledgedAtMs = () => world.table.vips.get('vip-1')?.acknowledgedAtMs;

    // They come ten minutes later, when it is away.
    world.people.sendOnCall();
    await world.kernel.run(17 * MINUTE_MS, () => undefined);
    expect(acknowledgedAtMs()).toBeNull();
    await world.kernel.run(21 * MINUTE_MS, () => undefined);

    expect(acknowledgedAtMs()).toEqual(expect.any(Number));
  });

  it.each(['node', 'vip', 'cluster'] as const)('resume what only a restored table remembers: a %s', async (subject) => {
    const id = { node: 'fs-2', vip: 'vip-1', cluster: 'cluster' }[subject];
    const pause = { ...paused(false).fault, subject, id };
    const world = await worldAfter(10 * MINUTE_MS, pair(), [{ atMs: 5 * MINUTE_MS, fault: pause }]);
    const { table } = world;
    const isPaused = () =>
      ({ node: table.nodes.get('fs-2'), vip: table.vips.get('vip-1'), cluster: table.control })[subject]?.paused;
    world.backUp();
    await world.kernel.run(30 * MINUTE_MS, () => undefined);
    expect(isPaused()).toBe(false);

    world.restoreTable(20 * MINUTE_MS);
    expect(isPaused()).toBe(true);
    await world.kernel.run(45 * MINUTE_MS, () => undefined);

    expect(isPaused()).toBe(false);
  });

  it('move what a failover left on a locked-out node again where they were refused', async () => {
    const scenario = pair({ seed: 3, shape: { ...PAIR, vips: 2 }, stopMs: [20_000, 40_000] });
    const policy = { ...scenario.policy, maxVipsPerNode: 2 };
    // Both VIPs on fs-2, of which one is stuck in its block; then the other leaves, while a zone knows no database.
    const faults: ScheduledFault[] = [
      { atMs: 45_000, fault: { kind: 'crash', nodeId: 'fs-1' } },
      { atMs: 195_000, fault: { kind: 'sip-stuck', nodeId: 'fs-2', vipId: 'vip-1', forMs: 100_000 } },
      { atMs: 205_000, fault: { kind: 'isolation', zone: 'us-east-1b', forMs: 360_000 } },
      { atMs: 205_642, fault: { kind: 'freeze', nodeId: 'fs-2', forMs: 25_000 } },
    ];

    const { trace, violations, atRest } = await runCluster({ ...scenario, policy }, { faults, untilRest: true });

    expect(trace.filter((line) => line.includes('switchover of vip-1 refused'))).not.toEqual([]);
    expect([violations, atRest]).toEqual([[], true]);
  }, 60_000);

  it('ask once a minute for each VIP that is left behind, however many are', async () => {
    const shape = { ...PAIR, vips: 2, grouped: true };
    const scenario = pair({ shape });
    const world = await worldAfter(MINUTE_MS, pair({ shape, policy: { ...scenario.policy, maxVipsPerNode: 2 } }));
    nodeOf(world, 'fs-1').lockedBy = 'vip-1#1';
    world.setDatabase('away', false);

    await world.kernel.run(20 * MINUTE_MS, () => undefined);

    const asked = world.trace.filter((line) => line.includes('switchover of vip-1 refused'));
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.length).toBeLessThanOrEqual(20);
  }, 60_000);
});

describe('an operator who drains a VIP', () => {
  const drain = { atMs: 5 * MINUTE_MS, fault: { kind: 'drain', vipId: 'vip-1', forMs: MINUTE_MS } as const };

  it('turns callers away, lets the calls end, and moves it: the old holder stays up', async () => {
    const world = await worldAfter(5 * MINUTE_MS + 30_000, pair(), [drain]);
    const before = world.switchOf('fs-1').coreUuid;
    expect(world.switchOf('fs-1').answersSip('vip-1')).toBe('standby');
    expect(world.table.vips.get('vip-1')).toMatchObject({ paused: true, holder: { nodeId: 'fs-1' } });

    await world.kernel.run(7 * MINUTE_MS, () => undefined);

    expect(world.table.vips.get('vip-1')).toMatchObject({ paused: false, status: 'held', holder: { nodeId: 'fs-2' } });
    expect(world.switchOf('fs-1').coreUuid).toBe(before);
    expect(world.everybodyIsServed()).toBe(true);
  });

  it.each([
    ['the other node died meanwhile', { kind: 'no-restart', nodeId: 'fs-2', forMs: 10 * MINUTE_MS }],
    ['the table was away when it was to move', { kind: 'service-away', service: 'dynamodb', forMs: 2 * MINUTE_MS }],
  ] as const)('takes it back where %s', async (_, fault) => {
    const world = await worldAfter(12 * MINUTE_MS, pair(), [drain, { atMs: drain.atMs + 20_000, fault }]);

    expect(world.table.vips.get('vip-1')).toMatchObject({ paused: false, status: 'held', holder: { nodeId: 'fs-1' } });
    expect(world.table.nodes.get('fs-1')?.paused).toBe(false);
    expect(world.everybodyIsServed()).toBe(true);
  });
});
