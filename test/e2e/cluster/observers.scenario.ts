/** What an observer cannot know it must not decide: rejected by the event socket, or blind. */
import type { Observation } from '../../../lib/domain/model';
import { notYet, ready, until } from '../../../local/demo/until';
import type { Stage } from '../support/stage';

export function observers(stage: () => Stage): void {
  describe('observers', () => {
    afterEach(async () => {
      await stage().world.observers.restoreAll();
      await stage().rest();
    });

    it('that the event socket rejects page a misconfiguration and fail nothing over', async () => {
      const { world } = stage();
      const before = await stage().vip();
      const holder = before.holder?.nodeId ?? '';
      const since = stage().now();
      await stage().standIn(holder).misconfigure();
      try {
        // Connections that are open stay open: only those who come anew are turned away.
        for (const zone of world.topology.observers) await world.observers.stop(zone);
        await untilNobodyWatches();
        await world.observers.restoreAll();

        const page = await until('the misconfiguration is paged', { timeoutMs: 60_000 }, async () => {
          const pages = since.pages();
          const found = pages.find((each) => each.subject.includes('misconfigured'));
          return found === undefined ? notYet(`pages: ${pages.map((each) => each.subject).join(', ')}`) : ready(found);
        });
        stage().note('misconfigured to page (ms)', page.receivedAtMs - since.atMs);
        expect(page.body).toMatch(new RegExp(`^Node: +${holder}`, 'm'));
        expect(page.body).toContain('restart the node because of this page');
        expect(await stage().vip()).toMatchObject({ epoch: before.epoch, holder: before.holder, status: 'held' });
        expect(since.caller()).toMatchObject({ outageMs: 0, servedNow: true });
      } finally {
        await stage().standIn(holder).faults({ eslRejects: false });
      }
    });

    it('that are blind have no vote: one that sees is no majority, two are', async () => {
      const { world } = stage();
      const before = await stage().vip();
      const [seeing = '', ...others] = world.topology.observers;
      for (const zone of others) await world.observers.stop(zone);
      const since = stage().now();
      await stage()
        .standIn(before.holder?.nodeId ?? '')
        .kill();
      const seen = await until(`${seeing} sees it dead`, { timeoutMs: 10_000 }, async () => {
        const { observations } = await world.snapshot();
        const found = observations.find((each) => each.zone === seeing && each.nodeId === before.holder?.nodeId);
        return found?.esl.verdict === 'refused' ? ready(found) : notYet(`ESL ${found?.esl.verdict ?? 'not seen'}`);
      });

      // The test is the blind observers: they say what the third one says, and that they see nothing at all.
      const say = (blind: boolean): Promise<unknown> => Promise.all(others.map((zone) => speak(seen, zone, blind)));
      const quietUntil = Date.now() + 4_000;
      await until('nothing was decided for four seconds', { timeoutMs: 10_000, everyMs: 500 }, async () => {
        await say(true);
        expect((await stage().vip()).epoch).toBe(before.epoch);
        return Date.now() >= quietUntil ? ready(true) : notYet('waiting');
      });
      expect(since.applied('ec2', 'DisassociateAddress')).toEqual([]);

      await until('the same words of seeing observers decide', { timeoutMs: 20_000, everyMs: 500 }, async () => {
        await say(false);
        const { epoch } = await stage().vip();
        return epoch > before.epoch ? ready(true) : notYet(`epoch ${epoch}`);
      });
    });
  });

  const untilNobodyWatches = (): Promise<boolean> =>
    until('no observer renews its lease', { timeoutMs: 20_000 }, async () => {
      const { leases } = await stage().world.snapshot();
      const youngestMs = Date.now() - Math.max(...leases.map((lease) => lease.renewedAtMs));
      return youngestMs > 3_000 ? ready(true) : notYet(`the last one ${youngestMs} ms ago`);
    });

  const speak = (seen: Observation, zone: string, blind: boolean): Promise<void> =>
    stage().world.store.putObservation({ ...seen, zone, blind, observedAtMs: Date.now() }, Date.now());
}
