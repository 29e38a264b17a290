import type { EslFrame } from './frames';

/**
 * The events that we subscribe to, and no others. CHANNEL_EXECUTE_COMPLETE and its kind are a flood on a busy switch;
 * these three come once a job, once a heartbeat, once a process.
 */
export const SUBSCRIBABLE_EVENTS = ['BACKGROUND_JOB', 'HEARTBEAT', 'SHUTDOWN'] as const;
export type EslEventName = (typeof SUBSCRIBABLE_EVENTS)[number];

/** JSON by default: its values are not percent-encoded, and its body cannot be cut by a wrong inner length. */
export type EslEventFormat = 'json' | 'plain';

export interface EslEvent {
  name: EslEventName;
  /** Values decoded. The last of two equal names counts. */
  headers: ReadonlyMap<string, string>;
  /** As it came, with or without a line end; empty when there is none. */
  body: string;
}

/** A HEARTBEAT has under 30 headers. */
const MAX_HEADERS = 500;

/**
 * Reads the event in a frame. Null when the frame is none, when it is not one of ours, or when it cannot be read
 * without guessing. Never throws, whatever the bytes are.
 */
export function parseEvent(frame: EslFrame): EslEvent | null {
  switch (frame.contentType) {
    case 'text/event-json':
      return fromJson(frame.body);
    case 'text/event-plain':
      return fromPlain(frame.body);
    default:
      return null;
  }
}

function fromJson(text: string): EslEvent | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(parsed).slice(0, MAX_HEADERS)) {
    if (typeof value === 'string') headers.set(name, value);
  }
  const body = headers.get('_body') ?? '';
  headers.delete('_body');
  return named(headers, body);
}

function fromPlain(text: string): EslEvent | null {
  const end = text.indexOf('\n\n');
  const head = end === -1 ? text : text.slice(0, end);
  const headers = new Map<string, string>();
  for (const line of head.split('\n', MAX_HEADERS)) {
    const separator = line.indexOf(': ');
    if (separator > 0) headers.set(line.slice(0, separator), decodePercent(line.slice(separator + 2)));
  }
  const body = innerBody(end === -1 ? '' : text.slice(end + 2), headers.get('Content-Length'));
  return body === null ? null : named(headers, body);
}

/** The inner length counts bytes. A body that is shorter than it says is not a result that anybody may act upon. */
function innerBody(text: string, length: string | undefined): string | null {
  if (length === undefined) return '';
  if (!/^\d{1,9}$/.test(length)) return null;
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length < Number(length) ? null : bytes.toString('utf8', 0, Number(length));
}

function named(headers: ReadonlyMap<string, string>, body: string): EslEvent | null {
  const name = SUBSCRIBABLE_EVENTS.find((each) => each === headers.get('Event-Name'));
  return name === undefined ? null : { name, headers, body };
}

/** `decodeURIComponent` throws on a bad escape. Here it stays as it stands, and bytes that are no UTF-8 become U+FFFD. */
export function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
