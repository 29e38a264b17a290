/** The holder comes back by itself before anybody took over: the same node, another incarnation, the next epoch. */
import { notYet, ready, until } from '../../../local/demo/until';
import type { Transition } from '../../../lib/domain/model';
import type { Stage } from '../support/stage';

export function restarts(stage: () => Stage): void {
  describe('a holder that restarts by itself', () => {
    afterEach(() => stage().rest());

    it('in a pause is reinstated after it: same node, new core_uuid, epoch + 1, its callers served, one page', async () => {
      const { world } = stage();
      const before = await stage().vip();
      const holder = before.holder?.nodeId ?? '';
      const since = stage().now();
      await world.store.setPaused({ kind: 'cluster' }, true, 'a test restarts the holder');
      await stage().standIn(holder).restart('quick');
      await untilSeenRestarted(before.holder);
      expect((await stage().vip()).epoch).toBe(before.epoch);
      await world.store.setPaused({ kind: 'cluster' }, false, null);

      const journal = await untilReinstated(before.epoch);

      expectReinstatement(journal, before.holder);
      expect(journal.cause).toBe('restarted');
      await stage().untilServedBy(holder, since);
      expect(since.applied('ec2', 'StopInstances')).toEqual([]);
      expect(await world.outside.addressOn(world.vip)).toBe(holder);
      const pages = await stage().untilPaged(since);
      expect(pages.map((page) => page.subject)).toEqual([
        `trio reinstatement main: ${holder} -> ${holder}, served: YES`,
      ]);
    });

    it('is reinstated too where no standby was fit while it was dead', async () => {
      const { world } = stage();
      const before = await stage().vip();
      const holder = before.holder?.nodeId ?? '';
      const since = stage().now();
      await world.inject('no-standby');
      await world.waitForOutcome(60_000);
      expect((await stage().vip()).epoch).toBe(before.epoch);

      await stage().standIn(holder).restart('realistic');
      const journal = await untilReinstated(before.epoch);

      expectReinstatement(journal, before.holder);
      await stage().untilServedBy(holder, since);
    });
  });

  const untilSeenRestarted = (before: Transition['from']): Promise<boolean> =>
    until('every observer has seen the new FreeSWITCH', { timeoutMs: 20_000 }, async () => {
      const { observations, topology } = await stage().world.snapshot();
      const seen = observations.filter((each) => each.nodeId === before?.nodeId && each.esl.coreUuid !== null);
      const renewed = seen.filter((each) => each.esl.coreUuid !== before?.coreUuid);
      return renewed.length === topology.observers.length ? ready(true) : notYet(`${renewed.length} have`);
    });

  const untilReinstated = (epochBefore: number): Promise<Transition> =>
    until('the holder is reinstated', { timeoutMs: 40_000 }, async () => {
      const { epoch, status } = await stage().vip();
      if (epoch === epochBefore) return notYet(`epoch ${epoch}, ${status}`);
      const journal = await stage().journal(epochBefore + 1);
      const isOver = journal.status === 'done' && journal.steps.notify.status === 'done';
      return isOver ? ready(journal) : notYet(`${journal.id} is ${journal.status}`);
    });
}

function expectReinstatement(journal: Transition, before: Transition['from']): void {
  expect(journal).toMatchObject({ kind: 'reinstatement', from: before, to: { nodeId: before?.nodeId } });
  expect(journal.to.coreUuid).not.toBe(before?.coreUuid);
  expect(journal.steps.verify.proof).toContain('200 OK');
}
