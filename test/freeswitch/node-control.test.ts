import type { NodeTopology, VipTopology } from '../../lib/domain/model';
import { EslNodeControl } from '../../lib/freeswitch/node-control';
import { STATUS_COMMAND } from '../../lib/freeswitch/esl/status';
import { promotedVariable } from '../../lib/freeswitch/promotion';
import {
  ACCEPTED,
  apiResponse,
  FakeNode,
  GREETING,
  onCommands,
  sipAnswer,
  STOPPING,
  TcpPeer,
  UdpPeer,
} from './fake-node';
import { given, nodeOf, vipOf } from './support/one-node';

const HOST = '127.0.0.42';
const MAXIMUM_CALLS = '503 Maximum Calls In Progress';
const OTHER = '11111111-2222-3333-4444-555555555555';
let fake: FakeNode;
let passwords: string[];
let control: EslNodeControl;
let node: NodeTopology;
let vip: VipTopology;

beforeEach(async () => {
  fake = await FakeNode.start(HOST);
  passwords = ['s3cret'];
  const password = {
    get: () => Promise.resolve(passwords[0] ?? ''),
    drop: () => void (passwords.length > 1 && passwords.shift()),
  };
  control = new EslNodeControl(given(password));
  node = nodeOf(fake, HOST);
  vip = vipOf(fake);
});

afterEach(() => fake.kill());

it('the variable of a VIP has no dash in its name', () => {
  expect(promotedVariable('main-east-1')).toBe('promoted_main_east_1');
});

