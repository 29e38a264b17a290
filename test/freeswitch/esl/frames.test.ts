import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { FrameReader, MAX_BODY_BYTES, MAX_HEADER_BYTES } from '../../../lib/freeswitch/esl/frames';
import { bytesOf, loadTranscript, transcriptNames } from '../transcripts';

const serverBytes = (name: string): Buffer => bytesOf(loadTranscript(name), 'S');

/** modesl's own parser is the second opinion on where frames begin and end. */
function readByModesl(bytes: Buffer): { contentType: string; body: string }[] {
  const ModeslParser = jest.requireActual<new (socket: EventEmitter) => EventEmitter>('modesl/lib/esl/Parser');
  const socket = new EventEmitter();
  const frames: { contentType: string; body: string }[] = [];
  new ModeslParser(socket).on('esl::event', (_event: unknown, headers: Record<string, string>, body?: string) => {
    frames.push({ contentType: headers['Content-Type'] ?? '', body: body ?? '' });
  });
  socket.emit('data', bytes);
  return frames;
}

function readInPieces(bytes: Buffer, cuts: number[]): { frames: string[]; malformed: string | null } {
  const reader = new FrameReader();
  const frames: string[] = [];
  let malformed: string | null = null;
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i += 1) {
    const result = reader.push(bytes.subarray(edges[i - 1], edges[i]));
    frames.push(...result.frames.map((frame) => frame.bytes.toString()));
    malformed = result.malformed;
  }
  return { frames, malformed };
}

const recordings = transcriptNames('esl-').filter((name) => serverBytes(name).length > 0);
const frame = (headers: string, body = ''): string => `${headers}\n\n${body}`;

describe('frames of a real FreeSWITCH', () => {
  it.each(recordings)('%s: the same frames as modesl reads, and nothing is left over', (name) => {
    const bytes = serverBytes(name);
    const reader = new FrameReader();

    const { frames, malformed } = reader.push(bytes);

    expect(malformed).toBeNull();
    expect(reader.pendingBytes).toBe(0);
    expect(frames.map(({ contentType, body }) => ({ contentType, body }))).toEqual(readByModesl(bytes));
    expect(Buffer.concat(frames.map((each) => each.bytes))).toEqual(bytes);
  });

  it.each(['esl-auth-ok-status-exit', 'esl-bgapi-plain', 'esl-event-heartbeat-json', 'esl-acl-rejected'])(
    '%s: cut in two at every byte, the same frames come out',
    (name) => {
      const bytes = serverBytes(name);
      const whole = readInPieces(bytes, []);
      for (let cut = 0; cut <= bytes.length; cut += 1) expect(readInPieces(bytes, [cut])).toEqual(whole);
    },
  );

  it.each(['esl-auth-ok-status-exit', 'esl-shutdown-idle'])(
    '%s: truncated at every byte, a prefix comes out',
    (name) => {
      const bytes = serverBytes(name);
      const whole = readInPieces(bytes, []).frames;
      for (let length = 0; length < bytes.length; length += 1) {
        const { frames, malformed } = readInPieces(bytes.subarray(0, length), []);
        expect(malformed).toBeNull();
        expect(frames).toEqual(whole.slice(0, frames.length));
        expect(frames.length).toBeLessThan(whole.length);
      }
    },
  );

  it('byte by byte, the same frames come out', () => {
    const bytes = serverBytes('esl-health-idle');
    expect(readInPieces(bytes, [...bytes.keys()])).toEqual(readInPieces(bytes, []));
  });
});

describe('bytes that are not ESL', () => {
  const cases: [string, string | Buffer, RegExp][] = [
    [
      'a Content-Length that is no number',
      frame('Content-Type: api/response\nContent-Length: 12x', 'hello'),
      /not a number/,
    ],
    ['a negative Content-Length', frame('Content-Type: api/response\nContent-Length: -1'), /not a number/],
    ['a body beyond the limit', frame(`Content-Type: api/response\nContent-Length: ${MAX_BODY_BYTES + 1}`), /limit/],
    [
      'two Content-Lengths',
      frame('Content-Type: api/response\nContent-Length: 1\nContent-Length: 2', 'ab'),
      /two headers/,
    ],
    ['a Content-Length that modesl would not know', frame('Content-Type: api/response\ncontent-length: 2'), /spelling/],
    ['no Content-Type', frame('Reply-Text: +OK'), /Content-Type/],
    ['a wildcard as Content-Type', frame('Content-Type: **'), /Content-Type/],
    ['a percent escape that modesl would throw at', frame('Content-Type: command/reply\nReply-Text: 100%zz'), /escape/],
    ['a NUL', 'Content-Type: auth/\0request\n\n', /control byte 0x00/],
    ['an SSH banner', 'SSH-2.0-OpenSSH_9.2\r\n', /control byte 0x0d|not a header/],
    ['a line that is no header', '220 mail.example ready\n', /not a header/],
    ['binary', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]), /control byte/],
    ['an empty block', '\n\n', /empty header/],
    ['a header without end', `X: ${'a'.repeat(MAX_HEADER_BYTES)}`, /longer than/],
  ];

  it.each(cases)('%s is malformed, and the reader takes nothing after it', (_, bytes, reason) => {
    const reader = new FrameReader();

    const { malformed } = reader.push(Buffer.from(bytes));

    expect(malformed).toMatch(reason);
    expect(reader.push(serverBytes('esl-auth-timeout'))).toEqual({ frames: [], malformed });
  });

  it('frames that were complete before it still count', () => {
    const { frames, malformed } = new FrameReader().push(Buffer.from(frame('Content-Type: auth/request') + '\0'));

    expect(frames.map((each) => each.contentType)).toEqual(['auth/request']);
    expect(malformed).toMatch(/control byte/);
  });

  it('property: whatever comes, in whatever pieces, it never throws and the pieces do not matter', () => {
    const esl = fc.constantFrom(
      'Content-Type: ',
      'auth/request',
      '\n',
      '\n\n',
      'Content-Length: ',
      '5',
      '%',
      ': ',
      '\0',
    );
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(esl, { maxLength: 30 }).map((t) => Buffer.from(t.join(''))),
    );
    fc.assert(
      fc.property(junk, fc.array(fc.nat(200), { maxLength: 5 }), (bytes, cuts) => {
        const buffer = Buffer.from(bytes);
        const whole = readInPieces(buffer, []);
        const pieces = readInPieces(
          buffer,
          cuts.filter((cut) => cut <= buffer.length),
        );
        expect(pieces).toEqual(whole);
      }),
    );
  });
});
