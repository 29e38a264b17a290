/**
 * What a StateStore must do, as one suite that runs against the store in memory and against DynamoDB. `open` gives an
 * empty store each time.
 */
import { NotRegistered } from '../../lib/domain/errors';
import type {
  CallsLedger,
  ClusterControl,
  ClusterSnapshot,
  Holder,
  Incident,
  NodeState,
  Observation,
  ObserverLease,
  StepRecord,
  VipState,
} from '../../lib/domain/model';
import { transitionId } from '../../lib/domain/model';
import { CLOCKS_APART_MS } from '../../lib/domain/voters';
import { LATER_STEPS } from '../../lib/domain/transition';
import type { DecisionWrite, StateStore } from '../../lib/domain/ports';
import { anObservation, aTopology, aTransition } from './store-fixtures';

const NOW = 1_800_000_000_000;
const HOLDER_A = { nodeId: 'fs-a', coreUuid: 'uuid-a' };
const HOLDER_B = { nodeId: 'fs-b', coreUuid: 'uuid-b' };
const DONE: StepRecord = {
  status: 'done',
  attempts: 1,
  startedAtMs: NOW,
  finishedAtMs: NOW + 5,
  proof: 'read back',
  error: null,
};

export function specifyStateStore(open: () => Promise<StateStore> | StateStore): void {
  let store: StateStore;

  beforeEach(async () => {
    store = await open();
  });

  /** Topology, items, unpaused; VIP `main` held by fs-a at epoch 1. */
  async function givenHeldByA(): Promise<void> {
    await givenRegistered();
    await decided(firstAssignment());
    await closed('main#1', HOLDER_A);
  }

  async function givenRegistered(paused = false): Promise<void> {
    await store.putTopology(aTopology());
    await store.ensureItems(aTopology(), { paused, reason: paused ? 'new table' : null, epochs: {}, atMs: 0 });
  }

  const write = (over: Partial<DecisionWrite> & Pick<DecisionWrite, 'transition'>): DecisionWrite => ({
    expectedEpoch: over.transition.epoch - 1,
    startsBlock: false,
    maxVipsPerNode: 1,
    maxTransitionsInFlight: 10,
    supersedes: null,
    ...over,
  });

  const firstAssignment = (vipId = 'main', to = HOLDER_A): DecisionWrite =>
    write({ transition: aTransition({ vipId, epoch: 1, kind: 'assignment', from: null, to }) });

  const failover = (decidedBy = 'observer-1', over: Partial<DecisionWrite> = {}): DecisionWrite =>
    write({
      transition: aTransition({ vipId: 'main', epoch: 2, from: HOLDER_A, to: HOLDER_B, decidedAtMs: NOW, decidedBy }),
      startsBlock: true,
      ...over,
    });

  async function decided(decision: DecisionWrite): Promise<void> {
    expect(await store.decide(decision)).toEqual({ outcome: 'written' });
  }

  async function closed(id: string, holder: Holder): Promise<void> {
    await store.takeTransitionLease(id, 'closer', NOW, NOW + 1000);
    expect(await store.closeTransition(id, 'closer', 'done', holder, NOW + 500)).toBe(true);
    await store.releaseTransitionLease(id, 'closer');
  }

  const vipIn = (snapshot: ClusterSnapshot, id = 'main'): VipState | undefined =>
    snapshot.vips.find((vip) => vip.vipId === id);
  const nodeIn = (snapshot: ClusterSnapshot, id: string): NodeState | undefined =>
    snapshot.nodes.find((node) => node.nodeId === id);
  const claims = async (): Promise<Record<string, string[]>> =>
    Object.fromEntries((await store.readCluster()).nodes.map((node) => [node.nodeId, node.claims]));

  describe('registration', () => {
    it('refuses to read a table that nothing was registered in', async () => {
      await expect(store.readCluster()).rejects.toBeInstanceOf(NotRegistered);
      await expect(store.readTopology()).rejects.toBeInstanceOf(NotRegistered);
      await expect(store.readStanding('main', NOW)).rejects.toBeInstanceOf(NotRegistered);
      await expect(store.setPaused({ kind: 'cluster' }, true, null)).rejects.toBeInstanceOf(NotRegistered);
    });

    it('refuses to read a cluster of which nobody knows whether it is paused', async () => {
      await store.putTopology(aTopology());
      await expect(store.readCluster()).rejects.toBeInstanceOf(NotRegistered);
    });

    it('creates what is missing and leaves what is there', async () => {
      await store.putTopology(aTopology());
      await store.ensureItems(aTopology(), { paused: true, reason: 'new table', epochs: { main: 6 }, atMs: NOW });
      await store.setPaused({ kind: 'node', id: 'fs-a' }, true, 'repair');
      await store.ensureItems(aTopology(), { paused: false, reason: null, epochs: { main: 0 }, atMs: NOW + 1 });

      const snapshot = await store.readCluster();

      expect(snapshot.topology).toEqual(aTopology());
      expect(await store.readTopology()).toEqual(aTopology());
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
        acknowledgedAtMs: null,
      });
      const untouched = { pausedUntilMs: null, claims: [], lockedBy: null };
      expect(nodeIn(snapshot, 'fs-a')).toEqual({ nodeId: 'fs-a', paused: true, ...untouched });
      expect(nodeIn(snapshot, 'fs-b')).toEqual({ nodeId: 'fs-b', paused: false, ...untouched });
    });

    it('leaves nodes and VIPs out of the snapshot that the topology does not name any more', async () => {
      await givenRegistered();
      await store.putObservation(anObservation('fs-b', 'z1', NOW), NOW);
      await store.putInstanceEvidence({ nodeId: 'fs-b', state: 'running', atMs: NOW });
      const smaller = aTopology();
      smaller.nodes = smaller.nodes.filter((node) => node.id !== 'fs-b');
      smaller.vips = smaller.vips.filter((vip) => vip.id === 'main');
      await store.putTopology(smaller);

      const snapshot = await store.readCluster();

      expect(snapshot.nodes.map((node) => node.nodeId).sort()).toEqual(['fs-a', 'fs-c']);
      expect(snapshot.vips.map((vip) => vip.vipId)).toEqual(['main']);
      expect(snapshot.observations).toEqual([]);
      expect(snapshot.instances).toEqual([]);
    });

    it('pauses and resumes cluster, VIP and node, and refuses names it does not know', async () => {
      await givenRegistered();
      await store.setPaused({ kind: 'cluster' }, true, 'maintenance');
      await store.setPaused({ kind: 'vip', id: 'main' }, true, null);
      expect((await store.readCluster()).control).toMatchObject({ paused: true, pausedReason: 'maintenance' });
      expect(vipIn(await store.readCluster())?.paused).toBe(true);

      await store.setPaused({ kind: 'cluster' }, false, null);
      expect((await store.readCluster()).control).toMatchObject({ paused: false, pausedReason: null });
      await expect(store.setPaused({ kind: 'vip', id: 'nope' }, true, null)).rejects.toBeInstanceOf(NotRegistered);
      await expect(store.acknowledge('nope', NOW)).rejects.toBeInstanceOf(NotRegistered);
    });

    it.each([
      { kind: 'cluster' as const },
      { kind: 'vip' as const, id: 'main' },
      { kind: 'node' as const, id: 'fs-a' },
    ])('keeps the end of a maintenance window of %o until it is resumed, or paused without an end', async (subject) => {
      await givenRegistered();
      const read = async (): Promise<ClusterControl | VipState | NodeState | undefined> => {
        const snapshot = await store.readCluster();
        if (subject.kind === 'cluster') return snapshot.control;
        return subject.kind === 'vip' ? vipIn(snapshot, subject.id) : nodeIn(snapshot, subject.id);
      };
      await store.setPaused(subject, true, 'new disk', NOW + 60_000);
      expect(await read()).toMatchObject({ paused: true, pausedUntilMs: NOW + 60_000 });

      await store.setPaused(subject, true, 'it takes longer');
      expect(await read()).toMatchObject({ paused: true, pausedUntilMs: null });

      await store.setPaused(subject, true, 'new disk', NOW + 90_000);
      await store.setPaused(subject, false, null);
      expect(await read()).toMatchObject({ paused: false, pausedUntilMs: null });
    });

    it.each([
      ['cluster', { kind: 'cluster' as const }, 'the cluster is paused: new disk, '],
      ['VIP', { kind: 'vip' as const, id: 'main' }, 'main is paused, '],
    ])('says that the %s is paused inside its window, and not from its end on', async (_, subject, words) => {
      await givenRegistered();
      await store.setPaused(subject, true, 'new disk', NOW + 60_000);
      const until = `until ${new Date(NOW + 60_000).toISOString()}`;
      expect(await store.readStanding('main', NOW + 59_999)).toEqual({ epoch: 0, paused: words + until });
      expect(await store.readStanding('main', NOW + 60_000)).toEqual({ epoch: 0, paused: null });
    });

    it('says of two pauses when each ends: the longer one counts', async () => {
      await givenRegistered();
      await store.setPaused({ kind: 'cluster' }, true, 'new disk', NOW + 60_000);
      await store.setPaused({ kind: 'vip', id: 'main' }, true, 'drained');
      const { paused } = await store.readStanding('main', NOW);
      expect(paused).toMatch(/^the cluster is paused: new disk, until 20.*Z; main is paused, until it is resumed$/);
    });

    it('takes a node out of service and lets it in again, and leaves its pause and its claims alone', async () => {
      await givenHeldByA();
      await store.setPaused({ kind: 'node', id: 'fs-a' }, true, 'repair');

      await store.setLockedOut('fs-a', 'main#2');
      const out = nodeIn(await store.readCluster(), 'fs-a');
      await store.setLockedOut('fs-a', null);
      const back = nodeIn(await store.readCluster(), 'fs-a');

      const paused = { nodeId: 'fs-a', paused: true, pausedUntilMs: null, claims: ['main'] };
      expect(out).toEqual({ ...paused, lockedBy: 'main#2' });
      expect(back).toEqual({ ...paused, lockedBy: null });
      await expect(store.setLockedOut('nope', 'main#2')).rejects.toBeInstanceOf(NotRegistered);
    });

    it('keeps a node out of service when the deployment registers again', async () => {
      await givenHeldByA();
      await store.setLockedOut('fs-b', 'main#1');
      await givenRegistered();
      expect(nodeIn(await store.readCluster(), 'fs-b')?.lockedBy).toBe('main#1');
    });

    it('raises an epoch that is behind the world, and never lowers one', async () => {
      await givenHeldByA();
      await store.adoptEpoch('main', 1, NOW);
      expect(vipIn(await store.readCluster())).toMatchObject({ epoch: 1, holder: HOLDER_A });

      await store.adoptEpoch('main', 8, NOW + 9);

      const raised = { epoch: 8, holder: null, status: 'unassigned', changedAtMs: NOW + 9 };
      expect(vipIn(await store.readCluster())).toMatchObject(raised);
      await store.adoptEpoch('main', 5, NOW + 10);
      expect(vipIn(await store.readCluster())).toMatchObject(raised);
      await expect(store.adoptEpoch('nope', 8, NOW)).rejects.toBeInstanceOf(NotRegistered);
    });

    it('counts a transition down that was open when the table was saved', async () => {
      await givenHeldByA();
      await decided(failover());
      await store.takeTransitionLease('main#2', 'converger', NOW, NOW + 9000);
      await store.adoptEpoch('main', 8, NOW);
      expect((await store.readCluster()).control.transitionsInFlight).toBe(0);
      const superseded = { status: 'superseded', closedAtMs: NOW, lease: null };
      expect(await store.readTransition('main', 2)).toMatchObject(superseded);
    });

    it('leaves a transition alone that was closed by then', async () => {
      await givenHeldByA();
      await decided(firstAssignment('second', HOLDER_B));
      await store.adoptEpoch('main', 8, NOW);
      expect((await store.readCluster()).control.transitionsInFlight).toBe(1);
      expect(await store.readTransition('main', 1)).toMatchObject({ status: 'done', closedAtMs: NOW + 500 });
    });
  });

  describe('observing', () => {
    it('keeps one look per node and zone, the newer one', async () => {
      await givenRegistered();
      const newer = anObservation('fs-a', 'z1', NOW + 1000);
      await store.putObservation(anObservation('fs-a', 'z1', NOW), NOW);
      await store.putObservation(newer, NOW + 1000);
      await store.putObservation(anObservation('fs-a', 'z1', NOW + 10), NOW + 60_000);
      await store.putObservation(anObservation('fs-a', 'z2', NOW), NOW);

      const { observations } = await store.readCluster();

      const inOrder = (a: Observation, b: Observation): number => a.zone.localeCompare(b.zone);
      expect(observations.sort(inOrder)).toEqual([newer, anObservation('fs-a', 'z2', NOW)]);
    });

    it('keeps no look that a wrong clock dated ahead', async () => {
      await givenRegistered();
      const right = anObservation('fs-a', 'z1', NOW);
      await store.putObservation(anObservation('fs-a', 'z1', NOW + 3_600_000), NOW + 3_600_000);
      await store.putObservation(right, NOW);

      expect((await store.readCluster()).observations).toEqual([right]);
    });

    it('keeps a newer look of a clock that is only a little ahead', async () => {
      await givenRegistered();
      const ahead = anObservation('fs-a', 'z1', NOW + CLOCKS_APART_MS);
      await store.putObservation(ahead, NOW + CLOCKS_APART_MS);
      await store.putObservation(anObservation('fs-a', 'z1', NOW), NOW);

      expect((await store.readCluster()).observations).toEqual([ahead]);
    });

    it('keeps the newest state of an instance, however EventBridge orders them', async () => {
      await givenRegistered();
      await store.putInstanceEvidence({ nodeId: 'fs-a', state: 'stopped', atMs: NOW + 5 });
      await store.putInstanceEvidence({ nodeId: 'fs-a', state: 'stopping', atMs: NOW });
      expect((await store.readCluster()).instances).toEqual([{ nodeId: 'fs-a', state: 'stopped', atMs: NOW + 5 }]);
    });

    it('takes back what was said of an instance only where that still stands', async () => {
      await givenRegistered();
      const stateNow = async () => (await store.readCluster()).instances.map(({ state }) => state);
      await store.putInstanceEvidence({ nodeId: 'fs-a', state: 'running', atMs: NOW }, 'impaired');
      expect(await stateNow()).toEqual([]);
      await store.putInstanceEvidence({ nodeId: 'fs-a', state: 'impaired', atMs: NOW + 1 });
      await store.putInstanceEvidence({ nodeId: 'fs-a', state: 'running', atMs: NOW }, 'impaired');
      expect(await stateNow()).toEqual(['impaired']);
      await store.putInstanceEvidence({ nodeId: 'fs-a', state: 'running', atMs: NOW + 2 }, 'impaired');
      expect(await stateNow()).toEqual(['running']);
    });

    const lease = (owner: string, renewedAtMs: number): ObserverLease => ({
      zone: 'z1',
      owner,
      startedAtMs: NOW,
      renewedAtMs,
      untilMs: renewedAtMs + 3000,
      codeVersion: 'c1',
      topologyVersion: 't1',
    });
    const never = (): boolean => false;

    it('gives the lease of a zone to the first, and renews it for its owner', async () => {
      await givenRegistered();
      expect(await store.takeObserverLease(lease('one', NOW), never)).toMatchObject({ taken: true });
      const refused = await store.takeObserverLease(lease('two', NOW + 1), never);
      expect(refused).toEqual({ taken: false, current: lease('one', NOW) });
      expect(await store.takeObserverLease(lease('one', NOW + 1000), never)).toMatchObject({ taken: true });
      expect((await store.readCluster()).leases).toEqual([lease('one', NOW + 1000)]);
    });

    it('gives a lease that ran out to the next, and one that may be taken', async () => {
      await givenRegistered();
      await store.takeObserverLease(lease('one', NOW), never);
      expect(await store.takeObserverLease(lease('two', NOW + 3000), never)).toMatchObject({ taken: true });
      const asked: string[] = [];
      const always = (current: ObserverLease): boolean => asked.push(current.owner) > 0;
      expect(await store.takeObserverLease(lease('three', NOW + 3001), always)).toEqual({
        taken: true,
        current: lease('three', NOW + 3001),
      });
      expect(asked).toEqual(['two']);
    });

    it('gives a dead lease to exactly one of many', async () => {
      await givenRegistered();
      await store.takeObserverLease(lease('dead', NOW - 60_000), never);
      const owners = Array.from({ length: 10 }, (_, index) => `challenger-${index}`);
      const answers = await Promise.all(owners.map((owner) => store.takeObserverLease(lease(owner, NOW), never)));
      expect(answers.filter((each) => each.taken)).toHaveLength(1);
    });

    it('lets exactly one of many take a living lease that all of them may take', async () => {
      await givenRegistered();
      await store.takeObserverLease(lease('incumbent', NOW), never);
      const owners = Array.from({ length: 10 }, (_, index) => `challenger-${index}`);
      const fromIncumbent = (current: ObserverLease): boolean => current.owner === 'incumbent';
      const answers = await Promise.all(
        owners.map((owner) => store.takeObserverLease(lease(owner, NOW + 1), fromIncumbent)),
      );
      expect(answers.filter((each) => each.taken)).toHaveLength(1);
    });
  });

  describe('deciding', () => {
    it('moves the VIP, claims the candidate, counts up and creates the journal at once', async () => {
      await givenHeldByA();
      const decision = failover();

      await decided(decision);

      const snapshot = await store.readCluster();
      expect(vipIn(snapshot)).toMatchObject({
        epoch: 2,
        status: 'moving',
        holder: HOLDER_B,
        changedAtMs: NOW,
        lastAutomaticFailoverAtMs: NOW,
        recentFailoversAtMs: [NOW],
      });
      expect(snapshot.control.transitionsInFlight).toBe(1);
      expect(await claims()).toEqual({ 'fs-a': ['main'], 'fs-b': ['main'], 'fs-c': [] });
      expect(await store.readTransition('main', 2)).toEqual(decision.transition);
      expect(await store.readStanding('main', NOW)).toEqual({ epoch: 2, paused: null });
      expect(await store.listUnfinishedTransitions()).toEqual([decision.transition]);
    });

    it('lets exactly one of twenty writers decide', async () => {
      await givenHeldByA();
      const writers = Array.from({ length: 20 }, (_, index) => failover(`observer-${index}`));
      const outcomes = await Promise.all(writers.map((each) => store.decide(each)));
      expect(outcomes.filter((each) => each.outcome === 'written')).toHaveLength(1);
      const winner = writers[outcomes.findIndex((each) => each.outcome === 'written')];
      expect((await store.readTransition('main', 2))?.decidedBy).toBe(winner?.transition.decidedBy);
      expect((await store.readCluster()).control.transitionsInFlight).toBe(1);
    });

    it('answers the same decision again as written: its first answer may have been lost', async () => {
      await givenHeldByA();
      await decided(failover('observer-1'));
      await decided(failover('observer-1'));
      expect((await store.readCluster()).control.transitionsInFlight).toBe(1);
      expect(await store.decide(failover('observer-2'))).toMatchObject({ outcome: 'refused' });
    });

    it('keeps the failovers that the VIP had beside the new one, and forgets those of days ago', async () => {
      await givenHeldByA();
      const days = [NOW - 86_400_000, NOW - 86_399_999, NOW - 660_000];
      await decided(failover('observer-1', { failoversBefore: days }));
      expect(vipIn(await store.readCluster())?.recentFailoversAtMs).toEqual([NOW - 86_399_999, NOW - 660_000, NOW]);
    });

    it('starts no block period for what is exempt from it, and keeps an older one', async () => {
      await givenHeldByA();
      await decided(failover('observer-1', { startsBlock: false }));
      expect(vipIn(await store.readCluster())).toMatchObject({
        lastAutomaticFailoverAtMs: null,
        recentFailoversAtMs: [],
      });
      await store.acknowledge('main', NOW + 7);
      expect(vipIn(await store.readCluster())?.acknowledgedAtMs).toBe(NOW + 7);
    });

    it.each([0, 2, 4])(
      'refuses a write of epoch 2 that does not follow the epoch it read: %d',
      async (expectedEpoch) => {
        await givenHeldByA();
        await expect(store.decide(failover('observer-1', { expectedEpoch }))).rejects.toBeInstanceOf(RangeError);
      },
    );

    describe('names the clause that refused it', () => {
      const refusal = async (decision: DecisionWrite): Promise<unknown> => {
        const before = await store.readCluster();
        const outcome = await store.decide(decision);
        expect(await store.readCluster()).toEqual(before);
        return outcome;
      };
      const refused = (...clauses: string[]): unknown => ({ outcome: 'refused', clauses });

      beforeEach(givenHeldByA);

      it('vip-has-expected-epoch', async () => {
        const early = aTransition({ vipId: 'main', epoch: 4, from: HOLDER_A, to: HOLDER_B });
        expect(await refusal(write({ transition: early }))).toEqual(refused('vip-has-expected-epoch'));
      });

      it('vip-has-expected-epoch and journal-absent, for who comes second', async () => {
        await decided(failover('first'));
        const second = await refusal(failover('second'));
        expect(second).toMatchObject({
          outcome: 'refused',
          clauses: expect.arrayContaining(['vip-has-expected-epoch', 'journal-absent']) as unknown,
        });
      });

      it('cluster-not-paused', async () => {
        await store.setPaused({ kind: 'cluster' }, true, 'maintenance');
        expect(await refusal(failover())).toEqual(refused('cluster-not-paused'));
      });

      it('vip-not-paused', async () => {
        await store.setPaused({ kind: 'vip', id: 'main' }, true, null);
        expect(await refusal(failover())).toEqual(refused('vip-not-paused'));
      });

      it('candidate-not-paused', async () => {
        await store.setPaused({ kind: 'node', id: 'fs-b' }, true, null);
        expect(await refusal(failover())).toEqual(refused('candidate-not-paused'));
      });

      it.each([
        ['cluster-not-paused', { kind: 'cluster' as const }],
        ['vip-not-paused', { kind: 'vip' as const, id: 'main' }],
        ['candidate-not-paused', { kind: 'node' as const, id: 'fs-b' }],
      ])('%s, until the moment at which the maintenance window ends', async (clause, subject) => {
        await store.setPaused(subject, true, 'new disk', NOW + 1);
        expect(await refusal(failover())).toEqual(refused(clause));
        await store.setPaused(subject, true, 'new disk', NOW);
        await decided(failover());
      });

      it('candidate-in-service, until it is let in again', async () => {
        await store.setLockedOut('fs-b', 'second#4');
        expect(await refusal(failover())).toEqual(refused('candidate-in-service'));
        await store.setLockedOut('fs-b', null);
        await decided(failover());
      });

      it('candidate-in-service, but lets a holder be reinstated that lost another VIP', async () => {
        await store.setLockedOut('fs-a', 'second#4');
        const again = aTransition({ vipId: 'main', epoch: 2, kind: 'reinstatement', from: HOLDER_A, to: HOLDER_A });
        await decided(write({ transition: again }));
      });

      it('candidate-free, and lets it in where the policy allows one more', async () => {
        await decided(firstAssignment('second', HOLDER_B));
        expect(await refusal(failover())).toEqual(refused('candidate-free'));
        await decided(failover('observer-1', { maxVipsPerNode: 2 }));
        expect((await claims())['fs-b']).toEqual(['main', 'second']);
      });

      it('below-transition-cap', async () => {
        await decided(firstAssignment('second', { nodeId: 'fs-c', coreUuid: 'uuid-c' }));
        expect(await refusal(failover('observer-1', { maxTransitionsInFlight: 1 }))).toEqual(
          refused('below-transition-cap'),
        );
      });

      it('superseded-journal-open', async () => {
        expect(await refusal(failover('observer-1', { supersedes: 'main#1' }))).toEqual(
          refused('superseded-journal-open'),
        );
      });

      it('previous-journal-closed: only a retargeting may follow an open transition', async () => {
        await decided(failover());
        const next = aTransition({ vipId: 'main', epoch: 3, from: HOLDER_B, to: { nodeId: 'fs-c', coreUuid: null } });
        expect(await refusal(write({ transition: next }))).toEqual(refused('previous-journal-closed'));
      });

      it('all of them at once', async () => {
        await store.setPaused({ kind: 'cluster' }, true, null);
        await store.setPaused({ kind: 'vip', id: 'main' }, true, null);
        const outcome = await refusal(failover('observer-1', { maxTransitionsInFlight: 0 }));
        expect(outcome).toMatchObject({
          clauses: expect.arrayContaining(['cluster-not-paused', 'below-transition-cap', 'vip-not-paused']) as unknown,
        });
      });
    });
  });

  describe('retargeting', () => {
    const toC = { nodeId: 'fs-c', coreUuid: null };
    const retargeting = (): DecisionWrite =>
      write({
        transition: aTransition({
          vipId: 'main',
          epoch: 3,
          cause: 'candidate-died',
          from: HOLDER_B,
          to: toC,
          decidedAtMs: NOW + 50,
          chain: { rootEpoch: 2, retargets: 1 },
        }),
        supersedes: 'main#2',
        maxTransitionsInFlight: 1,
      });

    it('replaces the journal, returns the dead candidate and is not counted again', async () => {
      await givenHeldByA();
      await decided(failover());
      await store.takeTransitionLease('main#2', 'converger', NOW, NOW + 9000);

      await decided(retargeting());

      expect(await store.readTransition('main', 2)).toMatchObject({
        status: 'superseded',
        closedAtMs: NOW + 50,
        lease: null,
      });
      expect(await claims()).toEqual({ 'fs-a': ['main'], 'fs-b': [], 'fs-c': ['main'] });
      const snapshot = await store.readCluster();
      expect(snapshot.control.transitionsInFlight).toBe(1);
      expect(vipIn(snapshot)?.lastAutomaticFailoverAtMs).toBe(NOW);
      expect((await store.listUnfinishedTransitions()).map((each) => each.id)).toEqual(['main#3']);
    });

    it('ends every step, lease and closing of the journal it replaced', async () => {
      await givenHeldByA();
      await decided(failover());
      await store.takeTransitionLease('main#2', 'converger', NOW, NOW + 9000);
      await decided(retargeting());

      expect(await store.recordStep('main#2', 'converger', 'attach', DONE, NOW + 9000)).toBe(false);
      expect(await store.closeTransition('main#2', 'converger', 'done', HOLDER_B, NOW)).toBe(false);
      expect(await store.takeTransitionLease('main#2', 'converger', NOW, NOW + 9000)).toBeNull();
    });

    it('returns the first holder of the chain, too, when the chain ends', async () => {
      await givenHeldByA();
      await decided(failover());
      await decided(retargeting());
      await closed('main#3', toC);
      expect(await claims()).toEqual({ 'fs-a': [], 'fs-b': [], 'fs-c': ['main'] });
      expect((await store.readCluster()).control.transitionsInFlight).toBe(0);
    });

    it('keeps the claim of a restarted holder that then died: it is not fenced yet', async () => {
      await givenHeldByA();
      const again = aTransition({ vipId: 'main', epoch: 2, kind: 'reinstatement', from: HOLDER_A, to: HOLDER_A });
      await decided(write({ transition: again }));
      const away = aTransition({ vipId: 'main', epoch: 3, from: HOLDER_A, to: HOLDER_B });
      await decided(write({ transition: away, supersedes: 'main#2' }));
      expect(await claims()).toEqual({ 'fs-a': ['main'], 'fs-b': ['main'], 'fs-c': [] });
    });
  });

  describe('converging', () => {
    const ID = transitionId('main', 2);

    const ledger = (over: Partial<CallsLedger> = {}): CallsLedger => ({
      before: 12,
      legsBefore: 24,
      resurrected: 11,
      aliveAfter5s: 11,
      aliveAfter30s: null,
      confirmed: null,
      beingWritten: 1,
      ownSessions: 4,
      lost: [{ reason: 'no-row', count: 1 }],
      recoveredAtMs: NOW + 900,
      notes: ['gateway carrier is not registered again yet'],
      ...over,
    });

    beforeEach(async () => {
      await givenHeldByA();
      await decided(failover());
    });

    it('lets one converger work at a time, and the next after it ran out or was returned', async () => {
      const taken = await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      expect(taken?.lease).toEqual({ owner: 'one', untilMs: NOW + 1000 });
      expect(await store.takeTransitionLease(ID, 'two', NOW + 999, NOW + 2000)).toBeNull();
      expect(await store.takeTransitionLease(ID, 'two', NOW + 1000, NOW + 2000)).not.toBeNull();
      await store.releaseTransitionLease(ID, 'one');
      expect(await store.takeTransitionLease(ID, 'three', NOW + 1001, NOW + 2000)).toBeNull();
      await store.releaseTransitionLease(ID, 'two');
      expect(await store.takeTransitionLease(ID, 'three', NOW + 1001, NOW + 2000)).not.toBeNull();
      expect(await store.takeTransitionLease('main#77', 'three', NOW, NOW + 1)).toBeNull();
    });

    it('gives a converger its own lease again: its first answer may have been lost', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      const again = await store.takeTransitionLease(ID, 'one', NOW + 1, NOW + 2000);
      expect(again?.lease).toEqual({ owner: 'one', untilMs: NOW + 2000 });
    });

    it('gives a free lease to exactly one of many', async () => {
      const owners = Array.from({ length: 10 }, (_, index) => `converger-${index}`);
      const taken = await Promise.all(owners.map((owner) => store.takeTransitionLease(ID, owner, NOW, NOW + 1000)));
      expect(taken.filter((each) => each !== null)).toHaveLength(1);
    });

    it('records one step and leaves the others, and prolongs the lease', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      expect(await store.recordStep(ID, 'one', 'fence', DONE, NOW + 5000)).toBe(true);
      const journal = await store.readTransition('main', 2);
      expect(journal?.steps.fence).toEqual(DONE);
      expect(journal?.steps.attach.status).toBe('pending');
      expect(journal?.lease).toEqual({ owner: 'one', untilMs: NOW + 5000 });
    });

    it('refuses a step of whoever lost the lease', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await store.takeTransitionLease(ID, 'two', NOW + 1000, NOW + 2000);
      expect(await store.recordStep(ID, 'one', 'fence', DONE, NOW + 3000)).toBe(false);
      expect((await store.readTransition('main', 2))?.steps.fence.status).toBe('pending');
    });

    it('refuses a step of an older epoch, lease or not, and lists that transition no more', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await store.closeTransition(ID, 'one', 'done', HOLDER_B, NOW);
      const next = aTransition({ vipId: 'main', epoch: 3, from: HOLDER_B, to: { nodeId: 'fs-c', coreUuid: null } });
      await decided(write({ transition: next }));
      expect(await store.recordStep(ID, 'one', 'stop', DONE, NOW + 1000)).toBe(false);
      expect((await store.readTransition('main', 2))?.steps.stop.status).toBe('pending');
      expect((await store.listUnfinishedTransitions()).map((each) => each.id)).toEqual(['main#3']);
    });

    it('keeps the ledger of the calls beside the steps, as it was last written, and prolongs the lease', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await store.recordStep(ID, 'one', 'fence', DONE, NOW + 1000);
      expect(await store.recordCalls(ID, 'one', ledger({ aliveAfter5s: null }), NOW + 4000)).toBe(true);

      expect(await store.recordCalls(ID, 'one', ledger(), NOW + 5000)).toBe(true);

      const journal = await store.readTransition('main', 2);
      expect(journal?.calls).toEqual(ledger());
      expect(journal?.steps.fence).toEqual(DONE);
      expect(journal?.lease).toEqual({ owner: 'one', untilMs: NOW + 5000 });
    });

    it('goes on with the ledger after the journal is done', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await store.closeTransition(ID, 'one', 'done', HOLDER_B, NOW);
      expect(await store.recordCalls(ID, 'one', ledger(), NOW + 5000)).toBe(true);
      expect(await store.readTransition('main', 2)).toMatchObject({ status: 'done', calls: ledger() });
    });

    it('refuses the ledger of whoever lost the lease, and of an older epoch', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await store.takeTransitionLease(ID, 'two', NOW + 1000, NOW + 2000);
      expect(await store.recordCalls(ID, 'one', ledger(), NOW + 3000)).toBe(false);
      expect((await store.readTransition('main', 2))?.calls).toBeNull();

      await store.closeTransition(ID, 'two', 'done', HOLDER_B, NOW);
      const next = aTransition({ vipId: 'main', epoch: 3, from: HOLDER_B, to: { nodeId: 'fs-c', coreUuid: null } });
      await decided(write({ transition: next }));
      expect(await store.recordCalls(ID, 'two', ledger(), NOW + 3000)).toBe(false);
      expect((await store.readTransition('main', 2))?.calls).toBeNull();
    });

    it('closes: held, counted down, the old holder free again, and says so twice', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      const learned = { ...HOLDER_B, coreUuid: 'uuid-b2' };

      expect(await store.closeTransition(ID, 'one', 'done', learned, NOW + 400)).toBe(true);
      expect(await store.closeTransition(ID, 'one', 'done', learned, NOW + 500)).toBe(true);

      const snapshot = await store.readCluster();
      expect(vipIn(snapshot)).toMatchObject({ epoch: 2, status: 'held', holder: learned, changedAtMs: NOW + 400 });
      expect(snapshot.control.transitionsInFlight).toBe(0);
      expect(await claims()).toEqual({ 'fs-a': [], 'fs-b': ['main'], 'fs-c': [] });
      expect(await store.readTransition('main', 2)).toMatchObject({ status: 'done', closedAtMs: NOW + 400 });
      expect(await store.closeTransition(ID, 'one', 'stuck', learned, NOW + 600)).toBe(false);
    });

    it('closes, and leaves the old holder the claims of other VIPs', async () => {
      await decided({ ...firstAssignment('second', HOLDER_A), maxVipsPerNode: 2 });
      await closed(ID, HOLDER_B);
      expect(await claims()).toEqual({ 'fs-a': ['second'], 'fs-b': ['main'], 'fs-c': [] });
    });

    it('does not close for whoever lost the lease', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      expect(await store.closeTransition(ID, 'two', 'done', HOLDER_B, NOW)).toBe(false);
      expect((await store.readTransition('main', 2))?.status).toBe('open');
    });

    it('closes as stuck: counted down, and an unfenced node is not free', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      expect(await store.closeTransition(ID, 'one', 'stuck', HOLDER_B, NOW)).toBe(true);
      const snapshot = await store.readCluster();
      expect(vipIn(snapshot)).toMatchObject({ epoch: 2, status: 'moving' });
      expect(snapshot.control.transitionsInFlight).toBe(0);
      expect(await claims()).toEqual({ 'fs-a': ['main'], 'fs-b': ['main'], 'fs-c': [] });
      expect(await store.listUnfinishedTransitions()).toEqual([]);
    });

    it('closes as stuck after a proven fence: the old holder is free', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await store.recordStep(ID, 'one', 'fence', DONE, NOW + 1000);
      await store.closeTransition(ID, 'one', 'stuck', HOLDER_B, NOW);
      expect((await claims())['fs-a']).toEqual([]);
    });

    it.each(LATER_STEPS)('counts a done transition as unfinished until its step %s has ended', async (last) => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await store.closeTransition(ID, 'one', 'done', HOLDER_B, NOW);
      for (const step of LATER_STEPS.filter((each) => each !== last)) {
        expect(await store.recordStep(ID, 'one', step, DONE, NOW + 1000)).toBe(true);
      }
      expect((await store.listUnfinishedTransitions()).map((each) => each.id)).toEqual([ID]);
      await store.recordStep(ID, 'one', last, { ...DONE, status: 'skipped' }, NOW + 1000);
      expect(await store.listUnfinishedTransitions()).toEqual([]);
    });

    it('learns an incarnation once, at the epoch it was seen at', async () => {
      await store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await store.closeTransition(ID, 'one', 'done', { nodeId: 'fs-b', coreUuid: null }, NOW);
      await store.learnHolderCoreUuid('main', 1, 'uuid-of-another-epoch');
      expect(vipIn(await store.readCluster())?.holder?.coreUuid).toBeNull();
      await store.learnHolderCoreUuid('main', 2, 'uuid-b9');
      await store.learnHolderCoreUuid('main', 2, 'uuid-too-late');
      expect(vipIn(await store.readCluster())?.holder).toEqual({ nodeId: 'fs-b', coreUuid: 'uuid-b9' });
    });
  });

  describe('incidents', () => {
    const incident = (over: Partial<Incident> = {}): Incident => ({
      kind: 'no-candidate',
      vipId: 'main',
      nodeId: null,
      epoch: 1,
      reasons: ['fs-b is paused'],
      atMs: NOW,
      notifiedAtMs: null,
      ...over,
    });

    it('are told once, until they are over', async () => {
      expect(await store.raiseIncident(incident())).toBe(true);
      expect(await store.raiseIncident(incident({ atMs: NOW + 1 }))).toBe(false);
      expect(await store.listUnnotifiedIncidents()).toEqual([incident()]);

      await store.markIncidentNotified(incident(), NOW + 2);
      expect(await store.listUnnotifiedIncidents()).toEqual([]);
      expect(await store.raiseIncident(incident({ atMs: NOW + 3 }))).toBe(false);

      await store.clearIncident('no-candidate', 'main');
      expect(await store.raiseIncident(incident({ atMs: NOW + 4 }))).toBe(true);
      expect(await store.listUnnotifiedIncidents()).toEqual([incident({ atMs: NOW + 4 })]);
    });

    it('are news again at a later epoch, and not at an earlier one', async () => {
      await store.raiseIncident(incident());
      await store.markIncidentNotified(incident(), NOW + 2);
      expect(await store.raiseIncident(incident({ epoch: 2, atMs: NOW + 9 }))).toBe(true);
      expect(await store.raiseIncident(incident({ epoch: 1, atMs: NOW + 10 }))).toBe(false);
      expect(await store.listUnnotifiedIncidents()).toEqual([incident({ epoch: 2, atMs: NOW + 9 })]);
    });

    it.each([null, 7])('are the same ones while one without an epoch stands: %p', async (epoch) => {
      await store.raiseIncident(incident({ epoch: null }));
      expect(await store.raiseIncident(incident({ epoch, atMs: NOW + 9 }))).toBe(false);
    });

    it('stay untold when they were raised anew while the one before was being told', async () => {
      const anew = incident({ atMs: NOW + 9 });
      await store.raiseIncident(incident());
      await store.clearIncident('no-candidate', 'main');
      await store.raiseIncident(anew);

      await store.markIncidentNotified(incident(), NOW + 10);

      expect(await store.listUnnotifiedIncidents()).toEqual([anew]);
    });

    it('of a node or of the whole cluster stand beside those of a VIP', async () => {
      await store.raiseIncident(incident({ kind: 'misconfigured', vipId: null, nodeId: 'fs-a', epoch: null }));
      await store.raiseIncident(incident({ kind: 'misconfigured', vipId: null, nodeId: 'fs-b', epoch: null }));
      await store.raiseIncident(incident({ kind: 'quorum-lost', vipId: null, epoch: null }));
      await store.raiseIncident(incident({ kind: 'quorum-lost' }));
      expect(await store.listUnnotifiedIncidents()).toHaveLength(4);
    });

    it('leave an audit trail', async () => {
      const event = { atMs: NOW, actor: 'operator', action: 'pause', subject: 'cluster', detail: 'maintenance' };
      await expect(store.audit(event)).resolves.toBeUndefined();
    });
  });
}