describe('promote', () => {
  it('sets the variable, rescans, and is proved by 200', async () => {
    const result = await control.promote(node, vip, 2000);

    expect(result).toMatchObject({ promoted: true, coreUuid: fake.coreUuid });
    expect(result).toHaveProperty('proof', expect.stringContaining(`${HOST}:${fake.sipPort}: 200 OK`));
    expect(fake.commands).toEqual([
      'api global_getvar core_uuid',
      'api global_getvar promoted_main',
      'api global_setvar promoted_main=-no',
      'api global_getvar promoted_main',
      'api sofia profile external-main rescan',
    ]);
  });

  it('of another incarnation than the one that is meant is refused, and leaves it in standby', async () => {
    const result = await control.promote(node, vip, 2000, 'the-one-before');

    expect(result).toEqual({ promoted: false, reason: expect.stringMatching(/runs .*, and the-one-before was to be/) });
    expect(fake.commands).toEqual(['api global_getvar core_uuid']);
    expect(await control.promote(node, vip, 2000, fake.coreUuid)).toMatchObject({ promoted: true });
  });

  it('may be done again', async () => {
    await control.promote(node, vip, 2000);

    expect(await control.promote(node, vip, 2000)).toMatchObject({ promoted: true });
  });

  it('goes on where the attempt before ended: what serves by now is not read again', async () => {
    await control.promote(node, vip, 2000);
    fake.commands.splice(0);

    expect(await control.promote(node, vip, 2000)).toMatchObject({
      promoted: true,
      proof: expect.stringContaining('all served already') as string,
    });
    expect(fake.commands.filter((command) => command.includes('rescan'))).toEqual([]);
  });

  it('rescans what serves without having been promoted: it would be in standby after the next reload', async () => {
    fake.sipStatus = '200 OK';

    expect(await control.promote(node, vip, 2000)).toMatchObject({ promoted: true });
    expect(fake.commands.filter((command) => command.includes('rescan'))).toHaveLength(1);
  });

  it('rescans again what is in standby though the variable is set: its rescan was lost', async () => {
    await control.promote(node, vip, 2000);
    fake.commands.splice(0);
    fake.sipStatus = '503 System Paused';

    expect(await control.promote(node, vip, 400)).toMatchObject({ promoted: false });
    expect(fake.commands.filter((command) => command.includes('rescan'))).toHaveLength(1);
  });

  it('is not believed while OPTIONS says standby', async () => {
    fake.sipStatus = '503 System Paused';

    const startedMs = performance.now();
    const result = await control.promote(node, vip, 500);

    expect(result).toMatchObject({ promoted: false, reason: expect.stringContaining('503 System Paused') as string });
    expect(performance.now() - startedMs).toBeLessThan(1500);
  });

  it.each(['404 Not Found', '503 System Busy'])('%s is alive, but no proof', async (status) => {
    fake.sipStatus = status;

    expect(await control.promote(node, vip, 400)).toMatchObject({ promoted: false });
  });

  it('of a full node is proved: it serves the calls that it has', async () => {
    fake.sipStatus = MAXIMUM_CALLS;
    fake.sessions = fake.sessionLimit;

    expect(await control.promote(node, vip, 2000)).toMatchObject({
      promoted: true,
      proof: expect.stringContaining(`${MAXIMUM_CALLS}: full, and not paused`) as string,
    });
  });

  it('of a paused node, which answers as a full one does, is not', async () => {
    fake.sipStatus = MAXIMUM_CALLS;
    fake.paused = true;

    expect(await control.promote(node, vip, 2000)).toEqual({
      promoted: false,
      reason: expect.stringMatching(/^rescanned, but .*503 Maximum Calls In Progress: it is paused/) as string,
    });
  });

  it.each([
    ['of a node that says the same and has room: its profile does not run', null, 'not full (3 of 1000 sessions)'],
    ['of a node that does not tell its sessions', '-ERR no reply\n', 'does not tell how many sessions'],
  ])('%s is not', async (_words, status, why) => {
    fake.sipStatus = MAXIMUM_CALLS;
    if (status !== null) fake.replies.set('json {"command":"status","data":""}', status);

    expect(await control.promote(node, vip, 2000)).toMatchObject({
      promoted: false,
      reason: expect.stringContaining(why) as string,
    });
  });

  it('where the files on the node cannot be read says so: the rescan went through the old ones', async () => {
    fake.sipStatus = '503 System Paused';
    fake.replies.set('sofia profile external-main rescan', 'Reload XML [error near line 3]\n+OK scan complete\n');

    expect(await control.promote(node, vip, 400)).toMatchObject({
      promoted: false,
      reason: expect.stringMatching(
        /System Paused.*its configuration was not read again .*error near line 3/,
      ) as string,
    });
  });

  it('of a node that does not say whether it is paused is not', async () => {
    fake.sipStatus = MAXIMUM_CALLS;
    fake.replies.set('fsctl pause_check inbound', '-ERR no reply\n');

    expect(await control.promote(node, vip, 2000)).toMatchObject({
      promoted: false,
      reason: expect.stringContaining('neither true nor false') as string,
    });
  });

  it('an unknown profile is named', async () => {
    const result = await control.promote(node, { ...vip, profiles: ['external-main', 'nosuch'] }, 1000);

    expect(result).toMatchObject({
      promoted: false,
      reason: expect.stringContaining('nosuch said "Invalid Profile!"') as string,
    });
  });

  it.each([['external main'], ['x;y'], ['x\n\napi fsctl shutdown now']])(
    'a profile called %j is not sent',
    async (profile) => {
      const result = await control.promote(node, { ...vip, profiles: [profile] }, 1000);

      expect(result).toMatchObject({ promoted: false });
      expect(fake.connections).toBe(0);
    },
  );

  it('a rotated password is read anew', async () => {
    fake.password = 'new';
    passwords.push('new');

    expect(await control.promote(node, vip, 2000)).toMatchObject({ promoted: true });
    expect(fake.connections).toBe(2);
  });

  it('a wrong password is tried once', async () => {
    fake.password = 'new';

    expect(await control.promote(node, vip, 2000)).toMatchObject({ promoted: false });
    expect(fake.connections).toBe(1);
  });

  it('a frozen node ends it at the deadline', async () => {
    fake.frozen = true;

    expect(await control.promote(node, vip, 300)).toMatchObject({
      promoted: false,
      reason: expect.stringContaining('greeting') as string,
    });
  });
});

