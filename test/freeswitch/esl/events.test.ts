import fc from 'fast-check';
import { decodePercent, parseEvent } from '../../../lib/freeswitch/esl/events';
import { type EslFrame, FrameReader } from '../../../lib/freeswitch/esl/frames';
import { eventFrame } from '../fake-node';
import { bytesOf, loadTranscript } from '../transcripts';

const framesOf = (bytes: Buffer | string): EslFrame[] => new FrameReader().push(Buffer.from(bytes)).frames;
const eventsOf = (name: string): ReturnType<typeof parseEvent>[] =>
  framesOf(bytesOf(loadTranscript(name), 'S'))
    .filter(({ contentType }) => contentType.startsWith('text/event-'))
    .map(parseEvent);
const frame = (contentType: string, body: string): EslFrame => ({
  contentType,
  headers: new Map(),
  body,
  bytes: Buffer.from(body),
});

describe('events that a real FreeSWITCH sent', () => {
  it.each([
    ['esl-event-heartbeat-plain', 3],
    ['esl-event-heartbeat-json', 2],
  ] as const)('%s: %i heartbeats', (name, count) => {
    const events = eventsOf(name);

    expect(events).toHaveLength(count);
    for (const event of events) {
      expect(event).toMatchObject({ name: 'HEARTBEAT', body: '' });
      expect(event?.headers.get('Core-UUID')).toBe('2c4367f6-52a2-49b9-ab62-6387c196d63c');
      expect(event?.headers.get('Event-Info')).toBe('System Ready');
      expect(event?.headers.get('Session-Count')).toBe('0');
      expect(event?.headers.get('Event-Date-Timestamp')).toMatch(/^1795442\d{9}$/);
    }
  });

  it('esl-event-heartbeat-xml: never asked for, never read', () => {
    expect(eventsOf('esl-event-heartbeat-xml').every((event) => event === null)).toBe(true);
  });

  it('esl-bgapi-plain: each job by its id, with its result', () => {
    const jobs = eventsOf('esl-bgapi-plain').map((event) => [event?.headers.get('Job-UUID'), event?.body.trim()]);

    expect(jobs).toEqual([
      ['9290ded7-2931-437d-abcc-e1a32f6af88e', expect.stringContaining('is ready') as string],
      ['my-own-job-id-0001', 'true'],
      ['a6d4cef7-abd7-4864-91e7-9f6439f03dd4', '-ERR nosuchcmd Command not found!'],
    ]);
  });

  it('esl-bgapi-json: the result is the inner body', () => {
    const [event] = eventsOf('esl-bgapi-json');

    expect(event).toMatchObject({ name: 'BACKGROUND_JOB', body: expect.stringContaining('RUNNING (0)') as string });
    expect(event?.headers.get('Job-Command-Arg')).toBe('status');
  });

  it('esl-shutdown-sigterm: the announcement', () => {
    expect(eventsOf('esl-shutdown-sigterm')).toContainEqual(expect.objectContaining({ name: 'SHUTDOWN' }));
  });

  it('esl-recover: CUSTOM events are not ours', () => {
    expect(eventsOf('esl-recover').every((event) => event === null)).toBe(true);
  });
});

describe('events that are no events', () => {
  it.each([
    ['json that is cut', 'text/event-json', '{"Event-Name":"HEARTBEAT"'],
    ['json that is no object', 'text/event-json', '["HEARTBEAT"]'],
    ['null', 'text/event-json', 'null'],
    ['an event that we never asked for', 'text/event-json', '{"Event-Name":"CHANNEL_EXECUTE_COMPLETE"}'],
    ['a name that is no text', 'text/event-json', '{"Event-Name":{"HEARTBEAT":1}}'],
    ['a body shorter than it says', 'text/event-plain', 'Event-Name: BACKGROUND_JOB\nContent-Length: 9\n\nshort'],
    ['a length that is no number', 'text/event-plain', 'Event-Name: BACKGROUND_JOB\nContent-Length: 1e1\n\n0123456789'],
    ['nothing', 'text/event-plain', ''],
    ['another type', 'log/data', 'Event-Name: HEARTBEAT\n\n'],
  ])('%s', (_, type, body) => {
    expect(parseEvent(frame(type, body))).toBeNull();
  });

  it('a job cannot smuggle a header in through its result', () => {
    const [read] = framesOf(
      eventFrame('plain', { 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': 'x' }, 'Job-UUID: y\n\n+OK'),
    ).map(parseEvent);

    expect(read?.headers.get('Job-UUID')).toBe('x');
    expect(read?.body).toBe('Job-UUID: y\n\n+OK');
  });
});

describe('percent escapes', () => {
  it.each([
    ['System%20Ready', 'System Ready'],
    ['%C3%BC', 'ü'],
    ['100%', '100%'],
    ['%zz%2', '%zz%2'],
    ['%E0%A4%', '\ufffd%'],
  ])('%s is %j', (text, decoded) => {
    expect(decodePercent(text)).toBe(decoded);
  });

  it('property: whatever comes, nothing is thrown, and what was escaped comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, junk) => {
        expect(decodePercent(encodeURIComponent(text))).toBe(text);
        parseEvent(frame('text/event-plain', junk));
        parseEvent(frame('text/event-json', junk));
        decodePercent(`%${junk}`);
      }),
    );
  });
});
