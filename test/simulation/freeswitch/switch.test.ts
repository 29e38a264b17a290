/** FreeSWITCH on a simulated node, as its peers see it. */
import { MAIN, Rig } from './rig';

const CALLS = 10;

describe('a process that starts', () => {
  it('is in standby everywhere, serves SIP before ESL, and has a core_uuid that was never there before', async () => {
    const { a, ...rig } = startedRig();
    expect([a.answersEsl(), a.answersSip(MAIN)]).toEqual(['refused', 'silent']);
    await rig.pass(1_300);
    expect([a.answersEsl(), a.answersSip(MAIN)]).toEqual(['refused', 'standby']);
    await rig.pass(1_400);
    expect([a.answersEsl(), a.answersSip(MAIN), a.coreUuid]).toEqual(['ok', 'standby', 'fs-a:1']);
  });

  it('comes again by its supervisor a second after a crash, as another incarnation that holds nothing', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.a.crash();
    expect([rig.a.state, rig.a.answersEsl(), rig.a.answersSip(MAIN)]).toEqual(['dead', 'refused', 'silent']);
    await rig.pass(4_000);
    expect([rig.a.coreUuid, rig.a.answersSip(MAIN), rig.a.sessions]).toEqual(['fs-a:2', 'standby', 0]);
    expect(rig.rows('fs-a:1')).toBe(2 * CALLS);
  });

  it('stays away where nobody supervises it', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.a.supervised = false;
    rig.a.crash();
    await rig.pass(60_000);
    expect(rig.a.state).toBe('dead');
    expect(rig.a.isQuiet).toBe(true);
  });

  it('ends again and again while it ails, and not once more when that is over', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.a.livesForMs = 10_000;
    rig.a.crash();
    await rig.pass(15_000);
    expect(rig.a.coreUuid).toBe('fs-a:3');
    rig.a.livesForMs = null;
    await rig.pass(60_000);
    expect(rig.a.coreUuid).toBe('fs-a:3');
  });

  it.each([
    ['is away', (rig: Rig) => rig.database.become('away'), (rig: Rig) => rig.database.become('ok')],
    [
      'has locked its role',
      (rig: Rig) => void rig.database.lockRole('node_fs_a'),
      (rig: Rig) => rig.database.unlockRole('node_fs_a'),
    ],
  ])('fails while the database %s, and is tried again until it comes', async (_, trouble, relief) => {
    const rig = new Rig();
    trouble(rig);
    rig.a.startProcess();
    await rig.pass(100_000);
    expect([rig.a.state, rig.a.answersEsl()]).toEqual(['dead', 'refused']);
    relief(rig);
    await rig.pass(40_000);
    expect([rig.a.state, rig.a.coreUuid]).toEqual(['up', 'fs-a:1']);
  });
});

describe('a host', () => {
  it('that is down answers nothing, and boots for some 40 s before a new process starts', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.a.hostDown();
    expect([rig.a.state, rig.a.answersEsl(), rig.a.answersSip(MAIN)]).toEqual(['off', 'silent', 'silent']);
    rig.a.startProcess();
    await rig.pass(60_000);
    expect([rig.a.state, rig.a.coreUuid]).toEqual(['off', null]);
    rig.a.hostUp();
    await rig.pass(30_000);
    expect([rig.a.state, rig.a.answersEsl()]).toEqual(['dead', 'refused']);
    await rig.pass(20_000);
    expect([rig.a.state, rig.a.coreUuid]).toEqual(['up', 'fs-a:2']);
  });
});