describe('demote', () => {
  it('clears the variable, rescans, and is proved by System Paused', async () => {
    await control.promote(node, vip, 2000);
    fake.commands.splice(0);

    const result = await control.demote(node, vip, 2000);

    expect(result).toEqual({ demoted: true, proof: expect.stringContaining('503 System Paused') as string });
    expect(fake.commands).toEqual([
      'api global_setvar promoted_main=',
      'api global_getvar promoted_main',
      'api sofia profile external-main rescan',
    ]);
  });

  it('may be done again', async () => {
    expect(await control.demote(node, vip, 2000)).toMatchObject({ demoted: true });
    expect(await control.demote(node, vip, 2000)).toMatchObject({ demoted: true });
  });

  it('of a full or paused node, which hides its standby, is proved by the variable and the rescan', async () => {
    await control.promote(node, vip, 2000);
    fake.sipStatus = MAXIMUM_CALLS;

    expect(await control.demote(node, vip, 2000)).toEqual({
      demoted: true,
      proof: expect.stringMatching(
        /cleared, rescanned external-main; .*: 503 Maximum Calls In Progress: full or paused, which hides the standby$/,
      ) as string,
    });
  });

  it.each(['200 OK', '503 System Busy', '404 Not Found'])('%s is no proof of a standby', async (status) => {
    fake.sipStatus = status;

    expect(await control.demote(node, vip, 300)).toEqual({
      demoted: false,
      reason: expect.stringContaining(status) as string,
    });
  });

  it('a profile that does not exist is named, a hostile one is not sent', async () => {
    const unknown = await control.demote(node, { ...vip, profiles: ['nosuch'] }, 1000);
    expect(unknown).toMatchObject({ demoted: false, reason: expect.stringContaining('nosuch') as string });

    fake.commands.splice(0);
    const hostile = await control.demote(node, { ...vip, profiles: ['a rescan\n\napi hupall'] }, 1000);
    expect(hostile).toMatchObject({ demoted: false });
    expect(fake.commands).toEqual([]);
  });

  it('a node that is gone is told', async () => {
    await fake.kill();

    expect(await control.demote(node, vip, 500)).toMatchObject({
      demoted: false,
      reason: expect.stringContaining('refused') as string,
    });
  });
});

describe('shutdownNow', () => {
  it('is proved by the closed socket and the refused port', async () => {
    const result = await control.shutdownNow(node, 2000);

    expect(result).toEqual({
      fenced: true,
      proof: expect.stringMatching(/closed after .*then a new connection was refused/) as string,
    });
    expect(fake.commands.at(-1)).toBe('api fsctl shutdown now');
  });

  it('may be done again after its answer was lost', async () => {
    await control.shutdownNow(node, 2000);

    expect(await control.shutdownNow(node, 2000)).toMatchObject({ fenced: true });
  });

  it('another incarnation than the one that was meant is left alone, and is the proof', async () => {
    const result = await control.shutdownNow(node, 2000, OTHER);

    expect(result).toMatchObject({ fenced: true, proof: expect.stringContaining(`${OTHER} is gone`) as string });
    expect(fake.commands).toEqual(['api global_getvar core_uuid']);
  });

  it('restarted at once by its supervisor: the new core_uuid is the proof', async () => {
    const restart = fake.kill.bind(fake);
    fake.kill = async () => {
      await restart();
      fake.coreUuid = OTHER;
      await fake.startAgain();
      fake.kill = restart;
    };

    const result = await control.shutdownNow(node, 2000);

    // It depends on who is faster whether the port is seen refused in between.
    expect(result).toEqual({
      fenced: true,
      proof: expect.stringMatching(/was refused|11111111-.* runs there now/) as string,
    });
  });

  it('a node that says goodbye before the order is gone, and is not said to have ended as ordered', async () => {
    const asked: string[] = [];
    const peer = await TcpPeer.start((socket, self) => {
      const left = [ACCEPTED, `${apiResponse(fake.coreUuid)}${STOPPING}`];
      socket.write(GREETING);
      onCommands(socket, (command) => {
        asked.push(command);
        socket.write(left.shift() ?? '');
        if (left.length === 0) setImmediate(() => void self.stop());
      });
    });

    const leaving = { ...node, managementAddress: '127.0.0.1', eslPort: peer.port };
    const result = await control.shutdownNow(leaving, 2000);

    expect(asked.at(-1)).toBe('api global_getvar core_uuid');
    expect(result).toEqual({ fenced: true, proof: expect.stringMatching(/^the port refused already/) as string });
  });

  it('a node that says goodbye before the order and goes on answering is not fenced', async () => {
    const peer = await TcpPeer.start((socket) => {
      const left = [ACCEPTED, `${apiResponse(fake.coreUuid)}${STOPPING}`];
      socket.write(GREETING);
      onCommands(socket, () => void socket.write(left.shift() ?? ''));
    });

    const leaving = { ...node, managementAddress: '127.0.0.1', eslPort: peer.port };
    const result = await control.shutdownNow(leaving, 300);
    await peer.stop();

    expect(result).toEqual({ fenced: false, reason: expect.stringContaining('before it was told to end') as string });
  });

  it('a frozen node is not fenced', async () => {
    fake.frozen = true;

    expect(await control.shutdownNow(node, 300)).toMatchObject({ fenced: false });
  });

  it('a refused password is not fenced', async () => {
    fake.password = 'other';

    expect(await control.shutdownNow(node, 1000)).toMatchObject({
      fenced: false,
      reason: expect.stringContaining('password') as string,
    });
  });
});

