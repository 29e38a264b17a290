import type { Observation } from '../../lib/domain/model';
import { returnToService } from '../../lib/operations/return-to-service';
import { restoreLeftBehind } from '../../lib/operations/restore-left-behind';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { looks, topologyOf } from '../support/cluster';
import { decided } from '../support/converge-stage';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };

/** fs-a failed and was locked out by main#2; what EC2 and the observers say of it is up to each specification. */
async function failedNode(instanceState: string, seen: Observation[] = []) {
  const stage = await decided('suspected-death', {}, topologyOf(3, { database }));
  const [node] = stage.topology.nodes;
  if (node === undefined) throw new Error('no node');
  await stage.store.setLockedOut('fs-a', 'main#2');
  stage.world.locked.add('fs-a');
  const view = stage.world.instances.get(node.instanceId);
  if (view !== undefined) view.state = instanceState;
  for (const each of seen) await stage.store.putObservation({ ...each, observedAtMs: stage.clock.wallMs() });
  const order = { node, oldCoreUuids: ['uuid-fs-a'], guard: () => Promise.resolve() };
  return { ...stage, view, back: () => returnToService(stage.deps, order, DEFAULT_TIMING) };
}

const running = (coreUuid: string): Observation[] =>
  looks('fs-a', 'ok', 'standby').map((each) => ({ ...each, coreUuid, esl: { ...each.esl, coreUuid } }));

describe('a failed node', () => {
  it.each([
    ['while EC2 still stops it', 'stopping', []],
    ['while it runs and nobody knows whether its old process lives', 'running', []],
    ['while its old process answers', 'running', running('uuid-fs-a')],
  ])('stays locked out %s', async (_, state, seen) => {
    const stage = await failedNode(state, seen);
    expect(await stage.back()).toMatchObject({ back: false });
    expect(stage.world.locked).toContain('fs-a');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBe('main#2');
  });

  it.each([
    ['once EC2 says stopped', 'stopped', []],
    ['once a majority sees a new process there', 'running', running('uuid-new')],
    ['once a majority sees that nothing listens there', 'running', looks('fs-a', 'refused', 'silent')],
  ])('is let in %s', async (_, state, seen) => {
    const stage = await failedNode(state, seen);
    await stage.back();
    expect(stage.world.locked).not.toContain('fs-a');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
  });

  it('stays locked while the database is away, and is not started before', async () => {
    const stage = await failedNode('stopped');
    stage.world.databaseAway = true;
    expect(await stage.back()).toMatchObject({ back: false });
    expect(stage.world.calls).not.toContain('ec2.start');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBe('main#2');
  });

  it('is back when a majority sees it fit', async () => {
    const stage = await failedNode('running', running('uuid-new'));
    stage.store.nodes.get('fs-a')?.claims.splice(0);
    expect(await stage.back()).toEqual({ back: true, proof: 'fs-a is back as a standby' });
  });

  it('of another deployment is never started', async () => {
    const stage = await failedNode('stopped');
    if (stage.view !== undefined) stage.view.owner = 'cluster/other';
    await expect(stage.back()).rejects.toThrow('not ours to start');
  });
});

describe('a node that a newer transition left behind', () => {
  it('is let in and started all the same', async () => {
    const stage = await failedNode('stopped');
    Object.assign(stage.store.vips.get('main') ?? {}, {
      epoch: 5,
      status: 'held',
      holder: { nodeId: 'fs-c', coreUuid: 'c' },
    });
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).not.toContain('fs-a');
    expect(stage.view?.state).toBe('running');
  });

  it('is stopped first while its old process may live', async () => {
    const stage = await failedNode('running', running('uuid-fs-a'));
    Object.assign(stage.store.vips.get('main') ?? {}, {
      epoch: 5,
      status: 'held',
      holder: { nodeId: 'fs-c', coreUuid: 'c' },
    });
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.view?.state).toBe('stopping');
    expect(stage.world.locked).toContain('fs-a');
  });

  it('is left to its own journal while that is the present one', async () => {
    const stage = await failedNode('stopped');
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).toContain('fs-a');
  });
});
