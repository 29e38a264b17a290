/** Orders to simulated nodes, and what counts as their proof. */
import { MAIN, Rig } from './rig';

const inService = () => new Rig().inService(5);

describe('the order to shut down', () => {
  const shutdown = (rig: Rig, coreUuid: string | null = null) =>
    rig.end(rig.control().shutdownNow(rig.node('fs-a'), 3_000, coreUuid));

  it('is proved by the connection that closed and the port that refused, and leaves calls recoverable', async () => {
    const rig = await inService();
    expect(await shutdown(rig)).toMatchObject({ fenced: true, proof: expect.stringContaining('was refused') });
    expect([rig.a.state, rig.rows('fs-a:1')]).toEqual(['dead', 10]);
  });

  it('is not needed where the port refuses already', async () => {
    const rig = await inService();
    rig.a.crash();
    expect(await shutdown(rig)).toMatchObject({ fenced: true, proof: expect.stringContaining('no order was needed') });
  });

  it('is proved by another incarnation, which it leaves alone', async () => {
    const rig = await inService();
    rig.a.crash();
    await rig.pass(5_000);
    expect(await shutdown(rig, 'fs-a:1')).toEqual({
      fenced: true,
      proof: 'fs-a:2 runs there now, so the process fs-a:1 is gone',
    });
    expect(rig.a.coreUuid).toBe('fs-a:2');
  });

  it('is proved by an incarnation that comes up while the end of the old one is looked for', async () => {
    const rig = await inService();
    rig.a.crash();
    await rig.pass(3_590);
    expect(rig.a.answersEsl()).toBe('refused');
    expect(await shutdown(rig, 'fs-a:1')).toMatchObject({
      fenced: true,
      proof: expect.stringContaining('fs-a:2 runs there'),
    });
  });

  it('reaches the process whose event socket was closed for a moment, which is no other one', async () => {
    const rig = await inService();
    rig.a.ailEsl('closed');
    const order = shutdown(rig, 'fs-a:1');
    await rig.pass(15);
    rig.a.ailEsl(null);

    expect(await order).toMatchObject({ fenced: true, proof: expect.stringContaining('the connection closed') });
    expect(rig.a.state).toBe('dead');
  });

  it.each([
    ['frozen', (rig: Rig) => rig.a.freeze(), 'no greeting'],
    ['unreachable', (rig: Rig) => void rig.cut.add('fs-a'), 'no greeting'],
    ['not heard', (rig: Rig) => void rig.mute.add('fs-a'), 'no greeting'],
    ['off', (rig: Rig) => rig.a.hostDown(), 'no greeting'],
    ['behind another password', (rig: Rig) => rig.a.rejectEsl(true), 'password'],
  ])('proves nothing on a node that is %s, and ends in time', async (_, befall, why) => {
    const rig = await inService();
    befall(rig);
    const begunMs = rig.kernel.nowMs;
    expect(await shutdown(rig)).toMatchObject({ fenced: false, reason: expect.stringContaining(why) });
    const tookMs = rig.kernel.nowMs - begunMs;
    if (why === 'password') expect(tookMs).toBeLessThan(10);
    else expect(tookMs).toBe(3_000);
  });

  it('proves nothing when the way there breaks after the order', async () => {
    const rig = await inService();
    const order = rig.control().shutdownNow(rig.node('fs-a'), 3_000);
    while (rig.a.state === 'up') await rig.pass(1);
    rig.cut.add('fs-a');
    expect(await rig.end(order)).toMatchObject({ fenced: false });
  });
});

