/**
 * What an observer sees of a node, as one suite that runs against the shipped probe, over real ESL and SIP, and against
 * the simulator's copy of it: the same verdicts, the same evidence behind them, and the same news of a connection.
 */
import type { EslEvidence, SipEvidence } from '../../lib/domain/model';
import { specifyLookDifferences } from './node-probe-differences';
import {
  CALLS,
  type Look,
  MAIN,
  type OrdersStage,
  SECOND,
  type StagedNode,
  type StagedObserver,
} from './node-orders-stage';

const LONG_MS = 3_000;
/** For those who stay without an answer: it is waited for to its end, and others come meanwhile. */
const SHORT_MS = 400;
/** What a look may take beyond its deadline, on a machine that is busy. */
const LITTLE_MS = 700;

type Sip = SipEvidence['verdict'];
type Verdicts = [esl: EslEvidence['verdict'], main: Sip, second: Sip];

/** @param open gives a stage as `OrdersStage` says, a new one for each test */
export function specifyLooks(open: () => Promise<OrdersStage>): void {
  let stage: OrdersStage;
  let a: StagedNode;
  let observer: StagedObserver;

  beforeEach(async () => {
    stage = await open();
    ({ a } = stage);
    observer = stage.observe(a);
  });
  afterEach(() => stage.close());

  const look = async (timeoutMs = LONG_MS): Promise<Look> => {
    const seen = await observer.look(timeoutMs);
    expect(stage.tookMs).toBeLessThan(timeoutMs + LITTLE_MS);
    return seen;
  };
  const UNKNOWN = { coreUuid: null, sessions: null, clockOffsetMs: null, shutdownPending: null };
  const known = () => ({ coreUuid: a.coreUuid, sessions: a.sessions, shutdownPending: false });

  it('at a holder tells incarnation, sessions, and the state of each VIP that has an address there', async () => {
    const { esl, sip } = await look(LONG_MS);
    expect(esl).toMatchObject({ verdict: 'ok', detail: 'answers status', latencyMs: expect.any(Number), ...known() });
    expect(esl.sessions).toBe(2 * CALLS);
    expect(sip).toEqual({
      [MAIN]: { verdict: 'ok', detail: '200 OK', latencyMs: expect.any(Number) },
      [SECOND]: { verdict: 'standby', detail: '503 System Paused', latencyMs: expect.any(Number) },
    });
  });

  const ANSWERING: [string, Verdicts, (node: StagedNode) => void | Promise<void>][] = [
    ['fell into standby', ['ok', 'standby', 'standby'], (node) => node.fallIntoStandby()],
    ['was restarted', ['ok', 'standby', 'standby'], (node) => node.restart()],
    ['is paused', ['paused', 'busy', 'busy'], (node) => node.pause()],
    ['is paused for incoming calls', ['paused', 'busy', 'busy'], (node) => node.pause('inbound')],
    ['is paused for outgoing calls', ['paused', 'ok', 'standby'], (node) => node.pause('outbound')],
    ['is full', ['ok', 'busy', 'busy'], (node) => node.fill()],
    ['is deaf on SIP', ['ok', 'silent', 'silent'], (node) => node.stickSip()],
    ['is locked out of the database', ['ok', 'ok', 'standby'], (node) => node.lockRole()],
  ];
  const NOT_ANSWERING: typeof ANSWERING = [
    ['is dead', ['refused', 'silent', 'silent'], (node) => node.kill()],
    ['is frozen', ['silent', 'silent', 'silent'], (node) => node.freeze()],
    ['has no event socket', ['refused', 'ok', 'standby'], (node) => node.closeEsl()],
    ['has an event socket that hangs', ['silent', 'ok', 'standby'], (node) => node.hangEsl()],
  ];
  const REJECTING: typeof ANSWERING = [
    ['rejects the password', ['rejected', 'ok', 'standby'], (node) => node.rejectPassword()],
    ['rejects our address', ['rejected', 'ok', 'standby'], (node) => node.rejectByAccessList()],
  ];
  const LEAVING: typeof ANSWERING = [
    ['has closed its ports on its way out', ['refused', 'silent', 'silent'], (node) => node.closePortsGracefully()],
  ];

  describe.each([
    ['for the first time', () => undefined],
    ['again', () => observer.settle()],
  ])('%s', (_, begin) => {
    it.each(ANSWERING)('at a node that %s sees %j, and which process it is', async (_words, verdicts, befall) => {
      await begin();
      await befall(a);
      const seen = await look(patienceFor(verdicts));
      expect(verdictsOf(seen)).toEqual(verdicts);
      expect(seen.esl).toMatchObject(known());
    });

    it.each([
      [undefined, 'paused: new calls get 503'],
      ['inbound', 'paused for incoming calls'],
      ['outbound', 'paused for outgoing calls'],
    ] as const)('at a node that is paused (%s) sees which calls it is for', async (direction, detail) => {
      await begin();
      await a.pause(direction);
      expect((await look()).esl.detail).toContain(detail);
    });

    it('at a node that rejects the password sees that, whatever it is about to do', async () => {
      await a.rejectPassword();
      await a.beginGracefulStop();
      expect((await look(LONG_MS)).esl.verdict).toBe('rejected');
    });

    it.each(NOT_ANSWERING)('at a node that %s sees %j, and no process', async (_words, verdicts, befall) => {
      await begin();
      await befall(a);
      const seen = await look(patienceFor(verdicts));
      expect(verdictsOf(seen)).toEqual(verdicts);
      expect(seen.esl).toMatchObject(UNKNOWN);
    });
  });

  it.each([...REJECTING, ...LEAVING])(
    'for the first time at a node that %s sees %j, and no process',
    async (_words, verdicts, befall) => {
      await befall(a);
      const seen = await look(patienceFor(verdicts));
      expect(verdictsOf(seen)).toEqual(verdicts);
      expect(seen.esl).toMatchObject(UNKNOWN);
    },
  );

  it('at a node that ends gracefully hears of it, once, while it answers', async () => {
    await observer.settle();
    await a.beginGracefulStop();
    const seen = await look();
    expect(seen.esl).toMatchObject({ verdict: 'stopping', detail: 'FreeSWITCH announced its shutdown', ...known() });
    await a.closePortsGracefully();
    expect(verdictsOf(await look())).toEqual(['refused', 'silent', 'silent']);
  });

  it('at a node that has closed its ports hears the notice at the end of its connection, once', async () => {
    await observer.settle();
    await a.closePortsGracefully();
    const seen = await look();
    expect(verdictsOf(seen)).toEqual(['stopping', 'silent', 'silent']);
    expect(seen.esl).toMatchObject(UNKNOWN);
    expect(verdictsOf(await look())).toEqual(['refused', 'silent', 'silent']);
  });

  it('at a node that thaws sees the same process', async () => {
    await observer.settle();
    await a.freeze();
    expect(verdictsOf(await look(SHORT_MS))).toEqual(['silent', 'silent', 'silent']);
    await a.thaw();
    const seen = await look();
    expect(verdictsOf(seen)).toEqual(['ok', 'ok', 'standby']);
    expect(seen.esl).toMatchObject(known());
  });

  it.each<[string, number, (node: StagedNode) => void | Promise<void>]>([
    ['is dead', 1, (node) => node.kill()],
    ['was restarted', 1, (node) => node.restart()],
    ['has no event socket', 1, (node) => node.closeEsl()],
    ['has closed its ports on its way out', 1, (node) => node.closePortsGracefully()],
    ['is frozen', 0, (node) => node.freeze()],
    ['is paused', 0, (node) => node.pause()],
  ])('whose connection to a node that %s: lost %d times', async (_, losses, befall) => {
    await observer.settle();
    await befall(a);
    await look(losses === 0 ? SHORT_MS : LONG_MS);
    expect(observer.losses).toBe(losses);
  });

  specifyLookDifferences(() => stage);
}

/** Who refuses does it at once. */
const patienceFor = (verdicts: Verdicts): number =>
  verdicts.includes('silent') && verdicts[0] !== 'refused' ? SHORT_MS : LONG_MS;

/** An ICMP message, which loopback delivers and most networks do not, counts as silence here. */
function verdictsOf({ esl, sip }: Look): Verdicts {
  const [main, second] = [MAIN, SECOND].map((vipId) => sip[vipId]?.verdict ?? 'malformed');
  const heard = (verdict: Sip = 'malformed'): Sip => (verdict === 'refused' ? 'silent' : verdict);
  return [esl.verdict, heard(main), heard(second)];
}
