/**
 * What the orders to a node must come to, as one suite that runs against those that are shipped, over real ESL and SIP,
 * and against the simulator's copy of them: the same verdict, the same proof in the words that anybody compares, and the
 * same traces on the node.
 */
import { REFUSED_ALREADY, type Unreached } from '../../lib/domain/node-control';
import type { CheckResult, DemoteResult, Inspection, PromoteResult, ShutdownProof } from '../../lib/domain/ports';
import { specifyDifferences } from './node-orders-differences';
import { CALLS, MAIN, type OrdersStage, SECOND, type StagedNode } from './node-orders-stage';

const LONG_MS = 3_000;
/** For those who stay without any answer: it is waited for to its end. */
const SHORT_MS = 150;
/** For those who stay without one answer, and get another. */
const MEDIUM_MS = 300;
/** What an order may take beyond its deadline, on a machine that is busy. */
const LITTLE_MS = 700;
/** The simulator's moments are far apart where something befalls a node in the middle of an order. */
const untilAnswered = ({ kind }: OrdersStage): number => (kind === 'shipped' ? SHORT_MS : LONG_MS);

const ENDED = 'the connection closed after `fsctl shutdown now`; then a new connection was refused';
const REFUSED_TWICE = `${REFUSED_ALREADY}, no order was needed; then a new connection was refused`;

type Befall = (node: StagedNode) => void | Promise<void>;

/** What the answer tells whoever could ask from another zone: no answer came; or one did, and it is the same there. */
const SILENT: Unreached = { unreached: true };
const ANSWERED: Unreached = {};

