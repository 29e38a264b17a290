/**
 * A second reading of ESL bytes, written from the facts alone and shared with nothing of the product: what the product
 * says is compared with what is read here. It is strict and slow on purpose.
 */
export interface Frame {
  type: string;
  /** First value of each name, as it came. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
}

/** `hard`: not ESL, nothing behind it can be believed. `soft`: FreeSWITCH never sends it, and it can still be read. */
export type Next =
  | { kind: 'frame'; frame: Frame; length: number; soft: string | null }
  /** `total`: how long the frame will be; null while its header has no end. */
  | { kind: 'incomplete'; soft: string | null; total: number | null }
  | { kind: 'hard'; reason: string };

/** What the product may refuse to hold. Real frames are far below. */
const LARGEST_HEADER = 64 * 1024;
const LARGEST_BODY = 1024 * 1024;

export function nextFrame(bytes: Buffer): Next {
  const end = bytes.indexOf('\n\n');
  if (bytes[0] === 0x0a) return { kind: 'hard', reason: 'an empty header block' };
  if (end === -1) return unfinished(bytes.toString('latin1', 0, LARGEST_HEADER + 1));
  if (end > LARGEST_HEADER) return { kind: 'hard', reason: 'a header without an end' };
  const lines = bytes.toString('latin1', 0, end).split('\n');
  const problems = lines.map(problemOf);
  const hard = problems.find((problem) => problem?.hard === true);
  if (hard !== undefined && hard !== null) return { kind: 'hard', reason: hard.reason };
  const pairs = lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), valueOf(line)]);
  const twice = pairs.some(([name, value]) => pairs.some(([other, said]) => other === name && said !== value));
  if (twice) return { kind: 'hard', reason: 'two values of one name' };
  const repeated = new Set(pairs.map(([name]) => name)).size < pairs.length;
  const only = (name: string): string[] => pairs.flatMap(([each, value]) => (each === name ? [value] : []));
  const types = only('Content-Type');
  const lengths = only('Content-Length');
  const [type] = types;
  if (type === undefined || types.length > 1) return { kind: 'hard', reason: `${types.length} Content-Types` };
  if (lengths.length > 1) return { kind: 'hard', reason: 'several Content-Lengths' };
  if (lengths[0] !== undefined && !/^\d+$/.test(lengths[0])) return { kind: 'hard', reason: 'no number for a length' };
  if (pairs.some(([name]) => /^content-(type|length)$/i.test(name) && !/^Content-(Type|Length)$/.test(name)))
    return { kind: 'hard', reason: 'an odd spelling of a name that frames hang on' };
  const length = Number(lengths[0] ?? 0);
  if (length > LARGEST_BODY) return { kind: 'hard', reason: 'a body beyond all bounds' };
  if (!/^[a-z]+\/[a-z-]+$/.test(type)) return { kind: 'hard', reason: 'a Content-Type that is none' };
  // Only what has nothing to say may come without a length.
  if (type === 'api/response' && lengths.length === 0) return { kind: 'hard', reason: 'a result without its length' };
  const soft = repeated ? 'a header twice' : (problems.find((problem) => problem !== null)?.reason ?? null);
  const total = end + 2 + length;
  if (bytes.length < total) return { kind: 'incomplete', soft, total };
  const frame = { type, headers: new Map([...pairs].reverse()), body: Buffer.from(bytes.subarray(end + 2, total)) };
  return { kind: 'frame', frame, length: total, soft };
}

function unfinished(text: string): Next {
  if (text.length > LARGEST_HEADER) return { kind: 'hard', reason: 'a header without an end' };
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const problems = lines.map(problemOf);
  const hard = problems.find((problem) => problem?.hard === true);
  if (hard !== undefined && hard !== null) return { kind: 'hard', reason: hard.reason };
  if (CONTROL.test(last)) return { kind: 'hard', reason: 'a control byte in a header' };
  return { kind: 'incomplete', soft: problems.find((problem) => problem !== null)?.reason ?? null, total: null };
}

const CONTROL = new RegExp('[\\u0000-\\u0008\\u000a-\\u001f\\u007f]');

function problemOf(line: string): { hard: boolean; reason: string } | null {
  if (CONTROL.test(line)) return { hard: true, reason: 'a control byte in a header' };
  if (line.indexOf(':') < 1) return { hard: true, reason: 'a line that is no header' };
  const name = line.slice(0, line.indexOf(':'));
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) return { hard: false, reason: 'an odd header name' };
  if (!line.startsWith(`${name}: `)) return { hard: false, reason: 'no space behind a header name' };
  if (!/^[\x20-\x7e]*$/.test(line)) return { hard: false, reason: 'bytes that are no ASCII in a header' };
  if (/%(?![0-9a-f]{2})|%[89a-f]/i.test(line)) return { hard: false, reason: 'an odd percent escape in a header' };
  return null;
}

function valueOf(line: string): string {
  const value = line.slice(line.indexOf(':') + 1);
  return value.startsWith(' ') ? value.slice(1) : value;
}
