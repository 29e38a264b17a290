import type { CallsLedger } from '../../../lib/domain/model';
import { transitionId } from '../../../lib/domain/model';
import { LATER_STEPS } from '../../../lib/domain/transition';
import { aTransition } from '../store-fixtures';
import { DONE, HOLDER_A, HOLDER_B, NOW, failover, firstAssignment, vipIn, write, type Stage } from './stage';

export function specifyConverging(stage: Stage): void {
  const { givenHeldByA, decided, closed, claims } = stage;

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
      const taken = await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      expect(taken?.lease).toEqual({ owner: 'one', untilMs: NOW + 1000 });
      expect(await stage.store.takeTransitionLease(ID, 'two', NOW + 999, NOW + 2000)).toBeNull();
      expect(await stage.store.takeTransitionLease(ID, 'two', NOW + 1000, NOW + 2000)).not.toBeNull();
      await stage.store.releaseTransitionLease(ID, 'one');
      expect(await stage.store.takeTransitionLease(ID, 'three', NOW + 1001, NOW + 2000)).toBeNull();
      await stage.store.releaseTransitionLease(ID, 'two');
      expect(await stage.store.takeTransitionLease(ID, 'three', NOW + 1001, NOW + 2000)).not.toBeNull();
      expect(await stage.store.takeTransitionLease('main#77', 'three', NOW, NOW + 1)).toBeNull();
    });

    it('gives a converger its own lease again: its first answer may have been lost', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      const again = await stage.store.takeTransitionLease(ID, 'one', NOW + 1, NOW + 2000);
      expect(again?.lease).toEqual({ owner: 'one', untilMs: NOW + 2000 });
    });

    it('gives a free lease to exactly one of many', async () => {
      const owners = Array.from({ length: 10 }, (_, index) => `converger-${index}`);
      const taken = await Promise.all(
        owners.map((owner) => stage.store.takeTransitionLease(ID, owner, NOW, NOW + 1000)),
      );
      expect(taken.filter((each) => each !== null)).toHaveLength(1);
    });

    it('records one step and leaves the others, and prolongs the lease', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      expect(await stage.store.recordStep(ID, 'one', 'fence', DONE, NOW + 5000)).toBe(true);
      const journal = await stage.store.readTransition('main', 2);
      expect(journal?.steps.fence).toEqual(DONE);
      expect(journal?.steps.attach.status).toBe('pending');
      expect(journal?.lease).toEqual({ owner: 'one', untilMs: NOW + 5000 });
    });

    it('refuses a step of whoever lost the lease', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await stage.store.takeTransitionLease(ID, 'two', NOW + 1000, NOW + 2000);
      expect(await stage.store.recordStep(ID, 'one', 'fence', DONE, NOW + 3000)).toBe(false);
      expect((await stage.store.readTransition('main', 2))?.steps.fence.status).toBe('pending');
    });

    it('refuses a step of an older epoch, lease or not, and lists that transition no more', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await stage.store.closeTransition(ID, 'one', 'done', HOLDER_B, NOW);
      const next = aTransition({ vipId: 'main', epoch: 3, from: HOLDER_B, to: { nodeId: 'fs-c', coreUuid: null } });
      await decided(write({ transition: next }));
      expect(await stage.store.recordStep(ID, 'one', 'stop', DONE, NOW + 1000)).toBe(false);
      expect((await stage.store.readTransition('main', 2))?.steps.stop.status).toBe('pending');
      expect((await stage.store.listUnfinishedTransitions()).map((each) => each.id)).toEqual(['main#3']);
    });

    it('keeps the ledger of the calls beside the steps, as it was last written, and prolongs the lease', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await stage.store.recordStep(ID, 'one', 'fence', DONE, NOW + 1000);
      expect(await stage.store.recordCalls(ID, 'one', ledger({ aliveAfter5s: null }), NOW + 4000)).toBe(true);

      expect(await stage.store.recordCalls(ID, 'one', ledger(), NOW + 5000)).toBe(true);

      const journal = await stage.store.readTransition('main', 2);
      expect(journal?.calls).toEqual(ledger());
      expect(journal?.steps.fence).toEqual(DONE);
      expect(journal?.lease).toEqual({ owner: 'one', untilMs: NOW + 5000 });
    });

    it('goes on with the ledger after the journal is done', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await stage.store.closeTransition(ID, 'one', 'done', HOLDER_B, NOW);
      expect(await stage.store.recordCalls(ID, 'one', ledger(), NOW + 5000)).toBe(true);
      expect(await stage.store.readTransition('main', 2)).toMatchObject({ status: 'done', calls: ledger() });
    });

    it('refuses the ledger of whoever lost the lease, and of an older epoch', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await stage.store.takeTransitionLease(ID, 'two', NOW + 1000, NOW + 2000);
      expect(await stage.store.recordCalls(ID, 'one', ledger(), NOW + 3000)).toBe(false);
      expect((await stage.store.readTransition('main', 2))?.calls).toBeNull();

      await stage.store.closeTransition(ID, 'two', 'done', HOLDER_B, NOW);
      const next = aTransition({ vipId: 'main', epoch: 3, from: HOLDER_B, to: { nodeId: 'fs-c', coreUuid: null } });
      await decided(write({ transition: next }));
      expect(await stage.store.recordCalls(ID, 'two', ledger(), NOW + 3000)).toBe(false);
      expect((await stage.store.readTransition('main', 2))?.calls).toBeNull();
    });

    it('closes: held, counted down, the old holder free again, and says so twice', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      const learned = { ...HOLDER_B, coreUuid: 'uuid-b2' };

      expect(await stage.store.closeTransition(ID, 'one', 'done', learned, NOW + 400)).toBe(true);
      expect(await stage.store.closeTransition(ID, 'one', 'done', learned, NOW + 500)).toBe(true);

      const snapshot = await stage.store.readCluster();
      expect(vipIn(snapshot)).toMatchObject({ epoch: 2, status: 'held', holder: learned, changedAtMs: NOW + 400 });
      expect(snapshot.control.transitionsInFlight).toBe(0);
      expect(await claims()).toEqual({ 'fs-a': [], 'fs-b': ['main'], 'fs-c': [] });
      expect(await stage.store.readTransition('main', 2)).toMatchObject({ status: 'done', closedAtMs: NOW + 400 });
      expect(await stage.store.closeTransition(ID, 'one', 'stuck', learned, NOW + 600)).toBe(false);
    });

    it('closes, and leaves the old holder the claims of other VIPs', async () => {
      await decided({ ...firstAssignment('second', HOLDER_A), maxVipsPerNode: 2 });
      await closed(ID, HOLDER_B);
      expect(await claims()).toEqual({ 'fs-a': ['second'], 'fs-b': ['main'], 'fs-c': [] });
    });

    it('does not close for whoever lost the lease', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      expect(await stage.store.closeTransition(ID, 'two', 'done', HOLDER_B, NOW)).toBe(false);
      expect((await stage.store.readTransition('main', 2))?.status).toBe('open');
    });

    it('closes as stuck: counted down, and an unfenced node is not free', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      expect(await stage.store.closeTransition(ID, 'one', 'stuck', HOLDER_B, NOW)).toBe(true);
      const snapshot = await stage.store.readCluster();
      expect(vipIn(snapshot)).toMatchObject({ epoch: 2, status: 'moving' });
      expect(snapshot.control.transitionsInFlight).toBe(0);
      expect(await claims()).toEqual({ 'fs-a': ['main'], 'fs-b': ['main'], 'fs-c': [] });
      expect(await stage.store.listUnfinishedTransitions()).toEqual([]);
    });

    it('closes as stuck after a proven fence: the old holder is free', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await stage.store.recordStep(ID, 'one', 'fence', DONE, NOW + 1000);
      await stage.store.closeTransition(ID, 'one', 'stuck', HOLDER_B, NOW);
      expect((await claims())['fs-a']).toEqual([]);
    });

    it.each(LATER_STEPS)('counts a done transition as unfinished until its step %s has ended', async (last) => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await stage.store.closeTransition(ID, 'one', 'done', HOLDER_B, NOW);
      for (const step of LATER_STEPS.filter((each) => each !== last)) {
        expect(await stage.store.recordStep(ID, 'one', step, DONE, NOW + 1000)).toBe(true);
      }
      expect((await stage.store.listUnfinishedTransitions()).map((each) => each.id)).toEqual([ID]);
      await stage.store.recordStep(ID, 'one', last, { ...DONE, status: 'skipped' }, NOW + 1000);
      expect(await stage.store.listUnfinishedTransitions()).toEqual([]);
    });

    it('learns an incarnation once, at the epoch it was seen at', async () => {
      await stage.store.takeTransitionLease(ID, 'one', NOW, NOW + 1000);
      await stage.store.closeTransition(ID, 'one', 'done', { nodeId: 'fs-b', coreUuid: null }, NOW);
      await stage.store.learnHolderCoreUuid('main', 1, 'uuid-of-another-epoch');
      expect(vipIn(await stage.store.readCluster())?.holder?.coreUuid).toBeNull();
      await stage.store.learnHolderCoreUuid('main', 2, 'uuid-b9');
      await stage.store.learnHolderCoreUuid('main', 2, 'uuid-too-late');
      expect(vipIn(await stage.store.readCluster())?.holder).toEqual({ nodeId: 'fs-b', coreUuid: 'uuid-b9' });
    });
  });
}
