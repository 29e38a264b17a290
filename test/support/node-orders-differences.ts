/**
 * Where the simulator's copy of the orders differs from those that are shipped, each with what FACTS says of it. Pinned
 * on both sides, so that none of them goes, or comes, unseen: one that is gone moves to `node-orders-spec.ts`.
 */
import { REFUSED_ALREADY } from '../../lib/domain/node-control';
import type { ShutdownProof } from '../../lib/domain/ports';
import { MAIN, type OrdersStage, type StagedNode } from './node-orders-stage';

const LONG_MS = 3_000;
const SHORT_MS = 300;
const ENDED = 'the connection closed after `fsctl shutdown now`; then a new connection was refused';
const REFUSED_TWICE = `${REFUSED_ALREADY}, no order was needed; then a new connection was refused`;

/** @param current the stage of the test that runs */
export function specifyDifferences(current: () => OrdersStage): void {
  let stage: OrdersStage;
  let a: StagedNode;
  let b: StagedNode;

  /** What is expected of each of the two. */
  const either = <T>(expected: Record<OrdersStage['kind'], T>): T => expected[stage.kind];
  const shutDown = (node: StagedNode, timeoutMs = LONG_MS): Promise<ShutdownProof> =>
    stage.give((orders) => orders.shutdownNow(node.topology, timeoutMs, node.coreUuid));

  describe('the two still differ', () => {
    beforeEach(() => {
      stage = current();
      ({ a, b } = stage);
    });

    /**
     * No order was sent. The copy takes the end of the connection for what the order did, although it is the question
     * that stayed without an answer. The shipped one is right: a FIN alone says nothing (FACTS 1, the table of failures:
     * a graceful stop closes connections 0.7 to 1.7 s after it began, and the process exits after 3.9 to 5.3 s).
     */
    it('where a node hangs up on the first question and is dead', async () => {
      await a.onFirstQuestion('dies');
      expect(await shutDown(a)).toEqual(
        either<unknown>({
          shipped: { fenced: false, reason: expect.stringContaining('closed') },
          simulated: { fenced: true, proof: ENDED },
        }),
      );
    });

    /** The same, and here the copy's answer is false: nobody was ended, and callers are served. */
    it('where a node hangs up on the first question because its event socket is unloaded', async () => {
      await a.onFirstQuestion('closes-esl');
      expect(await shutDown(a)).toEqual(
        either<unknown>({
          shipped: { fenced: false, reason: expect.stringContaining('closed') },
          simulated: { fenced: true, proof: ENDED },
        }),
      );
      expect([a.runs, await a.sip(MAIN)]).toEqual([true, 'ok']);
    });

    /**
     * The same: a graceful stop is under way, which hangs up its calls and deletes their rows (FACTS 4, 8.5). The words
     * of the copy's proof pass for a proof of rows (`provesRows`), those that are right do not.
     */
    it('where a node says goodbye on the first question', async () => {
      await a.onFirstQuestion('says-goodbye');
      expect(await shutDown(a)).toEqual(
        either<unknown>({
          shipped: { fenced: false, reason: expect.stringContaining('The system is being shut down') },
          simulated: { fenced: true, proof: ENDED },
        }),
      );
      expect(a.runs).toBe(true);
    });

    /**
     * An answer that was sent before the end of a connection arrives before it; the copy loses it. So the copy says that
     * the node ended as ordered, and no order was sent.
     */
    it('where a node says goodbye right behind its first answer', async () => {
      await a.onFirstAnswer('says-goodbye');
      expect(await shutDown(a)).toEqual({
        fenced: true,
        proof: either({ shipped: REFUSED_TWICE, simulated: ENDED }),
      });
      expect(a.runs).toBe(true);
    });

    /**
     * What a frozen process has not read yet waits in its socket: "answers come after SIGCONT" (FACTS 1, the table of
     * failures). The copy drops it, and so never sees an order that comes true long after it was given up.
     */
    it('where a node freezes before it has read the order to shut down: it ends when it thaws', async () => {
      await a.freezeBefore('shutdown');
      expect(await shutDown(a, either({ shipped: SHORT_MS, simulated: LONG_MS }))).toMatchObject({ fenced: false });
      await a.thaw();
      expect(a.runs).toBe(either({ shipped: false, simulated: true }));
    });

    /** The same: here a node begins to serve when nobody waits for it any more. */
    it('where a node freezes before it has read the rescan of a promotion: it serves when it thaws', async () => {
      await b.freezeBefore('rescan');
      const timeoutMs = either({ shipped: SHORT_MS, simulated: LONG_MS });
      expect(await stage.give((orders) => orders.promote(b.topology, stage.vip(MAIN), timeoutMs, null))).toMatchObject({
        promoted: false,
        reason: expect.stringMatching(/no reply|did not answer/),
      });
      await b.thaw();
      expect([b.isPromoted(MAIN), await b.sip(MAIN)]).toEqual([true, either({ shipped: 'ok', simulated: 'standby' })]);
    });

    /** FACTS 1: a wrong password gets `-ERR invalid`, whatever the process is about to do. */
    it('where a node that rejects the password is about to end gracefully', async () => {
      await a.rejectPassword();
      await a.beginGracefulStop();
      expect(await shutDown(a)).toEqual(
        either<unknown>({
          shipped: { fenced: false, reason: expect.stringContaining('password') },
          simulated: { fenced: true, proof: ENDED },
        }),
      );
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
