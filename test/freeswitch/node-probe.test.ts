import { SystemClock } from '../../lib/aws/system-clock';
import { SystemRandom } from '../../lib/aws/system-random';
import type { PasswordSource } from '../../lib/freeswitch/esl/password';
import { FreeSwitchNodeProbe } from '../../lib/freeswitch/node-probe';
import { FakeNode, sipAnswer, STATUS, UdpPeer } from './fake-node';

const HOST = '127.0.0.41';
const system = new SystemClock();
/** Our clock, put forward by the test. */
let aheadMs = 0;
const clock = { wallMs: () => system.wallMs(), monotonicMs: () => system.monotonicMs() + aheadMs };
const random = new SystemRandom();
let node: FakeNode;
let probe: FreeSwitchNodeProbe;
let password: PasswordSource & { drops: number };

beforeEach(async () => {
  aheadMs = 0;
  node = await FakeNode.start(HOST);
  password = {
    drops: 0,
    get: () => Promise.resolve('s3cret'),
    drop() {
      this.drops += 1;
    },
  };
  probe = makeProbe();
});

afterEach(async () => {
  probe.close();
  await node.kill();
});

const makeProbe = (of: { profiles?: string[]; fingerprint?: string | null } = {}): FreeSwitchNodeProbe =>
  new FreeSwitchNodeProbe({
    node: {
      managementAddress: HOST,
      eslPort: node.eslPort,
      vipAddresses: { main: HOST },
      fingerprint: of.fingerprint ?? null,
    },
    vips: [
      { id: 'main', sipPort: node.sipPort, profiles: of.profiles ?? ['external-main'] },
      { id: 'elsewhere', sipPort: 5060, profiles: ['external-elsewhere'] },
    ],
    password,
    clock,
    random,
  });

