/**
 * A pure, incremental reader of ESL frames. It decides what modesl's parser gets to see: that parser never bounds its
 * buffer, believes any Content-Length, and throws on a malformed percent escape. So each frame is complete, within
 * bounds and checked before it is passed on, and the first byte that cannot be ESL ends the reading.
 *
 * A frame is header lines that end in LF, an empty line, then `Content-Length` bytes of body if that header is there
 * (FACTS 1). FreeSWITCH itself never sends CR in a header.
 */

/** A real header block has two to five short lines. */
export const MAX_HEADER_BYTES = 64 * 1024;
/** The largest reply that is asked for is `status`, under 1 KiB; a long `sofia status` stays far below this. */
export const MAX_BODY_BYTES = 1024 * 1024;

export interface EslFrame {
  contentType: string;
  headers: ReadonlyMap<string, string>;
  body: string;
  /** The frame as it came, for modesl's parser. */
  bytes: Buffer;
}

/** Frames that were completed by a chunk. `malformed` is final: the reader takes nothing more after it. */
export interface ReadResult {
  frames: EslFrame[];
  malformed: string | null;
}

const LF = 0x0a;
const TAB = 0x09;
const DELETE = 0x7f;

export class FrameReader {
  private buffer = Buffer.allocUnsafe(1024);
  /** The bytes of the buffer that are not taken yet: from the frame that is being read to the last one that came. */
  private start = 0;
  private end = 0;
  /** Up to where its header was checked already, and where the line that is being read starts. */
  private checked = 0;
  private lineStart = 0;
  /** Where its body starts, and the next frame. */
  private header: { headers: Map<string, string>; bodyStart: number; next: number } | null = null;
  private dead: string | null = null;

  push(chunk: Uint8Array): ReadResult {
    const frames: EslFrame[] = [];
    if (this.dead !== null) return { frames, malformed: this.dead };
    this.append(chunk);
    // Ends: each round takes a whole frame out of the buffer, or returns.
    for (;;) {
      if (this.header === null) this.readHeader();
      if (this.dead !== null || this.header === null || this.end < this.header.next) {
        return { frames, malformed: this.dead };
      }
      frames.push(this.takeFrame(this.header));
    }
  }

  /** Bytes of a frame that is not complete yet. */
  get pendingBytes(): number {
    return this.end - this.start;
  }

  private append(chunk: Uint8Array): void {
    this.toFront();
    const needed = this.end + chunk.length;
    if (needed > this.buffer.length) {
      // Doubling keeps a peer that drips single bytes from costing quadratic time.
      const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, this.end);
      this.buffer = larger;
    }
    this.buffer.set(chunk, this.end);
    this.end = needed;
  }

  /** What is left moves once a chunk and not once a frame: many small frames would cost quadratic time. */
  private toFront(): void {
    const taken = this.start;
    if (taken === 0) return;
    this.buffer.copyWithin(0, taken, this.end);
    this.start = 0;
    this.end -= taken;
    this.checked -= taken;
    this.lineStart -= taken;
    if (this.header !== null) {
      this.header = { ...this.header, bodyStart: this.header.bodyStart - taken, next: this.header.next - taken };
    }
  }

  private readHeader(): void {
    for (; this.checked < this.end; this.checked += 1) {
      const byte = this.buffer[this.checked] ?? 0;
      if (this.checked - this.start >= MAX_HEADER_BYTES) {
        this.dead = `a header longer than ${MAX_HEADER_BYTES} bytes`;
        return;
      }
      if (byte === LF) {
        if (this.checked === this.lineStart) {
          this.endHeader();
          return;
        }
        this.dead = lineProblem(this.buffer.toString('utf8', this.lineStart, this.checked));
        if (this.dead !== null) return;
        this.lineStart = this.checked + 1;
      } else if ((byte < 0x20 && byte !== TAB) || byte === DELETE) {
        this.dead = `a control byte 0x${byte.toString(16).padStart(2, '0')} in a header`;
        return;
      }
    }
  }

  private endHeader(): void {
    const bodyStart = this.checked + 1;
    if (this.lineStart === this.start) {
      this.dead = 'an empty header block';
      return;
    }
    const headers = parseHeaders(this.buffer.toString('utf8', this.start, this.checked - 1));
    if (typeof headers === 'string') {
      this.dead = headers;
      return;
    }
    const length = Number(headers.get('Content-Length') ?? '0');
    if (length > MAX_BODY_BYTES) {
      this.dead = `a body of ${length} bytes, the limit is ${MAX_BODY_BYTES}`;
      return;
    }
    this.header = { headers, bodyStart, next: bodyStart + length };
  }

  private takeFrame({ headers, bodyStart, next }: NonNullable<FrameReader['header']>): EslFrame {
    const bytes = Buffer.from(this.buffer.subarray(this.start, next));
    const body = this.buffer.toString('utf8', bodyStart, next);
    this.start = next;
    this.checked = next;
    this.lineStart = next;
    this.header = null;
    return {
      contentType: headers.get('Content-Type') ?? '',
      headers,
      body,
      bytes,
    };
  }
}

/** What is wrong with one header line, or null. Checked line by line, so that a foreign banner is known at once. */
function lineProblem(line: string): string | null {
  if (!/^[!-9;-~]+:/.test(line)) return 'a line that is not a header';
  try {
    // modesl decodes every value and throws on a bad escape.
    decodeURIComponent(line);
    return null;
  } catch {
    return 'a malformed percent escape in a header';
  }
}

/**
 * modesl takes the name up to the first `: `, and knows `Content-Length` in this
 * spelling only. Anything that we and it could read differently is refused.
 */
function parseHeaders(text: string): Map<string, string> | string {
  const headers = new Map<string, string>();
  for (const line of text.split('\n')) {
    const separator = line.indexOf(': ');
    const name = separator === -1 ? line.slice(0, line.indexOf(':')) : line.slice(0, separator);
    const value = separator === -1 ? '' : line.slice(separator + 2);
    if (name.includes(':')) return 'a colon in a header name';
    const canonical = /^content-(length|type)$/i.test(name.trim());
    if (canonical && name !== 'Content-Length' && name !== 'Content-Type') return 'an odd spelling of a header name';
    if (headers.has(name)) return canonical ? `two headers ${name}` : 'a header that stands there twice';
    if (name === 'Content-Length' && !/^\d{1,9}$/.test(value)) return 'a Content-Length that is not a number';
    headers.set(name, value);
  }
  const type = headers.get('Content-Type');
  // The type becomes part of an event name inside modesl, where `*` would be a wildcard.
  if (type === undefined || !/^[a-z]+\/[a-z-]+$/.test(type)) return 'no usable Content-Type';
  return headers;
}
