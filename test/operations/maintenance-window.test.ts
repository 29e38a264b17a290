/** A pause with an end is a pause until then, and nothing at all from then on, without anybody resuming it. */
import { switchOverDrained, drainVip } from '../../lib/operations/drain';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { repairDrift } from '../../lib/operations/converge/drift';
import { restoreLeftBehind } from '../../lib/operations/restore-left-behind';
import { planSwitchover } from '../../lib/operations/switchover-plan';
import { nodeState, NOW, topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { drainedMain, healthyPair, heldVip, stageOf } from '../support/two-vips';

const WINDOW_MS = 600_000;
const CLUSTER = { kind: 'cluster' } as const;
const VIP = { kind: 'vip', id: 'main' } as const;
const node = (id: string) => ({ kind: 'node', id }) as const;

const mutations = (stage: Stage): string[] => stage.world.calls.filter((call) => !/read|describe|check/.test(call));

function pauseForAWhile(stage: Stage, subject: Parameters<Stage['store']['setPaused']>[0]): Promise<void> {
  return stage.store.setPaused(subject, true, 'new disk', stage.clock.wallMs() + WINDOW_MS);
}

describe.each([
  ['the cluster', CLUSTER],
  ['the VIP', VIP],
  ['the node that takes over', node('fs-b')],
])('a convergence inside a window of %s', (_, subject) => {
  it('touches nothing until the window ends, and goes on then', async () => {
    const stage = await decided();
    await stage.store.setPaused(subject, true, 'new disk', stage.clock.wallMs() + 5_000);

    const pending = stage.converge();
    await stage.clock.advance(4_000);
    expect(mutations(stage)).toEqual([]);
    const ends = new Date(stage.clock.wallMs() + 1_000).toISOString();
    expect(stage.journal().steps.detach.error).toContain(`until ${ends}`);

    expect((await pending).outcome).toBe('done');
  });
});

it('a window of the new holder does not keep the old node from being stopped once the change is complete', async () => {
  const stage = await decided();
  stage.deps.pager.page = () => pauseForAWhile(stage, node('fs-b'));
  await stage.converge();
  expect(stage.store.nodes.get('fs-b')?.paused).toBe(true);
  expect(stage.world.calls).toContain('ec2.forceStop');
});

it('a window of the old node does not stop a failover: its holder is dead, and callers wait', async () => {
  const stage = await decided();
  await pauseForAWhile(stage, node('fs-a'));
  expect(await stage.converge()).toMatchObject({ outcome: 'done' });
});

it('a window of the old node keeps it from being stopped until it ends', async () => {
  const stage = await decided();
  await pauseForAWhile(stage, node('fs-a'));
  await stage.converge();
  expect(stage.world.calls).not.toContain('ec2.forceStop');

  await stage.clock.advance(WINDOW_MS);
  await stage.converge(2);

  expect(stage.world.calls).toContain('ec2.forceStop');
});

describe.each([
  ['the cluster', CLUSTER],
  ['the VIP', VIP],
  ['its holder', node('fs-b')],
])('drift inside a window of %s', (_, subject) => {
  it('is left alone until the window ends, and put back then', async () => {
    const stage = await decided();
    await stage.converge();
    await pauseForAWhile(stage, subject);
    const byHand = { associationId: 'eipassoc-hand', networkInterfaceId: 'eni-a', privateAddress: '10.0.0.11' };
    stage.world.association = { ...byHand, instanceId: 'i-a' };

    await repairDrift(stage.deps, await stage.store.readCluster());
    expect(stage.world.association).toMatchObject(byHand);

    await stage.clock.advance(WINDOW_MS);
    await repairDrift(stage.deps, await stage.store.readCluster());
    expect(stage.world.association).toMatchObject({ networkInterfaceId: 'eni-b' });
  });
});

describe.each([
  ['the cluster', CLUSTER],
  ['the VIP that left it', VIP],
  ['the node', node('fs-a')],
])('a node left behind, inside a window of %s', (_, subject) => {
  it('stays out of service until the window ends, and is let in then', async () => {
    const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
    const stage = await decided('suspected-death', {}, topologyOf(3, { database }));
    await stage.store.setLockedOut('fs-a', 'main#2');
    stage.world.locked.add('fs-a');
    Object.assign(stage.world.instances.get('i-a') ?? {}, { state: 'stopped' });
    const newer = { epoch: 5, status: 'held', holder: { nodeId: 'fs-c', coreUuid: 'c' } };
    Object.assign(stage.store.vips.get('main') ?? {}, newer);
    await pauseForAWhile(stage, subject);

    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).toContain('fs-a');

    await stage.clock.advance(WINDOW_MS);
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).not.toContain('fs-a');
  });
});

describe('a planned move', () => {
  const ended = { paused: true, pausedUntilMs: NOW };
  const running = { paused: true, pausedUntilMs: NOW + 1 };
  const control = { pausedReason: 'new disk', transitionsInFlight: 0 };

  it.each([
    [
      'the cluster',
      healthyPair({ control: { ...control, ...running } }),
      healthyPair({ control: { ...control, ...ended } }),
    ],
    [
      'the VIP',
      healthyPair({ vips: [heldVip('main', running), heldVip('second')] }),
      healthyPair({ vips: [heldVip('main', ended), heldVip('second')] }),
    ],
  ])('is refused inside a window of %s, and not after it', (_, inside, after) => {
    const request = { vipId: 'main', toNodeId: null, drained: false, abandonCalls: false };
    expect(planSwitchover(inside, request, NOW)).toMatchObject({ kind: 'refused' });
    expect(planSwitchover(after, request, NOW)).not.toMatchObject({ kind: 'refused' });
  });

  it('of a drained VIP keeps its node paused also where the window would end in the middle', async () => {
    const nodes = [nodeState('fs-a', { ...running, claims: ['main', 'second'] }), nodeState('fs-b'), nodeState('fs-c')];
    const during: unknown[] = [];
    const stage = stageOf(drainedMain({ nodes }), {
      onCall: (method) => {
        if (method === 'decide') during.push(structuredClone(stage.store.nodes.get('fs-a')));
      },
    });

    await switchOverDrained(stage.deps, { vipId: 'main', toNodeId: null, abandonCalls: false });

    expect(during).toMatchObject([{ paused: true, pausedUntilMs: null }]);
    expect(stage.store.nodes.get('fs-a')).toMatchObject(running);
  });

  it.each([
    ['goes on until its end', running, running],
    ['that is over stays over', ended, { paused: false, pausedUntilMs: null }],
  ])('a window of a VIP that could not be drained %s', async (_, before, after) => {
    const stage = stageOf(healthyPair({ vips: [heldVip('main', before), heldVip('second')] }));
    stage.world.switches.set('fs-a', null);

    expect(await drainVip(stage.deps, 'main')).toMatchObject({ kind: 'refused' });

    expect(stage.store.vips.get('main')).toMatchObject(after);
  });
});
