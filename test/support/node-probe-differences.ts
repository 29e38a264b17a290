/**
 * Where the simulator's copy of the probe differs from the one that is shipped, each with what FACTS says of it. Pinned on
 * both sides, so that none of them goes, or comes, unseen: one that is gone moves to `node-probe-spec.ts`.
 */
import type { OrdersStage, StagedNode, StagedObserver } from './node-orders-stage';

const WITHIN_MS = 1_000;

/** @param current the stage of the test that runs */
export function specifyLookDifferences(current: () => OrdersStage): void {
  let a: StagedNode;
  let observer: StagedObserver;

  /** What is expected of each of the two. */
  const either = <T>(expected: Record<OrdersStage['kind'], T>): T => expected[current().kind];

  describe('the two still differ', () => {
    beforeEach(() => {
      ({ a } = current());
      observer = current().observe(a);
    });

    /**
     * FACTS 1: `auth` is asked once for each connection, and the access list is looked at when it is made. The copy says so
     * itself (`SimSwitch.rejectEsl`): with it every observer learns at once what in truth only a new one learns.
     */
    it.each<[string, (node: StagedNode) => void | Promise<void>]>([
      ['the password', (node) => node.rejectPassword()],
      ['our address', (node) => node.rejectByAccessList()],
    ])('where a node begins to reject %s, and an observer has its connection', async (_, befall) => {
      await observer.settle();
      await befall(a);
      expect((await observer.look(WITHIN_MS)).esl.verdict).toBe(either({ shipped: 'ok', simulated: 'rejected' }));
    });

    /** FACTS 1 and 4: the SHUTDOWN event comes once, and the notice at the end. Who connects in between was told neither. */
    it('where a node is about to end gracefully, and an observer looks for the first time', async () => {
      await a.beginGracefulStop();
      expect((await observer.look(WITHIN_MS)).esl.verdict).toBe(either({ shipped: 'ok', simulated: 'stopping' }));
    });

    /**
     * FACTS 1: a HEARTBEAT alone tells the clock; the first comes on the node's own schedule (every 20 s by default), not
     * at subscription. In the copy every look knows it, the first one of an observer among them.
     */
    it('what the first look knows of the clock of a node', async () => {
      expect((await observer.look(WITHIN_MS)).esl.clockOffsetMs).toBe(either({ shipped: null, simulated: 0 }));
    });
  });
}
