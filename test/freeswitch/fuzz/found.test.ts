import { EslProbe } from '../../../lib/freeswitch/esl/esl-probe';
import { parseResponse } from '../../../lib/freeswitch/sip/response';
import { SystemClock } from '../../../lib/aws/system-clock';
import { ACCEPTED, apiResponse, commandReply, GREETING, onCommands, TcpPeer } from '../fake-node';

/** Bytes by which the fuzzer once got a verdict that they do not justify. Each was another mistake of ours. */

const STATUS = (systemStatus: string): string =>
  apiResponse(
    JSON.stringify({
      status: 'success',
      response: { systemStatus, sessions: { count: { active: 6, limit: 1000 } } },
    }),
  );
const UUID = apiResponse('869dd27a-990a-1a0b-6251-ed3cc723adc7');

describe('a probe of a peer that says', () => {
  let peer: TcpPeer | null = null;
  afterEach(async () => {
    await peer?.stop();
    peer = null;
  });

  /**
   * The verdict on a peer with these replies to auth, core_uuid, status and whether it is paused for incoming calls; it
   * is not for outgoing ones, and no shutdown waits there.
   */
  async function verdictOn(auth: string, ...replies: string[]): Promise<string> {
    peer = await TcpPeer.start((socket) => {
      const left = [auth, ...replies, apiResponse('false'), apiResponse('false')];
      socket.write(GREETING);
      onCommands(socket, () => void socket.write(left.shift() ?? ''));
    });
    const password = { get: async () => 'pw', drop: () => undefined };
    const probe = new EslProbe({ host: '127.0.0.1', port: peer.port, password, clock: new SystemClock() });
    const { evidence } = await probe.ask(300);
    probe.close();
    return evidence.verdict;
  }

  it('all that it should is ok', async () => {
    expect(await verdictOn(ACCEPTED, UUID, STATUS('ready'), apiResponse('false'))).toBe('ok');
  });

  it.each([
    ['a result without its length', STATUS('ready'), 'Content-Type: api/response\n\nfalse'],
    ['neither true nor false to pause_check', STATUS('ready'), apiResponse('-no')],
    ['neither ready nor not ready', STATUS('reaDy'), apiResponse('false')],
    ['something else than the status', apiResponse('0 total.\n'), apiResponse('false')],
    ['command/reply to api, and no refusal', commandReply('+OK bye'), apiResponse('false')],
    [
      'a colon in a header name',
      'Content-Type:: -1\nContent-Type: api/response\nContent-Length: 5\n\nfalse',
      apiResponse('false'),
    ],
    ['a header twice', 'Content-Type: api/response\nX: 1\nX: 2\nContent-Length: 5\n\nfalse', apiResponse('false')],
  ])('%s is malformed, not ok', async (_, status, pause) => {
    expect(await verdictOn(ACCEPTED, UUID, status, pause)).toBe('malformed');
  });

  it.each(['+OK bye', '+OK ACCEPTED', '%2BOK accepted', ''])('%j to auth is malformed, not rejected', async (reply) => {
    expect(await verdictOn(commandReply(reply))).toBe('malformed');
  });
});

describe('an answer to OPTIONS', () => {
  const VIA = 'Via: SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK1';
  const rest = ['From: <sip:a@127.0.0.1>;tag=1', 'To: <sip:b@127.0.0.1>;tag=2', 'CSeq: 1 OPTIONS'];
  const answer = (...headers: string[]): Buffer =>
    Buffer.from(`${['SIP/2.0 200 OK', ...rest, ...headers].join('\r\n')}\r\n\r\n`);

  it('with each header once is one', () => {
    expect(parseResponse(answer(VIA, 'Call-ID: ours', 'Content-Length: 0'))).toMatchObject({ callId: 'ours' });
  });

  it.each([
    ['somebody else’s Call-ID before ours', [VIA, 'Call-ID: other', 'Call-ID: ours']],
    ['a compact one behind it', [VIA, 'Call-ID: other', 'i: ours']],
    ['a second CSeq', [VIA, 'Call-ID: ours', 'CSeq: 1 OPTIONS']],
    ['a second Via', [VIA, 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2', 'Call-ID: ours']],
    ['a body that is shorter than it says', [VIA, 'Call-ID: ours', 'Content-Length: 9']],
    ['a length that is none', [VIA, 'Call-ID: ours', 'Content-Length: -1']],
    ['a line that is no header', [VIA, 'Call-ID: ours', 'Accept> application/sdp']],
  ])('with %s is none', (_, headers) => {
    expect(parseResponse(answer(...headers))).toBeNull();
  });
});
