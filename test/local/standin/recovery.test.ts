/** What becomes of calls and their rows, as measured on a real FreeSWITCH: FACTS 7 and 8. */
import { Lab, NO_REPLY, type TestSwitch } from './switches';

let lab: Lab;
let one: TestSwitch;
let two: TestSwitch;

beforeEach(async () => {
  lab = new Lab();
  one = await lab.start('node-1');
  two = await lab.start('node-2');
});

const RECOVER = 'fsctl recover sofia:external-a';

/** Node 1 dies with the calls that it has. */
async function crash(count: number, order: Parameters<Lab['call']>[2] = {}): Promise<void> {
  await lab.call(one, count, order);
  one.kill();
  await lab.pass(4_000);
}

describe('rows', () => {
  it('come a moment after the answer, one for each leg', async () => {
    one.system.calls.place(2, { profile: 'external-a', kind: 'bridged', peer: 'well', ageMs: 0 });

    const atOnce = lab.rowsBy();
    await lab.pass(220);

    expect(atOnce).toEqual({});
    expect(lab.rowsBy()).toEqual({ 'external-a node-1': 4 });
  });

  it('are lost with a crash inside that moment', async () => {
    one.system.calls.place(2, { profile: 'external-a', kind: 'bridged', peer: 'well', ageMs: 0 });
    one.kill();

    await lab.pass(5_000);

    expect(lab.rowsBy()).toEqual({});
  });

  it('say who talks to whom, over what, and on which address', async () => {
    await lab.call(one, 1, { kind: 'tcp' });

    const [callee, caller] = lab.tables.recovery;

    expect(caller?.metadata).toContain(`<bridge_to>${callee?.uuid}</bridge_to>`);
    expect(caller?.metadata).toContain(`<signal_bond>${callee?.uuid}</signal_bond>`);
    expect(caller?.metadata).toContain('<sip_via_protocol>tcp</sip_via_protocol>');
    expect(callee?.metadata).not.toContain('sip_via_protocol');
    expect(callee?.metadata).toContain('<sip_full_via>SIP/2.0/UDP%20');
    expect(callee?.metadata).toContain('<local_media_ip>10.255.0.10</local_media_ip>');
    expect(caller?.runtimeUuid).toBe(one.system.coreUuid);
  });

  it('are not there for a call that nobody answered', async () => {
    await lab.call(one, 3, { kind: 'unanswered' });

    expect(one.system.calls.sessions).toBe(6);
    expect(lab.rowsBy()).toEqual({});
  });

  it('go when the call ends', async () => {
    await lab.call(one, 3);

    one.system.calls.endCalls(2);
    await lab.pass(300);

    expect(lab.rowsBy()).toEqual({ 'external-a node-1': 2 });
  });

  it('of the new holder go when the old one, thawed, hangs up: they are deleted by uuid', async () => {
    await lab.call(one, 2);
    await lab.order(two, RECOVER);
    const taken = lab.rowsBy();

    await lab.order(one, 'hupall');

    expect(taken).toEqual({ 'external-a node-2': 4 });
    expect(lab.rowsBy()).toEqual({});
    expect(two.system.calls.sessions).toBe(4);
  });

  it('wait while the database is away, and are all there afterwards', async () => {
    one.rows.trouble = 'away';
    await lab.call(one, 3);
    await lab.pass(35_000);
    one.rows.trouble = 'none';

    await lab.pass(2_000);

    expect(lab.rowsBy()).toEqual({ 'external-a node-1': 6 });
  });

  it('are given up after 120 tries', async () => {
    one.rows.trouble = 'away';
    await lab.call(one, 1, { kind: 'echo' });

    await lab.pass(130_000);

    expect(one.system.writes).toMatchObject({ pending: 0, lost: 1 });
  });

  it('lose the one that was being written when the connection was cut', async () => {
    one.rows.trouble = 'cuts';
    await lab.call(one, 1, { kind: 'echo' });
    one.rows.trouble = 'none';
    await lab.call(one, 1, { kind: 'echo' });

    expect(one.system.calls.sessions).toBe(2);
    expect(lab.rowsBy()).toEqual({ 'external-a node-1': 1 });
  });
});

