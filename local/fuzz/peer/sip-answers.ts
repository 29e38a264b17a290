import type { Dice } from '../dice';
import type { SipAnswerPlan } from '../exchanges/exchange';

/** A recorded answer made one to this request: its own reason and headers, our identifiers. */
export function answerTo(request: Buffer, recorded: Buffer): Buffer {
  const ours = request.toString();
  const header = (name: string): string => new RegExp(`^${name}: .*$`, 'm').exec(ours)?.[0] ?? '';
  const text = recorded
    .toString('latin1')
    .replace(/^Via: .*$/m, header('Via').replace(';rport;', ';rport=40000;'))
    .replace(/^From: .*$/m, header('From'))
    .replace(/^To: [^;\r]*/m, header('To'))
    .replace(/^Call-ID: .*$/m, header('Call-ID'))
    .replace(/^CSeq: .*$/m, header('CSeq'));
  return Buffer.from(text, 'latin1');
}

type Change = (answer: string, dice: Dice) => string;

/** Other ways to say the same: RFC 3261 7.3. The product must take each. */
const HARMLESS: readonly Change[] = [
  (answer) => answer,
  (answer) =>
    answer
      .replace(/^Via:/m, 'v:')
      .replace(/^Call-ID:/m, 'i:')
      .replace(/^From:/m, 'f:')
      .replace(/^To:/m, 't:'),
  (answer) => answer.replace(/^Content-Length:/m, 'l:'),
  (answer) => answer.replace(/^Call-ID: /m, 'call-id:   '),
  (answer) => answer.replace(/^Allow: INVITE, /m, 'Allow: INVITE,\r\n '),
  (answer) => answer.replace(/^(User-Agent: \S+)\r\n/m, '$1\r\n\tfolded\r\n'),
  (answer) => answer.replace(/^Content-Length: 0\r\n/m, ''),
  (answer) => answer.replace(/\r\n\r\n$/, '\r\nX-Unknown: value\r\n\r\n'),
  (answer) => `${answer}bytes beyond the end are to be ignored`,
];

const WORDS = ['', '%', '\0', ' ', ';', ',', '"', '<', '\xff', 'z9hG4bKother', '0', '-1', '99999999999999999999'];

const HARMFUL: readonly Change[] = [
  (answer, dice) => flip(answer, dice),
  (answer, dice) => flip(flip(answer, dice), dice),
  (answer, dice) => answer.slice(0, dice.below(answer.length)),
  (answer) => answer.replace(/branch=[^;\r]+/, 'branch=z9hG4bKsomebody-else'),
  (answer) => answer.replace(/^Call-ID: .*$/m, 'Call-ID: somebody-else'),
  (answer) => answer.replace(/^CSeq: \d+/m, 'CSeq: 2'),
  (answer) => answer.replace(/^CSeq: (\d+) OPTIONS/m, 'CSeq: $1 INVITE'),
  (answer) => answer.replace(/^(Via: .*)$/m, '$1\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKsecond'),
  (answer) => answer.replace(/^(Via: .*)$/m, 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKfirst\r\n$1'),
  (answer) => answer.replace(/^(Call-ID: .*)$/m, '$1\r\nCall-ID: somebody-else'),
  (answer) => answer.replace(/^(Call-ID: .*)$/m, 'Call-ID: somebody-else\r\n$1'),
  (answer) => answer.replace(/^(CSeq: .*)$/m, 'CSeq: 7 INVITE\r\n$1'),
  (answer, dice) =>
    answer.replace(/^Content-Length: \d+/m, `Content-Length: ${dice.pick(['9', '99999', '-1', 'x', ''])}`),
  (answer) => answer.replace(/\r\n\r\n$/, '\r\n'),
  (answer) => answer.replaceAll('\r\n', '\n'),
  (answer, dice) =>
    answer.replace(
      /^SIP\/2\.0 \d+/,
      `SIP/${dice.pick(['2.0 000', '2.0 700', '2.0 20', '2.0 2000', '3.0 200', '2.0  200'])}`,
    ),
  (answer, dice) => answer.replace(/^([A-Z][\w-]*): .*$/m, `$1: ${dice.pick(WORDS)}`),
  (answer, dice) => answer.replace(/^(Via|From|To|Call-ID|CSeq|Contact): .*$/m, `$1: ${dice.pick(WORDS)}`),
  (answer, dice) => answer.replace(/^(Via|From|To|Call-ID|CSeq): .*\r\n/m, dice.pick(['', '\r\n', '$&$&'])),
  (answer, dice) => answer.replace(/\r\n/, `\r\nX: ${'y'.repeat(dice.pick([100, 9_000, 60_000]))}\r\n`),
  (answer) => answer.replace(/\r\n/, `\r\n${'X-Many: yes\r\n'.repeat(4_000)}`),
  (answer) => answer.replace(/^SIP\/2\.0 (\d+).*$/m, 'OPTIONS sip:health@127.0.0.1 SIP/2.0'),
  (answer) => answer.replace(/^SIP\/2\.0 (\d+) .*$/m, 'SIP/2.0 $1 \x00\xff%s%n'),
  (answer, dice) =>
    Array.from({ length: dice.below(300) }, () => String.fromCharCode(dice.below(256))).join('') || answer,
];

const STATUS_LINES = [
  '100 Trying', '180 Ringing', '200 OK', '202 Accepted', '301 Moved', '401 Unauthorized', '404 Not Found', '410 Gone',
  '483 Too Many Hops', '500 Server Error', '503 System Paused', '503 SYSTEM PAUSED', '503 Maximum Calls In Progress',
  '503 System Busy', '503 ', '503 System Paused Not', '600 Busy Everywhere', '200 System Paused',
]; // prettier-ignore

/** Some answers to one request: ours and not ours, whole and broken, in any order. */
export function hostileAnswers(request: Buffer, recorded: readonly Buffer[], dice: Dice): SipAnswerPlan[] {
  const count = dice.pick([0, 1, 1, 1, 1, 2, 3, 5, dice.chance(0.05) ? 40 : 4]);
  return Array.from({ length: count }, () => {
    const afterMs = dice.pick([0, 0, 1, 20, 120, 390, 450]);
    if (dice.chance(0.02)) return { afterMs, data: null, pristine: false };
    const honest = answerTo(request, dice.pick(recorded)).toString('latin1');
    const answer = dice.chance(0.4) ? honest.replace(/^SIP\/2\.0 .*$/m, `SIP/2.0 ${dice.pick(STATUS_LINES)}`) : honest;
    const harmless = dice.chance(0.25);
    const changed = harmless ? dice.pick(HARMLESS)(answer, dice) : dice.pick(HARMFUL)(answer, dice);
    const pristine = harmless && !answer.startsWith('SIP/2.0 1');
    return { afterMs, data: Buffer.from(changed, 'latin1'), pristine };
  });
}

function flip(answer: string, dice: Dice): string {
  const at = dice.below(answer.length);
  return answer.slice(0, at) + String.fromCharCode(answer.charCodeAt(at) ^ (1 << dice.below(8))) + answer.slice(at + 1);
}