describe('a promotion', () => {
  const promote = (rig: Rig, meantUuid: string | null = null, nodeId = 'fs-b') =>
    rig.end(rig.control().promote(rig.node(nodeId), rig.vip, 2_000, meantUuid));

  it('is proved by 200, names the incarnation, and may be given again', async () => {
    const rig = await inService();
    for (let times = 0; times < 2; times += 1) {
      expect(await promote(rig)).toMatchObject({ promoted: true, coreUuid: 'fs-b:1', proof: expect.any(String) });
    }
    expect(rig.b.serves(MAIN)).toBe(true);
  });

  it('of another incarnation than the one that is meant is refused', async () => {
    const rig = await inService();

    expect(await promote(rig, 'fs-b:0')).toMatchObject({ promoted: false });
    expect(rig.b.process?.isPromoted(MAIN)).toBe(false);
    expect(await promote(rig, 'fs-b:1')).toMatchObject({ promoted: true });
  });

  it('of a switch that is full is proved: it serves the calls that it has', async () => {
    const rig = await inService();
    rig.b.setBusy(true);
    expect(await promote(rig)).toMatchObject({ promoted: true, proof: expect.stringContaining('503 Maximum Calls') });
  });

  it.each([
    ['paused', (rig: Rig) => rig.b.setPaused(true), '503 Maximum Calls'],
    ['stuck', (rig: Rig) => rig.b.stickSip(), 'no answer'],
  ])('of a switch that is %s is done and not proved', async (_, befall, why) => {
    const rig = await inService();
    befall(rig);
    expect(await promote(rig)).toMatchObject({ promoted: false, reason: expect.stringContaining(why) });
    expect(rig.b.process?.isPromoted(MAIN)).toBe(true);
  });

  it.each([
    ['dead', (rig: Rig) => rig.b.crash()],
    ['frozen', (rig: Rig) => rig.b.freeze()],
    ['unreachable', (rig: Rig) => void rig.cut.add('fs-b')],
  ])('fails on a node that is %s', async (_, befall) => {
    const rig = await inService();
    befall(rig);
    expect(await promote(rig)).toMatchObject({ promoted: false });
    expect(rig.b.serves(MAIN)).toBe(false);
  });

  it('brings a holder back that fell into standby, without touching its calls', async () => {
    const rig = await inService();
    rig.a.fallIntoStandby(MAIN);
    expect(await promote(rig, null, 'fs-a')).toMatchObject({ promoted: true, coreUuid: 'fs-a:1' });
    expect([rig.a.serves(MAIN), rig.a.callsOf(MAIN)]).toEqual([true, 5]);
  });

  it('ends in time, and changes no more, when the way there breaks in the middle', async () => {
    const rig = await inService();
    const begunMs = rig.kernel.nowMs;
    const order = rig.control().promote(rig.node('fs-b'), rig.vip, 2_000);
    while (rig.b.process?.isPromoted(MAIN) !== true) await rig.pass(1);
    rig.cut.add('fs-b');
    expect(await rig.end(order)).toMatchObject({ promoted: false, reason: expect.stringContaining('did not answer') });
    expect([rig.kernel.nowMs - begunMs, rig.b.answersSip(MAIN)]).toEqual([2_000, 'standby']);
  });

  it('is done, and not proved, when the way back breaks in the middle', async () => {
    const rig = await inService();
    const order = rig.control().promote(rig.node('fs-b'), rig.vip, 2_000);
    while (rig.b.process?.isPromoted(MAIN) !== true) await rig.pass(1);
    rig.mute.add('fs-b');
    expect(await rig.end(order)).toMatchObject({ promoted: false, reason: expect.stringContaining('did not answer') });
    expect(rig.b.answersSip(MAIN)).toBe('ok');
  });

  it('has set the variable and not yet the flag when node-control is killed between the two', async () => {
    const rig = await inService();
    const process = rig.process();
    void rig.control(process).promote(rig.node('fs-b'), rig.vip, 2_000);
    while (rig.b.process?.isPromoted(MAIN) !== true) await rig.pass(1);
    process.kill();
    await rig.pass(5_000);
    expect(rig.b.answersSip(MAIN)).toBe('standby');
  });
});

