import type { Observation, Policy, StepName, StepRecord } from '../../lib/domain/model';
import { returnToService } from '../../lib/operations/return-to-service';
import { restoreLeftBehind } from '../../lib/operations/restore-left-behind';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { looks, NOW, sip, topologyOf, vipState, withSecondVip } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { silentLog } from '../support/fake-world';
import { aMove, journalOf } from '../support/moves';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };

/** fs-a failed and was locked out by main#2; what EC2 and the observers say of it is up to each specification. */
async function failedNode(
  instanceState: string,
  seen: Observation[] = [],
  policy: Partial<Policy> = {},
  fingerprint: string | null = 'created by the deployment',
  oldCoreUuids: readonly string[] = ['uuid-fs-a'],
) {
  const plain = topologyOf(3, { database });
  const stage = await decided(
    'suspected-death',
    {},
    {
      ...plain,
      policy: { ...plain.policy, ...policy },
      nodes: plain.nodes.map((each) => ({ ...each, fingerprint })),
    },
  );
  const [node] = stage.topology.nodes;
  if (node === undefined) throw new Error('no node');
  await stage.store.setLockedOut('fs-a', 'main#2');
  stage.world.locked.add('fs-a');
  const view = stage.world.instances.get(node.instanceId);
  if (view !== undefined) view.state = instanceState;
  const nowMs = stage.clock.wallMs();
  for (const each of seen) await stage.store.putObservation({ ...each, observedAtMs: nowMs }, nowMs);
  const warnings: string[] = [];
  const deps = { ...stage.deps, log: { ...silentLog, warn: (message: string) => void warnings.push(message) } };
  const back = (guard = () => Promise.resolve()) =>
    returnToService(deps, { node, oldCoreUuids, guard }, DEFAULT_TIMING);
  return { ...stage, view, warnings, back };
}

/** A second VIP, which fs-a held when it failed and still holds: nobody else could take it. */
function alsoHolds(stage: Awaited<ReturnType<typeof failedNode>>, holder: string): void {
  Object.assign(stage.store.vips.get('main') ?? {}, {
    status: 'held',
    holder: { nodeId: holder, coreUuid: 'uuid-fs-a' },
    changedAtMs: stage.clock.wallMs() - 60_000,
  });
}

const running = (coreUuid: string): Observation[] =>
  looks('fs-a', 'ok', 'standby').map((each) => ({ ...each, coreUuid, esl: { ...each.esl, coreUuid } }));

const refused = (): Observation[] => looks('fs-a', 'refused', 'silent');

const silent = (): Observation[] => looks('fs-a', 'silent', 'silent');

const MUTATIONS = /forceStop|start|unlockRole/;
const mutations = ({ world }: Stage): string[] => world.calls.filter((call) => MUTATIONS.test(call));

