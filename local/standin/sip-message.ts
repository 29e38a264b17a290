import { randomBytes } from 'node:crypto';

/** A SIP request as far as an answer needs it. */
export interface SipRequest {
  method: string;
  uri: string;
  headers: [string, string][];
}

export interface Source {
  address: string;
  port: number;
}

/** `null` for anything that is not a SIP request; FreeSWITCH drops such datagrams in silence. */
export function parseRequest(datagram: Buffer): SipRequest | null {
  const [head = ''] = datagram.toString('utf8').split('\r\n\r\n');
  const [start = '', ...lines] = head.split('\r\n');
  const match = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(start);
  if (match === null) return null;
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) return null;
    headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  const request = { method: match[1] ?? '', uri: match[2] ?? '', headers };
  const complete = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].every((name) => headerOf(request, name) !== null);
  return complete ? request : null;
}

export function headerOf(request: SipRequest, name: string): string | null {
  const wanted = name.toLowerCase();
  return request.headers.find(([key]) => key.toLowerCase() === wanted)?.[1] ?? null;
}

/** The part of `sip:USER@HOST` before the `@`; empty when there is none. */
export const userOf = (uri: string): string => /^<?sips?:([^@;>]+)@/.exec(uri)?.[1] ?? '';

/** A response in the order that sofia-sip writes: what the request said, then what is ours. */
export function respond(
  request: SipRequest,
  source: Source,
  status: string,
  headers: readonly (readonly [string, string])[],
  options: { tag?: boolean; body?: string; lastHeaders?: readonly (readonly [string, string])[] } = {},
): Buffer {
  const body = options.body ?? '';
  const lines = [
    `SIP/2.0 ${status}`,
    ...request.headers
      .filter(([key]) => key === 'Via')
      .map(([, via], i) => `Via: ${i === 0 ? stamp(via, source) : via}`),
    `From: ${headerOf(request, 'From') ?? ''}`,
    `To: ${withTag(headerOf(request, 'To') ?? '', options.tag ?? true)}`,
    `Call-ID: ${headerOf(request, 'Call-ID') ?? ''}`,
    `CSeq: ${headerOf(request, 'CSeq') ?? ''}`,
    ...headers.map(([key, value]) => `${key}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(options.lastHeaders ?? []).map(([key, value]) => `${key}: ${value}`),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** RFC 3581: where the request really came from. `received` only where it differs from what the client wrote. */
function stamp(via: string, source: Source): string {
  const host = /^SIP\/2\.0\/UDP ([^;:]+)/.exec(via)?.[1] ?? '';
  const received = host === source.address ? '' : `;received=${source.address}`;
  return via.replace(/;rport(?=;|$)/, `;rport=${source.port}`) + received;
}

function withTag(to: string, wanted: boolean): string {
  return !wanted || to.includes(';tag=') ? to : `${to};tag=${randomTag()}`;
}

/** Thirteen letters and digits, as sofia-sip makes them. */
function randomTag(): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz';
  return [...randomBytes(13)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