describe('a probe of a node', () => {
  it('tells incarnation, sessions, and the state of each VIP that has an address there', async () => {
    const { esl, sip } = await probe.probe(1000);

    expect(esl).toMatchObject({ verdict: 'ok', coreUuid: node.coreUuid, sessions: 3, detail: 'answers status' });
    expect(Object.keys(sip)).toEqual(['main']);
    expect(sip['main']).toMatchObject({ verdict: 'standby', detail: '503 System Paused' });
  });

  it('keeps one connection for questions and one for events, and asks for the core_uuid once', async () => {
    for (let i = 0; i < 3; i += 1) await probe.probe(1000);
    await until(() => node.subscribers('HEARTBEAT') === 1);

    expect(node.connections).toBe(2);
    expect(node.commands.filter((command) => command.includes('core_uuid'))).toHaveLength(1);
    expect(node.commands.filter((command) => !command.startsWith('api '))).toEqual(['event json HEARTBEAT SHUTDOWN']);
  });

  it('a paused node is paused', async () => {
    node.paused = true;

    expect((await probe.probe(1000)).esl.verdict).toBe('paused');
  });

  // `fsctl pause` and then `fsctl resume inbound` leaves the last one (FACTS 4).
  it.each([
    ['both directions', 'not ready', 'true', 'true', 'paused: new calls get 503'],
    ['incoming calls', 'ready', 'true', 'false', 'paused for incoming calls: new ones get 503'],
    ['outgoing calls', 'ready', 'false', 'true', 'paused for outgoing calls: callers are answered'],
  ])('a node that is paused for %s is paused, and says which', async (_, system, inbound, outbound, detail) => {
    node.replies.set('json {"command":"status","data":""}', STATUS(3, node.sessionLimit, system === 'ready'));
    node.replies.set('fsctl pause_check inbound', inbound);
    node.replies.set('fsctl pause_check outbound', outbound);

    const { esl } = await probe.probe(1000);

    expect(esl).toMatchObject({ verdict: 'paused', coreUuid: node.coreUuid, sessions: 3 });
    expect(esl.detail).toContain(detail);
    expect(esl.detail).toContain('`fsctl resume` ends it');
  });

  it.each(['-ERR Invalid command\n', '-ERR no reply\n', '', 'TRUE'])(
    'a node that answers %j to whether it is paused for outgoing calls is well: nothing says that it is',
    async (reply) => {
      node.replies.set('fsctl pause_check outbound', reply);

      expect((await probe.probe(1000)).esl).toMatchObject({ verdict: 'ok', detail: 'answers status' });
    },
  );

  it.each([
    ['elegant', false, 'ok'],
    ['asap', true, 'paused'],
  ] as const)(
    'a node told `fsctl shutdown %s` waits for its last call, until that is cancelled',
    async (_, paused, verdict) => {
      Object.assign(node, { shutdownPending: true, paused });

      const { esl } = await probe.probe(1000);
      Object.assign(node, { shutdownPending: false, paused: false });
      const cancelled = await probe.probe(1000);

      expect(esl).toMatchObject({ verdict, shutdownPending: true });
      expect(esl.detail).toContain('`fsctl shutdown cancel` ends that');
      expect(cancelled.esl).toMatchObject({ verdict: 'ok', shutdownPending: false, detail: 'answers status' });
    },
  );

  it.each(['-ERR Invalid command\n', '-ERR no reply\n', '', 'TRUE'])(
    'a node that answers %j to whether it shuts down is well, and whether it does is not known',
    async (reply) => {
      node.replies.set('fsctl shutdown_check', reply);

      expect((await probe.probe(1000)).esl).toMatchObject({ verdict: 'ok', shutdownPending: null });
    },
  );

  it('a node that does not answer does not tell whether it shuts down', async () => {
    node.frozen = true;

    expect((await probe.probe(60)).esl).toMatchObject({ verdict: 'silent', shutdownPending: null });
  });

  it('asks a new connection who it is, how it is, and whether it goes', async () => {
    await probe.probe(1000);

    expect(node.commands.filter((command) => command.startsWith('api '))).toEqual([
      'api global_getvar core_uuid',
      'api json {"command":"status","data":""}',
      'api fsctl pause_check inbound',
      'api fsctl pause_check outbound',
      'api fsctl shutdown_check',
    ]);
  });

  it('a full node is busy although OPTIONS says 200', async () => {
    node.sipStatus = '200 OK';
    node.sessions = node.sessionLimit;

    expect((await probe.probe(1000)).sip['main']).toMatchObject({ verdict: 'busy' });
  });

  it('a killed process is told within milliseconds, and the next probe finds it refused', async () => {
    await probe.probe(1000);
    const lost = new Promise<number>((resolve) => probe.onConnectionLost(() => resolve(clock.monotonicMs())));

    const killedMs = clock.monotonicMs();
    await node.kill();
    const lostMs = await lost;
    const { esl, sip } = await probe.probe(1000);

    // Nobody asked meanwhile: the end of the connection tells it. A busy machine takes its time to run us.
    expect(lostMs - killedMs).toBeLessThan(1_000);
    expect(esl).toMatchObject({ verdict: 'refused', coreUuid: null });
    expect(sip['main']?.verdict).toBe('refused');
    expect(clock.monotonicMs() - lostMs).toBeLessThan(1_000);
  });

  it('a loss is told once for each connection, and never for our own close', async () => {
    const lost = jest.fn();
    probe.onConnectionLost(lost);
    for (let i = 1; i <= 2; i += 1) {
      await probe.probe(1000);
      await node.kill();
      await probe.probe(1000);
      expect(lost).toHaveBeenCalledTimes(i);
      await node.startAgain();
    }
    await probe.probe(1000);
    probe.close();

    expect(lost).toHaveBeenCalledTimes(2);
  });

  it('a restarted process shows its new core_uuid', async () => {
    await probe.probe(1000);
    await node.kill();
    node.coreUuid = '11111111-2222-3333-4444-555555555555';
    await node.startAgain();

    expect((await probe.probe(1000)).esl).toMatchObject({ verdict: 'ok', coreUuid: node.coreUuid });
  });

  it('a frozen node is silent within the deadline, and well again after it', async () => {
    await probe.probe(1000);
    node.frozen = true;

    const startedMs = clock.monotonicMs();
    const frozen = await probe.probe(150);
    expect(clock.monotonicMs() - startedMs).toBeLessThan(1_000);
    expect([frozen.esl.verdict, frozen.sip['main']?.verdict]).toEqual(['silent', 'silent']);
    expect(frozen.esl.latencyMs).toBeNull();

    node.frozen = false;
    expect((await probe.probe(1000)).esl.verdict).toBe('ok');
  });

  it('a stuck SIP stack shows in SIP alone', async () => {
    node.sipFrozen = true;

    const { esl, sip } = await probe.probe(150);

    expect([esl.verdict, sip['main']?.verdict]).toEqual(['ok', 'silent']);
  });

  it('an announced stop is told once; then the port speaks for itself', async () => {
    await probe.probe(1000);
    const lost = new Promise<void>((resolve) => probe.onConnectionLost(resolve));
    node.announceStop();
    await lost;
    await node.kill();

    expect((await probe.probe(500)).esl.verdict).toBe('stopping');
    expect((await probe.probe(500)).esl.verdict).toBe('refused');
  });

  it('a refused password is a misconfiguration, and is read anew next time', async () => {
    node.password = 'rotated';
    const first = await probe.probe(500);
    password.get = () => Promise.resolve('rotated');

    expect(first.esl.verdict).toBe('rejected');
    expect(password.drops).toBe(1);
    expect((await probe.probe(500)).esl.verdict).toBe('ok');
  });

  it('a password that cannot be read is no death either', async () => {
    password.get = () => Promise.reject(new Error('Secrets Manager is away'));

    const { esl, sip } = await probe.probe(500);

    expect(esl.verdict).toBe('rejected');
    expect(esl.detail).toContain('Secrets Manager is away');
    expect(sip['main']?.verdict).toBe('standby');
  });

  it.each<[string, () => Promise<string>]>([
    ['cannot be read', () => Promise.reject(new Error('Secrets Manager is away'))],
    ['does not come', () => new Promise(() => undefined)],
  ])('a password that %s hides no death: a port that refuses is told as that', async (_words, get) => {
    password.get = get;
    await node.kill();

    const { esl } = await probe.probe(1_500);

    expect(esl).toMatchObject({ verdict: 'refused', coreUuid: null, detail: expect.stringContaining('cannot ask') });
    expect(esl.latencyMs).not.toBeNull();
  });

  it('a password that cannot be read in no time makes nobody silent who was not asked', async () => {
    password.get = () => Promise.reject(new Error('Secrets Manager is away'));
    await node.kill();

    expect((await probe.probe(0)).esl.verdict).toBe('rejected');
  });

  it('a password that comes too late does not hold up the probe', async () => {
    let give: (value: string) => void = () => undefined;
    password.get = () => new Promise((resolve) => (give = resolve));

    expect((await probe.probe(60)).esl.verdict).toBe('rejected');
    give('s3cret');
  });

  it('two calls at once share one look', async () => {
    const [first, second] = await Promise.all([probe.probe(1000), probe.probe(1000)]);

    expect(second).toBe(first);
  });

  it('closing is final: a probe under way ends, and later ones find nothing', async () => {
    node.frozen = true;
    const running = probe.probe(60_000);
    probe.close();

    expect((await running).esl.verdict).toBe('silent');
    expect((await probe.probe(1000)).esl.verdict).toBe('silent');
    expect(node.commands).toEqual([]);
  });
});