describe('a process in trouble', () => {
  it('that is frozen answers nothing, and goes on where it was when it thaws', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.a.freeze();
    await rig.pass(60_000);
    expect([rig.a.state, rig.a.answersEsl(), rig.a.answersSip(MAIN)]).toEqual(['frozen', 'silent', 'silent']);
    rig.a.thaw();
    expect([rig.a.coreUuid, rig.a.answersSip(MAIN), rig.a.callsOf(MAIN)]).toEqual(['fs-a:1', 'ok', CALLS]);
  });

  it.each([
    ['a stuck SIP stack', (rig: Rig) => rig.a.stickSip(), 'ok', 'silent', false],
    ['a profile that fell into standby', (rig: Rig) => rig.a.fallIntoStandby(MAIN), 'ok', 'standby', false],
    ['a full switch', (rig: Rig) => rig.a.setBusy(true), 'ok', 'busy', false],
    ['a pause', (rig: Rig) => rig.a.setPaused(true), 'paused', 'busy', false],
    ['a password that is not ours', (rig: Rig) => rig.a.rejectEsl(true), 'rejected', 'ok', true],
    ['an event socket that is unloaded', (rig: Rig) => rig.a.ailEsl('closed'), 'refused', 'ok', true],
    ['an event socket that hangs', (rig: Rig) => rig.a.ailEsl('hangs'), 'silent', 'ok', true],
    ['a locked role', (rig: Rig) => void rig.database.lockRole('node_fs_a'), 'ok', 'ok', true],
    ['a database that is away', (rig: Rig) => rig.database.become('away'), 'ok', 'ok', true],
  ])('shows %s as ESL and SIP would', async (_, befall, esl, sip, serves) => {
    const rig = await new Rig().inService(CALLS);
    befall(rig);
    expect([rig.a.answersEsl(), rig.a.answersSip(MAIN), rig.a.serves(MAIN)]).toEqual([esl, sip, serves]);
  });

  it.each([
    ['is full: its callers notice nothing of it', (rig: Rig) => rig.a.setBusy(true)],
    ['is paused: they were turned away before', (rig: Rig) => rig.a.setPaused(true)],
  ])('hides that it fell into standby where it %s', async (_, befall) => {
    const rig = await new Rig().inService(CALLS);
    befall(rig);
    expect([rig.a.answersSip(MAIN), rig.a.process?.acts(MAIN)]).toEqual(['busy', true]);
    rig.a.fallIntoStandby(MAIN);
    expect([rig.a.answersSip(MAIN), rig.a.process?.acts(MAIN)]).toEqual(['busy', true]);
  });

  it('acts for no VIP that it was not promoted for, also where it is full', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.b.setBusy(true);
    expect([rig.b.answersSip(MAIN), rig.b.process?.acts(MAIN)]).toEqual(['busy', false]);
  });

  it('lets OPTIONS wait for the database where one thread answers REGISTER too, and takes calls all the same', async () => {
    const rig = await new Rig().inService(CALLS);
    const before = rig.a.version;
    rig.database.become('slow', true);
    expect([rig.a.answersEsl(), rig.a.answersSip(MAIN), rig.a.serves(MAIN)]).toEqual(['ok', 'silent', true]);
    expect(rig.a.version).toBeGreaterThan(before);
    rig.database.become('ok');
    expect(rig.a.answersSip(MAIN)).toBe('ok');
  });

  it('answers OPTIONS in standby whatever the database does: no phone registers there', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.database.become('away', true);
    expect([rig.a.answersSip(MAIN), rig.b.answersSip(MAIN)]).toEqual(['silent', 'standby']);
  });

  it('lets OPTIONS wait on until lost packets are sent again, unless it was started anew', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.database.become('away', true);
    await rig.pass(35_200);
    rig.database.become('ok');
    // Sent 0.2 s after it was lost, then 0.4 s later, and so on: 25.4 s, and 51 s after it was lost.
    await rig.pass(15_700);
    expect(rig.a.answersSip(MAIN)).toBe('silent');
    await rig.pass(200);
    expect(rig.a.answersSip(MAIN)).toBe('ok');

    rig.database.become('away', true);
    await rig.pass(35_200);
    rig.database.become('ok');
    rig.a.crash();
    await rig.pass(10_000);
    expect([rig.a.coreUuid, rig.a.answersSip(MAIN)]).toEqual(['fs-a:2', 'standby']);
  });

  it('announces a graceful stop, closes its ports, hangs up, deletes its rows, and ends', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.a.gracefulStop();
    expect(rig.a.establish(MAIN, CALLS)).toBe(0);
    expect([rig.a.answersEsl(), rig.a.sessions, rig.rows('fs-a:1')]).toEqual(['stopping', 0, 0]);
    await rig.pass(1_000);
    expect([rig.a.state, rig.a.answersEsl(), rig.a.answersSip(MAIN)]).toEqual(['stopping', 'refused', 'silent']);
    await rig.pass(10_000);
    expect(rig.a.coreUuid).toBe('fs-a:2');
  });
});

describe('calls', () => {
  it('fill a VIP up to a number where it serves, each leg with a row a moment later', async () => {
    const rig = await new Rig().inService(CALLS);
    expect([rig.a.callsOf(MAIN), rig.a.sessions, rig.rows('fs-a:1')]).toEqual([CALLS, 2 * CALLS, 2 * CALLS]);
    expect(rig.a.establish(MAIN, CALLS + 2)).toBe(2);
    expect(rig.b.establish(MAIN, CALLS)).toBe(0);
    rig.a.endCalls(MAIN);
    await rig.pass(1_000);
    expect([rig.a.sessions, rig.rows('fs-a:1')]).toEqual([0, 0]);
  });

  it('go on while the database is away, and their rows are there within moments of its return', async () => {
    const rig = await new Rig().inService(CALLS);
    rig.database.become('away');
    rig.a.establish(MAIN, 2 * CALLS);
    await rig.pass(30_000);
    expect([rig.a.callsOf(MAIN), rig.rows('fs-a:1')]).toEqual([2 * CALLS, 2 * CALLS]);
    rig.database.become('ok');
    await rig.pass(1_100);
    expect(rig.rows('fs-a:1')).toBe(4 * CALLS);
  });

  it('write no row through a locked role, whose node looks healthy', async () => {
    const rig = await new Rig().inService(CALLS);
    expect(rig.database.lockRole('node_fs_a').sessionsEnded).toBeGreaterThan(0);
    expect(rig.a.establish(MAIN, 2 * CALLS)).toBe(CALLS);
    await rig.pass(30_000);
    expect([rig.a.answersEsl(), rig.a.answersSip(MAIN), rig.rows('fs-a:1')]).toEqual(['ok', 'ok', 2 * CALLS]);
  });
});

function startedRig() {
  const rig = new Rig();
  rig.a.startProcess();
  return { a: rig.a, pass: (ms: number) => rig.pass(ms) };
}
