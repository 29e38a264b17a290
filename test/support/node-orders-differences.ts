/**
 * Where the simulator's copy of the orders differs from those that are shipped, each with what FACTS says of it. Pinned
 * on both sides, so that none of them goes, or comes, unseen: one that is gone moves to `node-orders-spec.ts`.
 */
import { MAIN, type OrdersStage, type StagedNode } from './node-orders-stage';

const LONG_MS = 3_000;
const SHORT_MS = 300;

/** @param current the stage of the test that runs */
export function specifyDifferences(current: () => OrdersStage): void {
  let stage: OrdersStage;
  let b: StagedNode;

  /** What is expected of each of the two. */
  const either = <T>(expected: Record<OrdersStage['kind'], T>): T => expected[stage.kind];

  describe('the two still differ', () => {
    beforeEach(() => {
      stage = current();
      ({ b } = stage);
    });

    /** Both say no. There is nothing to wait for: the shipped one does not. */
    it('where a VIP has no address on a node: the copy asks until its time is up', async () => {
      const topology = { ...b.topology, vipAddresses: {} };
      expect(await stage.give((orders) => orders.promote(topology, stage.vip(MAIN), SHORT_MS))).toEqual({
        promoted: false,
        reason: expect.stringMatching(/^rescanned, but .*has no address on fs-b/),
      });
      if (stage.kind === 'shipped') expect(stage.tookMs).toBeLessThan(SHORT_MS / 2);
      else expect(stage.tookMs).toBeGreaterThan(SHORT_MS / 2);
    });

    /** FACTS 1 and 2: `Invalid Profile!`. The copy knows VIPs alone, and the profiles of all of them are there. */
    it.each(['nosuch', 'external main'])('where the profile of a VIP is called "%s"', async (profile) => {
      const vip = { ...stage.vip(MAIN), profiles: [profile] };
      expect(await stage.give((orders) => orders.promote(b.topology, vip, SHORT_MS))).toMatchObject({
        promoted: either({ shipped: false, simulated: true }),
      });
      expect(await stage.give((orders) => orders.demote(b.topology, vip, SHORT_MS))).toMatchObject({
        demoted: either({ shipped: false, simulated: true }),
      });
    });

    /**
     * A promotion that ended between its two commands. FACTS 8.1: a profile has read its XML at the last rescan, and
     * `global_getvar` tells what it *would* apply; the shipped inspection compares the two.
     */
    it('where somebody set the variable of a VIP and did not rescan: an inspection finds no conflict', async () => {
      await b.setVariable(MAIN);
      const { conflicts } = await stage.give((orders) => orders.inspect(b.topology, [stage.vip(MAIN)], LONG_MS));
      expect(conflicts).toEqual(
        either({ shipped: [expect.stringContaining('VIP main is promoted, but its next rescan')], simulated: [] }),
      );
    });
  });
}
