import type * as net from 'node:net';
import { EslConnection } from '../../../lib/freeswitch/esl/connection';
import { UnsafeEslCommand } from '../../../lib/freeswitch/esl/failure';
import { ACCEPTED, apiResponse, commandReply, eventFrame, GREETING, onCommands, STOPPING, TcpPeer } from '../fake-node';
import { loadTranscript, turnsOf } from '../transcripts';

const ENABLED = commandReply('+OK event listener enabled json');
let peer: TcpPeer | null = null;
let connection: EslConnection | null = null;

afterEach(async () => {
  connection?.close();
  await peer?.stop();
  connection = null;
  peer = null;
});

/** A FreeSWITCH that says yes to `event`; `answer` says what other commands get. Commands are noted on the peer. */
async function connected(answer: (command: string, socket: net.Socket) => string | null): Promise<EslConnection> {
  peer = await TcpPeer.start((socket, self) => {
    socket.write(GREETING);
    onCommands(socket, (command) => {
      self.received.push(command);
      if (command.startsWith('auth ')) socket.write(ACCEPTED);
      else if (command.startsWith('event ')) socket.write(ENABLED);
      else socket.write(answer(command, socket) ?? '');
    });
  });
  connection = await EslConnection.open({ host: '127.0.0.1', port: peer.port, password: 'pw', timeoutMs: 2000 });
  return connection;
}

const jobIn = (command: string): string => /\nJob-UUID: (.*)$/.exec(command)?.[1] ?? '';
const accepted = (command: string): string =>
  commandReply(`+OK Job-UUID: ${jobIn(command)}`, `Job-UUID: ${jobIn(command)}\n`);
