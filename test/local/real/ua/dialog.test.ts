import { judgeRequest, withRequest, type Dialog } from '../../../../local/real/ua/dialog';
import { parseMessage, type SipMessage } from '../../../../local/real/ua/message';

const dialog: Dialog = {
  callId: 'call-1@203.0.113.10',
  localTag: 'ours',
  remoteTag: 'theirs',
  localCseq: 1,
  remoteCseq: null,
  remoteBranch: null,
};

function request(cseq: number, change: { from?: string; to?: string; branch?: string } = {}): SipMessage {
  const { from = 'theirs', to = 'ours', branch = `z9hG4bK${cseq}` } = change;
  const lines = [
    'INVITE sip:call-1@203.0.113.10:5060 SIP/2.0',
    `Via: SIP/2.0/UDP 198.51.100.10;rport;branch=${branch}`,
    `From: <sip:a@198.51.100.10>;tag=${from}`,
    `To: <sip:b@203.0.113.10>;tag=${to}`,
    'Call-ID: call-1@203.0.113.10',
    `CSeq: ${cseq} INVITE`,
  ];
  const message = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  if (message === null) throw new Error('not a message');
  return message;
}

describe('a strict party', () => {
  it('takes the first request of its peer whatever its number', () => {
    expect(judgeRequest(dialog, request(123_183_479))).toEqual({ kind: 'new' });
  });

  it('takes a higher number, and no lower one', () => {
    const later = withRequest(dialog, request(100));
    expect(judgeRequest(later, request(101))).toEqual({ kind: 'new' });
    expect(judgeRequest(later, request(99))).toMatchObject({ kind: 'refuse', status: '500 CSeq Out Of Order' });
  });

  it('refuses the same number in another transaction: a leg that was rebuilt within two seconds', () => {
    const later = withRequest(dialog, request(100));
    expect(judgeRequest(later, request(100, { branch: 'z9hG4bKother' })).kind).toBe('refuse');
  });

  it('knows a retransmission', () => {
    const later = withRequest(dialog, request(100));
    expect(judgeRequest(later, request(100))).toEqual({ kind: 'again' });
  });

  it.each([{ from: 'stranger' }, { to: 'stranger' }])('refuses another tag: %j', (tags) => {
    expect(judgeRequest(dialog, request(1, tags))).toMatchObject({ status: '481 Call/Transaction Does Not Exist' });
  });
});
