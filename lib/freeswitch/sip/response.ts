import SipParser from 'parsip/lib/Parser';
import type { SipEvidence } from '../../domain/model';

export interface SipResponse {
  status: number;
  reason: string;
  branch: string;
  callId: string;
  cseq: { number: number; method: string };
}

/** An OPTIONS answer of FreeSWITCH has some 600 bytes, and the grammar is slow on long junk. */
const MAX_DATAGRAM_BYTES = 8 * 1024;

/** Null for anything that is not a well-formed SIP response with the headers that identify its request. */
export function parseResponse(datagram: Buffer): SipResponse | null {
  if (datagram.length > MAX_DATAGRAM_BYTES) return null;
  const text = datagram.toString('utf8');
  // RFC 3261 7.2: exactly this at the start of a response, three digits, a reason (possibly empty). NUL is never legal.
  if (!/^SIP\/2\.0 [1-6]\d\d /.test(text) || text.includes('\0')) return null;
  if (!isWhole(datagram) || !isUnambiguous(text)) return null;
  let message: ReturnType<typeof SipParser.parseMessage>;
  try {
    message = SipParser.parseMessage(text);
  } catch {
    return null;
  }
  if (message === undefined) return null;
  const { status_code: status, reason_phrase: reason, via_branch: branch, call_id: callId, cseq, method } = message;
  // parsip says null or undefined where a header is missing.
  if (typeof status !== 'number' || typeof branch !== 'string' || typeof callId !== 'string') return null;
  if (typeof cseq !== 'number' || typeof method !== 'string') return null;
  return { status, reason: reason ?? '', branch, callId, cseq: { number: cseq, method } };
}

/** RFC 3261 18.3: a response whose body is shorter than it says must be discarded. */
function isWhole(datagram: Buffer): boolean {
  const end = datagram.indexOf('\r\n\r\n');
  const length =
    /\r\n(?:content-length|l)[ \t]*:([^\r]*)/i.exec(datagram.toString('latin1', 0, end))?.[1]?.trim() ?? '0';
  return end !== -1 && /^\d{1,9}$/.test(length) && Number(length) <= datagram.length - end - 4;
}

/**
 * Every line is a header, and what tells whose answer it is stands there once: of two, one may be somebody else's. A
 * second Via means that it went astray (RFC 3261 8.1.3.3).
 */
function isUnambiguous(text: string): boolean {
  const [, ...lines] = text
    .slice(0, text.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const names = lines.map((line) => /^([^\s:]+)[ \t]*:/.exec(line)?.[1]?.toLowerCase() ?? '');
  const count = (long: string, compact = long): number =>
    names.filter((name) => name === long || name === compact).length;
  if (names.includes('') || count('content-length', 'l') > 1) return false;
  return count('via', 'v') === 1 && count('call-id', 'i') === 1 && count('cseq') === 1;
}

/**
 * What a final answer to OPTIONS says of the VIP's SIP stack (FACTS 5):
 *
 * | answer | verdict | why |
 * | --- | --- | --- |
 * | 2xx | ok | |
 * | 503 System Paused | standby | `profile-standby`, or `sofia global standby on` |
 * | 503 Maximum Calls In Progress | busy | full or paused (ESL tells which), and perhaps in standby: tested later |
 * | 503 System Busy, any other 5xx, 6xx | busy | alive, and takes no call now |
 * | 410 | busy | seen in the moment in which a profile stops |
 * | other 3xx, 4xx | ok | the stack answers; that it dislikes our OPTIONS (401, 403, 404, 405) is no outage |
 */
export function verdictOfAnswer(status: number, reason: string): 'ok' | 'busy' | 'standby' {
  if (status === 503 && /^system paused$/i.test(reason.trim())) return 'standby';
  if (status >= 500 || status === 410) return 'busy';
  return 'ok';
}

/** `detail` for a human: `200 OK`, `503 System Paused`. The reason is the peer's text: bounded and printable. */
export function evidenceOfAnswer(status: number, reason: string, latencyMs: number): SipEvidence {
  const printable = reason
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 80);
  return { verdict: verdictOfAnswer(status, reason), detail: `${status} ${printable}`.trim(), latencyMs };
}