describe('recovery in standby', () => {
  it('takes the dead node’s calls, keeps the flag, and makes the rows its own', async () => {
    await crash(5);

    const reply = await lab.order(two, RECOVER);

    expect(reply).toBe('+OK 10 session(s) recovered in total\n');
    expect(two.standby('external-a')).toBe(true);
    expect(two.system.calls.all.every((leg) => leg.bridged)).toBe(true);
    expect(lab.rowsBy()).toEqual({ 'external-a node-2': 10 });
    expect(lab.tables.recovery.every((row) => row.runtimeUuid === two.system.coreUuid)).toBe(true);
    expect(two.system.recovery.counters).toEqual({ recoveries: 1, recoveredWhileServing: 0, legs: 10, failedLegs: 0 });
  });

  it('takes about 2.5 ms a leg', async () => {
    await crash(20);
    let reply: string | null = null;

    void two.api(RECOVER).then((text) => (reply = text));
    await lab.pass(90);
    const early = reply;
    await lab.pass(120);

    expect(early).toBeNull();
    expect(reply).toBe('+OK 40 session(s) recovered in total\n');
  });

  it('finds nothing the second time', async () => {
    await crash(1);
    await lab.order(two, RECOVER);

    expect(await lab.order(two, RECOVER)).toBe('+OK 0 session(s) recovered in total\n');
  });

  it('leaves the calls and rows of another VIP alone', async () => {
    const three = await lab.start('node-3');
    await lab.call(two, 2, { profile: 'external-b' });
    await crash(2);

    await lab.order(three, RECOVER);

    expect(lab.rowsBy()).toEqual({ 'external-a node-3': 4, 'external-b node-2': 4 });
    expect(two.system.calls.sessions).toBe(4);
  });

  it('survives three failovers in a row', async () => {
    await crash(3);
    await lab.order(two, RECOVER);
    two.kill();
    await lab.pass(4_000);
    const three = await lab.start('node-3');
    await lab.order(three, RECOVER);
    three.kill();
    await lab.pass(4_000);
    const four = await lab.start('node-4');

    await lab.order(four, RECOVER);

    expect(four.system.calls.all.filter((leg) => leg.bridged)).toHaveLength(6);
    expect(lab.rowsBy()).toEqual({ 'external-a node-4': 6 });
  });

  it('takes back its own node’s calls after a restart in place', async () => {
    await crash(3);
    const restarted = await lab.start('node-1');

    await lab.order(restarted, RECOVER);

    expect(restarted.system.calls.sessions).toBe(6);
  });
});

describe('recovery by the commands that end the standby', () => {
  it('sofia profile P recover: of this profile, also with nothing to recover', async () => {
    expect(await lab.order(two, 'sofia profile external-a recover')).toBe('No sessions to recover.\n');

    expect([two.standby('external-a'), two.standby('external-b')]).toEqual([false, true]);
  });

  it('is counted, because a call that arrives meanwhile gets a recovered call’s port', async () => {
    await crash(2);

    expect(await lab.order(two, 'sofia profile external-a recover')).toBe('Recovered 4 session(s)\n');
    expect(two.system.recovery.counters.recoveredWhileServing).toBe(1);
  });

  it('sofia recover: of every profile, and it takes a live node’s rows too', async () => {
    const three = await lab.start('node-3');
    await lab.call(two, 2, { profile: 'external-b' });
    await crash(2);

    expect(await lab.order(three, 'sofia recover')).toBe('Recovered 8 call(s)\n');

    expect([three.standby('external-a'), three.standby('external-b')]).toEqual([false, false]);
    expect(lab.rowsBy()).toEqual({ 'external-a node-3': 4, 'external-b node-3': 4 });
  });

  it('after 32 s without an answer a live node’s calls have no rows left', async () => {
    await lab.call(one, 3);
    two.faults.noReturnPath = true;

    await lab.order(two, 'sofia recover');
    await lab.pass(33_000);

    expect(one.system.calls.sessions).toBe(6);
    expect(two.system.calls.sessions).toBe(0);
    expect(lab.rowsBy()).toEqual({});
  });

  it('flush deletes everybody’s rows of the profile; fsctl recover flush says so and deletes none', async () => {
    await lab.call(one, 1);
    await lab.call(one, 1, { profile: 'external-b' });

    const first = await lab.order(two, 'fsctl recover flush:sofia:external-a');
    const kept = lab.rowsBy();
    await lab.order(two, 'sofia profile external-a recover flush');

    expect(first).toBe('+OK flushed\n');
    expect(kept).toEqual({ 'external-a node-1': 2, 'external-b node-1': 2 });
    expect(lab.rowsBy()).toEqual({ 'external-b node-1': 2 });
  });

  it('bare fsctl recover deletes rows of profiles that the node has not', async () => {
    lab.tables.recovery.push({ runtimeUuid: 'x', profileName: 'other', hostname: 'x', uuid: 'x', metadata: '<cdr/>' });

    expect(await lab.order(two, 'fsctl recover')).toBe('+OK 0 session(s) recovered in total\n');
    expect(lab.rowsBy()).toEqual({});
  });
});

