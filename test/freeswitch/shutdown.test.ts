/** What proves that a process ended, and what only looks like it: each answer of the node by a script. */
import { OutsideTimeout } from '../../lib/domain/errors';
import { REFUSED_ALREADY } from '../../lib/domain/node-control';
import type { EslConnection } from '../../lib/freeswitch/esl/connection';
import { shutDownNow } from '../../lib/freeswitch/shutdown';
import { failed, scriptedEsl, type Script } from './support/scripted-esl';

const OLD = '11111111-1111-1111-1111-111111111111';
const NEW = '22222222-2222-2222-2222-222222222222';
const ORDER = 'fsctl shutdown now';
const TIME_MS = 1_000;

/** The node as each new connection finds it; the last one again and again, until the time is over. */
async function end(coreUuid: string | null, ...found: (Script | Error)[]) {
  const sent: string[] = [];
  let nowMs = 0;
  let opened = 0;
  const open = (): Promise<EslConnection> => {
    opened += 1;
    const next = (found.length > 1 ? found.shift() : found[0]) ?? failed('silent');
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(scriptedEsl(next, sent));
  };
  const sleep = (ms: number): Promise<void> => {
    nowMs += ms;
    return Promise.resolve();
  };
  const proof = await shutDownNow({ open, sleep, leftMs: () => TIME_MS - nowMs, jitter: () => 0, coreUuid });
  return { proof, ordered: sent.includes(ORDER), nowMs, opened };
}

const listens = (coreUuid: string, onOrder: Script[string] = failed('closed')): Script => ({
  'global_getvar core_uuid': coreUuid,
  [ORDER]: onOrder,
});
const gone = failed('refused');

describe('the process that is meant', () => {
  it.each([
    ['by its incarnation', OLD],
    ['where nobody knows its incarnation', null],
  ])('is told to end, %s, and is fenced once nothing listens', async (_words, coreUuid) => {
    expect(await end(coreUuid, listens(OLD), gone)).toMatchObject({ ordered: true, proof: { fenced: true } });
  });

  it.each(['closed', 'stopping'] as const)('may hang up on the order as it likes: %s', async (kind) => {
    expect(await end(OLD, listens(OLD, failed(kind)), gone)).toMatchObject({ proof: { fenced: true } });
  });

  it('is fenced by another one in its place', async () => {
    const { proof } = await end(OLD, listens(OLD), listens(NEW));

    expect(proof).toMatchObject({ fenced: true, proof: `${NEW} runs there now, so the process ${OLD} is gone` });
  });
});

describe('another process than the one that is meant', () => {
  it('is not told to end', async () => {
    expect(await end(OLD, listens(NEW))).toMatchObject({ ordered: false, proof: { fenced: true } });
  });
});

describe('a process is not fenced', () => {
  it.each(['silent', 'rejected', 'malformed'] as const)(
    'by a connection that is %s, whoever answers the next one: it may be the same',
    async (kind) => {
      expect(await end(null, failed(kind), listens(OLD))).toMatchObject({ ordered: false, proof: { fenced: false } });
      expect(await end(OLD, failed(kind), gone)).toMatchObject({ ordered: false, proof: { fenced: false } });
    },
  );

  it('and not told to end, while it does not tell its incarnation', async () => {
    expect(await end(OLD, listens('-ERR no reply'), gone)).toMatchObject({ ordered: false, proof: { fenced: false } });
  });

  it('by an order that was answered', async () => {
    expect(await end(OLD, listens(OLD, '-ERR not allowed'), listens(OLD))).toMatchObject({ proof: { fenced: false } });
  });

  it.each([
    ['are silent', failed('silent')],
    ['are rejected', failed('rejected')],
    ['are hung up on', failed('closed')],
    ['tell no incarnation', listens('-ERR no reply')],
    ['find it still', listens(OLD)],
  ])('while the looks after the order %s, and they end with the time', async (_words, found) => {
    const { proof, nowMs, opened } = await end(OLD, listens(OLD), found);

    expect(proof).toMatchObject({ fenced: false, reason: expect.stringContaining('could not be proved') as string });
    expect(nowMs).toBe(TIME_MS);
    // One every 25 ms, and the one that gave the order.
    expect(opened).toBe(1 + TIME_MS / 25);
  });

  it('by a password that cannot be read', async () => {
    expect((await end(OLD, new Error('no such secret'), gone)).proof).toEqual({
      fenced: false,
      reason: 'no such secret',
    });
  });
});

