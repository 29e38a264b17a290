import fc from 'fast-check';
import { EslConnection } from '../../../lib/freeswitch/esl/connection';
import { EslFailure } from '../../../lib/freeswitch/esl/failure';
import { ACCEPTED, apiResponse, commandReply, eventFrame, GREETING, INVALID, STOPPING, TcpPeer } from '../fake-node';

const DEADLINE_MS = 150;

/** Pieces that come far into the protocol, mixed with junk. */
const esl = fc.constantFrom(
  GREETING,
  ACCEPTED,
  INVALID,
  STOPPING,
  apiResponse('x'),
  commandReply('+OK event listener enabled json'),
  commandReply('+OK Job-UUID: job'),
  eventFrame('json', { 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': 'job' }, 'done'),
  eventFrame('plain', { 'Event-Name': 'HEARTBEAT', 'Session-Count': '%zz' }),
  'Content-Length: 3\nContent-Type: text/event-plain\n\n%%%',
  'Content-Length: 9\n',
  '\n\n',
  '%zz',
  '\0',
);
const chunk = fc.oneof(
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  fc.array(esl, { maxLength: 5 }).map((parts) => Buffer.from(parts.join(''))),
);

describe('whatever a peer sends', () => {
  let chunks: Buffer[] = [];
  let hangUp = false;
  let peer: TcpPeer;

  beforeAll(async () => {
    peer = await TcpPeer.start((socket) => {
      // Once a turn, so that they arrive as separate reads and around what we send.
      const turn = (rest: Buffer[]): void => {
        const [next, ...more] = rest;
        if (socket.destroyed) return;
        if (next === undefined) {
          if (hangUp) socket.end();
          return;
        }
        socket.write(next);
        setImmediate(turn, more);
      };
      turn(chunks);
    });
  });

  afterAll(() => peer.stop());

  it('property: opening and asking end within the deadlines, with a reply or an EslFailure, and nothing is thrown past', async () => {
    const uncaught = jest.fn();
    process.on('uncaughtException', uncaught);
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 6 }), fc.boolean(), fc.boolean(), async (sent, ends, asJob) => {
        chunks = sent;
        hangUp = ends;
        const startedMs = performance.now();

        const outcome = await EslConnection.open({
          host: '127.0.0.1',
          port: peer.port,
          password: 'pw',
          timeoutMs: DEADLINE_MS,
        }).then(
          async (opened) => {
            const asked = asJob
              ? opened.bgapi('status', { jobUuid: 'job', timeoutMs: DEADLINE_MS })
              : opened.api('status', DEADLINE_MS);
            const reply = await asked.catch((error: unknown) => error);
            opened.close();
            return reply;
          },
          (error: unknown) => error,
        );

        expect(typeof outcome === 'string' || outcome instanceof EslFailure).toBe(true);
        expect(performance.now() - startedMs).toBeLessThan(2 * DEADLINE_MS + 500);
      }),
      { numRuns: 60 },
    );
    process.off('uncaughtException', uncaught);
    expect(uncaught).not.toHaveBeenCalled();
  }, 60_000);
});
