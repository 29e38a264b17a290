import type { Frame } from './esl-frames';

export interface ReadEvent {
  name: string;
  values: ReadonlyMap<string, string>;
  body: string;
}

/** Null when the frame is no event that can be read to its end. */
export function readEvent(frame: Frame): ReadEvent | null {
  if (frame.type === 'text/event-json') return fromJson(frame.body.toString());
  if (frame.type === 'text/event-plain') return fromPlain(frame.body);
  return null;
}

function fromJson(text: string): ReadEvent | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return null;
    const texts = Object.entries(parsed).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
    return eventOf(new Map(texts), new Map(texts).get('_body') ?? '');
  } catch {
    return null;
  }
}

/** The body is what the inner length says, and all of it must be there. */
function fromPlain(bytes: Buffer): ReadEvent | null {
  const end = bytes.indexOf('\n\n');
  const head = bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
  const values = new Map<string, string>();
  for (const line of head.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) values.set(line.slice(0, at), unpercent(line.slice(at + 2)));
  }
  const length = values.get('Content-Length');
  if (length === undefined) return eventOf(values, '');
  if (!/^\d+$/.test(length)) return null;
  // Measured in the text: bytes that are no UTF-8 were replaced before anybody could count them.
  const inner = Buffer.from(bytes.toString('utf8', end === -1 ? bytes.length : end + 2));
  return inner.length < Number(length) ? null : eventOf(values, inner.toString('utf8', 0, Number(length)));
}

function eventOf(values: ReadonlyMap<string, string>, body: string): ReadEvent | null {
  const name = values.get('Event-Name');
  return name === undefined ? null : { name, values, body };
}

function unpercent(text: string): string {
  const bytes: number[] = [];
  const raw = Buffer.from(text);
  for (let at = 0; at < raw.length; at += 1) {
    const escape = raw.toString('latin1', at, at + 3);
    if (/^%[0-9a-f]{2}$/i.test(escape)) {
      bytes.push(parseInt(escape.slice(1), 16));
      at += 2;
    } else bytes.push(raw[at] ?? 0);
  }
  return Buffer.from(bytes).toString('utf8');
}