describe('check', () => {
  it('tells what serves', async () => {
    fake.sipStatus = '200 OK';

    expect(await control.check(node, vip, 1000)).toMatchObject({ serving: true, coreUuid: fake.coreUuid });
  });

  it('standby does not serve', async () => {
    expect(await control.check(node, vip, 1000)).toMatchObject({
      serving: false,
      reason: expect.stringContaining('System Paused') as string,
    });
  });

  it('a standby says which process it is, and that it could take over: its flag is no pause', async () => {
    expect(await control.check(node, vip, 1000)).toMatchObject({ coreUuid: fake.coreUuid, unfit: null });
  });

  it.each([
    ['is paused', () => void (fake.paused = true), 'it is paused: `fsctl resume` there ends that'],
    ['is paused for outgoing calls', () => void fake.replies.set('fsctl pause_check outbound', 'true'), 'it is paused'],
    ['does not tell its pause', () => void fake.replies.set('fsctl pause_check outbound', '-ERR'), 'neither true nor'],
    ['is not ready', () => void fake.replies.set(STATUS_COMMAND, '-ERR no reply'), 'does not say that it is ready'],
    ['tells no core_uuid', () => void fake.replies.set('global_getvar core_uuid', '-ERR no reply'), 'its core_uuid'],
    ['refuses the password', () => void (fake.password = 'other'), 'password'],
  ])('a standby that %s could not, and says why', async (_, befall, why) => {
    befall();

    expect(await control.check(node, vip, 1000)).toMatchObject({
      serving: false,
      unfit: expect.stringContaining(why) as string,
    });
  });

  describe('of its way to the database', () => {
    const asked = (timeoutMs = 1000) => control.check(node, vip, timeoutMs, true);

    it('is not asked unless somebody wants to know: it takes time where there is none', async () => {
      fake.databaseAnswers = false;

      expect(await control.check(node, vip, 1000)).not.toHaveProperty('withoutDatabase');
    });

    it('says that it is there', async () => {
      expect(await asked()).toMatchObject({ unfit: null, withoutDatabase: null });
    });

    it('says that it is not, in less than the time that was given', async () => {
      fake.databaseAnswers = false;

      expect(await asked(500)).toMatchObject({
        ...{ coreUuid: fake.coreUuid, unfit: null },
        withoutDatabase: expect.stringMatching(
          /^its database does not answer it: .* said nothing for [123]\d\d ms$/,
        ) as string,
      });
    });

    it('takes another answer than a count for none', async () => {
      fake.replies.set('show channels count', '-ERR Database error!\n');

      expect(await asked()).toMatchObject({ withoutDatabase: '"show channels count" says "-ERR Database error!"' });
    });

    it('is not known of a node that cannot be asked', async () => {
      fake.password = 'other';

      expect(await asked()).not.toHaveProperty('withoutDatabase');
    });
  });

  describe('of a full node', () => {
    beforeEach(async () => {
      await control.promote(node, vip, 2000);
      fake.sipStatus = MAXIMUM_CALLS;
      fake.sessions = fake.sessionLimit;
    });

    it('that reads as promoted: it serves the calls that it has', async () => {
      expect(await control.check(node, vip, 1000)).toEqual({
        serving: true,
        unfit: null,
        coreUuid: fake.coreUuid,
        proof: `OPTIONS ${HOST}:${fake.sipPort}: ${MAXIMUM_CALLS}: promoted, full, and not paused`,
      });
    });

    it.each([
      ['that nobody promoted', () => fake.variables.clear(), 'promoted_main is not -no'],
      ['that is paused', () => void (fake.paused = true), '`fsctl resume` there ends that'],
      ['whose ESL cannot be asked', () => void (fake.password = 'other'), 'password'],
    ])('%s: it does not serve', async (_, befall, why) => {
      befall();

      expect(await control.check(node, vip, 1000)).toMatchObject({
        serving: false,
        reason: expect.stringContaining(why) as string,
      });
    });
  });

  it('serves also where ESL cannot be asked, with an unknown incarnation', async () => {
    fake.sipStatus = '200 OK';
    fake.password = 'other';

    expect(await control.check(node, vip, 1000)).toMatchObject({ serving: true, coreUuid: null });
  });

  it('a VIP without an address there is told', async () => {
    expect(await control.check({ ...node, vipAddresses: {} }, vip, 300)).toMatchObject({ serving: false });
  });
});

