import fc from 'fast-check';
import { evidenceOfAnswer, parseResponse, verdictOfAnswer } from '../../../lib/freeswitch/sip/response';
import { loadTranscript, transcriptNames, turnsOf } from '../transcripts';

/** Answers to OPTIONS in a recording, in order, with the request that each one belongs to. */
function answersIn(name: string): { request: string; answer: Buffer }[] {
  const turns = turnsOf(loadTranscript(name));
  return turns.flatMap((turn, i) => {
    const request = turns[i - 1];
    const asked = request?.side === 'C' && request.data.toString().startsWith('OPTIONS ');
    return turn.side === 'S' && asked ? [{ request: request.data.toString(), answer: turn.data }] : [];
  });
}

const header = (message: string, name: string): string => new RegExp(`^${name}: (.*)\r$`, 'm').exec(message)?.[1] ?? '';

/** What FACTS 5 says that each recording shows. */
const EXPECTED: Record<string, string[]> = {
  'sip-options-healthy': ['ok'],
  'sip-options-standby': ['standby', 'ok'],
  'sip-options-global-standby': ['standby', 'ok'],
  'sip-options-503-on-busy-paused': ['ok', 'busy', 'ok', 'busy', 'ok'],
  'sip-options-503-on-busy-max-sessions': ['busy'],
  'sip-options-paused-default': ['ok'],
  'sip-options-paused-inbound-default': ['ok'],
  'sip-options-max-sessions-default': ['ok'],
  'sip-options-frozen': ['ok'],
  'sip-options-profile-stopped': ['ok'],
};

describe('answers of a real FreeSWITCH', () => {
  it('every recording of OPTIONS is here', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(transcriptNames('sip-options-'));
  });

  it.each(Object.entries(EXPECTED))('%s means %j', (name, verdicts) => {
    const parsed = answersIn(name).map(({ request, answer }) => ({ request, response: parseResponse(answer) }));

    expect(parsed.map(({ response }) => response && verdictOfAnswer(response.status, response.reason))).toEqual(
      verdicts,
    );
    for (const { request, response } of parsed) {
      expect(response?.callId).toBe(header(request, 'Call-ID'));
      expect(header(request, 'Via')).toContain(`branch=${response?.branch ?? 'none'}`);
      expect(response?.cseq).toEqual({ number: 1, method: 'OPTIONS' });
    }
  });
});

describe('what else may come', () => {
  it.each([
    [200, 'OK', 'ok'],
    [401, 'Unauthorized', 'ok'],
    [403, 'Forbidden', 'ok'],
    [404, 'Not Found', 'ok'],
    [405, 'Method Not Allowed', 'ok'],
    [410, 'Gone', 'busy'],
    [500, 'Server Internal Error', 'busy'],
    [503, 'System Busy', 'busy'],
    [503, 'Service Unavailable', 'busy'],
    [503, 'System Paused', 'standby'],
    [603, 'Decline', 'busy'],
  ] as const)('%d %s is %s', (status, reason, verdict) => {
    expect(verdictOfAnswer(status, reason)).toBe(verdict);
  });

  it('the detail is one bounded printable line', () => {
    const { detail } = evidenceOfAnswer(200, `O\u0007K ${'x'.repeat(500)}`, 1);

    expect(detail.startsWith('200 O K xxx')).toBe(true);
    expect(detail.length).toBeLessThan(100);
  });

  const via = 'Via: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKx\r\nCall-ID: a\r\n';
  it.each([
    ['a request', `OPTIONS sip:a@127.0.0.1 SIP/2.0\r\n${via}CSeq: 1 OPTIONS\r\n\r\n`],
    ['a bad CSeq, at which the parser throws', `SIP/2.0 200 OK\r\n${via}CSeq: x\r\n\r\n`],
    ['no CSeq', `SIP/2.0 200 OK\r\n${via}\r\n`],
    ['no Via', 'SIP/2.0 200 OK\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\n\r\n'],
    ['a status of four digits', `SIP/2.0 2000 OK\r\n${via}CSeq: 1 OPTIONS\r\n\r\n`],
    ['no end of the header', `SIP/2.0 200 OK\r\n${via}CSeq: 1 OPTIONS\r\n`],
    ['a NUL', `SIP/2.0 200 O\0K\r\n${via}CSeq: 1 OPTIONS\r\n\r\n`],
    ['too long', `SIP/2.0 200 OK\r\n${via}CSeq: 1 OPTIONS\r\nX: ${'x'.repeat(9000)}\r\n\r\n`],
    ['a keep-alive', '\r\n\r\n'],
    ['nothing', ''],
  ])('%s is no response', (_, text) => {
    expect(parseResponse(Buffer.from(text))).toBeNull();
  });

  it('property: no bytes make it throw', () => {
    const parts = fc.constantFrom(
      'SIP/2.0 200 OK',
      '\r\n',
      'Via: ',
      'SIP/2.0/UDP a;branch=z',
      'CSeq: ',
      '1 OPTIONS',
      'To: <',
      '%',
      ':',
      ' ',
    );
    const text = fc.array(fc.oneof(parts, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 25 });
    fc.assert(
      fc.property(text, (pieces) => {
        expect(() => parseResponse(Buffer.from(`SIP/2.0 200 ${pieces.join('')}`))).not.toThrow();
        expect(() => parseResponse(Buffer.from(pieces.join('')))).not.toThrow();
      }),
    );
  });
});
