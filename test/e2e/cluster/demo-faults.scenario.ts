/** The faults of the demo: what each must lead to, by which proof, and what the on-call engineer reads. */
import type { Facts } from '../../../local/demo/facts';
import { pagesAboutVip } from '../../../local/demo/judge';
import { shortOf, type Stage } from '../support/stage';

/** By which proof the old holder can do no more harm (DESIGN section 4, Fence), and what shows that the address moved. */
const PROOFS = {
  kill: { fence: /^\(a\) conclusive death/, moved: 'reads back on' },
  freeze: { fence: /^\(d\) .* no caller reaches it: \S+ reads back on /, moved: 'reads back on' },
  sip: { fence: /^\(b\) /, moved: 'reads back on' },
  zone: { fence: /^\(d\) .* no caller reaches it: \S+ reads back on /, moved: 'reads back on' },
} as const;

export function demoFaults(stage: () => Stage): void {
  describe('a holder that fails', () => {
    afterEach(() => stage().rest());

    it.each(Object.entries(PROOFS))('%s: another node takes over, proven, paged once', async (fault, expected) => {
      const { world } = stage();
      await world.inject(fault as keyof typeof PROOFS);

      const facts = await world.waitForOutcome(60_000);
      expect(shortOf(facts)).toEqual([]);
      const [journal] = facts.transitions;
      const newAddress = world.topology.nodes.find((node) => node.id === facts.holder.after)?.vipAddresses['main'];
      expect(journal?.steps.fence.proof).toMatch(expected.fence);
      expect(journal?.steps.attach.proof).toContain(`${world.vip.elasticIp?.publicIp} ${expected.moved} ${newAddress}`);
      expect(journal?.steps.promote.proof).toMatch(/read back.*200 OK/);
      expect(journal?.steps.verify.proof).toContain('200 OK');
      expect(facts.caller.servedByAfter).toBe(facts.holder.after);
      expectPageOf(facts);
    });

    it('without a fit standby: nothing is torn down, and a human is told', async () => {
      const { world } = stage();
      await world.inject('no-standby');

      const facts = await world.waitForOutcome(60_000);
      expect(shortOf(facts)).toEqual([]);
      const [page] = facts.notifications.filter((each) => each.kind === 'page');
      expect(page?.subject).toContain('no-candidate');
      expect(page?.body).toContain('NOTHING WAS TORN DOWN');
    });
  });
}

/** What DESIGN 2.4 wants in a page. */
function expectPageOf(facts: Facts): void {
  const [page] = pagesAboutVip(facts);
  const { before, after } = facts.holder;
  expect(page?.subject).toBe(`trio failover main: ${before} -> ${after}, served: YES`);
  expect(page?.body).toMatch(/^Callers served: +YES/);
  expect(page?.body).toContain(`(main#${facts.epoch.after}), ${before} -> ${after}`);
  expect(page?.body).toMatch(/^Established calls: /m);
  expect(page?.body).toMatch(/^Standby left: +\w+/m);
  expect(page?.body).toMatch(/^Next command: +npm run understudy -- acknowledge --table \S+ --vip main/m);
  expect(page?.body).toContain(`start ${before}'s FreeSWITCH by hand or type "sofia recover"`);
}
