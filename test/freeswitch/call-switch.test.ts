import { OutsideRefused } from '../../lib/domain/errors';
import type { NodeTopology, VipTopology } from '../../lib/domain/model';
import { EslCallSwitch } from '../../lib/freeswitch/call-switch';
import { EslFailure } from '../../lib/freeswitch/esl/failure';
import { FakeNode } from './fake-node';
import { given, nodeOf, vipOf } from './support/one-node';

const HOST = '127.0.0.43';
let fake: FakeNode;
let calls: EslCallSwitch;
let node: NodeTopology;
let vip: VipTopology;

beforeEach(async () => {
  fake = await FakeNode.start(HOST);
  fake.profiles = ['external-main', 'external-main-tls'];
  fake.replies.set('sofia profile external-main-tls rescan', 'Reload XML [Success]\n+OK scan complete\n');
  calls = new EslCallSwitch(given());
  node = nodeOf(fake, HOST, { databaseRole: 'node_a' });
  vip = vipOf(fake, { profiles: fake.profiles, serviceAddress: '10.255.0.10' });
});

afterEach(() => fake.kill());

/** Commands without the job ids. */
const commands = (): string[] => fake.commands.map((command) => command.replace(/\nJob-UUID: .*/, ''));

describe('the state of a switch', () => {
  it('tells incarnation, both pauses, sessions and how far its clock is from ours', async () => {
    fake.clockOffsetMs = -300_000;
    fake.pausedOutbound = true;

    const state = await calls.state(node, 1000);

    expect(state).toMatchObject({
      coreUuid: fake.coreUuid,
      paused: { inbound: false, outbound: true },
      sessions: 3,
    });
    expect(Math.abs((state.clockOffsetMs ?? 0) + 300_000)).toBeLessThan(500);
  });

  it('a node that does not know the command for its time has an unknown clock', async () => {
    fake.clockOffsetMs = null;

    expect((await calls.state(node, 1000)).clockOffsetMs).toBeNull();
  });

  it.each([
    ['fsctl pause_check inbound', '-ERR no reply\n'],
    ['fsctl pause_check outbound', ''],
    ['global_getvar core_uuid', '-ERR no reply\n'],
  ])('%s that says %j is no state: nothing is guessed', async (command, reply) => {
    fake.replies.set(command, reply);

    await expect(calls.state(node, 1000)).rejects.toBeInstanceOf(OutsideRefused);
  });

  it('a frozen node is told at the deadline', async () => {
    fake.frozen = true;

    await expect(calls.state(node, 100)).rejects.toMatchObject({ kind: 'silent' });
  });
});

describe('recovering the profiles of a VIP', () => {
  const PAUSE_CHECKS = ['api fsctl pause_check inbound', 'api fsctl pause_check outbound'];

  it('in standby: one job a profile, this VIP only, and the replies for the journal', async () => {
    const { replies } = await calls.recoverProfiles(node, vip, 2000);

    expect(replies).toEqual([
      'external-main: +OK 2 session(s) recovered in total',
      'external-main-tls: +OK 2 session(s) recovered in total',
    ]);
    expect(commands()).toEqual([
      'api sofia status',
      'api global_getvar promoted_main',
      ...PAUSE_CHECKS,
      'event json BACKGROUND_JOB',
      'bgapi fsctl recover sofia:external-main',
      'bgapi fsctl recover sofia:external-main-tls',
    ]);
  });

  it('in service: into standby first, recovered, promoted again', async () => {
    fake.variables.set('promoted_main', '-no');

    const { replies } = await calls.recoverProfiles(node, vip, 3000);

    expect(replies.at(-1)).toContain('promoted again');
    expect(commands().slice(1)).toEqual([
      'api global_getvar promoted_main',
      'api show channels count',
      'api global_setvar promoted_main=',
      'api global_getvar promoted_main',
      'api sofia profile external-main rescan',
      'api sofia profile external-main-tls rescan',
      ...PAUSE_CHECKS,
      'event json BACKGROUND_JOB',
      'bgapi fsctl recover sofia:external-main',
      'bgapi fsctl recover sofia:external-main-tls',
      'api global_setvar promoted_main=-no',
      'api global_getvar promoted_main',
      'api sofia profile external-main rescan',
      'api sofia profile external-main-tls rescan',
    ]);
  });

  it('in service, and without a way to its database: it stays in service, because no row could be read', async () => {
    fake.variables.set('promoted_main', '-no');
    fake.databaseAnswers = false;

    await expect(calls.recoverProfiles(node, vip, 500)).rejects.toThrow(
      /main is in service there, and stays it: its database does not answer it: "show channels count" said nothing for/,
    );

    expect(fake.variables.get('promoted_main')).toBe('-no');
    expect(commands().at(-1)).toBe('api show channels count');
  });

  it('in service, and the jobs do not end: promoted again before the deadline, and told', async () => {
    fake.variables.set('promoted_main', '-no');
    fake.jobsEnd = false;

    await expect(calls.recoverProfiles(node, vip, 1200)).rejects.toMatchObject({
      kind: 'silent',
      message: expect.stringContaining('"fsctl recover" did not end') as string,
    });
    expect(fake.variables.get('promoted_main')).toBe('-no');
    expect(commands().at(-1)).toBe('api sofia profile external-main-tls rescan');
  });

  it('in service, and a profile refuses the rescan: promoted again, nothing recovered', async () => {
    fake.variables.set('promoted_main', '-no');
    fake.replies.set('sofia profile external-main-tls rescan', 'Invalid Profile!\n');

    await expect(calls.recoverProfiles(node, vip, 3000)).rejects.toBeInstanceOf(OutsideRefused);

    expect(fake.variables.get('promoted_main')).toBe('-no');
    expect(commands().some((command) => command.startsWith('bgapi'))).toBe(false);
  });

  it('jobs that do not end are told at the deadline', async () => {
    fake.jobsEnd = false;

    await expect(calls.recoverProfiles(node, vip, 150)).rejects.toBeInstanceOf(EslFailure);
  });

  it('a profile that does not run there: no row is touched', async () => {
    fake.profiles = ['external-main'];

    await expect(calls.recoverProfiles(node, vip, 1000)).rejects.toThrow('external-main-tls does not run there');
    expect(commands()).toEqual(['api sofia status']);
  });

  it.each(['x;flush', 'flush:sofia', 'a b', 'x\n\napi fsctl recover'])(
    'a profile called %j is not sent',
    async (name) => {
      await expect(calls.recoverProfiles(node, { ...vip, profiles: [name] }, 1000)).rejects.toThrow('rename it');
      expect(fake.connections).toBe(0);
    },
  );
});

describe('gateways that have not registered', () => {
  it('are named, of this VIP only, and only those that are to register', async () => {
    fake.gateways = [
      ['external-main::up', 'REGED'],
      ['external-main::trunk', 'NOREG'],
      ['external-main::one', 'UNREGED'],
      ['external-main-tls::two', 'FAIL_WAIT (retry: 10s)'],
      ['external-other::three', 'TRYING'],
    ];

    expect(await calls.unregisteredGateways(node, vip, 1000)).toEqual(['external-main::one', 'external-main-tls::two']);
  });

  it('none where there are no gateways, or the reply is no table', async () => {
    expect(await calls.unregisteredGateways(node, vip, 1000)).toEqual([]);
    fake.replies.set('sofia status gateway', '-ERR no reply\n');
    expect(await calls.unregisteredGateways(node, vip, 1000)).toEqual([]);
  });
});