/** @param open gives a stage as `OrdersStage` says, a new one for each test */
export function specifyNodeOrders(open: () => Promise<OrdersStage>): void {
  let stage: OrdersStage;
  let a: StagedNode;
  let b: StagedNode;

  beforeEach(async () => {
    stage = await open();
    ({ a, b } = stage);
  });
  afterEach(() => stage.close());

  const shutDown = (node: StagedNode, meant: string | null = null, timeoutMs = LONG_MS): Promise<ShutdownProof> =>
    stage.give((orders) => orders.shutdownNow(node.topology, timeoutMs, meant));
  const promote = (
    node: StagedNode,
    { vipId = MAIN, meant = null as string | null, timeoutMs = LONG_MS } = {},
  ): Promise<PromoteResult> =>
    stage.give((orders) => orders.promote(node.topology, stage.vip(vipId), timeoutMs, meant));
  const demote = (node: StagedNode, timeoutMs = LONG_MS, vipId = MAIN): Promise<DemoteResult> =>
    stage.give((orders) => orders.demote(node.topology, stage.vip(vipId), timeoutMs));
  const check = (node: StagedNode, timeoutMs = LONG_MS, vipId = MAIN): Promise<CheckResult> =>
    stage.give((orders) => orders.check(node.topology, stage.vip(vipId), timeoutMs));

  const inTime = (timeoutMs: number): void => expect(stage.tookMs).toBeLessThan(timeoutMs + LITTLE_MS);

  describe('the order to shut down', () => {
    it('ends a healthy holder, and leaves the rows of its calls', async () => {
      const { coreUuid } = a;
      expect(await shutDown(a, coreUuid)).toEqual({ fenced: true, proof: ENDED });
      expect([a.runs, await a.sip(MAIN), a.rowsOf(coreUuid)]).toEqual([false, 'silent', 2 * CALLS]);
    });

    it('ends the process of all VIPs, and touches no other node', async () => {
      expect(await shutDown(b)).toEqual({ fenced: true, proof: ENDED });
      expect([b.runs, await b.sip(MAIN), await b.sip(SECOND)]).toEqual([false, 'silent', 'silent']);
      expect([a.runs, await a.sip(MAIN)]).toEqual([true, 'ok']);
    });

    it.each<[string, Befall]>([
      ['a standby', () => b.fallIntoStandby()],
      ['paused', () => b.pause()],
      ['full', () => b.fill()],
      ['deaf on SIP', () => b.stickSip()],
      ['locked out of the database', () => b.lockRole()],
      ['about to end gracefully', () => b.beginGracefulStop()],
    ])('ends a node that is %s', async (_, befall) => {
      await befall(b);
      expect(await shutDown(b, b.coreUuid)).toEqual({ fenced: true, proof: ENDED });
      expect(b.runs).toBe(false);
    });

    it('of a locked node leaves the rows of its calls', async () => {
      const { coreUuid } = a;
      await a.lockRole();
      expect(await shutDown(a, coreUuid)).toEqual({ fenced: true, proof: ENDED });
      expect([a.runs, a.rowsOf(coreUuid)]).toEqual([false, 2 * CALLS]);
    });

    it('is not needed where nobody listens, and says so', async () => {
      await a.kill();
      expect(await shutDown(a, a.coreUuid)).toEqual({ fenced: true, proof: REFUSED_TWICE });
    });

    it('may be given again', async () => {
      const { coreUuid } = a;
      await shutDown(a, coreUuid);
      expect(await shutDown(a, coreUuid)).toEqual({ fenced: true, proof: REFUSED_TWICE });
    });

    it('is not needed where the ports are closed, and does not say that the process ended', async () => {
      await a.closePortsGracefully();
      expect(await shutDown(a, a.coreUuid)).toEqual({ fenced: true, proof: REFUSED_TWICE });
      expect(a.runs).toBe(true);
    });

    it('finds nobody where the event socket alone is closed, and does not say that the process ended', async () => {
      await a.closeEsl();
      expect(await shutDown(a, a.coreUuid)).toEqual({ fenced: true, proof: REFUSED_TWICE });
      expect([a.runs, await a.sip(MAIN), a.sessions]).toEqual([true, 'ok', 2 * CALLS]);
    });

    it('is proved by another incarnation, which it leaves alone', async () => {
      const old = a.coreUuid;
      await a.restart();
      const { coreUuid } = a;
      expect(coreUuid).not.toBe(old);
      expect(await shutDown(a, old)).toEqual({
        fenced: true,
        proof: `${coreUuid} runs there now, so the process ${old} is gone`,
      });
      expect([a.runs, a.coreUuid]).toEqual([true, coreUuid]);
    });

    it('ends whoever runs there where nobody in particular is meant', async () => {
      await a.restart();
      expect(await shutDown(a)).toEqual({ fenced: true, proof: ENDED });
      expect(a.runs).toBe(false);
    });

    it('ends a process that refuses one connection and answers the next', async () => {
      await a.refuseOnce('same');
      expect(await shutDown(a, a.coreUuid)).toEqual({ fenced: true, proof: ENDED });
      expect(a.runs).toBe(false);
    });

    it('is proved by the incarnation that answers where the one before refused a connection', async () => {
      const old = a.coreUuid;
      await a.refuseOnce('another');
      const proof = await shutDown(a, old);
      expect(proof).toEqual({ fenced: true, proof: `${a.coreUuid} runs there now, so the process ${old} is gone` });
      expect([a.runs, a.coreUuid === old]).toEqual([true, false]);
    });

    it.each<[string, Befall]>([
      ['is frozen', () => a.freeze()],
      ['has an event socket that hangs', () => a.hangEsl()],
    ])('proves nothing on a node that %s, ends in time, and has ended nobody', async (_, befall) => {
      await befall(a);
      expect(await shutDown(a, a.coreUuid, SHORT_MS)).toEqual({
        ...{ fenced: false, ...SILENT },
        reason: expect.stringContaining('no greeting within'),
      });
      inTime(SHORT_MS);
      await a.thaw();
      expect(a.runs).toBe(true);
    });

    it.each<[string, Befall]>([
      ['the password', () => a.rejectPassword()],
      ['our address', () => a.rejectByAccessList()],
    ])('proves nothing on a node that rejects %s, and ends nobody', async (_, befall) => {
      await befall(a);
      expect(await shutDown(a, a.coreUuid)).toEqual({ fenced: false, reason: expect.stringContaining('refused') });
      inTime(0);
      expect([a.runs, await a.sip(MAIN)]).toEqual([true, 'ok']);
    });
  });

  describe('an order to shut down that was never sent', () => {
    /** A FIN alone says nothing: a graceful stop closes connections seconds before its process exits (FACTS 1). */
    it.each<[string, 'dies' | 'closes-esl' | 'says-goodbye']>([
      ['is dead', 'dies'],
      ['has its event socket unloaded', 'closes-esl'],
      ['says goodbye', 'says-goodbye'],
    ])('proves traffic alone of a node that hangs up on the first question, because it %s', async (_, befalls) => {
      await a.onFirstQuestion(befalls);
      expect(await shutDown(a, a.coreUuid)).toEqual({ fenced: true, proof: REFUSED_TWICE });
      expect(a.runs).toBe(befalls !== 'dies');
    });

    it('proves traffic alone of a node that says goodbye right behind its first answer', async () => {
      await a.onFirstAnswer('says-goodbye');
      expect(await shutDown(a, a.coreUuid)).toEqual({ fenced: true, proof: REFUSED_TWICE });
      expect(a.runs).toBe(true);
    });

    it('proves nothing of a node that rejects the password, whatever that is about to do', async () => {
      await a.rejectPassword();
      await a.beginGracefulStop();
      expect(await shutDown(a, a.coreUuid)).toEqual({
        fenced: false,
        reason: expect.stringContaining('password'),
      });
    });
  });

  describe('what a node has not read when it freezes', () => {
    /** It waits in its socket: "answers come after SIGCONT" (FACTS 1, the table of failures). */
    it('ends it when it thaws, where that was the order to shut down', async () => {
      await a.freezeBefore('shutdown');
      expect(await shutDown(a, a.coreUuid, untilAnswered(stage))).toMatchObject({ fenced: false, ...SILENT });
      await a.thaw();
      expect(a.runs).toBe(false);
    });

    it('has it serve when it thaws, where that was the rescan of a promotion', async () => {
      await b.freezeBefore('rescan');
      expect(await promote(b, { timeoutMs: untilAnswered(stage) })).toMatchObject({
        ...{ promoted: false, ...SILENT },
      });
      await b.thaw();
      expect([b.isPromoted(MAIN), await b.sip(MAIN)]).toEqual([true, 'ok']);
    });
  });

  describe('a promotion', () => {
    it('of a standby is proved by 200, names the incarnation, and leaves its other VIPs and other nodes alone', async () => {
      await b.restart();
      expect(await promote(b, { meant: b.coreUuid })).toEqual({
        promoted: true,
        coreUuid: b.coreUuid,
        proof: expect.stringMatching(/rescanned.*OPTIONS.*: 200 OK$/),
      });
      expect([await b.sip(MAIN), await b.sip(SECOND)]).toEqual(['ok', 'standby']);
      expect([b.isPromoted(MAIN), b.isPromoted(SECOND)]).toEqual([true, false]);
      expect([await a.sip(MAIN), await a.sip(SECOND)]).toEqual(['ok', 'standby']);
    });

    it('may be given again, and leaves the calls', async () => {
      expect(await promote(a)).toMatchObject({ promoted: true, coreUuid: a.coreUuid });
      expect([await a.sip(MAIN), a.sessions]).toEqual(['ok', 2 * CALLS]);
    });

    it('brings a holder back that fell into standby, and leaves the calls', async () => {
      await a.fallIntoStandby();
      expect(await a.sip(MAIN)).toBe('standby');
      expect(await promote(a)).toMatchObject({ promoted: true, coreUuid: a.coreUuid });
      expect([await a.sip(MAIN), a.sessions]).toEqual(['ok', 2 * CALLS]);
    });

    it('of another incarnation than the one that is meant is refused, and leaves it in standby', async () => {
      const meant = b.coreUuid;
      await b.restart();
      const reason = `fs-b runs ${b.coreUuid}, and ${meant} was to be promoted`;
      expect(await promote(b, { meant })).toEqual({ promoted: false, reason });
      expect([b.isPromoted(MAIN), await b.sip(MAIN)]).toEqual([false, 'standby']);
    });

    it('promotes whoever runs there where nobody in particular is meant', async () => {
      await a.restart();
      expect(await a.sip(MAIN)).toBe('standby');
      expect(await promote(a)).toMatchObject({ promoted: true, coreUuid: a.coreUuid });
      expect(await a.sip(MAIN)).toBe('ok');
    });

    it('of a node that is locked out of the database is proved as any other', async () => {
      await b.lockRole();
      expect(await promote(b)).toMatchObject({ promoted: true, proof: expect.stringContaining('200 OK') });
    });

    it('of a full node is proved: it serves the calls that it has', async () => {
      await b.fill();
      expect(await promote(b)).toMatchObject({
        promoted: true,
        coreUuid: b.coreUuid,
        proof: expect.stringContaining('503 Maximum Calls In Progress'),
      });
      await b.makeRoom();
      expect(await b.sip(MAIN)).toBe('ok');
    });

    it('of a paused node is done, and not proved', async () => {
      await b.pause();
      expect(await promote(b)).toEqual({
        promoted: false,
        reason: expect.stringMatching(/^rescanned, but OPTIONS.*503 Maximum Calls In Progress/),
      });
      expect(b.isPromoted(MAIN)).toBe(true);
      await b.resume();
      expect(await b.sip(MAIN)).toBe('ok');
    });

    it('of a node that is deaf on SIP is done, and not proved', async () => {
      await b.stickSip();
      expect(await promote(b, { timeoutMs: MEDIUM_MS })).toEqual({
        promoted: false,
        reason: expect.stringMatching(/^rescanned, but OPTIONS.*no answer/),
      });
      inTime(SHORT_MS);
      await b.unstickSip();
      expect([b.isPromoted(MAIN), await b.sip(MAIN)]).toEqual([true, 'ok']);
    });

    it('is not believed where the connection closed before the proof', async () => {
      await b.onRescanned('closes-esl');
      expect(await promote(b)).toEqual({
        promoted: false,
        reason: 'fs-b closed its ESL connection during the promotion',
      });
    });

    it.each<[string, Unreached, Befall]>([
      ['is dead', ANSWERED, () => b.kill()],
      ['is frozen', SILENT, () => b.freeze()],
      ['has an event socket that hangs', SILENT, () => b.hangEsl()],
      ['has no event socket', ANSWERED, () => b.closeEsl()],
      ['rejects the password', ANSWERED, () => b.rejectPassword()],
      ['rejects our address', ANSWERED, () => b.rejectByAccessList()],
      ['hangs up on the first question, and is dead', ANSWERED, () => b.onFirstQuestion('dies')],
      ['hangs up on the first question, and has no event socket', ANSWERED, () => b.onFirstQuestion('closes-esl')],
      ['says goodbye on the first question', ANSWERED, () => b.onFirstQuestion('says-goodbye')],
    ])('of a node that %s has done nothing, and tells %j', async (_, told, befall) => {
      await befall(b);
      const timeoutMs = untilAnswered(stage);
      expect(await promote(b, { timeoutMs })).toEqual({ promoted: false, reason: expect.any(String), ...told });
      inTime(timeoutMs);
      await b.thaw();
      expect(await b.sip(MAIN)).not.toBe('ok');
    });
  });

  describe('a demotion', () => {
    it('puts a holder into standby, leaves its calls and its other VIPs', async () => {
      await promote(a, { vipId: SECOND });
      expect(await demote(a)).toEqual({
        demoted: true,
        proof: expect.stringMatching(/rescanned.*OPTIONS.*: 503 System Paused$/),
      });
      expect([await a.sip(MAIN), await a.sip(SECOND), a.sessions]).toEqual(['standby', 'ok', 2 * CALLS]);
      expect([a.isPromoted(MAIN), a.isPromoted(SECOND)]).toEqual([false, true]);
    });

    it('of a VIP that another process holds changes nothing there, nor here', async () => {
      expect(await demote(b)).toMatchObject({ demoted: true, proof: expect.stringContaining('503 System Paused') });
      expect([await b.sip(MAIN), await b.sip(SECOND)]).toEqual(['standby', 'ok']);
      expect(await a.sip(MAIN)).toBe('ok');
    });

    it('may be given again', async () => {
      await demote(a);
      expect(await demote(a)).toMatchObject({ demoted: true });
    });

    it.each<[string, Befall]>([
      ['was restarted since', () => a.restart()],
      ['fell into standby', () => a.fallIntoStandby()],
      ['is locked out of the database', () => a.lockRole()],
    ])('of a node that %s is proved by its standby', async (_, befall) => {
      await befall(a);
      expect(await demote(a)).toMatchObject({ demoted: true, proof: expect.stringContaining('503 System Paused') });
      expect([a.isPromoted(MAIN), await a.sip(MAIN)]).toEqual([false, 'standby']);
    });

    it.each<[string, Befall, Befall]>([
      ['full', () => a.fill(), () => a.makeRoom()],
      ['paused', () => a.pause(), () => a.resume()],
    ])('of a node that is %s is proved without its standby, which shows later', async (_, befall, end) => {
      await befall(a);
      expect(await demote(a)).toMatchObject({
        demoted: true,
        proof: expect.stringContaining('503 Maximum Calls In Progress'),
      });
      await end(a);
      expect(await a.sip(MAIN)).toBe('standby');
    });

    it('of a node that is deaf on SIP is done, and not proved', async () => {
      await a.stickSip();
      expect(await demote(a, MEDIUM_MS)).toEqual({
        demoted: false,
        reason: expect.stringMatching(/^rescanned, but OPTIONS.*no answer/),
      });
      inTime(SHORT_MS);
      await a.unstickSip();
      expect([a.isPromoted(MAIN), await a.sip(MAIN)]).toEqual([false, 'standby']);
    });

    it.each<[string, Unreached, Befall]>([
      ['is frozen', SILENT, () => a.freeze()],
      ['has an event socket that hangs', SILENT, () => a.hangEsl()],
      ['has no event socket', ANSWERED, () => a.closeEsl()],
      ['rejects the password', ANSWERED, () => a.rejectPassword()],
      ['hangs up on the first question, and has no event socket', ANSWERED, () => a.onFirstQuestion('closes-esl')],
    ])('of a node that %s has done nothing, and tells %j', async (_, told, befall) => {
      await befall(a);
      const timeoutMs = untilAnswered(stage);
      expect(await demote(a, timeoutMs)).toEqual({ demoted: false, reason: expect.any(String), ...told });
      inTime(timeoutMs);
      await a.thaw();
      expect([a.isPromoted(MAIN), await a.sip(MAIN)]).toEqual([true, 'ok']);
    });

    it('of a node that is dead is not proved', async () => {
      await a.kill();
      expect(await demote(a)).toEqual({ demoted: false, reason: expect.stringContaining('refused') });
    });
  });

  describe('a check', () => {
    const wellOn = (node: StagedNode) => ({ coreUuid: node.coreUuid, unfit: null });
    const UNASKED = { coreUuid: null, unfit: expect.any(String) };

    it('of a holder says that it serves, and which process it is', async () => {
      expect(await check(a)).toEqual({
        ...wellOn(a),
        serving: true,
        proof: expect.stringMatching(/^OPTIONS.*: 200 OK$/),
      });
    });

    it('of a standby says that it does not serve, and could', async () => {
      expect(await check(b)).toEqual({
        ...wellOn(b),
        serving: false,
        reason: expect.stringMatching(/^OPTIONS.*: 503 System Paused$/),
      });
    });

    it.each<[string, Befall]>([
      ['was restarted', () => a.restart()],
      ['fell into standby', () => a.fallIntoStandby()],
    ])('of a holder that %s finds a standby', async (_, befall) => {
      await befall(a);
      expect(await check(a)).toMatchObject({
        ...wellOn(a),
        serving: false,
        reason: expect.stringContaining('503 System Paused'),
      });
    });

    it('of a holder that is locked out of the database says that it serves: the lock fences rows', async () => {
      await a.lockRole();
      expect(await check(a)).toMatchObject({ ...wellOn(a), serving: true });
    });

    it.each<[string, () => StagedNode]>([
      ['holder', () => a],
      ['standby', () => b],
    ])('of a paused %s says that it does not serve, and why it could not', async (_, which) => {
      const node = which();
      await node.pause();
      expect(await check(node)).toMatchObject({
        ...{ coreUuid: node.coreUuid, unfit: expect.stringMatching(/^it is paused/) },
        ...{ serving: false, reason: expect.stringContaining('503 Maximum Calls In Progress') },
      });
    });

    it('of a standby that is paused for outgoing calls says why it could not', async () => {
      await b.pause('outbound');
      expect(await check(b)).toMatchObject({
        ...{ coreUuid: b.coreUuid, unfit: expect.stringMatching(/^it is paused/) },
        ...{ serving: false, reason: expect.stringContaining('503 System Paused') },
      });
    });

    it('of a full holder that is paused for outgoing calls says that it serves the calls that it has', async () => {
      await a.pause('outbound');
      await a.fill();
      expect(await check(a)).toMatchObject({ serving: true, unfit: expect.stringMatching(/^it is paused/) });
    });

    it.each<[string, boolean, () => StagedNode, Befall]>([
      ['holder serves the calls that it has', true, () => a, () => undefined],
      ['holder that fell into standby cannot be told from one that did not', true, () => a, () => a.fallIntoStandby()],
      ['standby does not serve', false, () => b, () => undefined],
      ['holder whose event socket cannot be asked is not known to serve', false, () => a, () => a.rejectPassword()],
    ])('of a full node: a %s', async (_, serving, which, befall) => {
      await befall(which());
      await which().fill();
      expect(await check(which())).toMatchObject({ serving });
    });

    it('of a node that is deaf on SIP says that it does not serve, and which process it is', async () => {
      await a.stickSip();
      expect(await check(a, MEDIUM_MS)).toEqual({
        ...wellOn(a),
        serving: false,
        reason: expect.stringContaining('no answer'),
      });
      inTime(SHORT_MS);
    });

    it.each<[string, Befall, number]>([
      ['has no event socket', () => a.closeEsl(), LONG_MS],
      ['has an event socket that hangs', () => a.hangEsl(), MEDIUM_MS],
      ['rejects the password', () => a.rejectPassword(), LONG_MS],
      ['rejects our address', () => a.rejectByAccessList(), LONG_MS],
    ])('of a holder that %s says that it serves, and not which process it is', async (_, befall, timeoutMs) => {
      await befall(a);
      expect(await check(a, timeoutMs)).toEqual({ ...UNASKED, serving: true, proof: expect.any(String) });
      inTime(timeoutMs);
    });

    it.each<[string, Unreached, Befall, number]>([
      ['has no event socket', ANSWERED, () => b.closeEsl(), LONG_MS],
      ['has an event socket that hangs', SILENT, () => b.hangEsl(), MEDIUM_MS],
      ['rejects the password', ANSWERED, () => b.rejectPassword(), LONG_MS],
    ])('of a standby that %s does not know its process, and tells %j', async (_, told, befall, timeoutMs) => {
      await befall(b);
      expect(await check(b, timeoutMs)).toEqual({
        ...{ ...UNASKED, serving: false, ...told },
        reason: expect.stringContaining('503 System Paused'),
      });
      inTime(timeoutMs);
    });

    it.each<[string, Unreached, Befall]>([
      ['is dead', ANSWERED, () => a.kill()],
      ['is frozen', SILENT, () => a.freeze()],
      ['has closed its ports on its way out', ANSWERED, () => a.closePortsGracefully()],
    ])('of a node that %s knows nothing of it, and tells %j', async (_, told, befall) => {
      await befall(a);
      expect(await check(a, SHORT_MS)).toEqual({ ...UNASKED, serving: false, reason: expect.any(String), ...told });
      inTime(SHORT_MS);
    });

    it.each<[string, Unreached, Befall]>([
      ['hangs', SILENT, () => a.hangEsl()],
      ['rejects the password', ANSWERED, () => a.rejectPassword()],
    ])(
      'of a full holder whose event socket %s does not know whether it serves, and tells %j',
      async (_, told, befall) => {
        await a.fill();
        await befall(a);
        expect(await check(a, MEDIUM_MS)).toEqual({
          ...{ ...UNASKED, serving: false, ...told },
          reason: expect.stringContaining('503 Maximum Calls In Progress'),
        });
      },
    );

    it('of a VIP that has no address there says so', async () => {
      const topology = { ...a.topology, vipAddresses: {} };
      expect(await stage.give((orders) => orders.check(topology, stage.vip(MAIN), SHORT_MS))).toMatchObject({
        serving: false,
        reason: expect.stringContaining('has no address on fs-a'),
      });
    });
  });

  describe('an inspection', () => {
    const inspect = (node: StagedNode, timeoutMs = LONG_MS): Promise<Inspection> =>
      stage.give((orders) => orders.inspect(node.topology, [stage.vip(MAIN), stage.vip(SECOND)], timeoutMs));

    it('of a node that serves what it was promoted for finds no conflict', async () => {
      expect(await inspect(a)).toMatchObject({ nodeId: 'fs-a', level: expect.any(Number), conflicts: [] });
    });

    it('of a node that serves what nobody promoted finds the VIP', async () => {
      await a.leaveStandby();
      expect(await a.sip(SECOND)).toBe('ok');
      expect((await inspect(a)).conflicts).toEqual([
        expect.stringContaining('VIP second serves here although nobody promoted it'),
      ]);
    });

    it.each<[string, Unreached, Befall]>([
      ['is dead', ANSWERED, () => a.kill()],
      ['is frozen', SILENT, () => a.freeze()],
      ['has an event socket that hangs', SILENT, () => a.hangEsl()],
      ['rejects the password', ANSWERED, () => a.rejectPassword()],
    ])('of a node that %s knows nothing of it, says why, and tells %j', async (_, told, befall) => {
      await befall(a);
      expect(await inspect(a, SHORT_MS)).toEqual({
        ...{ nodeId: 'fs-a', level: null, conflicts: [], ...told },
        missing: [expect.stringMatching(/refused|no greeting/)],
      });
      inTime(SHORT_MS);
    });
  });

  specifyDifferences(() => stage);
}