describe('a VIP of two profiles', () => {
  const PROFILES = ['external-main', 'internal-main'];
  let second: UdpPeer;

  beforeEach(async () => {
    probe.close();
    node.sipStatus = '200 OK';
    second = await UdpPeer.start((request) => [sipAnswer(request, '503 System Paused')], {
      host: HOST,
      port: node.sipPort + 1,
    });
  });
  afterEach(() => second.stop());

  it('is an outage when one of them is in standby, and the profile is named', async () => {
    probe = makeProbe({ profiles: PROFILES, fingerprint: 'f1' });

    expect((await probe.probe(1000)).sip['main']).toMatchObject({
      verdict: 'standby',
      detail: `internal-main on ${node.sipPort + 1}: 503 System Paused`,
    });
  });

  it('is looked at in the time of one, also where a profile says nothing', async () => {
    await second.stop();
    second = await UdpPeer.start(() => [], { host: HOST, port: node.sipPort + 1 });
    probe = makeProbe({ profiles: PROFILES, fingerprint: 'f1' });

    const startedMs = clock.monotonicMs();
    const { esl, sip } = await probe.probe(1_000);

    expect([esl.verdict, sip['main']?.verdict]).toEqual(['ok', 'silent']);
    expect(clock.monotonicMs() - startedMs).toBeLessThan(1_900);
  });

  it('on an adopted node is looked at by its first alone: nobody told us the ports of the others', async () => {
    probe = makeProbe({ profiles: PROFILES, fingerprint: null });

    expect((await probe.probe(1000)).sip['main']).toMatchObject({ verdict: 'ok', detail: '200 OK' });
    expect(second.received).toEqual([]);
  });
});