describe('calls that do not survive', () => {
  it('none, when the row’s address is not one of this node’s; the reply counts them all the same', async () => {
    await crash(2);
    const elsewhere = await lab.start('node-3', {
      service: { 'external-a': '10.99.1.12', 'external-b': '10.99.1.12' },
    });

    expect(await lab.order(elsewhere, RECOVER)).toBe('+OK 4 session(s) recovered in total\n');
    expect(elsewhere.system.calls.sessions).toBe(0);
    expect(lab.rowsBy()).toEqual({});
  });

  it('all, once the address in the rows was rewritten', async () => {
    await crash(2);
    const elsewhere = await lab.start('node-3', {
      service: { 'external-a': '10.99.1.12', 'external-b': '10.99.1.12' },
    });
    for (const row of lab.tables.recovery) row.metadata = row.metadata.replace('10.255.0.10', '10.99.1.12');

    await lab.order(elsewhere, RECOVER);

    expect(elsewhere.system.calls.sessions).toBe(4);
  });

  it('calls over TCP, with their partners', async () => {
    await lab.call(one, 2);
    await crash(3, { kind: 'tcp' });

    expect(await lab.order(two, RECOVER)).toBe('+OK 10 session(s) recovered in total\n');
    expect(two.system.calls.sessions).toBe(4);
    expect(lab.rowsBy()).toEqual({ 'external-a node-2': 4 });
  });

  it('a party that is gone takes its partner along, and the others go on', async () => {
    await lab.call(one, 2);
    await crash(2, { peer: 'gone' });

    await lab.order(two, RECOVER);

    expect(two.system.calls.sessions).toBe(4);
  });

  it('a party that says nothing is kept for 32 s, then its partner gets BYE', async () => {
    await crash(2, { peer: 'unreachable' });

    await lab.order(two, RECOVER);
    const before = two.system.calls.sessions;
    await lab.pass(32_000);

    expect(before).toBe(4);
    expect(two.system.calls.sessions).toBe(0);
    expect(lab.rowsBy()).toEqual({});
  });

  it('clock 300 s behind: callees refuse a CSeq that goes down, 0 of 3; echo calls have only a caller', async () => {
    await lab.call(one, 1, { kind: 'echo' });
    await crash(3);
    two.faults.clockBehindMs = 300_000;

    await lab.order(two, RECOVER);

    expect(two.system.calls.all.map((leg) => leg.bridged)).toEqual([false]);
    expect(Number(await two.api('strepoch')) * 1000).toBeLessThan(lab.time.wallMs() - 299_000);
  });

  it.each([
    ['made in the same two seconds: the CSeq is repeated, and refused as one that goes down', 0, 0],
    ['two seconds old: 3 of 3', 2_000, 6],
  ])('calls %s', async (_, ageMs, sessions) => {
    await lab.call(one, 3, { ageMs });
    one.kill();

    await lab.order(two, RECOVER);

    expect(two.system.calls.sessions).toBe(sessions);
  });

  it('clock ahead: 3 of 3', async () => {
    await crash(3);
    two.faults.clockBehindMs = -300_000;

    await lab.order(two, RECOVER);

    expect(two.system.calls.sessions).toBe(6);
  });

  it('a paused node says that there is nothing, and deletes every row', async () => {
    await crash(3);
    await two.api('fsctl pause');

    expect(await lab.order(two, 'sofia recover')).toBe('No calls to recover.\n');
    expect(lab.rowsBy()).toEqual({});
  });

  it('paused inbound: the callees come back alone, without audio', async () => {
    await crash(3);
    await two.api('fsctl pause inbound');

    expect(await lab.order(two, RECOVER)).toBe('+OK 3 session(s) recovered in total\n');
    expect(two.system.calls.all.map((leg) => leg.direction)).toEqual(['outbound', 'outbound', 'outbound']);
    expect(two.system.recovery.silentLegs).toHaveLength(3);
  });
});

