/** What needs no other node: a holder that fell into standby, and a candidate that must not take over. */
import { notYet, ready, until } from '../../../local/demo/until';
import { promotedVariable } from '../../../lib/freeswitch/promotion';
import type { CallsStage } from '../support/calls-stage';
import { understudy } from '../support/operator';

export function callsInPlace(calls: () => CallsStage): void {
  describe('a holder in standby', () => {
    afterEach(() => calls().rest());

    it('after a rescan without the variable is promoted again, with all its calls', async () => {
      const { stage } = calls();
      const { world } = stage;
      await world.establish([{ count: 3 }]);
      const { nodeId, coreUuid } = await stage.holder();
      const { epoch } = await stage.vip();
      const since = stage.now();

      const switchboard = stage.standIn(nodeId);
      await switchboard.api(`global_setvar ${promotedVariable(world.vip.id)}=`);
      await switchboard.api('sofia profile external rescan');

      await until('the holder is reinstated', { timeoutMs: 40_000 }, async () => {
        const now = await stage.vip();
        return now.epoch === epoch + 1 && now.status === 'held' ? ready(true) : notYet(`${now.epoch} ${now.status}`);
      });
      const journal = await stage.journal(epoch + 1);
      expect(journal).toMatchObject({
        kind: 'reinstatement',
        cause: 'holder-in-standby',
        to: { nodeId, coreUuid },
      });
      await stage.untilServedBy(nodeId, since);
      expect((await switchboard.state()).profiles).toMatchObject([{ standby: false, sessions: 6, silent: 0 }]);
      expect(await calls().rowsByCore()).toEqual(new Map([[coreUuid, 6]]));
      expect(await calls().mayLogIn(nodeId)).toBe(true);
    });
  });

  describe('a candidate whose clock is behind', () => {
    it('is no standby, and the status says by how much', async () => {
      const { stage } = calls();
      const { world } = stage;
      const [other = ''] = await calls().others();

      await stage.standIn(other).faults({ clockBehindMs: 5_000 });

      const said = await until('the status shows it', { timeoutMs: 20_000, everyMs: 500 }, async () => {
        const { text } = await understudy(world, 'status');
        return text.includes('NONE') ? ready(text) : notYet(text);
      });
      expect(said).toMatch(new RegExp(`${other}.*-(4|5)\\d{3} ms`));
      await stage.standIn(other).faults({ clockBehindMs: 0 });
      await world.waitUntilHealthy();
    });
  });
}