describe('a process that hangs up before it says who it is', () => {
  const hangsUp = [failed('closed'), { 'global_getvar core_uuid': failed('closed') }, failed('stopping')];

  it.each(hangsUp)('may just be ending: once its port refuses, and does again, traffic is fenced', async (script) => {
    const { proof, ordered } = await end(OLD, script, gone, gone);

    expect(proof).toMatchObject({ fenced: true, proof: expect.stringContaining(REFUSED_ALREADY) as string });
    expect(ordered).toBe(false);
  });

  it.each(hangsUp)('is told to end where it answers a moment later', async (script) => {
    expect(await end(OLD, script, listens(OLD), gone)).toMatchObject({ ordered: true, proof: { fenced: true } });
  });

  it.each(hangsUp)('proves nothing by one refusal, nor by hanging up again and again', async (script) => {
    expect((await end(OLD, script, gone, script, gone)).proof).toMatchObject({ fenced: false });

    const { proof, opened } = await end(OLD, script);
    expect(proof).toMatchObject({ fenced: false });
    expect(opened).toBe(4);
  });
});

describe('a process that is not fenced may be from another zone', () => {
  const silent = { fenced: false, reason: 'the node is silent', unreached: true };

  it.each<[string, (Script | Error)[]]>([
    ['connection', [failed('silent')]],
    ['second connection, where the first was refused,', [gone, failed('silent')]],
    ['first question', [{ 'global_getvar core_uuid': failed('silent') }]],
    ['order', [listens(OLD, failed('silent')), listens(OLD)]],
  ])('where the %s was met with silence', async (_words, found) => {
    expect((await end(OLD, ...found)).proof).toEqual(silent);
  });

  it('where the password was not read in time', async () => {
    expect((await end(OLD, new OutsideTimeout('not read in time'), gone)).proof).toEqual({
      ...{ fenced: false, unreached: true },
      reason: 'not read in time',
    });
  });

  it.each<[string, (Script | Error)[]]>([
    ['a connection that is rejected', [failed('rejected')]],
    ['a first question that is rejected', [{ 'global_getvar core_uuid': failed('rejected') }]],
    ['an order that is rejected', [listens(OLD, failed('rejected')), listens(OLD)]],
    ['an order that is answered', [listens(OLD, '-ERR not allowed'), listens(OLD)]],
  ])('and is not by %s', async (_words, found) => {
    const { proof } = await end(OLD, ...found);

    expect(proof).toEqual({ fenced: false, reason: expect.any(String) as string });
  });
});

describe('a port that refuses from the start', () => {
  it('proves it when it refuses twice', async () => {
    expect(await end(OLD, gone, gone)).toMatchObject({ ordered: false, proof: { fenced: true } });
  });

  it.each(['silent', 'rejected'] as const)('proves nothing when it is %s at the second look', async (kind) => {
    expect((await end(OLD, gone, failed(kind))).proof).toMatchObject({ fenced: false });
  });

  it.each([
    ['the process that is meant', OLD],
    ['one that nobody knows, and which may be it', null],
  ])('and then is answered by %s, has that one told to end', async (_words, coreUuid) => {
    const ordered = await end(coreUuid, gone, listens(OLD), gone);

    expect(ordered).toMatchObject({ ordered: true, proof: { fenced: true } });
    expect(ordered.proof).not.toMatchObject({ proof: expect.stringContaining(REFUSED_ALREADY) as string });
  });

  it('is no fence while the process that is meant answers after all', async () => {
    expect(await end(OLD, gone, listens(OLD, '-ERR not allowed'))).toMatchObject({ proof: { fenced: false } });
    expect(await end(OLD, gone, listens(OLD), listens(OLD))).toMatchObject({ proof: { fenced: false } });
  });

  it('proves it when another process answers then, which is left alone', async () => {
    const { proof, ordered } = await end(OLD, gone, listens(NEW));

    expect(proof).toEqual({ fenced: true, proof: `${NEW} runs there now, so the process ${OLD} is gone` });
    expect(ordered).toBe(false);
  });
});