describe('a failed node', () => {
  it.each([
    ['while EC2 still stops it', 'stopping', []],
    ['while EC2 stops the new process that a majority still sees there', 'stopping', running('uuid-new')],
    ['while it runs and nobody knows whether its old process lives', 'running', []],
    ['while its old process answers', 'running', running('uuid-fs-a')],
    ['while its ports are closed, as those of a process that hangs at its end are', 'running', refused()],
  ])('stays locked out %s', async (_, state, seen) => {
    const stage = await failedNode(state, seen);
    expect(await stage.back()).toMatchObject({ back: false });
    expect(stage.world.locked).toContain('fs-a');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBe('main#2');
  });

  it.each([
    ['once EC2 says stopped', 'stopped', []],
    ['once a majority sees a new process there: our unit kills the old one first', 'running', running('uuid-new')],
  ])('is let in %s', async (_, state, seen) => {
    const stage = await failedNode(state, seen);
    await stage.back();
    expect(stage.world.locked).not.toContain('fs-a');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
  });

  it('stays locked out where nobody knows its old process: the one that a majority sees may be that', async () => {
    const stage = await failedNode('running', running('uuid-fs-a'), {}, 'created by the deployment', []);

    await stage.back();

    expect(stage.world.locked).toContain('fs-a');
    expect(stage.view?.state).toBe('stopping');
  });

  it('whose end nothing proves is stopped, and comes back after that', async () => {
    const stage = await failedNode('running', refused());

    await stage.back();
    expect(stage.view?.state).toBe('stopping');
    await stage.back();
    expect(stage.world.calls.filter((call) => call === 'ec2.forceStop')).toHaveLength(1);
    if (stage.view !== undefined) stage.view.state = 'stopped';
    await stage.back();

    expect(stage.world.locked).not.toContain('fs-a');
    expect(stage.view?.state).toBe('running');
  });

  it('that was adopted is stopped although a majority sees a new process there: the old one may hang beside it', async () => {
    const stage = await failedNode('running', running('uuid-new'), {}, null);

    await stage.back();

    expect(stage.world.locked).toContain('fs-a');
    expect(stage.view?.state).toBe('stopping');
  });

  it('that was adopted is let in once EC2 says stopped', async () => {
    const stage = await failedNode('stopped', [], {}, null);

    await stage.back();

    expect(stage.world.locked).not.toContain('fs-a');
    expect(stage.view?.state).toBe('running');
  });

  it('that the policy keeps running waits for a human, and says what they have to do', async () => {
    const stage = await failedNode('running', refused(), { stopFailedNode: false });

    const result = await stage.back();

    expect(result).toMatchObject({ back: false, why: expect.stringMatching(/stop-instances .* --force --skip-os/) });
    expect(stage.warnings).toEqual(['fs-a waits for a human']);
    expect(stage.world.calls).not.toContain('ec2.forceStop');
    expect(stage.world.locked).toContain('fs-a');
  });

  it('that a human stopped is let in, and started by them', async () => {
    const stage = await failedNode('stopped', [], { stopFailedNode: false });

    expect(await stage.back()).toMatchObject({ back: true, proof: expect.stringContaining('its owner starts it') });
    expect(stage.world.locked).not.toContain('fs-a');
    expect(stage.view?.state).toBe('stopped');
  });

  it.each([
    ['answers', running('uuid-fs-a')],
    ['is merely silent', silent()],
  ])('that may serve another VIP, because it %s, is not stopped under its callers', async (_, seen) => {
    const stage = await failedNode('running', seen);
    alsoHolds(stage, 'fs-a');

    expect(await stage.back()).toMatchObject({ back: false, why: expect.stringContaining('move that VIP away') });
    expect(stage.world.calls).not.toContain('ec2.forceStop');
  });

  /** `second` is to leave fs-a by a planned move to fs-c, which its item names by now. */
  function alsoLeaves(stage: Awaited<ReturnType<typeof failedNode>>, done: StepName[]): void {
    const { store, topology, clock } = stage;
    const to = { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' };
    const both = withSecondVip(topology);
    store.topology = both;
    const move = aMove({ vipId: 'second', to, expectedEpoch: 6 });
    store.transitions.set('second#7', journalOf(move, both, clock.wallMs(), done));
    const changedAtMs = clock.wallMs() - 60_000;
    store.vips.set('second', vipState({ vipId: 'second', epoch: 7, status: 'moving', holder: to, changedAtMs }));
  }

  const OF_BOTH_DEAD = {
    sip: { main: sip('silent'), second: sip('silent') },
    sipMissingSinceMs: { main: NOW - 1_900, second: NOW - 1_900 },
  };
  const served = running('uuid-fs-a').map((each) => ({ ...each, sip: { main: sip('standby'), second: sip('ok') } }));
  it('that serves another VIP whose planned move has taken nothing is not stopped under its callers', async () => {
    const stage = await failedNode('running', served);
    alsoLeaves(stage, []);

    expect(await stage.back()).toMatchObject({
      back: false,
      why: 'fs-a stays out of service, and running while it may serve second, which has not left it',
    });
    expect(stage.world.calls).not.toContain('ec2.forceStop');
  });

  it.each<[string, Observation[], StepName[]]>([
    ['has ended its process', served, ['fence']],
    ['finds it dead', refused().map((each) => ({ ...each, ...OF_BOTH_DEAD })), []],
  ])('that another VIP is to leave by a planned move is stopped once that one %s', async (_, seen, done) => {
    const stage = await failedNode('running', seen);
    alsoLeaves(stage, done);

    await stage.back();

    expect(stage.view?.state).toBe('stopping');
  });

  it('that holds another VIP and is dead is stopped: locked out, it could never come up to serve it', async () => {
    const stage = await failedNode('running', refused());
    alsoHolds(stage, 'fs-a');

    await stage.back();

    expect(stage.view?.state).toBe('stopping');
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

  it('is not back while nobody sees it fit', async () => {
    const stage = await failedNode('running', silent());
    await stage.store.setLockedOut('fs-a', null);
    stage.store.nodes.get('fs-a')?.claims.splice(0);
    expect(await stage.back()).toMatchObject({ back: false, why: expect.stringContaining('not fit yet') });
  });

  it('is back when it holds a VIP again', async () => {
    const stage = await failedNode('running', running('uuid-new'));
    await stage.store.setLockedOut('fs-a', null);
    Object.assign(stage.store.vips.get('main') ?? {}, { holder: { nodeId: 'fs-a', coreUuid: 'uuid-new' } });
    expect(await stage.back()).toEqual({ back: true, proof: 'fs-a is back and holds main' });
  });

  it('is not back by a VIP that is on its way from it', async () => {
    const stage = await failedNode('running', silent());
    await stage.store.setLockedOut('fs-a', null);
    Object.assign(stage.store.nodes.get('fs-a') ?? {}, { claims: ['main'] });
    expect(await stage.back()).toMatchObject({ back: false });
  });

  it.each(['terminated', 'shutting-down'])('whose instance is %s is not waited for', async (state) => {
    const stage = await failedNode(state);
    expect(await stage.back()).toMatchObject({ back: true, proof: expect.stringContaining('nothing to restore') });
    expect(mutations(stage)).toEqual([]);
  });

  it('that the policy does not start is let in, and started by its owner', async () => {
    const stage = await failedNode('stopped', [], { restoreFailedNode: false });

    expect(await stage.back()).toMatchObject({ back: true, proof: expect.stringContaining('its owner starts it') });

    expect(stage.world.locked).not.toContain('fs-a');
    expect(stage.view?.state).toBe('stopped');
  });

  it.each<[string, 'stopped' | 'running', string | null]>([
    ['let in', 'stopped', 'main#2'],
    ['started', 'stopped', null],
    ['stopped', 'running', 'main#2'],
  ])('is not %s when nothing may be touched any more', async (_, state, lockedBy) => {
    const stage = await failedNode(state);
    await stage.store.setLockedOut('fs-a', lockedBy);

    await expect(stage.back(() => Promise.reject(new Error('superseded')))).rejects.toThrow('superseded');

    expect(mutations(stage)).toEqual([]);
  });

  it.each([
    ['the cluster has no database any more', { database: null }],
    ['it has no role of its own', { database }],
  ])('has nothing to be let into where %s, and is in service again', async (_, over) => {
    const stage = await failedNode('stopped');
    if (over.database === null) stage.store.topology = { ...stage.topology, database: null };
    else stage.topology.nodes[0]!.databaseRole = null;

    await stage.back();

    expect(stage.world.calls).not.toContain('node.unlockRole');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
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

  it('stays out of service until it was started: whoever ends in between leaves it to the next look', async () => {
    const stage = await failedNode('stopped');
    Object.assign(stage.store.vips.get('main') ?? {}, { epoch: 5 });
    const look = async (instances: Partial<Stage['deps']['instances']> = {}): Promise<void> => {
      const deps = { ...stage.deps, instances: { ...stage.deps.instances, ...instances } };
      await restoreLeftBehind(deps, await stage.store.readCluster(), DEFAULT_TIMING);
    };
    await look({ start: () => Promise.reject(new Error('throttled')) });
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBe('main#2');

    await look();

    expect(stage.view?.state).toBe('running');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
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

  it('is let in while its journal is stuck: the VIP may need it', async () => {
    const stage = await failedNode('stopped');
    Object.assign(stage.journal(), { status: 'stuck' });
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).not.toContain('fs-a');
    expect(stage.view?.state).toBe('running');
  });

  const servesMain = running('uuid-fs-a').map((each) => ({ ...each, sip: { main: sip('ok') } }));
  it.each<[string, Observation[], StepName[], string]>([
    ['is left running under callers whose address was not taken off it', servesMain, [], 'running'],
    ['is left running while nobody knows whether callers reach it so', silent(), [], 'running'],
    ['is stopped where its address was taken off before that', servesMain, ['detach'], 'stopping'],
    ['is stopped where it is dead', refused(), [], 'stopping'],
  ])('%s, while its journal is stuck', async (_words, seen, done, state) => {
    const stage = await failedNode('running', seen);
    const { steps } = stage.journal();
    for (const step of done) steps[step] = { ...steps[step], status: 'done' };
    Object.assign(stage.journal(), { status: 'stuck' });
    Object.assign(stage.store.vips.get('main') ?? {}, { changedAtMs: stage.clock.wallMs() - 60_000 });

    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);

    expect(stage.view?.state).toBe(state);
  });

  const restoreIs = (stage: Stage, status: StepRecord['status']): void => {
    const { steps } = stage.journal();
    Object.assign(stage.journal(), { status: 'done', steps: { ...steps, restore: { ...steps.restore, status } } });
  };

  it.each<[string, (stage: Stage) => void]>([
    ['that is the present one', () => undefined],
    ['that is done but for this', (stage) => restoreIs(stage, 'pending')],
  ])('is left to its own journal while %s', async (_, given) => {
    const stage = await failedNode('stopped');
    given(stage);
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).toContain('fs-a');
  });

  it.each<[string, (stage: Stage) => void]>([
    ['its own journal has nothing to restore', (stage) => restoreIs(stage, 'skipped')],
    [
      'another VIP is at the epoch of its journal',
      ({ store, topology }) => {
        const [vip] = topology.vips;
        store.topology = { ...topology, vips: [vip!, { ...vip!, id: 'second' }] };
        const main = store.vips.get('main')!;
        store.vips.set('second', { ...main, vipId: 'second' });
        main.epoch = 5;
      },
    ],
  ])('is let in where %s', async (_, given) => {
    const stage = await failedNode('stopped');
    given(stage);
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).not.toContain('fs-a');
  });

  /** The candidate of main#2 died too; main#3 took fs-a out of service, and was left behind as well. */
  function retargeted(stage: Stage, ofTheFirstHolder: string | null): void {
    const first = stage.journal();
    Object.assign(first, { status: 'superseded', from: { nodeId: 'fs-a', coreUuid: ofTheFirstHolder } });
    stage.store.transitions.set('main#3', {
      ...first,
      ...{ id: 'main#3', epoch: 3, from: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } },
      ...{ status: 'done', chain: { rootEpoch: 2, retargets: 1 } },
    });
    Object.assign(stage.store.nodes.get('fs-a') ?? {}, { lockedBy: 'main#3' });
    Object.assign(stage.store.vips.get('main') ?? {}, { epoch: 5, holder: { nodeId: 'fs-c', coreUuid: 'c' } });
  }

  it('is let in by a new process where a predecessor of that journal knew the old one', async () => {
    const stage = await failedNode('running', running('uuid-new'));
    retargeted(stage, 'uuid-fs-a');
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).not.toContain('fs-a');
  });

  it('is not let in because its process is another than that of another node', async () => {
    const stage = await failedNode('running', running('uuid-fs-a'));
    retargeted(stage, null);
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).toContain('fs-a');
  });

  it('by a journal that nobody has any more is let in, and not while the cluster is paused', async () => {
    const stage = await failedNode('stopped');
    stage.store.transitions.clear();
    await stage.store.setPaused({ kind: 'cluster' }, true, 'maintenance');
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(mutations(stage)).toEqual([]);
    expect(stage.world.metrics).not.toContain('ConvergenceErrors');

    await stage.store.setPaused({ kind: 'cluster' }, false, null);
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.locked).not.toContain('fs-a');
  });

  it.each([
    ['its journal', () => undefined],
    ['a journal that nobody has any more', (stage: Stage) => stage.store.transitions.clear()],
  ])('by %s is left alone where the cluster is paused after it was looked at', async (_, given) => {
    const stage = await failedNode('stopped');
    Object.assign(stage.store.vips.get('main') ?? {}, { epoch: 5 });
    given(stage);
    const snapshot = await stage.store.readCluster();
    await stage.store.setPaused({ kind: 'cluster' }, true, 'maintenance');

    await restoreLeftBehind(stage.deps, snapshot, DEFAULT_TIMING);

    expect(mutations(stage)).toEqual([]);
  });

  it('is the only one that is looked at: those in service are left alone', async () => {
    const stage = await failedNode('running', running('uuid-fs-a'));
    await stage.store.setLockedOut('fs-a', null);
    const before = stage.world.calls.length;
    await restoreLeftBehind(stage.deps, await stage.store.readCluster(), DEFAULT_TIMING);
    expect(stage.world.calls.slice(before)).toEqual([]);
    expect(stage.world.metrics).not.toContain('ConvergenceErrors');
  });
});
