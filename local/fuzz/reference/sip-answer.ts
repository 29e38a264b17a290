/** A second reading of SIP responses (RFC 3261 7, 18.3, 8.1.3.3), from the text of the standard alone. */
export interface SipAnswer {
  status: number;
  reason: string;
  branch: string;
  callId: string;
  cseq: { number: number; method: string };
}

const COMPACT: Record<string, string> = { v: 'via', i: 'call-id', l: 'content-length', f: 'from', t: 'to' };

/** Null when it is incomplete, or when what tells whose answer it is can be read in two ways. */
export function readAnswer(datagram: Buffer): SipAnswer | null {
  const text = datagram.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [start = '', ...lines] = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const line = /^SIP\/2\.0 ([1-6]\d\d) (.*)$/s.exec(start);
  if (line === null) return null;
  const headers = new Map<string, string[]>();
  for (const each of lines) {
    const at = each.indexOf(':');
    if (at < 1) return null;
    const given = each.slice(0, at).trim().toLowerCase();
    const name = COMPACT[given] ?? given;
    headers.set(name, [...(headers.get(name) ?? []), each.slice(at + 1).trim()]);
  }
  const one = (name: string): string | null => {
    const [first, ...more] = headers.get(name) ?? [];
    return first === undefined || more.some((value) => value !== first) ? null : first;
  };
  if (headers.has('content-length')) {
    const length = one('content-length') ?? '';
    if (!/^\d+$/.test(length) || Number(length) > datagram.length - end - 4) return null;
  }
  const callId = one('call-id');
  const cseq = /^(\d+)[ \t]+(\S+)$/.exec(one('cseq') ?? '');
  const branch = onlyBranch(headers.get('via') ?? []);
  if (callId === null || callId === '' || cseq === null || branch === null) return null;
  return {
    status: Number(line[1]),
    reason: line[2] ?? '',
    branch,
    callId,
    cseq: { number: Number(cseq[1]), method: cseq[2] ?? '' },
  };
}

/** An answer with a second Via went astray: it is for somebody behind us. */
function onlyBranch(vias: string[]): string | null {
  const values = vias.flatMap((via) => via.split(','));
  const branches = [...(values[0] ?? '').matchAll(/;\s*branch\s*=\s*([^;\s]+)/gi)].map((match) => match[1] ?? '');
  return values.length === 1 && branches.length === 1 ? (branches[0] ?? null) : null;
}
