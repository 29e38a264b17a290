/** A planned move leaves a holder that is well: it begins when it can be finished. */
import { OutsideTimeout } from '../../lib/domain/errors';
import type { Topology, Transition } from '../../lib/domain/model';
import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import type { FakeWorld } from '../support/fake-world';

const MOVES = [
  ['failback', 'preferred-node-back'],
  ['switchover', 'operator'],
  ['switchover', 'operator-drained'],
] as const;

/** A change of that kind from fs-a, which serves, to fs-b; node-control answers nobody until `isBack` says so. */
async function withNodeControlAway(
  change: Partial<Pick<Transition, 'kind' | 'cause'>>,
  isBack: (world: FakeWorld) => boolean = () => false,
  topology: Topology = topologyOf(3),
): Promise<Stage> {
  const stage: Stage = await decided(
    'suspected-death',
    {
      before: (call) => {
        if (!call.startsWith('node.') || isBack(stage.world)) return;
        throw new OutsideTimeout('no node-control function answered');
      },
    },
    topology,
  );
  stage.world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: true });
  Object.assign(stage.journal(), change);
  return stage;
}

describe('while node-control is away', () => {
  it.each(MOVES)('a %s (%s) takes nothing from callers, and says what it waits for', async (kind, cause) => {
    const stage = await withNodeControlAway({ kind, cause });

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });

    const { calls, switches, association, instances } = stage.world;
    expect(calls.filter((call) => /detach|attach|shutdown|demote|ec2\.stop|dns\.replace/.test(call))).toEqual([]);
    expect([switches.get('fs-a')?.serving, association?.privateAddress]).toEqual([
      true,
      stage.topology.nodes[0]?.vipAddresses.main,
    ]);
    expect([...instances.values()].map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect(stage.journal().steps.detach.error).toContain('no node-control function answered');
  });

  it.each(MOVES)('a %s (%s) goes on by itself once it answers', async (kind, cause) => {
    const stage = await withNodeControlAway({ kind, cause }, ({ calls }) => calls.length > 6);

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
    expect(stage.world.switches.get('fs-b')?.serving).toBe(true);
  });

  it('a move without a public address does not stop the old instance for want of an order', async () => {
    const topology = topologyOf(3);
    const vips = topology.vips.map((vip) => ({ ...vip, elasticIp: null }));
    const move = { kind: 'failback', cause: 'preferred-node-back' } as const;
    const stage = await withNodeControlAway(move, () => false, { ...topology, vips });

    await stage.converge();

    expect(stage.world.calls.filter((call) => call.startsWith('ec2.'))).toEqual([]);
    expect(stage.journal().steps.stop.error).toContain('no node-control function answered');
  });

  it.each([
    ['a failover', { kind: 'failover', cause: 'suspected-death' }],
    ['a planned move whose target died, and whose callers may be out', { kind: 'failback', cause: 'candidate-died' }],
  ] as const)('%s moves the address all the same', async (_words, change) => {
    const stage = await withNodeControlAway(change);

    await stage.converge();

    expect(stage.world.calls).toContain('eip.attach');
  });

  it('a planned move that has begun goes on', async () => {
    const stage = await withNodeControlAway({ kind: 'failback', cause: 'preferred-node-back' });
    const { steps } = stage.journal();
    steps.fence = { ...steps.fence, status: 'done', proof: '(b) socket closed, then refused' };

    await stage.converge();

    expect(stage.world.calls).toContain('eip.attach');
  });
});
