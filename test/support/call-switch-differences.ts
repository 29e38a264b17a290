/**
 * Where the simulator's copy of a recovery differs from the one that is shipped, with what FACTS says of it. Pinned on both
 * sides, so that none of them goes, or comes, unseen: one that is gone moves to `call-switch-spec.ts`.
 */
import { CALLS, MAIN, type OrdersStage } from './node-orders-stage';

const LONG_MS = 5_000;
const WRITTEN_MS = 1_000;

/** @param current the stage of the test that runs */
export function specifyRecoveryDifferences(current: () => OrdersStage): void {
  describe('the two still differ', () => {
    /**
     * FACTS 7.2: a node deletes the rows of a profile that it does not have, unrecovered. The shipped one looks first, and
     * refuses before any row is touched; the copy knows VIPs alone, and the profiles of all of them run.
     */
    it('where a profile of the VIP does not run there', async () => {
      const stage = current();
      const { a, b, kind } = stage;
      const vip = { ...stage.vip(MAIN), profiles: ['external-main', 'nosuch'] };
      const old = a.coreUuid;
      await a.kill();

      const recovery = stage.recovering((calls) => calls.recoverProfiles(b.topology, vip, LONG_MS));

      if (kind === 'shipped') await expect(recovery).rejects.toThrow('nosuch does not run there');
      else expect((await recovery).replies).toHaveLength(2);
      await stage.pass(WRITTEN_MS);
      expect(b.rowsOf(old)).toBe(kind === 'shipped' ? 2 * CALLS : 0);
    });
  });
}