describe('the events of a node', () => {
  const offsetSeen = async (): Promise<number | null> => (await probe.probe(1000)).esl.clockOffsetMs;
  const subscribed = async (): Promise<void> => {
    await until(async () => (await probe.probe(1000), node.subscribers('HEARTBEAT') === 1));
  };

  it('a heartbeat tells how far its clock is behind; before the first one nothing is known', async () => {
    await subscribed();
    expect(await offsetSeen()).toBeNull();
    node.clockOffsetMs = -300_000;

    node.beat();
    await until(async () => (await offsetSeen()) !== null);

    expect(Math.abs(((await offsetSeen()) ?? 0) + 300_000)).toBeLessThan(500);
  });

  it('a heartbeat is good for a minute', async () => {
    await subscribed();
    node.beat();
    await until(async () => (await offsetSeen()) !== null);

    aheadMs = 61_000;

    expect(await offsetSeen()).toBeNull();
  });

  it('a heartbeat of another incarnation tells nothing about this one', async () => {
    await subscribed();
    const { coreUuid } = node;
    node.coreUuid = '11111111-2222-3333-4444-555555555555';
    node.beat();
    node.coreUuid = coreUuid;
    for (let i = 0; i < 3; i += 1) expect(await offsetSeen()).toBeNull();
  });

  it('the loss of the events connection changes no verdict and is told to nobody; it comes back after a while', async () => {
    const lost = jest.fn();
    probe.onConnectionLost(lost);
    await subscribed();

    node.dropSubscribers();
    await until(() => node.subscribers('HEARTBEAT') === 0);

    expect((await probe.probe(1000)).esl.verdict).toBe('ok');
    expect(node.connections).toBe(2);
    aheadMs += 2_000;
    await subscribed();
    expect(node.connections).toBe(3);
    expect(lost).not.toHaveBeenCalled();
  });

  it('an events connection on which nothing comes for a minute is made anew', async () => {
    await subscribed();
    aheadMs = 61_000;
    await probe.probe(1000);
    aheadMs += 2_000;

    await until(async () => (await probe.probe(1000), node.connections === 3));

    expect((await probe.probe(1000)).esl.verdict).toBe('ok');
  });

  it('a shutdown is known from its event on, while the node still answers', async () => {
    await subscribed();

    node.announceShutdownEvent();
    await until(async () => (await probe.probe(1000)).esl.verdict === 'stopping');
    const lost = new Promise<void>((resolve) => probe.onConnectionLost(resolve));
    node.announceStop();
    await lost;
    await node.kill();

    expect((await probe.probe(500)).esl.verdict).toBe('refused');
  });

  it('a node that does not answer is not asked for events', async () => {
    node.frozen = true;

    await probe.probe(60);
    await probe.probe(60);

    expect(node.connections).toBe(2);
    expect(node.subscribers('HEARTBEAT')).toBe(0);
  });
});

const GIVE_UP_AFTER_MS = 3_000;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > GIVE_UP_AFTER_MS) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
