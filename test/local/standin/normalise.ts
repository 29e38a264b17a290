/** What may differ between the recording and the stand-in, and nothing else. */
interface Normalisation {
  what: string;
  why: string;
  pattern: RegExp;
  replacement: string;
}

/** The value of one event header in its plain, JSON and XML form. */
const eventHeader = (names: string): RegExp => new RegExp(`((?:${names})(?:: |":"|>))[^\\n"<]*`, 'g');

export const ESL_NORMALISATIONS: readonly Normalisation[] = [
  {
    what: 'uuids',
    why: 'random: core, channels, jobs',
    pattern: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    replacement: '<uuid>',
  },
  {
    what: 'Content-Length',
    why: 'follows the length of uptimes and addresses; the framing is checked on its own',
    pattern: /(Content-Length(?:: |":"|>))\d+/g,
    replacement: '$1<length>',
  },
  {
    what: 'uptime in words',
    why: 'time',
    pattern: /\d+(?: |%20)years?,.*?microseconds?/g,
    replacement: '<uptime>',
  },
  { what: 'uptime as JSON', why: 'time', pattern: /"uptime":\{[^}]*\}/g, replacement: '"uptime":{}' },
  {
    what: 'a number alone on its line',
    why: 'time: uptime, uptime ms, strepoch',
    pattern: /^\d+(?=\n|$|C)/gm,
    replacement: '<number>',
  },
  {
    what: 'time and counters in event headers',
    why: 'time; the sequence counts events that nobody here sees',
    pattern: eventHeader('Event-Date-Local|Event-Date-GMT|Event-Date-Timestamp|Event-Sequence|Uptime-msec|Idle-CPU'),
    replacement: '$1<value>',
  },
  {
    what: 'call rate',
    why: 'how fast the calls of the recording were set up',
    pattern: /(out of max \d+), peak \d+, last 5min \d+/g,
    replacement: '$1, peak <n>, last 5min <n>',
  },
  {
    what: 'call rate as JSON',
    why: 'as above',
    pattern: /("rate":\{"current":0,"max":\d+),[^}]*\}/g,
    replacement: '$1}',
  },
  {
    what: 'call rate in events',
    why: 'as above',
    pattern: eventHeader('Session-Per-Sec-Max|Session-Per-Sec-FiveMin|Session-Peak-Max|Session-Peak-FiveMin'),
    replacement: '$1<value>',
  },
  { what: 'idle CPU', why: 'the machine', pattern: /min idle cpu 0\.00\/[\d.]+/g, replacement: 'min idle cpu <cpu>' },
  { what: 'idle CPU as JSON', why: 'the machine', pattern: /"allowed":[\d.]+/g, replacement: '"allowed":<cpu>' },
  {
    what: 'creation of a channel',
    why: 'time',
    pattern: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d("?,"?\w*"?:?"?)\d{10}/g,
    replacement: '<created>$1<epoch>',
  },
  {
    what: 'call_created_epoch',
    why: 'time',
    pattern: /"call_created_epoch":"\d+"/g,
    replacement: '"call_created_epoch":"<epoch>"',
  },
  { what: 'seconds to wait', why: 'time', pattern: /Please wait \d+ seconds/g, replacement: 'Please wait <n> seconds' },
  {
    what: 'addresses of the node',
    why: 'the lab had 10.99.1.11 and .12 for management and 10.255.0.10 for SIP, the test has loopback',
    pattern: /\b(?:10\.99\.1\.1[12]|10\.255\.0\.10|127\.\d+\.\d+\.\d+)(?!\d)/g,
    replacement: '<address>',
  },
];

export const SIP_NORMALISATIONS: readonly Normalisation[] = [
  { what: 'To tag', why: 'random', pattern: /(To: [^\r\n]*;tag=)\w+/g, replacement: '$1<tag>' },
  {
    what: 'rport and received',
    why: 'the recorded request is sent from another address and port than its Via says',
    pattern: /;rport=\d+(;branch=\w+)(?:;received=[\d.]+)?/g,
    replacement: ';rport=<port>$1',
  },
  { what: 'session id in SDP', why: 'time', pattern: /o=FreeSWITCH \d+ \d+/g, replacement: 'o=FreeSWITCH <id> <id>' },
  { what: 'RTP port', why: 'random', pattern: /m=audio \d+ /g, replacement: 'm=audio <port> ' },
  { what: 'nonce', why: 'random', pattern: /nonce="[^"]*"/g, replacement: 'nonce="<uuid>"' },
  { what: 'Date', why: 'time', pattern: /Date: [^\r\n]*/g, replacement: 'Date: <date>' },
];

export function normalise(text: string, table: readonly Normalisation[]): string {
  return table.reduce((result, { pattern, replacement }) => result.replace(pattern, replacement), text);
}

/**
 * Walks through everything that FreeSWITCH sent on one ESL connection, Content-Length by Content-Length.
 * @throws Error where a length does not fit.
 */
export function checkFraming(stream: string): number {
  let rest = Buffer.from(stream);
  let frames = 0;
  while (rest.length > 0) {
    const end = rest.indexOf('\n\n');
    const head = rest.toString('utf8', 0, Math.max(end, 0));
    if (end < 0 || !/^Content-(Type|Length): /.test(head)) {
      throw new Error(`frame ${frames} does not begin with headers: ${rest.toString('utf8', 0, 80)}`);
    }
    const length = Number(/^Content-Length: (\d+)$/m.exec(head)?.[1] ?? 0);
    if (rest.length < end + 2 + length) throw new Error(`frame ${frames} is shorter than its Content-Length says`);
    rest = rest.subarray(end + 2 + length);
    frames += 1;
  }
  return frames;
}