describe('the other orders', () => {
  it('demote a VIP into standby, whose calls go on', async () => {
    const rig = await inService();
    const demoted = await rig.end(rig.control().demote(rig.node('fs-a'), rig.vip, 2_000));
    expect(demoted).toMatchObject({ demoted: true, proof: expect.stringContaining('System Paused') });
    expect([rig.a.answersSip(MAIN), rig.a.callsOf(MAIN)]).toEqual(['standby', 5]);
  });

  it('demote a full one into a standby that shows as soon as it has room', async () => {
    const rig = await inService();
    rig.a.setBusy(true);
    const demoted = await rig.end(rig.control().demote(rig.node('fs-a'), rig.vip, 2_000));
    expect(demoted).toMatchObject({ demoted: true, proof: expect.stringContaining('503 Maximum Calls') });
    rig.a.setBusy(false);
    expect(rig.a.answersSip(MAIN)).toBe('standby');
  });

  it('check who serves, and say why not', async () => {
    const rig = await inService();
    const check = (nodeId: string) => rig.end(rig.control().check(rig.node(nodeId), rig.vip, 1_000));
    expect(await check('fs-a')).toMatchObject({ serving: true, coreUuid: 'fs-a:1' });
    expect(await check('fs-b')).toMatchObject({ serving: false, reason: expect.stringContaining('System Paused') });
    rig.a.rejectEsl(true);
    expect(await check('fs-a')).toMatchObject({ serving: true, coreUuid: null });
  });

  it('check whether a standby could take over', async () => {
    const rig = await inService();
    const check = () => rig.end(rig.control().check(rig.node('fs-b'), rig.vip, 1_000));
    expect(await check()).toMatchObject({ serving: false, coreUuid: 'fs-b:1', unfit: null });
    rig.b.setPaused(true);
    expect(await check()).toMatchObject({ serving: false, coreUuid: 'fs-b:1', unfit: 'it is paused' });
    rig.b.rejectEsl(true);
    expect(await check()).toMatchObject({ coreUuid: null, unfit: expect.stringContaining('password') });
  });

  it.each([
    ['full', true, (rig: Rig) => rig.a.setBusy(true)],
    ['paused', false, (rig: Rig) => rig.a.setPaused(true)],
  ])('check a holder that is %s: it serves is %s', async (_, serving, befall) => {
    const rig = await inService();
    befall(rig);
    expect(await rig.end(rig.control().check(rig.node('fs-a'), rig.vip, 1_000))).toMatchObject({ serving });
  });

  it('inspect a node, and do not know one that is silent', async () => {
    const rig = await inService();
    const inspect = () => rig.end(rig.control().inspect(rig.node('fs-a'), [rig.vip], 1_000));
    expect(await inspect()).toEqual({ nodeId: 'fs-a', level: 3, missing: [], conflicts: [] });
    rig.a.freeze();
    expect(await inspect()).toMatchObject({ level: null });
  });

  it('lock and unlock a role, and say when the database is away', async () => {
    const rig = await inService();
    const control = rig.control();
    expect(await rig.end(control.lockRole(rig.node('fs-a'), 2_000))).toMatchObject({ locked: true });
    expect(rig.database.isLocked('node_fs_a')).toBe(true);
    expect(await rig.end(control.unlockRole(rig.node('fs-a'), 2_000))).toMatchObject({ unlocked: true });
    rig.database.become('away');
    expect(await rig.end(control.lockRole(rig.node('fs-a'), 2_000))).toMatchObject({ locked: false, away: true });
  });

  it('forecast a switchover by rows and sessions', async () => {
    const rig = await inService();
    rig.a.establish(MAIN, 8);
    const forecast = () => rig.end(rig.control().forecast(rig.node('fs-a'), [rig.vip], 1_000));
    expect(await forecast()).toMatchObject({ sessions: 16, vips: [{ vipId: MAIN, calls: 5 }], unanswered: 6 });
    await rig.pass(500);
    expect(await forecast()).toMatchObject({ vips: [{ vipId: MAIN, calls: 8 }], unanswered: 0 });
  });
});

describe('an order to a node that cannot be reached', () => {
  const ORDER = { transitionId: 'main#2', deadCoreUuids: ['uuid'], deadNodeIds: ['fs-b'], maxClockBehindMs: 1_000 };
  type Orders = ReturnType<Rig['control']>;

  const GIVEN: [string, (orders: Orders, rig: Rig, timeoutMs: number) => Promise<object>][] = [
    ['shut down', (orders, rig, ms) => orders.shutdownNow(rig.node('fs-a'), ms)],
    ['promote', (orders, rig, ms) => orders.promote(rig.node('fs-a'), rig.vip, ms)],
    ['demote', (orders, rig, ms) => orders.demote(rig.node('fs-a'), rig.vip, ms)],
    ['inspect', (orders, rig, ms) => orders.inspect(rig.node('fs-a'), [rig.vip], ms)],
    ['recover', (orders, rig, ms) => orders.recover(rig.node('fs-a'), rig.vip, ORDER, ms)],
    ['count', (orders, rig, ms) => orders.countAlive(rig.node('fs-a'), rig.vip, ORDER, ms)],
    ['preview', (orders, rig, ms) => orders.previewRecovery(rig.node('fs-a'), rig.vip, ORDER, ms)],
    ['forecast', (orders, rig, ms) => orders.forecast(rig.node('fs-a'), [rig.vip], ms)],
  ];

  it.each(
    GIVEN.flatMap(([what, give]) => [
      { what, has: 25_000, takes: 3_000, give },
      { what, has: 1_000, takes: 1_000, give },
    ]),
  )('to $what, with $has ms, says so after $takes ms', async ({ has, takes, give }) => {
    const rig = await inService();
    rig.cut.add('fs-a');
    const begunMs = rig.kernel.nowMs;

    expect(await rig.end(give(rig.control(), rig, has))).toMatchObject({ unreached: true });

    expect(rig.kernel.nowMs - begunMs).toBe(takes);
  });

  it('to shut down says so where the way breaks before its first question is there', async () => {
    const rig = await inService();
    rig.delayMs = 300;
    const order = rig.control().shutdownNow(rig.node('fs-a'), 3_000);
    // Connected, and not asked yet.
    await rig.pass(250);
    rig.cut.add('fs-a');

    expect(await rig.end(order)).toMatchObject({ fenced: false, unreached: true });

    expect(rig.a.state).toBe('up');
  });

  it('is asked for nowhere else where the node rejects us', async () => {
    const rig = await inService();
    rig.a.rejectEsl(true);

    for (const [, give] of GIVEN) {
      expect(await rig.end(give(rig.control(), rig, 25_000))).not.toHaveProperty('unreached');
    }
  });
});
