/** Stand-ins as processes on a real PostgreSQL, each with its node's own role: FACTS 3, 7 and 8. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StandIn, type StandInStart } from '../../../local/standin/process';
import { DATABASE, type Laboratory, NODE_1, NODE_2, openLaboratory } from '../../database/laboratory';
import { freshAddress } from '../addresses';
import { eventually } from '../clock';
import { askOptions, EslEye } from './look';
import { ask, inviteRequest, register } from './phone';

const PASSWORD = 'only-for-tests';
const RECOVER = 'fsctl recover sofia:external-a';
const WITHIN_MS = 2_000;

let lab: Laboratory;
const started: StandIn[] = [];

beforeAll(async () => {
  lab = await openLaboratory();
}, 30_000);

afterEach(async () => {
  lab.postgres.thaw();
  await Promise.all(started.splice(0).map((node) => node.stop()));
  await lab.control.unlockRole(NODE_1.role, WITHIN_MS);
  await lab.superuser.query('delete from recovery; delete from sip_registrations; delete from registrations');
});

afterAll(async () => {
  await lab.close();
});

function options(login: typeof NODE_1, changes: Partial<StandInStart> = {}): StandInStart & { address: string } {
  const address = freshAddress();
  const { host, port } = lab.postgres;
  const binding = { address, publicAddress: '198.51.100.10' };
  return {
    address,
    name: login === NODE_1 ? 'node-1' : 'node-2',
    ...{ management: freshAddress(), eslPort: 8021, password: PASSWORD },
    sip: [
      { ...binding, vip: 'a', port: 5060, profiles: ['external-a'], serviceAddress: '10.255.0.10' },
      { ...binding, vip: 'b', port: 5080, profiles: ['external-b'], serviceAddress: '10.255.0.20' },
    ],
    database: { host, port, name: DATABASE, user: login.role, password: login.password },
    ...changes,
  };
}

async function start(login: typeof NODE_1, changes: Partial<StandInStart> = {}) {
  const chosen = options(login, changes);
  const node = await StandIn.start(chosen);
  started.push(node);
  return { node, address: chosen.address, management: chosen.management };
}

async function promote(node: StandIn): Promise<void> {
  await node.api('global_setvar promoted_a=-no');
  await node.api('sofia profile external-a rescan');
}

async function rowsBy(): Promise<Record<string, number>> {
  const { rows } = await lab.superuser.query<{ key: string; count: number }>(
    `select profile_name || ' ' || hostname as key, count(*)::int as count from recovery group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
}

async function untilRows(expected: Record<string, number>): Promise<void> {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; await sleep(20)) {
    if (JSON.stringify(await rowsBy()) === JSON.stringify(expected)) return;
  }
  expect(await rowsBy()).toEqual(expected);
}

async function untilRegistered(count: number): Promise<void> {
  const look = async () => (await lab.superuser.query('select call_id from sip_registrations')).rows.length;
  for (const deadline = Date.now() + 3_000; Date.now() < deadline && (await look()) !== count; await sleep(20));
  expect(await look()).toBe(count);
}

describe('calls', () => {
  it('survive a SIGKILL of their node, on the other one and by its own role', async () => {
    const { node: one } = await start(NODE_1);
    const { node: two } = await start(NODE_2);
    await one.placeCalls(10);
    await one.placeCalls(2, { vip: 'b' });
    await one.placeCalls(3, { kind: 'unanswered' });
    await untilRows({ 'external-a node-1': 20, 'external-b node-1': 4 });

    await one.kill();
    const reply = await two.api(RECOVER);

    expect(reply).toBe('+OK 20 session(s) recovered in total\n');
    await untilRows({ 'external-a node-2': 20, 'external-b node-1': 4 });
    expect((await two.state()).profiles).toMatchObject([{ sessions: 20, silent: 0, standby: true }, { sessions: 0 }]);
  });

  it('are counted by the product’s own queries', async () => {
    const { node } = await start(NODE_1);
    await node.placeCalls(4);
    await node.placeCalls(2, { kind: 'tcp' });
    await node.placeCalls(1, { kind: 'echo' });
    await untilRows({ 'external-a node-1': 13 });

    const { coreUuid } = await node.state();

    expect(await lab.control.countCalls(['external-a'], coreUuid, WITHIN_MS)).toEqual({
      calls: 7,
      legs: 13,
      connectionOriented: 2,
    });
  });

  it('end, and their rows with them', async () => {
    const { node } = await start(NODE_1);
    await node.placeCalls(3);
    await untilRows({ 'external-a node-1': 6 });

    await node.hangUp(2);

    await untilRows({ 'external-a node-1': 2 });
  });

  it('are recovered by a background job that tells when it is done', async () => {
    const { node: one } = await start(NODE_1);
    const { node: two, management } = await start(NODE_2);
    await one.placeCalls(2);
    await untilRows({ 'external-a node-1': 4 });
    await one.kill();
    const eye = EslEye.open(management);
    eye.send(`auth ${PASSWORD}`);
    eye.send('event plain BACKGROUND_JOB');

    eye.send(`bgapi ${RECOVER}\nJob-UUID: recover-once`);

    await eventually('the job', () => eye.received.includes('+OK 4 session(s) recovered in total'));
    expect(eye.received).toContain('Job-UUID: recover-once\nJob-Command: fsctl\nJob-Command-Arg: recover%20sofia');
    expect((await two.state()).sessions).toBe(4);
    eye.socket.destroy();
  });
});

describe('a node whose role is locked', () => {
  it('looks healthy and takes calls, its rows freeze, and phones are challenged for ever', async () => {
    const { node, address } = await start(NODE_1);
    await promote(node);
    await node.placeCalls(1);
    await untilRows({ 'external-a node-1': 2 });

    await lab.control.lockRole(NODE_1.role, WITHIN_MS);
    await node.placeCalls(2);

    expect(await askOptions(address)).toBe('SIP/2.0 200 OK');
    expect(await node.api('status')).toContain('is ready');
    expect((await node.state()).sessions).toBe(6);
    expect(await register(address, { user: '7001', contactHost: address })).toMatch(/^SIP\/2\.0 401 [^]*stale=true/);
    expect(await rowsBy()).toEqual({ 'external-a node-1': 2 });
    await lab.control.unlockRole(NODE_1.role, WITHIN_MS);
    await untilRows({ 'external-a node-1': 6 });
  });

  it('cannot start', async () => {
    await lab.control.lockRole(NODE_1.role, WITHIN_MS);

    await expect(StandIn.start(options(NODE_1))).rejects.toThrow(/node-1.*not permitted to log in/);
  });

  it('told to stop it never exits, and what it had to delete is deleted when LOGIN comes back', async () => {
    const { node: one } = await start(NODE_1, { timeScale: 0.1 });
    const { node: two } = await start(NODE_2);
    await one.placeCalls(2);
    await untilRows({ 'external-a node-1': 4 });
    await lab.control.lockRole(NODE_1.role, WITHIN_MS);
    await two.api(RECOVER);
    await untilRows({ 'external-a node-2': 4 });

    one.terminate();
    await eventually('the calls hung up', () => one.alive);
    await sleep(700); // longer than a scaled stop takes
    const fenced = { alive: one.alive, rows: await rowsBy() };
    await lab.control.unlockRole(NODE_1.role, WITHIN_MS);

    expect(fenced).toEqual({ alive: true, rows: { 'external-a node-2': 4 } });
    await untilRows({});
    expect(one.alive).toBe(true);
  });
});

describe('a frozen database', () => {
  it.each([
    ['one REGISTER silences OPTIONS of both profiles', false, 'silence'],
    ['with threads for REGISTER nothing is silent', true, 'SIP/2.0 200 OK'],
  ])('%s', async (_, regThreads, expected) => {
    const { node, address } = await start(NODE_1, { regThreads });
    await promote(node);
    await register(address, { user: '7001', contactHost: address });

    lab.postgres.freeze();
    const answered = await register(address, { user: '7002', contactHost: address });

    expect(answered).toBe('silence');
    expect(await askOptions(address)).toBe(expected);
    expect(await askOptions(address, 5080)).toBe(regThreads ? 'SIP/2.0 503 System Paused' : 'silence');
    expect(await ask(address, 5060, inviteRequest('7003'))).toMatch(/^SIP\/2\.0 100 Trying/);
    expect(await node.api('status')).toContain('is ready');
    lab.postgres.thaw();
    await sleep(50);
    expect(await askOptions(address)).toBe('SIP/2.0 200 OK');
  });
});

describe('a database that is away', () => {
  it('stops no call, and the rows are there when it is back', async () => {
    const { node } = await start(NODE_1, { timeScale: 0.2 });
    await node.placeCalls(1);
    await untilRows({ 'external-a node-1': 2 });

    await lab.postgres.stopServer();
    await node.placeCalls(2);
    const { sessions } = await node.state();
    const reply = await node.api(RECOVER);
    await lab.postgres.startServer();
    await lab.superuser.end().catch(() => undefined);
    lab.superuser = await lab.login(lab.postgres.adminUser, lab.postgres.adminPassword);

    expect(sessions).toBe(6);
    expect(reply).toBe('+OK 0 session(s) recovered in total\n');
    await untilRows({ 'external-a node-1': 6 });
  }, 15_000);
});

describe('a phone', () => {
  it('registered through one node is known to the other, in the columns that the product reads', async () => {
    const { node: one, address } = await start(NODE_1);
    const { node: two } = await start(NODE_2);
    await promote(one);

    const answered = await register(address, { user: '7001', contactHost: '203.0.113.23' });
    await untilRegistered(1);
    await one.kill();

    expect(answered).toMatch(/^SIP\/2\.0 200 OK/);
    expect(await two.api('sofia_contact 7001@lab.example')).toBe('sofia/external-a/sip:7001@203.0.113.23:5080');
    const moved = { profiles: ['external-a'], fromNodeIds: ['node-1'], toNodeId: 'node-2' };
    expect(await lab.control.takeOverRegistrations(moved, WITHIN_MS)).toMatchObject({ moved: 1 });
  });
});
