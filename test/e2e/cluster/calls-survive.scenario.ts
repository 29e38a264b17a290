/** A holder is killed with calls of every sort: the ledger is exact, phones stay reachable, the old node comes back. */
import { notYet, ready, until } from '../../../local/demo/until';
import { register } from '../../local/standin/phone';
import type { CallsStage } from '../support/calls-stage';
import { understudy, type Said } from '../support/operator';
import { shortOf } from '../support/stage';

const SIP_PORT = 5060;

export function callsSurvive(calls: () => CallsStage): void {
  describe('ten calls and two phones, when the holder is killed', () => {
    let from = '';
    let to = '';
    let dryRun: Said = { exitCode: 1, text: '' };

    beforeAll(async () => {
      const { stage } = calls();
      const { world } = stage;
      from = (await stage.holder()).nodeId;
      to = (await calls().others())[0] ?? '';
      const address = calls().node(from).vipAddresses[world.vip.id] ?? '';
      expect(await register(address, { user: '1001', contactHost: '198.51.100.7' }, SIP_PORT)).toContain('200 OK');
      await bindOverTcp(calls(), from);
      await world.establish([
        { count: 7 },
        { count: 1, kind: 'unanswered' },
        { count: 1, kind: 'tcp' },
        { count: 1, peer: 'gone' },
      ]);

      dryRun = await understudy(world, 'calls', '--vip', world.vip.id, '--preview', '--json');
      await world.inject('kill');
      await world.waitForOutcome(60_000);
    });

    afterAll(() => calls().rest());

    it('the operator could see beforehand what the recovery would find', () => {
      expect(dryRun.exitCode).toBe(0);
      expect(JSON.parse(dryRun.text)).toMatchObject({
        ...{ kind: 'previewed', fromNodeId: from, toNodeId: to, unfit: null },
        result: {
          ...{ known: true, way: 'A', obstacle: null },
          recovered: [{ rows: 18, calls: 9, connectionOriented: 1 }],
          ...{ foreign: [], rewritten: 0, differences: [], examples: [] },
        },
      });
    });

    it('another node takes over, with every step proven', async () => {
      const facts = await calls().stage.world.facts();

      expect(shortOf(facts)).toEqual([]);
      expect(facts.holder).toEqual({ before: from, after: to });
      const [journal] = facts.transitions;
      expect(journal?.steps.lock.proof).toMatch(/^\(c\) /);
      expect(journal?.steps.recover.proof).toContain('9 calls (18 legs)');
    });

    it('the ledger has seven of nine, and says of each other one why', async () => {
      const { world } = calls().stage;
      await world.waitForLedger();

      const { ledger, sessionsNow } = (await world.facts()).calls;
      expect(ledger).toMatchObject({ before: 9, legsBefore: 18, resurrected: 7, aliveAfter5s: 7, aliveAfter30s: 7 });
      expect(ledger?.lost).toEqual([
        { reason: 'connection-oriented', count: 1 },
        { reason: 'not-rebuilt', count: 1 },
        // By sessions, because nothing else is known of them: the caller's and the one that was called.
        { reason: 'no-row', count: 2 },
      ]);
      expect(sessionsNow).toBe(14);
      expect((await calls().rowsByCore()).size).toBe(1);
    });

    it('the operator reads the same ledger, and the page has the first count', async () => {
      const { world } = calls().stage;
      const said = await understudy(world, 'calls', '--vip', world.vip.id);

      expect(said.text).toMatch(/calls before +9 \(18 legs\)/);
      expect(said.text).toMatch(/alive after 30 s +7/);
      expect(said.text).toMatch(/lost +1: connection-oriented/);
      const [page] = (await world.facts()).notifications.filter((each) => each.kind === 'page');
      expect(page?.body).toMatch(/^Established calls: .*7 of 9/m);
    });

    it('the phone is found through the new holder without registering again; the binding over TCP is deleted', async () => {
      const found = await calls().stage.standIn(to).api('sofia_contact external/1001@lab.example');
      expect(found).toContain('sip:1001@198.51.100.7');

      const rows = await calls().database.query(
        'select sip_user, hostname, orig_hostname from public.sip_registrations order by sip_user',
      );
      expect(rows).toEqual([{ sip_user: '1001', hostname: to, orig_hostname: to }]);
    });

    it('the old node is locked out until EC2 says that it is stopped, then it comes back as a standby', async () => {
      const { stage } = calls();
      const { world } = stage;
      const journal = await calls().untilClosed();

      expect(journal.steps.restore).toMatchObject({ status: 'done', proof: `${from} is back as a standby` });
      const orders = ['StopInstances', 'StartInstances'].map((action) => world.emulator.faults.callsOf('ec2', action));
      expect(orders.map((list) => list.length)).toEqual([1, 1]);
      expect(await calls().mayLogIn(from)).toBe(true);
      // Locked before it was ordered to stop, and not let in before it was ordered to start.
      const unlocked = await firstUnlockMs(calls());
      expect(journal.steps.lock.finishedAtMs).toBeLessThanOrEqual(orders[0]?.[0]?.atMs ?? 0);
      expect(unlocked).toBeGreaterThan(journal.steps.stop.finishedAtMs ?? Infinity);
      await until(`${from} is a standby again`, { timeoutMs: 20_000 }, async () => {
        const { text } = await understudy(world, 'status', '--json');
        const { vips } = JSON.parse(text) as { vips: { standbys: string[] }[] };
        return vips[0]?.standbys.includes(from) === true ? ready(true) : notYet(text);
      });
    });
  });
}

/** A phone whose binding is its connection: the stand-in listens on UDP only, so the row is written as FreeSWITCH would. */
async function bindOverTcp(calls: CallsStage, nodeId: string): Promise<void> {
  await calls.database.query(
    `insert into public.sip_registrations (call_id, sip_user, sip_host, contact, status, expires, profile_name, hostname,
       orig_hostname) values ('tcp-1', '1002', 'lab.example', '<sip:1002@198.51.100.8:5060;transport=tcp>',
       'Registered(TCP)', extract(epoch from now())::bigint + 3600, 'external', $1, $1)`,
    [nodeId],
  );
}

/** When node-control was first told to let a node in again, epoch milliseconds. */
async function firstUnlockMs({ stage }: CallsStage): Promise<number> {
  const orders = stage.world.emulator.faults.callsOf('lambda', 'Invoke');
  return orders.find((call) => call.parameters['action'] === 'unlockRole')?.atMs ?? 0;
}