describe('a VIP of two profiles on a node that we configured', () => {
  let second: UdpPeer;
  let status: string;

  beforeEach(async () => {
    node = nodeOf(fake, HOST, { fingerprint: 'f1' });
    vip = vipOf(fake, { profiles: ['external-main', 'internal-main'] });
    fake.replies.set('sofia profile internal-main rescan', 'Reload XML [Success]\n+OK scan complete\n');
    status = '503 System Paused';
    second = await UdpPeer.start((request) => [sipAnswer(request, status)], { host: HOST, port: fake.sipPort + 1 });
  });
  afterEach(() => second.stop());

  it('is promoted when both say 200', async () => {
    status = '200 OK';

    const result = await control.promote(node, vip, 2000);

    const asked = `OPTIONS ${HOST}:${fake.sipPort}: 200 OK; OPTIONS ${HOST}:${fake.sipPort + 1}: 200 OK`;
    expect(result).toMatchObject({ promoted: true, proof: expect.stringContaining(asked) as string });
  });

  it('is not promoted while the second is in standby, and its port is named', async () => {
    expect(await control.promote(node, vip, 500)).toEqual({
      promoted: false,
      reason: `rescanned, but OPTIONS ${HOST}:${fake.sipPort + 1}: 503 System Paused`,
    });
  });

  it('does not serve while the second is in standby', async () => {
    fake.sipStatus = '200 OK';

    expect(await control.check(node, vip, 1000)).toMatchObject({
      serving: false,
      reason: `OPTIONS ${HOST}:${fake.sipPort + 1}: 503 System Paused`,
    });
  });

  it('is not demoted while the second serves', async () => {
    status = '200 OK';

    expect(await control.demote(node, vip, 500)).toMatchObject({
      demoted: false,
      reason: expect.stringContaining(`${fake.sipPort + 1}: 200 OK`) as string,
    });
  });

  it('whose second says nothing is told within the time of the order', async () => {
    await second.stop();
    second = await UdpPeer.start(() => [], { host: HOST, port: fake.sipPort + 1 });
    fake.sipStatus = '200 OK';

    const startedMs = performance.now();
    expect(await control.check(node, vip, 300)).toMatchObject({ serving: false });
    expect(performance.now() - startedMs).toBeLessThan(900);
  });

  it('on an adopted node is proved by its first profile alone', async () => {
    fake.sipStatus = '200 OK';

    expect(await control.check(nodeOf(fake, HOST), vip, 1000)).toMatchObject({ serving: true });
    expect(second.received).toEqual([]);
  });
});

it('a VIP without a profile is proved by nothing', async () => {
  expect(await control.check(node, { ...vip, profiles: [] }, 300)).toMatchObject({ serving: false });
});
