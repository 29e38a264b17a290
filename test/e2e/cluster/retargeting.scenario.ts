/** The candidate dies while it takes over: another takes its place in the same chain, and it is one failover. */
import { notYet, ready, until } from '../../../local/demo/until';
import type { Stage } from '../support/stage';

export function retargeting(stage: () => Stage): void {
  describe('a candidate that dies in the middle of a failover', () => {
    afterEach(() => stage().rest());

    it('is replaced by the third node: epoch + 2, one chain, one page', async () => {
      const { world } = stage();
      const before = await stage().vip();
      const since = stage().now();
      const attach = { actor: 'failover', service: 'ec2', action: 'AssociateAddress' } as const;
      // More often than it is tried while a busy machine comes to kill the candidate.
      const held = stage().disturb(attach, ['time-out', 'time-out', 'time-out']);
      await world.inject('kill');
      await stage().untilMet(held);
      const candidate = (await stage().holder()).nodeId;
      await world.fleet.process(candidate).kill();
      for (const rule of held) rule.remove();

      const last = await until('the chain has come to its end', { timeoutMs: 60_000 }, async () => {
        const { epoch, status } = await stage().vip();
        const journal = await stage().journal(epoch);
        const isOver = journal.status === 'done' && journal.steps.notify.status === 'done';
        return epoch > before.epoch + 1 && isOver ? ready(journal) : notYet(`epoch ${epoch}, ${status}`);
      });

      const first = await stage().journal(before.epoch + 1);
      expect(first).toMatchObject({ status: 'superseded', to: { nodeId: candidate } });
      expect(last).toMatchObject({
        epoch: before.epoch + 2,
        kind: 'failover',
        cause: 'candidate-died',
        chain: { rootEpoch: before.epoch + 1, retargets: 1 },
        from: { nodeId: candidate },
      });
      const third = last.to.nodeId;
      expect([before.holder?.nodeId, candidate]).not.toContain(third);
      await stage().untilServedBy(third, since);
      expect(await world.outside.addressOn(world.vip)).toBe(third);
      expect(await world.outside.nameLeadsTo(world.vip)).toBe(third);
      const pages = await stage().untilPaged(since);
      expect(pages.map((page) => page.subject)).toEqual([`trio failover main: ${candidate} -> ${third}, served: YES`]);
      // The block period began with the chain: the second step of it is no second failover.
      expect((await stage().vip()).lastAutomaticFailoverAtMs).toBe(first.decidedAtMs);
    });
  });
}
