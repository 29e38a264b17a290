import { Process } from '../../../lib/simulation/kernel/process';
import { Watcher } from '../../../lib/simulation/watcher';
import { SETTLED_MS, VIP, settled, vipOf, nodeOf } from './stage';

describe('the watcher', () => {
  const UNKNOWN = 'the tables of the state machines have every change';

  it('tells of an edge that no table of the state machines has', async () => {
    const world = await settled();
    const watcher = new Watcher(world);
    const process = new Process(world.kernel, 'observer#1');

    vipOf(world).epoch += 5;
    world.listener.tableChanged('decide', process);

    expect(watcher.violations.map(({ invariant }) => invariant)).toContain(UNKNOWN);
  });

  it('tells of each invariant once, with the time and the line in the trace', async () => {
    const world = await settled();
    const watcher = new Watcher(world);
    const process = new Process(world.kernel, 'observer#1');

    nodeOf(world, 'fs-1').claims = [];
    world.listener.tableChanged('decide', process);
    nodeOf(world, 'fs-2').claims = [VIP];
    world.listener.tableChanged('decide', process);

    const lost = watcher.violations.filter(({ invariant }) => invariant.startsWith('1. a VIP is claimed'));
    expect(lost).toEqual([
      {
        invariant: '1. a VIP is claimed on the node that holds it',
        atMs: SETTLED_MS,
        detail: 'fs-1 holds vip-1 without a claim',
      },
    ]);
    expect(world.trace.filter((line) => line.includes('VIOLATION 1. a VIP is claimed'))).toHaveLength(1);
  });

  it('has nothing to say of a change that the tables have', async () => {
    const world = await settled();
    const watcher = new Watcher(world);

    world.controlPlane.operator((store) => store.setPaused({ kind: 'cluster' }, true, 'maintenance', null));
    await world.kernel.run(world.kernel.nowMs + 5_000, () => watcher.instant());

    expect(watcher.violations).toEqual([]);
    expect(watcher.edges.size).toBeGreaterThan(0);
  });
});
