import type { Change } from '../../lib/domain/decision';
import type { Topology, Transition } from '../../lib/domain/model';
import { REFUSED_ALREADY } from '../../lib/domain/node-control';
import { decisionWrite } from '../../lib/domain/transition';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { restoreLeftBehind } from '../../lib/operations/restore-left-behind';
import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { aMove } from '../support/moves';

/** A VIP without a public address: nothing can be taken from a node that does not answer. */
function privateVip(): Topology {
  const topology = topologyOf(3);
  return { ...topology, vips: topology.vips.map((vip) => ({ ...vip, elasticIp: null })) };
}

/** fs-a is frozen, and `main` leaves it for fs-b by this change instead of a failover. */
async function leaving(overrides: Partial<Change>, before?: Transition, topology = privateVip()): Promise<Stage> {
  const stage = await decided('suspected-death', {}, topology);
  const write = decisionWrite(aMove(overrides), stage.topology, [], stage.clock.wallMs(), 'test');
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

describe('a failover of a VIP without a public address', () => {
  it('waits until the old instance is stopped', async () => {
    await expectStoppedFirst(await decided('suspected-death', {}, privateVip()));
  });

  it('takes an instance of which EC2 says nothing neither for stopped nor for its own to stop', async () => {
    const stage = await decided('suspected-death', {}, privateVip());
    stage.world.instances.set('i-a', { instanceId: 'i-a', state: 'unknown', owner: null });

    await stage.converge();

    expect(stage.world.promotions).toEqual([]);
    expect(stage.world.calls).not.toContain('ec2.forceStop');
    expect(stage.journal().steps.fence.status).not.toBe('done');
  });
});

describe('the promotion of the new holder', () => {
  /** fs-b is restarted after it was chosen, and after the move to it has begun. */
  async function promotedAfterRestart(topology: Topology): Promise<Stage> {
    const stage = await leaving({}, undefined, topology);
    stage.world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: true });
    const { shutdownNow } = stage.deps.nodeControl;
    stage.deps.nodeControl.shutdownNow = (...order) => {
      stage.world.switches.set('fs-b', { coreUuid: 'uuid-next', serving: false });
      return shutdownNow(...order);
    };
    await stage.converge();
    return stage;
  }

  it('of a VIP without a public address is of the incarnation that was chosen, and of no later one', async () => {
    const stage = await promotedAfterRestart(privateVip());

    expect(stage.world.promotions).toEqual([]);
    expect(stage.journal().steps.promote).toMatchObject({ status: 'pending', error: 'another incarnation' });
  });

  it('of one with a public address is of whatever answers there: its callers are there already', async () => {
    const stage = await promotedAfterRestart(topologyOf(3));

    expect(stage.world.promotions).toContain('fs-b/main');
  });
});

describe('the first assignment of a VIP without a public address', () => {
  it('goes to another node only when the one that froze on the way is stopped: it may thaw promoted', async () => {
    const toA = aMove({ transition: 'assignment', cause: 'first-assignment', from: null, expectedEpoch: 0 });
    const { transition } = decisionWrite(toA, privateVip(), [], 0, 'test');
    const stage = await leaving({ transition: 'assignment', cause: 'candidate-died', follows: transition }, transition);

    await expectStoppedFirst(stage);

    expect(stage.world.calls).toContain('ec2.start');
  });
});

