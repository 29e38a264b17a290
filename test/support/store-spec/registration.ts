import { NotRegistered } from '../../../lib/domain/errors';
import type { ClusterControl, NodeState, VipState } from '../../../lib/domain/model';
import { anObservation, aTopology } from '../store-fixtures';
import { HOLDER_A, HOLDER_B, NOW, failover, firstAssignment, nodeIn, vipIn, type Stage } from './stage';

export function specifyRegistration(stage: Stage): void {
  const { givenHeldByA, givenRegistered, decided } = stage;

  describe('registration', () => {
    it('refuses to read a table that nothing was registered in', async () => {
      await expect(stage.store.readCluster()).rejects.toBeInstanceOf(NotRegistered);
      await expect(stage.store.readTopology()).rejects.toBeInstanceOf(NotRegistered);
      await expect(stage.store.readStanding('main', NOW)).rejects.toBeInstanceOf(NotRegistered);
      await expect(stage.store.setPaused({ kind: 'cluster' }, true, null)).rejects.toBeInstanceOf(NotRegistered);
    });

    it('refuses to read a cluster of which nobody knows whether it is paused', async () => {
      await stage.store.putTopology(aTopology());
      await expect(stage.store.readCluster()).rejects.toBeInstanceOf(NotRegistered);
    });

    it('creates what is missing and leaves what is there', async () => {
      await stage.store.putTopology(aTopology());
      await stage.store.ensureItems(aTopology(), {
        paused: true,
        reason: 'new table',
        epochs: { main: 6 },
        atMs: NOW,
      });
      await stage.store.setPaused({ kind: 'node', id: 'fs-a' }, true, 'repair');
      await stage.store.ensureItems(aTopology(), { paused: false, reason: null, epochs: { main: 0 }, atMs: NOW + 1 });

      const snapshot = await stage.store.readCluster();

      expect(snapshot.topology).toEqual(aTopology());
      expect(await stage.store.readTopology()).toEqual(aTopology());
      expect(snapshot.control).toEqual({
        paused: true,
        pausedReason: 'new table',
        pausedUntilMs: null,
        transitionsInFlight: 0,
      });
      expect(vipIn(snapshot)).toEqual({
        vipId: 'main',
        epoch: 6,
        holder: null,
        status: 'unassigned',
        changedAtMs: NOW,
        paused: false,
        pausedUntilMs: null,
        lastAutomaticFailoverAtMs: null,
        recentFailoversAtMs: [],
        failoverEvents: {},
        acknowledgedAtMs: null,
      });
      const untouched = { pausedUntilMs: null, claims: [], lockedBy: null };
      expect(nodeIn(snapshot, 'fs-a')).toEqual({ nodeId: 'fs-a', paused: true, ...untouched });
      expect(nodeIn(snapshot, 'fs-b')).toEqual({ nodeId: 'fs-b', paused: false, ...untouched });
    });

    it('leaves nodes and VIPs out of the snapshot that the topology does not name any more', async () => {
      await givenRegistered();
      await stage.store.putObservation(anObservation('fs-b', 'z1', NOW), NOW);
      await stage.store.putInstanceEvidence({ nodeId: 'fs-b', state: 'running', atMs: NOW });
      const smaller = aTopology();
      smaller.nodes = smaller.nodes.filter((node) => node.id !== 'fs-b');
      smaller.vips = smaller.vips.filter((vip) => vip.id === 'main');
      await stage.store.putTopology(smaller);

      const snapshot = await stage.store.readCluster();

      expect(snapshot.nodes.map((node) => node.nodeId).sort()).toEqual(['fs-a', 'fs-c']);
      expect(snapshot.vips.map((vip) => vip.vipId)).toEqual(['main']);
      expect(snapshot.observations).toEqual([]);
      expect(snapshot.instances).toEqual([]);
    });

    it('pauses and resumes cluster, VIP and node, and refuses names it does not know', async () => {
      await givenRegistered();
      await stage.store.setPaused({ kind: 'cluster' }, true, 'maintenance');
      await stage.store.setPaused({ kind: 'vip', id: 'main' }, true, null);
      expect((await stage.store.readCluster()).control).toMatchObject({ paused: true, pausedReason: 'maintenance' });
      expect(vipIn(await stage.store.readCluster())?.paused).toBe(true);

      await stage.store.setPaused({ kind: 'cluster' }, false, null);
      expect((await stage.store.readCluster()).control).toMatchObject({ paused: false, pausedReason: null });
      await expect(stage.store.setPaused({ kind: 'vip', id: 'nope' }, true, null)).rejects.toBeInstanceOf(
        NotRegistered,
      );
      await expect(stage.store.acknowledge('nope', NOW)).rejects.toBeInstanceOf(NotRegistered);
    });

    it.each([
      { kind: 'cluster' as const },
      { kind: 'vip' as const, id: 'main' },
      { kind: 'node' as const, id: 'fs-a' },
    ])('keeps the end of a maintenance window of %o until it is resumed, or paused without an end', async (subject) => {
      await givenRegistered();
      const read = async (): Promise<ClusterControl | VipState | NodeState | undefined> => {
        const snapshot = await stage.store.readCluster();
        if (subject.kind === 'cluster') return snapshot.control;
        return subject.kind === 'vip' ? vipIn(snapshot, subject.id) : nodeIn(snapshot, subject.id);
      };
      await stage.store.setPaused(subject, true, 'new disk', NOW + 60_000);
      expect(await read()).toMatchObject({ paused: true, pausedUntilMs: NOW + 60_000 });

      await stage.store.setPaused(subject, true, 'it takes longer');
      expect(await read()).toMatchObject({ paused: true, pausedUntilMs: null });

      await stage.store.setPaused(subject, true, 'new disk', NOW + 90_000);
      await stage.store.setPaused(subject, false, null);
      expect(await read()).toMatchObject({ paused: false, pausedUntilMs: null });
    });

    it.each([
      ['cluster', { kind: 'cluster' as const }, 'the cluster is paused: new disk, '],
      ['VIP', { kind: 'vip' as const, id: 'main' }, 'main is paused, '],
    ])('says that the %s is paused inside its window, and not from its end on', async (_, subject, words) => {
      await givenRegistered();
      await stage.store.setPaused(subject, true, 'new disk', NOW + 60_000);
      const until = `until ${new Date(NOW + 60_000).toISOString()}`;
      expect(await stage.store.readStanding('main', NOW + 59_999)).toEqual({ epoch: 0, paused: words + until });
      expect(await stage.store.readStanding('main', NOW + 60_000)).toEqual({ epoch: 0, paused: null });
    });

    it('says that a node is paused inside its window where it is named, and nothing of one that is not', async () => {
      await givenRegistered();
      await stage.store.setPaused({ kind: 'node', id: 'fs-a' }, true, 'new disk', NOW + 60_000);
      const pausedAt = async (nowMs: number, ...nodeIds: string[]) =>
        (await stage.store.readStanding('main', nowMs, nodeIds)).paused;
      const words = `fs-a is paused, until ${new Date(NOW + 60_000).toISOString()}`;
      expect(await pausedAt(NOW, 'fs-b', 'fs-a')).toBe(words);
      expect(await pausedAt(NOW + 60_000, 'fs-a')).toBeNull();
      expect(await pausedAt(NOW, 'fs-b', 'no-such-node')).toBeNull();
      expect(await pausedAt(NOW)).toBeNull();
    });

    it('says of two pauses when each ends: the longer one counts', async () => {
      await givenRegistered();
      await stage.store.setPaused({ kind: 'cluster' }, true, 'new disk', NOW + 60_000);
      await stage.store.setPaused({ kind: 'vip', id: 'main' }, true, 'drained');
      const { paused } = await stage.store.readStanding('main', NOW);
      expect(paused).toMatch(/^the cluster is paused: new disk, until 20.*Z; main is paused, until it is resumed$/);
    });

    it('takes a node out of service and lets it in again, and leaves its pause and its claims alone', async () => {
      await givenHeldByA();
      await stage.store.setPaused({ kind: 'node', id: 'fs-a' }, true, 'repair');

      await stage.store.setLockedOut('fs-a', 'main#2');
      const out = nodeIn(await stage.store.readCluster(), 'fs-a');
      await stage.store.setLockedOut('fs-a', null);
      const back = nodeIn(await stage.store.readCluster(), 'fs-a');

      const paused = { nodeId: 'fs-a', paused: true, pausedUntilMs: null, claims: ['main'] };
      expect(out).toEqual({ ...paused, lockedBy: 'main#2' });
      expect(back).toEqual({ ...paused, lockedBy: null });
      await expect(stage.store.setLockedOut('nope', 'main#2')).rejects.toBeInstanceOf(NotRegistered);
    });

    it('keeps a node out of service when the deployment registers again', async () => {
      await givenHeldByA();
      await stage.store.setLockedOut('fs-b', 'main#1');
      await givenRegistered();
      expect(nodeIn(await stage.store.readCluster(), 'fs-b')?.lockedBy).toBe('main#1');
    });

    it('raises an epoch that is behind the world, and never lowers one', async () => {
      await givenHeldByA();
      await stage.store.adoptEpoch('main', 1, NOW);
      expect(vipIn(await stage.store.readCluster())).toMatchObject({ epoch: 1, holder: HOLDER_A });

      await stage.store.adoptEpoch('main', 8, NOW + 9);

      const raised = { epoch: 8, holder: null, status: 'unassigned', changedAtMs: NOW + 9 };
      expect(vipIn(await stage.store.readCluster())).toMatchObject(raised);
      await stage.store.adoptEpoch('main', 5, NOW + 10);
      expect(vipIn(await stage.store.readCluster())).toMatchObject(raised);
      await expect(stage.store.adoptEpoch('nope', 8, NOW)).rejects.toBeInstanceOf(NotRegistered);
    });

    it('counts a transition down that was open when the table was saved', async () => {
      await givenHeldByA();
      await decided(failover());
      await stage.store.takeTransitionLease('main#2', 'converger', NOW, NOW + 9000);
      await stage.store.adoptEpoch('main', 8, NOW);
      expect((await stage.store.readCluster()).control.transitionsInFlight).toBe(0);
      const superseded = { status: 'superseded', closedAtMs: NOW, lease: null };
      expect(await stage.store.readTransition('main', 2)).toMatchObject(superseded);
    });

    it('leaves a transition alone that was closed by then', async () => {
      await givenHeldByA();
      await decided(firstAssignment('second', HOLDER_B));
      await stage.store.adoptEpoch('main', 8, NOW);
      expect((await stage.store.readCluster()).control.transitionsInFlight).toBe(1);
      expect(await stage.store.readTransition('main', 1)).toMatchObject({ status: 'done', closedAtMs: NOW + 500 });
    });
  });
}
