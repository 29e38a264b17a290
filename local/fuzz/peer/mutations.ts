import type { Dice } from '../dice';
import { ACCEPTED, apiResponse, commandReply, eventFrame, GREETING, NOTICE, RUDE, SHUTDOWN } from './scripts';

/** What a mutation may use of the session in which it happens. */
export interface MutationContext {
  readonly random: Dice;
  readonly hold: (data: Buffer) => void;
}

/** Makes of one message what is sent instead. */
export type Mutation = (message: Buffer, context: MutationContext) => (Buffer | 'fin' | 'reset')[];

const LENGTHS = [
  '-1',
  '0',
  '1',
  '',
  ' 7',
  '0x20',
  '1e3',
  '7.5',
  '+5',
  '99999999999',
  // Within what a number of nine digits can say, beyond what anybody should wait for.
  '1048577',
  '900000000',
  '4294967296',
  'NaN',
  '5 5',
  '007',
];
const TYPES = [
  'auth/request', 'command/reply', 'api/response', 'text/event-plain', 'text/event-json', 'text/event-xml', 'log/data',
  'text/rude-rejection', 'text/disconnect-notice', 'text/html', '', '*', 'api/*', 'API/RESPONSE',
]; // prettier-ignore
const SPELLINGS = ['content-length', 'CONTENT-LENGTH', 'Content-Length ', ' Content-Length', 'Content-Type:'];
const BANNERS = [
  'SSH-2.0-OpenSSH_9.2\r\n', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n', '\x16\x03\x01\x02\0\x01\0\x01\xfc',
  '220 mail ESMTP\r\n', '\n\n', '\0\0\0\0', 'Content-Type: auth/request\r\n\r\n', ': x\n\n', 'x\n\n',
]; // prettier-ignore
const JOB = { 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': '00000000-0000-4000-8000-000000000000' };
const EXTRAS = [
  GREETING, ACCEPTED, NOTICE, SHUTDOWN, RUDE, commandReply('-ERR invalid'), commandReply('-ERR command not found'),
  commandReply('+OK'), commandReply('+OK bye'), apiResponse('true'), apiResponse('false'), apiResponse(''),
  apiResponse('-ERR no reply\n'), apiResponse('-no'), eventFrame('json', { 'Event-Name': 'SHUTDOWN' }),
  eventFrame('plain', { 'Event-Name': 'HEARTBEAT', 'Session-Count': '3' }), eventFrame('json', JOB, 'not yours'),
  eventFrame('plain', JOB, '+OK 9 session(s) recovered in total\n'), apiResponse('99999999-0000-4000-8000-000000000000'),
  'Content-Length: 11\nContent-Type: text/event-json\n\n{"a":"b",,}', 'Content-Length: 9\nContent-Type: text/event-json\n\n[1,2,3,4]',
  'Content-Length: 25\nContent-Type: text/event-plain\n\nEvent-Name: %zz%\nA: %E0%A4\n\n',
  'Content-Length: 4\nContent-Type: text/event-json\n\nnull', 'Content-Type: text/event-xml\nContent-Length: 8\n\n<event/>',
  'Content-Type: log/data\nContent-Length: 3\nLog-Level: 7\n\nabc',
]; // prettier-ignore

/** Small wounds: any of them, also several at once. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipBits: (message, { random }) => {
    const bytes = Buffer.from(message);
    for (let flips = 1 + random.below(3); flips > 0 && bytes.length > 0; flips -= 1) {
      const at = random.below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    }
    return [bytes];
  },
  insertByte: (message, { random }) => splice(message, random, 0, Buffer.from([random.below(256)])),
  insertNul: (message, { random }) => splice(message, random, 0, Buffer.from([0])),
  insertBadUtf8: (message, { random }) => splice(message, random, 0, Buffer.from([0xc3, 0x28, 0xff])),
  insertBadEscape: (message, { random }) =>
    splice(message, random, 0, Buffer.from(random.pick(['%', '%zz', '%E0%A4%A', '%00']))),
  deleteBytes: (message, { random }) => splice(message, random, 1 + random.below(4), Buffer.alloc(0)),
  drop: () => [],
  twice: (message) => [message, message],
  later: (message, { hold }) => {
    hold(message);
    return [];
  },
  lineTwice: (message, { random }) => lines(message, random, (line) => [line, line]),
  lineGone: (message, { random }) => lines(message, random, () => []),
  length: (message, { random }) => text(message, /^(Content-Length): .*$/m, `$1: ${random.pick(LENGTHS)}`),
  lengthByOne: (message, { random }) => {
    const length = Number(/^Content-Length: (\d+)$/m.exec(message.toString('latin1'))?.[1] ?? '0');
    return text(message, /^(Content-Length): .*$/m, `$1: ${length + random.pick([-2, -1, 1, 2, 30])}`);
  },
  lengthGone: (message) => text(message, /^Content-Length: .*\n/m, ''),
  lengthAgain: (message, { random }) => text(message, /^/, `Content-Length: ${random.pick(LENGTHS)}\n`),
  type: (message, { random }) => text(message, /^(Content-Type): .*$/m, `$1: ${random.pick(TYPES)}`),
  typeAgain: (message, { random }) => text(message, /^/, `Content-Type: ${random.pick(TYPES)}\n`),
  spelling: (message, { random }) => text(message, /^Content-(Length|Type)/m, random.pick(SPELLINGS)),
  carriageReturns: (message) => text(message, /\n/g, '\r\n'),
  value: (message, { random }) =>
    text(message, /: .*$/m, `: ${random.pick(['', '%', '+OK', '-ERR', 'accepted', 'true', '\t'])}`),
  reply: (message, { random }) =>
    text(
      message,
      /^(Reply-Text): .*$/m,
      `$1: ${random.pick(['', '+OK', '+OK ACCEPTED', 'accepted', '-ERR', '-ERR invalid', '+OK accepted ', 'OK'])}`,
    ),
  word: (message, { random }) =>
    text(
      message,
      /ready|true|false|success|-no|scan complete/,
      random.pick(['true', 'false', 'not ready', '', 'ready', '"']),
    ),
  before: (message, { random }) => [Buffer.from(random.pick(EXTRAS)), message],
  behind: (message, { random }) => [message, Buffer.from(random.pick(EXTRAS))],
  glued: (message, { random }) => [Buffer.concat([message, Buffer.from(random.pick(EXTRAS))])],
  instead: (_message, { random }) => [Buffer.from(random.pick(EXTRAS))],
  foreign: (_message, { random }) => [Buffer.from(random.pick(BANNERS), 'latin1')],
  junk: (_message, { random }) => [Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)))],
  hangUp: (message) => [message, 'fin'],
  breakOff: (message) => [message, 'reset'],
  shuttingDown: (message) => [message, Buffer.from(SHUTDOWN), 'fin'],
};

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

/** Big ones: rare, because they cost. */
export const GIANTS: Readonly<Record<string, Mutation>> = {
  body: () => [Buffer.from('Content-Type: api/response\nContent-Length: 1073741824\n\n'), ...megabytes(8)],
  bodyAtLimit: () => [Buffer.from('Content-Type: api/response\nContent-Length: 1048576\n\n'), MEGABYTE],
  headerLine: () => [Buffer.from('Content-Type: '), ...megabytes(4)],
  headers: () => [Buffer.from('X-Header: value\n'.repeat(30_000))],
  flood: (message) => Array.from({ length: 500 }, () => message),
  events: () => [Buffer.from(eventFrame('json', { 'Event-Name': 'HEARTBEAT' }).repeat(5_000))],
  deepJson: () => [Buffer.from(apiResponse('['.repeat(200_000)))],
};

function megabytes(count: number): Buffer[] {
  return Array.from({ length: count }, () => MEGABYTE);
}

function splice(message: Buffer, random: Dice, remove: number, insert: Buffer): Buffer[] {
  const at = random.below(message.length + 1);
  return [Buffer.concat([message.subarray(0, at), insert, message.subarray(at + remove)])];
}

function lines(message: Buffer, random: Dice, change: (line: string) => string[]): Buffer[] {
  const all = message.toString('latin1').split('\n');
  const at = random.below(all.length);
  return [Buffer.from(all.flatMap((line, nth) => (nth === at ? change(line) : [line])).join('\n'), 'latin1')];
}

function text(message: Buffer, pattern: RegExp, by: string): Buffer[] {
  return [Buffer.from(message.toString('latin1').replace(pattern, by), 'latin1')];
}