describe.each([
  ['switchover', 'operator'],
  ['failback', 'preferred-node-back'],
] as const)('a %s of a VIP without a public address', (transition, cause) => {
  it('stops an old holder that froze as it began, and brings it back as a standby', async () => {
    const stage = await leaving({ transition, cause });

    await expectStoppedFirst(stage);

    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.calls).toContain('ec2.start');
  });

  it.each([
    ['stops an old holder whose event socket alone refuses: it serves on', true],
    ['stops nobody where the port refuses because the process has ended', false],
  ])('%s', async (_words, serving) => {
    const stage = await leaving({ transition, cause });
    stage.world.switches.set('fs-a', serving ? { coreUuid: 'uuid-fs-a', serving } : null);
    const refused = { fenced: true, proof: `${REFUSED_ALREADY}, no order was needed` } as const;
    stage.deps.nodeControl = { ...stage.deps.nodeControl, shutdownNow: () => Promise.resolve(refused) };

    if (serving) return expectStoppedFirst(stage);
    await stage.converge();

    expect(stage.journal().steps.fence.proof).toContain('(b)');
    expect(stage.world.calls).not.toContain('ec2.forceStop');
  });

  it('stops an old holder whose port refused and whose SIP could not be asked', async () => {
    const stage = await leaving({ transition, cause });
    stage.world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: true });
    const refused = { fenced: true, proof: `${REFUSED_ALREADY}, no order was needed` } as const;
    const unreached = {
      coreUuid: null,
      unfit: 'no greeting',
      serving: false,
      reason: 'no answer',
      unreached: true,
    } as const;
    const { check, ...others } = stage.deps.nodeControl;
    stage.deps.nodeControl = {
      ...others,
      check: (node, ...of) => (node.id === 'fs-a' ? Promise.resolve(unreached) : check(node, ...of)),
      shutdownNow: () => Promise.resolve(refused),
    };

    await expectStoppedFirst(stage);
  });

  it('stops nobody when the old process ends by order, however long that takes', async () => {
    const stage = await leaving({ transition, cause });
    stage.world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: true });
    const { nodeControl } = stage.deps;
    stage.deps.nodeControl = {
      ...nodeControl,
      shutdownNow: async (...order) => {
        await stage.clock.sleep(2_000);
        return nodeControl.shutdownNow(...order);
      },
    };

    await stage.converge();

    expect(stage.journal().steps.fence.proof).toContain('(b)');
    expect(stage.world.promotions).toEqual(['fs-b/main']);
    expect(stage.world.calls).not.toContain('ec2.forceStop');
  });
});

it('an old holder that takes a VIP without a public address back is not waited for to be stopped', async () => {
  const fromB = aMove({ cause: 'suspected-death', transition: 'failover', from: { nodeId: 'fs-b', coreUuid: 'old' } });
  const before = decisionWrite({ ...fromB, expectedEpoch: 0 }, privateVip(), [], 0, 'test').transition;
  const stage = await leaving({ transition: 'failover', cause: 'candidate-died', follows: before }, before);

  await expectStoppedFirst(stage);

  expect(stage.world.instances.get('i-b')?.state).toBe('running');
});

it('a drained VIP without a public address never has its old node stopped: it lives on', async () => {
  const stage = await leaving({ cause: 'operator-drained' });

  await stage.converge();

  expect(stage.world.calls).not.toContain('ec2.forceStop');
  expect(stage.journal().steps.stop.status).toBe('skipped');
});

it('a drained VIP without a public address goes on once its old node, which does not answer, was stopped by others', async () => {
  const stage = await leaving({ cause: 'operator-drained' });
  const pending = stage.converge();
  await stage.clock.until(() => stage.journal().steps.fence.error !== null, 30_000);
  expect(stage.journal().steps.fence.error).toContain('waits until its instance is stopped (running)');
  expect(stage.world.promotions).toEqual([]);

  stage.world.instances.set('i-a', { instanceId: 'i-a', state: 'stopped', owner: null });
  await pending;

  expect(stage.world.promotions).toEqual(['fs-b/main']);
  expect(stage.journal().steps.fence.proof).toBe('(e) the instance of fs-a is stopped');
  expect(stage.world.calls).not.toContain('ec2.forceStop');
});

it('with a public address no planned move stops anything: what proves the fence is that the address is gone', async () => {
  const stage = await leaving({}, undefined, topologyOf(3));

  await stage.converge();

  expect(stage.journal()).toMatchObject({ status: 'done', steps: { stop: { status: 'skipped' } } });
  expect(stage.world.calls).not.toContain('ec2.forceStop');
});

describe('a planned move whose target froze on the way', () => {
  it('goes elsewhere when that is stopped, and leaves the old holder running, which ended by order', async () => {
    const toA = aMove({ from: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' }, to: { nodeId: 'fs-a', coreUuid: null } });
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

  it('leaves an old holder running that was drained and has not proved that it is in standby', async () => {
    const toA = aMove({ cause: 'operator-drained', from: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' } });
    const drained = decisionWrite({ ...toA, expectedEpoch: 0 }, privateVip(), [], 0, 'test').transition;
    const stage = await leaving({ cause: 'candidate-died', follows: drained }, drained);
    stage.world.switches.set('fs-c', null);

    await stage.converge();

    expect(stage.world.instances.get('i-c')?.state).toBe('running');
    expect(stateOfOld(stage)).toBe('stopping');
  });
});
