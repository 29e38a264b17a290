/** SIP messages as far as a user agent of the lab needs them: read from a datagram, written into one. Pure. */

export interface SipMessage {
  /** Method of a request, or of the request that a response answers. */
  method: string;
  /** null: a response. */
  uri: string | null;
  /** null: a request. */
  status: number | null;
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
}

/** The short forms of RFC 3261 that matter here. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
};
const NEEDED = ['via', 'from', 'to', 'call-id', 'cseq'];

const canonical = (name: string): string => LONG_NAMES[name.toLowerCase()] ?? name.toLowerCase();

/** null for whatever is not a whole SIP message. */
export function parseMessage(datagram: Buffer): SipMessage | null {
  const text = datagram.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) return null;
    headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  const message = { headers, body: text.slice(end + 4) };
  if (NEEDED.some((name) => headerOf(message, name) === null)) return null;
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(start);
  if (request !== null) return { ...message, method: request[1] ?? '', uri: request[2] ?? '', status: null };
  const response = /^SIP\/2\.0 (\d{3}) /.exec(start);
  if (response === null) return null;
  return { ...message, method: cseqOf(message).method, uri: null, status: Number(response[1]) };
}

/** The first header of that name. */
export function headerOf({ headers }: Pick<SipMessage, 'headers'>, name: string): string | null {
  const wanted = canonical(name);
  return headers.find(([each]) => canonical(each) === wanted)?.[1] ?? null;
}

export function allOf({ headers }: Pick<SipMessage, 'headers'>, name: string): string[] {
  const wanted = canonical(name);
  return headers.filter(([each]) => canonical(each) === wanted).map(([, value]) => value);
}

export function cseqOf(message: Pick<SipMessage, 'headers'>): { number: number; method: string } {
  const [number = '', method = ''] = (headerOf(message, 'cseq') ?? '').split(/\s+/);
  return { number: Number(number), method };
}

/** The tag of a From or To; null where there is none yet. */
export const tagOf = (value: string | null): string | null => /;\s*tag=([^;\s]+)/.exec(value ?? '')?.[1] ?? null;

export const branchOf = (message: Pick<SipMessage, 'headers'>): string =>
  /;\s*branch=([^;,\s]+)/.exec(headerOf(message, 'via') ?? '')?.[1] ?? '';

/** `sip:user@host:port` of a Contact or a URI; null when it is none. */
export function addressOf(uri: string | null): { user: string; host: string; port: number } | null {
  const match = /sip:(?:([^@>;]+)@)?([^:;>\s]+)(?::(\d+))?/.exec(uri ?? '');
  if (match === null) return null;
  return { user: match[1] ?? '', host: match[2] ?? '', port: Number(match[3] ?? 5060) };
}

export interface Writing {
  start: string;
  headers: readonly (readonly [string, string])[];
  /** SDP. */
  body?: string;
}

export function writeMessage({ start, headers, body = '' }: Writing): Buffer {
  const type = body === '' ? [] : ['Content-Type: application/sdp'];
  const lines = [
    start,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...type,
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** A response: what the request said comes first, Via by Via. */
export function writeResponse(
  request: SipMessage,
  status: string,
  options: { toTag: string | null; headers?: readonly (readonly [string, string])[]; body?: string },
): Buffer {
  const to = headerOf(request, 'to') ?? '';
  return writeMessage({
    start: `SIP/2.0 ${status}`,
    headers: [
      ...allOf(request, 'via').map((via) => ['Via', via] as const),
      ['From', headerOf(request, 'from') ?? ''],
      ['To', options.toTag === null || tagOf(to) !== null ? to : `${to};tag=${options.toTag}`],
      ['Call-ID', headerOf(request, 'call-id') ?? ''],
      ['CSeq', headerOf(request, 'cseq') ?? ''],
      ...(options.headers ?? []),
    ],
    ...(options.body === undefined ? {} : { body: options.body }),
  });
}
