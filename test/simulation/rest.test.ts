/** A world at rest: one node acts for each VIP, and every address leads to it. */
import { REST_INVARIANTS } from '../../lib/simulation/invariants/states';
import { PAIR } from '../../lib/simulation/scenario';
import { Watcher } from '../../lib/simulation/watcher';
import type { World } from '../../lib/simulation/world/world';
import { pair, worldAfter } from './scenarios';

const SETTLED_MS = 45_000;
const VIP = 'vip-1';

const settled = (): Promise<World> => worldAfter(SETTLED_MS);

describe('the invariant of a world at rest', () => {
  const told = (world: World): string | null => REST_INVARIANTS.map(({ broken }) => broken(world))[0] ?? null;

  it('holds of a settled cluster, with an Elastic IP and without', async () => {
    expect(told(await settled())).toBeNull();
    expect(told(await worldAfter(SETTLED_MS, pair({ shape: { ...PAIR, elasticIps: false } })))).toBeNull();
  });

  it('tells of a second node that acts, also where an Elastic IP leads callers to one alone', async () => {
    const world = await settled();

    world.switchOf('fs-2').process?.setPromoted(VIP, true);
    world.switchOf('fs-2').process?.rescan(VIP);

    expect(told(world)).toBe('fs-1 and fs-2 both act for vip-1');
  });

  it('tells of a VIP for which nobody acts', async () => {
    const world = await settled();

    world.switchOf('fs-1').fallIntoStandby(VIP);

    expect(told(world)).toBe('nobody acts for vip-1');
  });

  it.each([
    ['the Elastic IP', (world: World) => world.people.moveAddress(VIP, 'fs-2')],
    ['the private name', (world: World) => pointName(world, 'fs-2')],
  ])('tells of %s that leads elsewhere', async (_words, lead) => {
    const world = await settled();

    lead(world);

    expect(told(world)).toBe('fs-1 acts for vip-1, and callers are led to fs-2');
  });

  it('is asked whenever a run has come to rest', async () => {
    const world = await settled();
    const watcher = new Watcher(world);
    pointName(world, 'fs-2');

    watcher.rested();

    expect(watcher.violations.map(({ detail }) => detail)).toEqual([
      'fs-1 acts for vip-1, and callers are led to fs-2',
    ]);
  });

  function pointName({ names, topology }: World, nodeId: string): void {
    const node = topology?.nodes.find(({ id }) => id === nodeId);
    for (const [name, record] of names.records)
      names.records.set(name, { ...record, addresses: [node?.vipAddresses[VIP] ?? ''] });
  }
});
