import type { PageMessage } from '../../../lib/domain/ports';
import { isOff, LIVENESS_INVARIANTS, type Patience } from '../../../lib/simulation/invariants/liveness';
import { EPOCH_MS } from '../../../lib/simulation/kernel/kernel';
import { Watcher } from '../../../lib/simulation/watcher';
import type { World } from '../../../lib/simulation/world/world';
import { MINUTE_MS, pair, worldAfter } from '../scenarios';
import { VIP, settled, failingOver, named, present, nodeOf } from './stage';

describe('invariants of patience', () => {
  const LONG_MS = 60 * MINUTE_MS;
  const patience = (change: Partial<Patience> = {}): Patience => ({
    ...{
      calmForMs: 0,
      fairForMs: 0,
      onForMs: 0,
      offForMs: 0,
      unservedForMs: new Map(),
      splitForMs: new Map(),
      pagedAtMs: () => Number.NEGATIVE_INFINITY,
    },
    ...change,
  });
  const unserved = new Map([[VIP, LONG_MS]]);

  it('hold of a world in which something is still wrong', async () => {
    const world = await failingOver();
    const soon = patience({ unservedForMs: unserved });

    expect(LIVENESS_INVARIANTS.map(({ broken }) => broken(world, soon))).toEqual([null, null, null, null, null, null]);
  });

  it('tell of a transition that does not end', async () => {
    const world = await failingOver();
    present(world.table.transitions.get('vip-1#2')).decidedAtMs = EPOCH_MS - LONG_MS;
    const invariant = named(LIVENESS_INVARIANTS, '5. every transition');

    expect(invariant.broken(world, patience({ calmForMs: LONG_MS }))).toMatch(/^vip-1#2 has been open since/);
    expect(invariant.broken(world, patience({ calmForMs: MINUTE_MS }))).toBeNull();
  });

  it('tell of callers who are not served though nothing is wrong', async () => {
    const world = await settled();
    const said = named(LIVENESS_INVARIANTS, '4.').broken(
      world,
      patience({ calmForMs: LONG_MS, unservedForMs: unserved }),
    );

    expect(said).toBe(`vip-1 has not been served for ${LONG_MS} ms, and nothing is wrong`);
  });

  it('have twelve minutes of calm for callers to be served in, and not one more', async () => {
    const world = await failingOver();
    const isBroken = (minutes: number, calm = minutes): boolean => {
      const unservedForMs = new Map([[VIP, minutes * MINUTE_MS]]);
      const waiting = patience({ calmForMs: calm * MINUTE_MS, unservedForMs });
      return named(LIVENESS_INVARIANTS, '4.').broken(world, waiting) !== null;
    };

    expect([isBroken(12), isBroken(12.1), isBroken(12.1, 11.9)]).toEqual([false, true, false]);
  });

  it('tell of an outage of which nobody was told', async () => {
    const world = await settled();
    const invariant = named(LIVENESS_INVARIANTS, '9.');
    const waiting = patience({ fairForMs: LONG_MS, onForMs: LONG_MS, unservedForMs: unserved });

    expect(invariant.broken(world, waiting)).toBe(`vip-1 has not been served for ${LONG_MS} ms, and nobody was told`);
    expect(invariant.broken(world, { ...waiting, pagedAtMs: () => world.kernel.elapsedMs })).toBeNull();
    expect(invariant.broken(world, { ...waiting, onForMs: MINUTE_MS })).toBeNull();
  });

  it('tell of callers who are led to a node that goes on acting beside the holder', async () => {
    const world = await settled();
    const broken = (forMs: number, fairForMs = LONG_MS): string | null =>
      named(LIVENESS_INVARIANTS, '1.').broken(
        world,
        patience({ onForMs: LONG_MS, fairForMs, splitForMs: new Map([[VIP, forMs]]) }),
      );

    expect(broken(LONG_MS)).toBe(`two nodes have acted for callers of vip-1 for ${LONG_MS} ms`);
    expect([broken(MINUTE_MS / 2), broken(LONG_MS, MINUTE_MS / 2)]).toEqual([null, null]);
  });

  it('tell of a world that does not come to rest', async () => {
    const world = await settled();
    const invariant = named(LIVENESS_INVARIANTS, '5. a world');

    expect(invariant.broken(world, patience({ calmForMs: LONG_MS }))).toBe(`calm for ${LONG_MS} ms, and still at work`);
  });

  it('tell of a pause that nobody ends', async () => {
    const world = await settled();
    const invariant = named(LIVENESS_INVARIANTS, '8.');

    expect(invariant.broken(world, patience({ offForMs: LONG_MS }))).toBeNull();
    expect(invariant.broken(world, patience({ offForMs: 24 * LONG_MS }))).toBe(
      `something is paused since ${24 * LONG_MS} ms`,
    );
  });

  it('wait for a failback as long as its policy does, and under loss for ever', async () => {
    const automatic = { ...pair().policy, failback: 'automatic' as const, failbackAfterMs: LONG_MS };
    const invariant = named(LIVENESS_INVARIANTS, '5. a world');
    const broken = async (share: number, calmForMs: number): Promise<boolean> => {
      const world = await worldAfter(1_000, pair({ policy: automatic, loss: { share, meanBurstMs: 500 } }));
      return invariant.broken(world, patience({ calmForMs })) !== null;
    };

    expect([await broken(0, LONG_MS), await broken(0, 2 * LONG_MS), await broken(0.01, 2 * LONG_MS)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('count on the control plane to bring machines back: theirs is no trouble from outside', async () => {
    const world = await settled();
    world.people.stopInstance('fs-2');

    expect([world.isUndisturbed(), world.isCalm()]).toEqual([true, false]);

    world.setDatabase('away');

    expect(world.isUndisturbed()).toBe(false);
  });

  it('know when a human said stop', async () => {
    const world = await settled();
    expect(isOff(world)).toBe(false);

    nodeOf(world, 'fs-2').paused = true;

    expect(isOff(world)).toBe(true);
  });
});

describe('the watcher of a minute and more', () => {
  /** Ten minutes after it befell, with what was told of it after one. */
  async function violationsAfter(befalls: (world: World) => void, page?: PageMessage['attributes']): Promise<string[]> {
    const world = await settled();
    const watcher = new Watcher(world);
    watcher.instant();
    befalls(world);
    watcher.instant();
    world.kernel.skip(MINUTE_MS);
    if (page !== undefined) world.listener.paged({ subject: 'a page', body: '', attributes: page });
    world.kernel.skip(9 * MINUTE_MS);
    watcher.second();
    return watcher.violations.map(({ invariant }) => invariant.slice(0, 12));
  }

  it.each([
    ['the holder alone', 'fs-1', []],
    ['another node that acts', 'fs-2', ['1. no caller']],
  ])('finds a private name that leads to %s', async (_words, nodeId, found) => {
    const violations = await violationsAfter((world) => {
      world.switchOf('fs-2').process?.setPromoted(VIP, true);
      world.switchOf('fs-2').process?.rescan(VIP);
      const node = present(world.topology?.nodes.find(({ id }) => id === nodeId));
      const addresses = [present(node.vipAddresses[VIP])];
      for (const [name, record] of world.names.records) world.names.records.set(name, { ...record, addresses });
    });

    expect(violations).toEqual(found);
  });

  it.each([
    ['of that VIP', { vip: VIP, served: 'no' }, []],
    ['of the whole cluster', { vip: '-', served: 'no' }, []],
    ['of another VIP', { vip: 'vip-2', served: 'no' }, ['9. an outage']],
    ['that says that it is served', { vip: VIP, served: 'yes' }, ['5. a page th', '9. an outage']],
  ])('takes a page %s for news of an outage, or does not', async (_words, page, found) => {
    const violations = await violationsAfter((world) => world.switchOf('fs-1').fallIntoStandby(VIP), page);

    expect(violations).toEqual(found);
  });
});

describe('the patience with a pause', () => {
  it('begins with the pause, and ends after a day of it', async () => {
    const HOUR_MS = 60 * MINUTE_MS;
    const world = await settled();
    const watcher = new Watcher(world);
    const secondAfter = (hours: number): string[] => {
      world.kernel.skip(hours * HOUR_MS);
      watcher.second();
      return watcher.violations.map(({ invariant }) => invariant).filter((each) => each.startsWith('8.'));
    };

    expect(secondAfter(23)).toEqual([]);
    nodeOf(world, 'fs-2').paused = true;
    expect(secondAfter(23)).toEqual([]);

    expect(secondAfter(2)).toHaveLength(1);
  });
});