describe('a call in on a and out on b', () => {
  const RECOVER_B = 'fsctl recover sofia:external-b';

  beforeEach(async () => {
    await lab.call(one, 2);
    for (const leg of one.system.calls.all) if (leg.direction === 'outbound') leg.profile = 'external-b';
    for (const row of lab.tables.recovery) {
      if (row.metadata.includes('<direction>outbound<')) row.profileName = 'external-b';
    }
    one.kill();
    await lab.pass(4_000);
  });

  it.each([
    [1_000, 0],
    [4_000, 4],
  ])('b recovered %i ms after a, on the same node: %i silent legs', async (waitMs, silent) => {
    await lab.order(two, RECOVER);
    await lab.pass(waitMs - 500);

    await lab.order(two, RECOVER_B);

    expect(two.system.calls.sessions).toBe(4);
    expect(two.system.recovery.silentLegs).toHaveLength(silent);
  });

  it('a on one node and b on another: all silent, and a BYE ends one side only', async () => {
    const three = await lab.start('node-3');
    await lab.order(two, RECOVER);
    await lab.order(three, RECOVER_B);

    two.system.calls.endCalls(2);

    expect(three.system.recovery.silentLegs).toHaveLength(2);
  });
});

describe('with the database in trouble', () => {
  it('away: it looks like an empty table, rows stay, and the standby ends all the same', async () => {
    await crash(2);
    two.rows.trouble = 'away';

    expect(await lab.order(two, RECOVER)).toBe('+OK 0 session(s) recovered in total\n');
    expect(await lab.order(two, 'sofia profile external-a recover')).toBe('No sessions to recover.\n');
    two.rows.trouble = 'none';
    expect(two.standby('external-a')).toBe(false);
    expect(await lab.order(two, RECOVER)).toBe('+OK 4 session(s) recovered in total\n');
  });

  it('frozen: recover and show give no reply, status and calls go on', async () => {
    await crash(2);
    two.rows.trouble = 'frozen';

    expect(await lab.order(two, RECOVER)).toBe(NO_REPLY);
    expect(await lab.order(two, 'show channels count')).toBe(NO_REPLY);
    expect(await lab.order(two, 'status')).toContain('is ready');
    await lab.call(two, 1);
    expect(two.system.calls.sessions).toBe(2);
  });

  it('away at start: the process does not come up', async () => {
    two.rows.trouble = 'away';

    await expect(two.system.openDatabase()).rejects.toThrow('the database is away');
  });
});

describe('how a process ends', () => {
  it.each([['fsctl shutdown now'], ['fsctl crash']])('%s leaves the rows', async (order) => {
    await lab.call(one, 2);

    void one.api(order);
    await lab.pass(5_000);

    expect(one.exited).toBe(true);
    expect(lab.rowsBy()).toEqual({ 'external-a node-1': 4 });
  });

  it('fsctl shutdown hangs up and deletes', async () => {
    await lab.call(one, 2);

    void one.api('fsctl shutdown');
    await lab.pass(6_000);

    expect(one.exited).toBe(true);
    expect(lab.rowsBy()).toEqual({});
  });

  it('with its role locked it never exits, and deletes by uuid within 2 s of LOGIN given back', async () => {
    await lab.call(one, 2);
    await lab.order(two, RECOVER);
    one.rows.trouble = 'away';
    void one.api('fsctl shutdown');
    await lab.pass(20_000);
    const locked = { exited: one.exited, rows: lab.rowsBy() };

    one.rows.trouble = 'none';
    await lab.pass(2_000);

    expect(locked).toEqual({ exited: false, rows: { 'external-a node-2': 4 } });
    expect(lab.rowsBy()).toEqual({});
    await lab.pass(12_000);
    expect(one.exited).toBe(false);
  });
});
