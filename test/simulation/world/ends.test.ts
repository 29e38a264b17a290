/** An end of the failover function comes where its write is made, with its effect or without. */
import type { StepRecord } from '../../../lib/domain/model';
import { writes, writtenBeside, type Written } from '../../../lib/simulation/world/ends';
import type { World } from '../../../lib/simulation/world/world';
import { worldAfter } from '../scenarios';

const SETTLED_MS = 45_000;
const ENDS_WITHIN_MS = 5 * 60_000;

const recorded = (status: StepRecord['status']): Partial<StepRecord> => ({ status });

describe('what the failover function writes', () => {
  it.each<[Written, Parameters<typeof writes>[1], readonly unknown[]]>([
    ['fence', 'recordStep', ['vip-1#2', 'owner', 'fence', recorded('done')]],
    ['stop ordered', 'recordStep', ['vip-1#2', 'owner', 'stop', recorded('pending')]],
    ['start ordered', 'recordStep', ['vip-1#2', 'owner', 'restore', recorded('pending')]],
    ['calls', 'recordCalls', ['vip-1#2', 'owner', {}]],
    ['closing', 'closeTransition', ['vip-1#2', 'owner', 'done']],
    ['locked out', 'setLockedOut', ['fs-1', 'vip-1#2']],
    ['let in', 'setLockedOut', ['fs-1', null]],
  ])('is told by its call: %s', (written, method, args) => {
    const all: Written[] = [
      'fence',
      'stop',
      'restore',
      ...writtenBeside(['lock', 'recover', 'verify', 'stop', 'restore']),
    ];

    expect(all.filter((each) => writes(each, method, args))).toEqual([written]);
  });

  it('is no step while that waits', () => {
    expect(writes('fence', 'recordStep', ['vip-1#2', 'owner', 'fence', recorded('pending')])).toBe(false);
  });
});

describe('an end of the failover function', () => {
  /** A holder that hangs: its fence waits for the address, and says so before it is done. */
  const endedAt = async (written: Written, moment: 'before' | 'after'): Promise<World> => {
    const freeze = { kind: 'freeze', nodeId: 'fs-1', forMs: 60_000 } as const;
    const world = await worldAfter(SETTLED_MS + 500, undefined, [{ atMs: SETTLED_MS, fault: freeze }]);
    world.crashFailover({ written, moment });
    await world.kernel.run(
      ENDS_WITHIN_MS,
      () => undefined,
      () => world.crashedAtMs !== null,
    );
    return world;
  };

  it.each(['before', 'after'] as const)('comes where its step is done, and not where it waits: %s', async (moment) => {
    const world = await endedAt('fence', moment);
    const fence = world.table.transitions.get('vip-1#2')?.steps.fence;

    expect(fence).toMatchObject(
      moment === 'after'
        ? { status: 'done', error: null }
        : { status: 'pending', error: expect.stringContaining('proof') as string },
    );
    world.end();
  });

  it('comes once: who is woken then goes on', async () => {
    const world = await endedAt('closing', 'before');
    const { crashedAtMs } = world;
    expect(world.table.vips.get('vip-1')?.status).toBe('moving');

    await world.kernel.run((crashedAtMs ?? 0) + 2 * 60_000, () => undefined);

    expect(world.table.vips.get('vip-1')?.status).toBe('held');
    expect(world.crashedAtMs).toBe(crashedAtMs);
    world.end();
  });
});
