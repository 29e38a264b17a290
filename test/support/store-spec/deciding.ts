import type { DecisionWrite } from '../../../lib/domain/ports';
import { aTransition } from '../store-fixtures';
import { HOLDER_A, HOLDER_B, NOW, failover, firstAssignment, vipIn, write, type Stage } from './stage';

export function specifyDeciding(stage: Stage): void {
  const { givenHeldByA, decided, claims } = stage;

  describe('deciding', () => {
    it('moves the VIP, claims the candidate, counts up and creates the journal at once', async () => {
      await givenHeldByA();
      const decision = failover();

      await decided(decision);

      const snapshot = await stage.store.readCluster();
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
      expect(await stage.store.readTransition('main', 2)).toEqual(decision.transition);
      expect(await stage.store.readStanding('main', NOW)).toEqual({ epoch: 2, paused: null });
      expect(await stage.store.listUnfinishedTransitions()).toEqual([decision.transition]);
    });

    it('lets exactly one of twenty writers decide', async () => {
      await givenHeldByA();
      const writers = Array.from({ length: 20 }, (_, index) => failover(`observer-${index}`));
      const outcomes = await Promise.all(writers.map((each) => stage.store.decide(each)));
      expect(outcomes.filter((each) => each.outcome === 'written')).toHaveLength(1);
      const winner = writers[outcomes.findIndex((each) => each.outcome === 'written')];
      expect((await stage.store.readTransition('main', 2))?.decidedBy).toBe(winner?.transition.decidedBy);
      expect((await stage.store.readCluster()).control.transitionsInFlight).toBe(1);
    });

    it('answers the same decision again as written: its first answer may have been lost', async () => {
      await givenHeldByA();
      await decided(failover('observer-1'));
      await decided(failover('observer-1'));
      expect((await stage.store.readCluster()).control.transitionsInFlight).toBe(1);
      expect(await stage.store.decide(failover('observer-2'))).toMatchObject({ outcome: 'refused' });
    });

    it('keeps the failovers that the VIP had beside the new one, and forgets those of days ago', async () => {
      await givenHeldByA();
      const failoversBefore = [
        { atMs: NOW - 86_400_000, event: 'node fs-c' },
        { atMs: NOW - 86_399_999, event: 'node fs-b' },
        { atMs: NOW - 660_000, event: null },
      ];
      await decided(failover('observer-1', { failoversBefore, event: 'zone us-east-1a' }));
      expect(vipIn(await stage.store.readCluster())).toMatchObject({
        recentFailoversAtMs: [NOW - 86_399_999, NOW - 660_000, NOW],
        failoverEvents: { [NOW - 86_399_999]: 'node fs-b', [NOW]: 'zone us-east-1a' },
      });
    });

    it('starts no block period for what is exempt from it, and keeps an older one', async () => {
      await givenHeldByA();
      await decided(failover('observer-1', { startsBlock: false }));
      expect(vipIn(await stage.store.readCluster())).toMatchObject({
        lastAutomaticFailoverAtMs: null,
        recentFailoversAtMs: [],
      });
      await stage.store.acknowledge('main', NOW + 7);
      expect(vipIn(await stage.store.readCluster())?.acknowledgedAtMs).toBe(NOW + 7);
    });

    it.each([0, 2, 4])(
      'refuses a write of epoch 2 that does not follow the epoch it read: %d',
      async (expectedEpoch) => {
        await givenHeldByA();
        await expect(stage.store.decide(failover('observer-1', { expectedEpoch }))).rejects.toBeInstanceOf(RangeError);
      },
    );

    describe('names the clause that refused it', () => {
      const refusal = async (decision: DecisionWrite): Promise<unknown> => {
        const before = await stage.store.readCluster();
        const outcome = await stage.store.decide(decision);
        expect(await stage.store.readCluster()).toEqual(before);
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
        await stage.store.setPaused({ kind: 'cluster' }, true, 'maintenance');
        expect(await refusal(failover())).toEqual(refused('cluster-not-paused'));
      });

      it('vip-not-paused', async () => {
        await stage.store.setPaused({ kind: 'vip', id: 'main' }, true, null);
        expect(await refusal(failover())).toEqual(refused('vip-not-paused'));
      });

      it('candidate-not-paused', async () => {
        await stage.store.setPaused({ kind: 'node', id: 'fs-b' }, true, null);
        expect(await refusal(failover())).toEqual(refused('candidate-not-paused'));
      });

      it.each([
        ['cluster-not-paused', { kind: 'cluster' as const }],
        ['vip-not-paused', { kind: 'vip' as const, id: 'main' }],
        ['candidate-not-paused', { kind: 'node' as const, id: 'fs-b' }],
      ])('%s, until the moment at which the maintenance window ends', async (clause, subject) => {
        await stage.store.setPaused(subject, true, 'new disk', NOW + 1);
        expect(await refusal(failover())).toEqual(refused(clause));
        await stage.store.setPaused(subject, true, 'new disk', NOW);
        await decided(failover());
      });

      it('candidate-in-service, until it is let in again', async () => {
        await stage.store.setLockedOut('fs-b', 'second#4');
        expect(await refusal(failover())).toEqual(refused('candidate-in-service'));
        await stage.store.setLockedOut('fs-b', null);
        await decided(failover());
      });

      it('candidate-in-service, but lets a holder be reinstated that lost another VIP', async () => {
        await stage.store.setLockedOut('fs-a', 'second#4');
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
        await stage.store.setPaused({ kind: 'cluster' }, true, null);
        await stage.store.setPaused({ kind: 'vip', id: 'main' }, true, null);
        const outcome = await refusal(failover('observer-1', { maxTransitionsInFlight: 0 }));
        expect(outcome).toMatchObject({
          clauses: expect.arrayContaining(['cluster-not-paused', 'below-transition-cap', 'vip-not-paused']) as unknown,
        });
      });
    });
  });
}
