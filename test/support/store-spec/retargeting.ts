import type { DecisionWrite } from '../../../lib/domain/ports';
import { aTransition } from '../store-fixtures';
import { DONE, HOLDER_A, HOLDER_B, NOW, failover, vipIn, write, type Stage } from './stage';

export function specifyRetargeting(stage: Stage): void {
  const { givenHeldByA, decided, closed, claims } = stage;

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
      await stage.store.takeTransitionLease('main#2', 'converger', NOW, NOW + 9000);

      await decided(retargeting());

      expect(await stage.store.readTransition('main', 2)).toMatchObject({
        status: 'superseded',
        closedAtMs: NOW + 50,
        lease: null,
      });
      expect(await claims()).toEqual({ 'fs-a': ['main'], 'fs-b': [], 'fs-c': ['main'] });
      const snapshot = await stage.store.readCluster();
      expect(snapshot.control.transitionsInFlight).toBe(1);
      expect(vipIn(snapshot)?.lastAutomaticFailoverAtMs).toBe(NOW);
      expect((await stage.store.listUnfinishedTransitions()).map((each) => each.id)).toEqual(['main#3']);
    });

    it('ends every step, lease and closing of the journal it replaced', async () => {
      await givenHeldByA();
      await decided(failover());
      await stage.store.takeTransitionLease('main#2', 'converger', NOW, NOW + 9000);
      await decided(retargeting());

      expect(await stage.store.recordStep('main#2', 'converger', 'attach', DONE, NOW + 9000)).toBe(false);
      expect(await stage.store.closeTransition('main#2', 'converger', 'done', HOLDER_B, NOW)).toBe(false);
      expect(await stage.store.takeTransitionLease('main#2', 'converger', NOW, NOW + 9000)).toBeNull();
    });

    it('returns the first holder of the chain, too, when the chain ends', async () => {
      await givenHeldByA();
      await decided(failover());
      await decided(retargeting());
      await closed('main#3', toC);
      expect(await claims()).toEqual({ 'fs-a': [], 'fs-b': [], 'fs-c': ['main'] });
      expect((await stage.store.readCluster()).control.transitionsInFlight).toBe(0);
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
}
