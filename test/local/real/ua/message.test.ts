import {
  addressOf,
  headerOf,
  parseMessage,
  tagOf,
  writeMessage,
  writeResponse,
} from '../../../../local/real/ua/message';
import { readSdp, writeSdp } from '../../../../local/real/ua/sdp';

const INVITE = writeMessage({
  start: 'INVITE sip:call-1@198.51.100.10:5060 SIP/2.0',
  headers: [
    ['Via', 'SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bK1;rport'],
    ['v', 'SIP/2.0/UDP 203.0.113.99:5060;branch=z9hG4bK0'],
    ['From', '<sip:party@203.0.113.10>;tag=a'],
    ['To', '<sip:call-1@198.51.100.10>'],
    ['Call-ID', 'x'],
    ['CSeq', '7 INVITE'],
    ['m', '<sip:call-1@203.0.113.10:5070;transport=udp>'],
  ],
  body: writeSdp({ host: '203.0.113.10', port: 40_000 }, 1),
});

describe('a SIP message', () => {
  it('is read as it was written, short names too', () => {
    const invite = parseMessage(INVITE);
    expect(invite).toMatchObject({ method: 'INVITE', uri: 'sip:call-1@198.51.100.10:5060', status: null });
    expect(addressOf(invite && headerOf(invite, 'contact'))).toEqual({
      user: 'call-1',
      host: '203.0.113.10',
      port: 5070,
    });
    expect(readSdp(invite?.body ?? '')).toEqual({ host: '203.0.113.10', port: 40_000 });
  });

  it('is answered with every Via in its order, and a tag of ours', () => {
    const invite = parseMessage(INVITE);
    if (invite === null) throw new Error('not a message');
    const answer = writeResponse(invite, '200 OK', { toTag: 'b' }).toString();
    const response = parseMessage(Buffer.from(answer));
    expect(response).toMatchObject({ method: 'INVITE', status: 200 });
    expect(answer.match(/branch=\S+/g)?.map((text) => text.replace(';rport', ''))).toEqual([
      'branch=z9hG4bK1',
      'branch=z9hG4bK0',
    ]);
    expect(tagOf(response && headerOf(response, 'to'))).toBe('b');
  });

  it.each([
    '',
    'INVITE sip:x SIP/2.0\r\n\r\n',
    INVITE.toString().replace('Call-ID', 'Other'),
    INVITE.toString().slice(0, 60),
  ])('is none: %j', (text) => expect(parseMessage(Buffer.from(text))).toBeNull());
});

describe('an SDP', () => {
  it('takes the address of the media section before that of the session', () => {
    const sdp = 'c=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.2\r\n';
    expect(readSdp(sdp)).toEqual({ host: '192.0.2.2', port: 4000 });
  });

  it('has no audio where the port is 0', () => {
    expect(readSdp('c=IN IP4 192.0.2.1\r\nm=audio 0 RTP/AVP 0\r\n')).toBeNull();
  });
});
