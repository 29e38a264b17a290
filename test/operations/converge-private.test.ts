import type { Change } from '../../lib/domain/decision';
import type { Transition } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

/** A VIP without a public address: nothing can be taken from a node that does not answer. */
function privateVip() {
  const topology = topologyOf(3);
  return { ...topology, vips: topology.vips.map((vip) => ({ ...vip, elasticIp: null })) };
}

const change = (overrides: Partial<Change>): Change => ({
  kind: 'change',
  vipId: 'main',
  transition: 'switchover',
  cause: 'operator',
  from: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
  to: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' },
  expectedEpoch: 1,
  detectedAtMs: 0,
  startsBlock: false,
  follows: null,
  reasons: [],
  ...overrides,
});

/** fs-a is frozen, and `main` leaves it for fs-b by this change instead of a failover. */
async function leaving(overrides: Partial<Change>, before?: Transition): Promise<Stage> {
  const stage = await decided('suspected-death', {}, privateVip());
  const write = decisionWrite(change(overrides), stage.topology, [], stage.clock.wallMs(), 'test');
  if (before !== undefined) stage.store.transitions.set(before.id, before);
  stage.store.transitions.set('main#2', write.transition);
  return stage;
}

const stateOfOld = (stage: Stage) => stage.world.instances.get('i-a')?.state;

async function expectStoppedFirst(stage: Stage): Promise<void> {
  const pending = stage.converge();
  await stage.clock.until(() => stateOfOld(stage) === 'stopping', 30_000);
  expect(stage.world.promotions).toEqual([]);

  const old = stage.world.instances.get('i-a');
  if (old !== undefined) old.state = 'stopped';
  await pending;

  expect(stage.world.promotions).toEqual(['fs-b/main']);
  expect(stage.journal().steps.fence.proof).toContain('(e)');
}

describe('the first assignment of a VIP without a public address', () => {
  it('goes to another node only when the one that froze on the way is stopped: it may thaw promoted', async () => {
    const toA = change({ transition: 'assignment', cause: 'first-assignment', from: null, expectedEpoch: 0 });
    const { transition } = decisionWrite(toA, privateVip(), [], 0, 'test');
    const stage = await leaving({ transition: 'assignment', cause: 'candidate-died', follows: transition }, transition);

    await expectStoppedFirst(stage);

    expect(stage.world.calls).toContain('ec2.start');
  });
});

describe('a planned move whose target froze on the way', () => {
  it('goes elsewhere when that is stopped, and leaves the old holder running, which ended by order', async () => {
    const toA = change({ from: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' }, to: { nodeId: 'fs-a', coreUuid: null } });
    const planned = decisionWrite({ ...toA, expectedEpoch: 0 }, privateVip(), [], 0, 'test').transition;
    const fence = { ...planned.steps.fence, status: 'done' as const, proof: '(b) refused' };
    const before: Transition = { ...planned, steps: { ...planned.steps, fence } };
    const stage = await leaving({ cause: 'candidate-died', follows: before }, before);

    await expectStoppedFirst(stage);

    const ended = stage.world.instances.get('i-c');
    expect(ended?.state).toBe('running');
    if (ended !== undefined) ended.state = 'stopped';
    await stage.converge(2);
    expect(ended?.state).toBe('stopped');
  });
});