const done = (jobUuid: string, result: string, format: 'plain' | 'json' = 'json'): string =>
  eventFrame(format, { 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': jobUuid }, result);
const job = (jobUuid: string, timeoutMs = 1000): { jobUuid: string; timeoutMs: number } => ({ jobUuid, timeoutMs });

describe('a background job, as recorded', () => {
  it.each([
    ['esl-bgapi-json', 'json', 'my-own-job-id-0002', 'sofia status', 'RUNNING (0)'],
    ['esl-bgapi-plain', 'plain', 'my-own-job-id-0001', 'fsctl ready_check', 'true'],
  ] as const)('%s: we send the same bytes, and get the result', async (name, format, jobUuid, command, result) => {
    const turns = turnsOf(loadTranscript(name));
    const at = turns.findIndex(({ side, data }) => side === 'C' && data.includes(jobUuid));
    const sent: string[] = [];
    peer = await TcpPeer.start((socket) => {
      socket.write(GREETING);
      onCommands(socket, (line) => {
        sent.push(`${line}\n\n`);
        if (line.startsWith('auth')) socket.write(ACCEPTED);
        else if (line.startsWith('event')) socket.write(commandReply(`+OK event listener enabled ${format}`));
        else socket.write(turns[at + 1]?.data ?? '');
      });
    });
    connection = await EslConnection.open({ host: '127.0.0.1', port: peer.port, password: 'pw', timeoutMs: 2000 });
    await connection.subscribe(['BACKGROUND_JOB'], 1000, format);

    expect(await connection.bgapi(command, job(jobUuid))).toContain(result);
    expect(sent.slice(1)).toEqual([`event ${format} BACKGROUND_JOB\n\n`, turns[at]?.data.toString()]);
  });
});

describe('a background job', () => {
  it('subscribes the connection by itself, once, to this event only', async () => {
    const esl = await connected((command) => accepted(command) + done(jobIn(command), '+OK\n'));

    await Promise.all([esl.bgapi('status', job('a')), esl.bgapi('status', job('b'))]);
    await esl.bgapi('status', job('c'));

    expect(peer?.received.filter((command) => command.startsWith('event'))).toEqual(['event json BACKGROUND_JOB']);
  });

  it('whose event comes before the reply has its result all the same', async () => {
    const esl = await connected((command) => done(jobIn(command), 'early') + accepted(command));

    expect(await esl.bgapi('status', job('a'))).toBe('early');
    expect(esl.isOpen).toBe(true);
  });

  it('several at once get their own results, in whatever order they end, with api replies in between', async () => {
    const waiting: string[] = [];
    const esl = await connected((command) => {
      if (command.startsWith('api ')) return apiResponse('pong');
      waiting.push(jobIn(command));
      const finished = waiting.length === 2 ? [...waiting].reverse() : [];
      return accepted(command) + finished.map((each) => done(each, `result of ${each}`)).join('');
    });

    const results = await Promise.all([
      esl.bgapi('fsctl recover sofia:x', job('first')),
      esl.api('uptime', 1000),
      esl.bgapi('fsctl recover sofia:y', job('second')),
    ]);

    expect(results).toEqual(['result of first', 'pong', 'result of second']);
  });

  it('that never ends is a clear failure at its deadline; the connection stays of use', async () => {
    const esl = await connected((command) => (command.startsWith('api') ? apiResponse('pong') : accepted(command)));

    await expect(esl.bgapi('fsctl recover sofia:x', job('a', 60))).rejects.toMatchObject({
      kind: 'silent',
      message: expect.stringContaining('"fsctl recover" did not end within 60 ms') as string,
    });
    expect(await esl.api('uptime', 1000)).toBe('pong');
  });

  it('whose reply never comes ends the connection: the next reply would be taken for it', async () => {
    const esl = await connected(() => null);

    await expect(esl.bgapi('status', job('a', 60))).rejects.toMatchObject({ kind: 'silent' });
    await expect(esl.api('uptime', 500)).rejects.toMatchObject({ kind: 'silent' });
  });

  it.each([
    ['closed', (socket: net.Socket): void => void socket.end()],
    ['stopping', (socket: net.Socket): void => void socket.end(STOPPING)],
  ] as const)('under way when the connection is %s: told at once', async (kind, end) => {
    const esl = await connected((command, socket) => {
      setImmediate(() => end(socket));
      return accepted(command);
    });

    await expect(esl.bgapi('fsctl recover sofia:x', job('a', 60_000))).rejects.toMatchObject({ kind });
  });

  it('that is refused is told, with the reason', async () => {
    const esl = await connected(() => commandReply('-ERR permission denied'));

    await expect(esl.bgapi('status', job('a'))).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('permission denied') as string,
    });
  });

  it('that was taken under another id ends the connection: its replies are out of step', async () => {
    const esl = await connected(() => commandReply('+OK Job-UUID: another'));

    await expect(esl.bgapi('status', job('a'))).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('of somebody else, or one that came too late, is nobody’s result', async () => {
    const esl = await connected((command) => accepted(command) + done('other', 'no') + done(jobIn(command), 'yes'));

    expect(await esl.bgapi('status', job('a'))).toBe('yes');
  });

  it('an api reply in the place of the reply to bgapi ends the connection', async () => {
    const esl = await connected(() => apiResponse('+OK'));

    await expect(esl.bgapi('status', job('a'))).rejects.toMatchObject({ kind: 'malformed' });
  });

  it.each(['', 'a\nb', 'a b', 'ü', 'x'.repeat(65)])('%j is no id', async (jobUuid) => {
    const esl = await connected(() => null);

    await expect(esl.bgapi('status', job(jobUuid))).rejects.toBeInstanceOf(UnsafeEslCommand);
    expect(peer?.received).toEqual(['auth pw']);
  });

  it.each(['', 'status\n\napi hupall', 'status\0'])('%j is no command', async (command) => {
    const esl = await connected(() => null);

    await expect(esl.bgapi(command, job('a'))).rejects.toBeInstanceOf(UnsafeEslCommand);
    expect(peer?.received).toEqual(['auth pw']);
  });

  it('more at once than anybody needs are refused, and an id twice', async () => {
    const esl = await connected((command) => accepted(command));
    const running = Array.from({ length: 64 }, (_, i) => esl.bgapi('status', job(`j${i}`, 60_000)));
    const failures = Promise.allSettled(running);

    await expect(esl.bgapi('status', job('j0'))).rejects.toBeInstanceOf(UnsafeEslCommand);
    await expect(esl.bgapi('status', job('one-more'))).rejects.toBeInstanceOf(UnsafeEslCommand);

    esl.close();
    expect((await failures).every(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('a subscription', () => {
  it('that FreeSWITCH refuses is told, and may be tried again', async () => {
    let refuse = true;
    peer = await TcpPeer.start((socket) => {
      socket.write(GREETING);
      onCommands(socket, (command) => {
        if (command.startsWith('auth')) socket.write(ACCEPTED);
        else socket.write(refuse ? commandReply('-ERR no keywords supplied') : ENABLED);
        if (command.startsWith('event')) refuse = false;
      });
    });
    connection = await EslConnection.open({ host: '127.0.0.1', port: peer.port, password: 'pw', timeoutMs: 2000 });

    await expect(connection.subscribe(['HEARTBEAT'], 1000)).rejects.toMatchObject({ kind: 'rejected' });
    await expect(connection.subscribe(['HEARTBEAT'], 1000)).resolves.toBeUndefined();
  });

  it('brings events to its listeners, also while a command is under way', async () => {
    const beat = eventFrame('plain', { 'Event-Name': 'HEARTBEAT', 'Session-Count': '7' });
    const esl = await connected(() => beat + apiResponse('pong') + beat);
    const seen: (string | undefined)[] = [];
    esl.onEvent((event) => seen.push(event.headers.get('Session-Count')));
    await esl.subscribe(['HEARTBEAT'], 1000, 'plain');

    expect(await esl.api('uptime', 1000)).toBe('pong');
    expect(await esl.api('uptime', 1000)).toBe('pong');

    expect(seen.slice(0, 3)).toEqual(['7', '7', '7']);
  });
});
