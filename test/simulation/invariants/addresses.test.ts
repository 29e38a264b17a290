import { ADDRESS_INVARIANT, NAME_INVARIANT } from '../../../lib/simulation/invariants/addresses';
import { Watcher } from '../../../lib/simulation/watcher';
import { SETTLED_MS, VIP, failingOver, present } from './stage';

describe('the invariant of addresses', () => {
  const move = async (nodeId: string, decidedAgoMs: number | null, byHand = false) => {
    const world = await failingOver();
    const watcher = new Watcher(world);
    const { topology, kernel, ec2 } = world;
    const node = present(topology?.nodes.find(({ id }) => id === nodeId));
    const decided = new Map(decidedAgoMs === null ? [] : [['vip-1#2', kernel.nowMs - decidedAgoMs]]);
    if (byHand) world.people.moveAddress(VIP, nodeId);
    else ec2.associateByHand('eipalloc-1', nodeId, present(node.vipAddresses[VIP]));
    return { watcher, said: ADDRESS_INVARIANT.broken(world, 'eipalloc-1', decided) };
  };

  it('lets it land on the holder, and on the one before while a call of the epoch before may be under way', async () => {
    expect((await move('fs-2', null)).said).toBeNull();
    expect((await move('fs-1', 14_000)).said).toBeNull();
  });

  it('tells of one that lands on the old holder without a transition', async () => {
    const { said, watcher } = await move('fs-1', 16_000);

    expect(said).toBe('vip-1 landed on fs-1 under #2, whose holder is fs-2');
    expect(watcher.violations.map(({ detail }) => detail)).toEqual([said]);
  });

  it('tells of a name that is pointed to the old holder without a transition, and of none that goes where it should', async () => {
    const world = await failingOver();
    const { kernel, topology, names } = world;
    const [node] = present(topology).nodes;
    const [name, record] = present([...names.records][0]);
    const watcher = new Watcher(world);
    const long = new Map([['vip-1#2', kernel.nowMs - 16_000]]);
    const justNow = new Map([['vip-1#2', kernel.nowMs - 14_000]]);

    names.records.set(name, { ...record, addresses: [present(node?.vipAddresses[VIP])] });
    const said = NAME_INVARIANT.broken(world, name, long);
    names.onChange(name);

    expect(said).toContain('vip-1 landed on fs-1 under #2, whose holder is fs-2');
    expect(NAME_INVARIANT.broken(world, name, justNow)).toBeNull();
    expect(watcher.violations.map(({ detail }) => detail)).toEqual([said]);
  });

  it('is told of each name that a convergence moves', async () => {
    const world = await failingOver();
    const told: string[] = [];
    world.listener.named = (name) => void told.push(name);

    await world.kernel.run(SETTLED_MS + 8_000, () => undefined);

    expect(told).toEqual([...world.names.records.keys()]);
  });

  it('says nothing of what a human moved', async () => {
    expect((await move('fs-1', null, true)).watcher.violations).toEqual([]);
  });
});
