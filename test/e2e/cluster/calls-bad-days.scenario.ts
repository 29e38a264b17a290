/** The shared database is away or frozen, and the old node comes back in the middle. */
import { notYet, ready, until } from '../../../local/demo/until';
import { ask, registerRequest } from '../../local/standin/phone';
import type { CallsStage } from '../support/calls-stage';
import { shortOf } from '../support/stage';

const SIP_PORT = 5060;

export function callsOnBadDays(calls: () => CallsStage): void {
  describe('the database', () => {
    afterEach(() => calls().rest());

    it('away at the moment of failover: new calls move at once, the old ones when it is back', async () => {
      const { stage, postgres } = calls();
      const { world } = stage;
      const [other = ''] = await calls().others();
      await world.placeCalls(5);
      const since = stage.now();

      await postgres.stopServer();
      try {
        await world.inject('kill');
        await stage.untilServedBy(other, since);
        expect(await world.outside.addressOn(world.vip)).toBe(other);
        const { epoch } = await stage.vip();
        await until('the recovery was tried in vain', { timeoutMs: 30_000 }, async () => {
          const { recover, lock } = (await stage.journal(epoch)).steps;
          const tried = [recover, lock].some((step) => step.status === 'pending' && step.error !== null);
          return tried ? ready(true) : notYet(`recover ${recover.status}, lock ${lock.status}`);
        });
        expect((await stage.journal(epoch)).calls).toBeNull();
        expect(await calls().sessions(other)).toBe(0);
      } finally {
        await postgres.startServer();
      }

      const facts = await stage.untilRecovered().catch(() => world.facts());
      await world.waitForLedger();
      expect(shortOf(await world.facts(), { pages: 'at least one' })).toEqual([]);
      expect(facts.caller.outageMs).toBeLessThan(20_000);
      expect((await world.facts()).calls.ledger).toMatchObject({ before: 5, aliveAfter30s: 5, lost: [] });
    });

    it('frozen while the holder lives and a phone registers: nothing moves, and the page names the database', async () => {
      const { stage, postgres } = calls();
      const { world } = stage;
      const { nodeId } = await stage.holder();
      const { epoch } = await stage.vip();
      const address = calls().node(nodeId).vipAddresses[world.vip.id] ?? '';
      const since = stage.now();

      postgres.freeze();
      try {
        const phone = { user: '1003', contactHost: '198.51.100.9' };
        expect(await ask(address, SIP_PORT, registerRequest(phone, 1, 'a-nonce-of-before'))).toBe('silence');
        const page = await until('a human is told', { timeoutMs: 30_000 }, async () => {
          const [first] = since.pages();
          return first === undefined ? notYet('no page') : ready(first);
        });
        expect(page.subject).toContain('database-trouble');
        expect(page.body).toContain(`the database ${postgres.host}:${postgres.port} does not answer well`);
      } finally {
        postgres.thaw();
      }

      await world.waitUntilHealthy();
      expect(await stage.vip()).toMatchObject({ epoch, status: 'held', holder: { nodeId } });
      expect(since.applied('ec2', 'DisassociateAddress')).toEqual([]);
      expect(await calls().mayLogIn(nodeId)).toBe(true);
      expect(since.pages()).toHaveLength(1);
    });
  });

  describe('an old node that comes back in the middle of the failover', () => {
    afterEach(() => calls().rest());

    it('finds its role locked: no row of the new holder is touched, whatever it hangs up', async () => {
      const { stage } = calls();
      const { world } = stage;
      const old = await stage.holder();
      await world.placeCalls(5);
      // It would be stopped before it can do harm: here AWS does not do what it is told.
      const lame = world.emulator.faults.add({ service: 'ec2', action: 'StopInstances', effect: 'throttle' });
      await world.inject('freeze');
      await world.waitForOutcome(60_000);
      const { coreUuid } = await stage.holder();
      expect(await calls().rowsByCore()).toEqual(new Map([[coreUuid, 10]]));

      const ghost = stage.standIn(old.nodeId);
      await ghost.thaw();
      await ghost.api('hupall NORMAL_CLEARING');

      await calls().untilTurnedAway(old.nodeId);
      // The deletions of its ten rows: it keeps them, as FreeSWITCH does, or has given them up.
      const { writes } = await ghost.state();
      expect((writes?.pending ?? 0) + (writes?.lost ?? 0)).toBeGreaterThanOrEqual(10);
      expect(await calls().mayLogIn(old.nodeId)).toBe(false);
      expect(await calls().rowsByCore()).toEqual(new Map([[coreUuid, 10]]));
      const { nodeId } = await stage.holder();
      expect(nodeId).not.toBe(old.nodeId);
      expect(await calls().sessions(nodeId)).toBe(10);

      lame.remove();
      const journal = await calls().untilClosed();
      expect(journal.steps.restore.proof).toBe(`${old.nodeId} is back as a standby`);
      expect(journal.calls).toMatchObject({ before: 5, aliveAfter30s: 5, lost: [] });
    });
  });
}
