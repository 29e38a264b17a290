/** AWS throttles, refuses, errs, is silent, or does what it was told and loses the answer: the failover completes. */
import { notYet, ready, until } from '../../../local/demo/until';
import { wordsOf } from '../support/call-book';
import { shortOf, type Stage } from '../support/stage';
import { BESIDE, faultCases, TRANSITION_CALLS } from '../support/transition-calls';

export function awsFaults(stage: () => Stage): void {
  describe('faults of AWS in the middle of a failover', () => {
    afterEach(() => stage().rest());

    it('have a case for every call that a failover makes', async () => {
      const { world, book } = stage();
      const since = stage().now();
      await world.inject('kill');
      await stage().untilRecovered();
      await untilStopOrdered();

      const made = book
        .kindsSince(since.atMs)
        .filter((call) => call.actor === 'failover' || (call.actor === 'observer' && call.service === 'dynamodb'))
        .map(wordsOf)
        .filter((call) => !BESIDE.includes(call));
      const covered = TRANSITION_CALLS.map(wordsOf);
      expect(made.filter((call) => !covered.includes(call))).toEqual([]);
      const always = TRANSITION_CALLS.filter((call) => call.sometimes === undefined).map(wordsOf);
      expect(always.filter((call) => !made.includes(call))).toEqual([]);
    });

    it('the old node is stopped by force and without the shutdown of its system', async () => {
      const { world } = stage();
      const since = stage().now();
      await world.inject('kill');
      await stage().untilRecovered();
      await untilStopOrdered();

      const orders = since.calls('ec2', 'StopInstances');
      expect(orders.map((order) => order.parameters)).toEqual([
        expect.objectContaining({ Force: 'true', SkipOsShutdown: 'true' }),
      ]);
    });

    it.each(faultCases(process.env['UNDERSTUDY_E2E'] === 'full'))('$title', async ({ call, effects }) => {
      const { world } = stage();
      const since = stage().now();
      const rules = stage().disturb(call, effects);
      await world.inject('kill');

      const facts = await stage().untilRecovered();

      expect(shortOf(facts, { pages: 'at least one' })).toEqual([]);
      // Only a refusal needs a human.
      const incidents = since.pages().filter((page) => !page.subject.startsWith('trio failover main'));
      expect(effects.includes('refuse') ? [] : incidents).toEqual([]);
      // A fault that nobody met would prove nothing.
      await until('the fault was met', { timeoutMs: 20_000 }, async () => {
        const met = rules.filter((rule) => rule.hits > 0).map((rule) => rule.rule.effect);
        return effects.every((effect) => met.includes(effect)) ? ready(true) : notYet(`met: ${met.join(', ')}`);
      });
    });

    it('a permission that is missing: the page names it, and once it is granted the failover ends', async () => {
      const { world } = stage();
      const refusal = world.emulator.faults.add({ service: 'ec2', action: 'AssociateAddress', effect: 'refuse' });
      const since = stage().now();
      await world.inject('kill');
      const page = await until('a human is told', { timeoutMs: 30_000 }, async () => {
        const [first] = since.pages();
        return first === undefined ? notYet('no page') : ready(first);
      });
      expect(page.subject).toContain('vip-stuck');
      expect(page.body).toContain('grant ec2:AssociateAddress');
      const { epoch } = await stage().vip();
      expect(await stage().journal(epoch)).toMatchObject({ status: 'open', steps: { attach: { status: 'pending' } } });

      refusal.remove();
      await stage().converge();

      const facts = await stage().untilRecovered();
      expect(shortOf(facts, { pages: 'at least one' })).toEqual([]);
      // Callers are served before the page is written: it waits for the first count of the calls.
      const [, second] = await stage().untilPaged(since, 2);
      expect(second?.subject).toContain('served: YES');
    });
  });

  const untilStopOrdered = (): Promise<boolean> =>
    until('the stop of the old node was ordered', { timeoutMs: 20_000 }, async () => {
      const { epoch } = await stage().vip();
      const { attempts } = (await stage().journal(epoch)).steps.stop;
      return attempts > 0 ? ready(true) : notYet('no attempt is journalled');
    });
}
