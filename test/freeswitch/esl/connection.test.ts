import { spawn } from 'node:child_process';
import * as net from 'node:net';
import * as path from 'node:path';
import { EslConnection } from '../../../lib/freeswitch/esl/connection';
import { EslFailure, UnsafeEslCommand } from '../../../lib/freeswitch/esl/failure';
import { FrameReader } from '../../../lib/freeswitch/esl/frames';
import { ACCEPTED, apiResponse, freePort, GREETING, INVALID, onCommands, STOPPING, TcpPeer } from '../fake-node';
import { bytesOf, loadTranscript, transcriptNames, turnsOf, type Turn } from '../transcripts';

const PASSWORD = 's3cret-esl';
const NOISE = 'Content-Type: log/data\nContent-Length: 1\n\nx';
/** Connections that are tried side by side. */
const AT_ONCE = 20;
let peer: TcpPeer | null = null;
let connection: EslConnection | null = null;

afterEach(async () => {
  connection?.close();
  await peer?.stop();
  connection = null;
  peer = null;
});

const open = (timeoutMs = 2000, password = PASSWORD): Promise<EslConnection> =>
  EslConnection.open({ host: '127.0.0.1', port: peer?.port ?? 0, password, timeoutMs });

async function failureOf(promise: Promise<unknown>): Promise<EslFailure> {
  const outcome = await promise.then(
    (value) => value,
    (error: unknown) => error,
  );
  if (!(outcome instanceof EslFailure)) throw new Error(`an EslFailure was expected, not ${String(outcome)}`);
  return outcome;
}

/** Greets and accepts; then `reply` says what each command gets. */
const healthy =
  (reply: (command: string, socket: net.Socket) => string | null) =>
  (socket: net.Socket): void => {
    socket.write(GREETING);
    onCommands(socket, (command) => {
      const text = command.startsWith('auth ') ? ACCEPTED : reply(command, socket);
      if (text !== null) socket.write(text);
    });
  };

/** The turns up to and including the answer to auth, and then each api command with all bytes until the next command. */
interface Exchange {
  command: string;
  answer: Buffer;
}

function exchangesOf(turns: Turn[]): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const turn of turns) {
    if (turn.side === 'C') {
      for (const command of turn.data.toString().split('\n\n').slice(0, -1))
        exchanges.push({ command, answer: Buffer.alloc(0) });
    } else {
      const last = exchanges.at(-1);
      if (last !== undefined) last.answer = Buffer.concat([last.answer, turn.data]);
    }
  }
  return exchanges;
}

const apiExchanges = (name: string): Exchange[] =>
  exchangesOf(turnsOf(loadTranscript(name))).filter(({ command }) => command.startsWith('api '));

/** The api replies among the frames of an answer. */
const repliesIn = (bytes: Buffer): string[] =>
  new FrameReader()
    .push(bytes)
    .frames.filter((each) => each.contentType === 'api/response')
    .map((each) => each.body);

const recordings = transcriptNames('esl-').filter((name) =>
  apiExchanges(name).some(({ answer }) => repliesIn(answer).length === 1),
);

describe('what a real FreeSWITCH replied', () => {
  it('covers the recordings that hold replies', () => {
    expect(recordings.length).toBeGreaterThan(10);
    expect(recordings).toEqual(expect.arrayContaining(['esl-health-2-calls', 'esl-api-errors', 'esl-pause-resume']));
  });

  it.each(recordings)('%s: each api command gets the reply of the recording', async (name) => {
    const vectors = apiExchanges(name).filter(
      ({ answer, command }) => repliesIn(answer).length === 1 && command !== 'api ',
    );
    const ours = (answer: Buffer): Buffer =>
      Buffer.concat(
        new FrameReader()
          .push(answer)
          .frames.filter((each) => each.contentType !== 'command/reply')
          .map((each) => each.bytes),
      );
    let asked = 0;
    peer = await TcpPeer.start(
      healthy((command, socket) => {
        const vector = vectors[asked];
        asked += 1;
        // Events and notices stay where they were: they must not be taken for the reply.
        if (vector?.command === command) socket.write(ours(vector.answer));
        return null;
      }),
    );
    connection = await open();

    for (const { command, answer } of vectors) {
      const reply = connection.isOpen ? await connection.api(command.slice('api '.length), 1000) : null;
      expect(reply).toBe(repliesIn(answer)[0]);
      if (answer.includes('text/disconnect-notice')) break;
    }
  });

  it.each(['esl-auth-ok-status-exit', 'esl-crlf-and-pipelining'])(
    '%s: byte by byte, the same replies come out',
    async (name) => {
      const bytes = bytesOf(loadTranscript(name), 'S');
      peer = await TcpPeer.start((socket) => {
        void drip(socket, bytes);
      });
      const expected = repliesIn(bytes);

      const opened = await open();
      connection = opened;
      const replies = await Promise.all(expected.map(() => opened.api('status', 1500)));

      expect(replies).toEqual(expected);
    },
  );

  it.each([
    ['esl-acl-rejected', 'rejected', 'greeting'],
    ['esl-auth-wrong-password', 'rejected', 'auth'],
    ['esl-exit-before-auth', 'malformed', 'greeting'],
  ] as const)('%s is %s', async (name, kind, stage) => {
    const bytes = bytesOf(loadTranscript(name), 'S');
    const withoutGreeting = name === 'esl-exit-before-auth' ? bytes.subarray(GREETING.length) : bytes;
    peer = await TcpPeer.start((socket) => {
      if (name !== 'esl-auth-wrong-password') socket.end(withoutGreeting);
      else {
        socket.write(GREETING);
        onCommands(socket, () => socket.end(bytes.subarray(GREETING.length)));
      }
    });

    const failure = await failureOf(open());

    expect([failure.kind, failure.stage]).toEqual([kind, stage]);
  });

  it('esl-shutdown-idle: the reply comes, then the shutdown is announced, and the loss is told', async () => {
    const answer = apiExchanges('esl-shutdown-idle')[0]?.answer ?? Buffer.alloc(0);
    peer = await TcpPeer.start(
      healthy((_, socket) => {
        socket.end(answer);
        return null;
      }),
    );
    connection = await open();
    const lost = new Promise<EslFailure>((resolve) => connection?.onLost(resolve));

    expect(await connection.api('fsctl shutdown', 1000)).toBe('+OK\n');
    expect((await lost).kind).toBe('stopping');
  });

  it('esl-shutdown-now: the connection closes without a reply', async () => {
    peer = await TcpPeer.start(
      healthy((_, socket) => {
        socket.end();
        return null;
      }),
    );
    connection = await open();

    expect((await failureOf(connection.api('fsctl shutdown now', 1000))).kind).toBe('closed');
  });

  it.each(['esl-auth-ok-status-exit', 'esl-acl-rejected', 'esl-auth-wrong-password'])(
    '%s, truncated at every byte and then closed: an answer or a failure, never more',
    async (name) => {
      const bytes = bytesOf(loadTranscript(name), 'S');
      let length = 0;
      peer = await TcpPeer.start((socket) => socket.end(bytes.subarray(0, length++)));
      const attempt = (): Promise<unknown> =>
        open().then(
          (opened) => opened.api('status', 500).catch((error: unknown) => error),
          (error: unknown) => error,
        );
      while (length < bytes.length) {
        // Several at once: each connection gets one byte more than the one before it.
        for (const outcome of await Promise.all(Array.from({ length: AT_ONCE }, attempt))) {
          if (typeof outcome !== 'string') expect(outcome).toBeInstanceOf(EslFailure);
        }
      }
    },
    20_000,
  );
});

describe('a peer that is gone or mute', () => {
  it('nothing listens: refused', async () => {
    const port = await freePort();

    const failure = await failureOf(
      EslConnection.open({ host: '127.0.0.1', port, password: PASSWORD, timeoutMs: 1000 }),
    );

    expect([failure.kind, failure.stage]).toEqual(['refused', 'connect']);
  });

  it('accepts and says nothing: silent at the greeting', async () => {
    peer = await TcpPeer.start(() => undefined);

    const failure = await failureOf(open(1_000));

    expect([failure.kind, failure.stage]).toEqual(['silent', 'greeting']);
  });

  it('greets and goes silent: silent at auth', async () => {
    peer = await TcpPeer.start((socket) => socket.write(GREETING));

    const failure = await failureOf(open(1_000));

    expect([failure.kind, failure.stage]).toEqual(['silent', 'auth']);
  });

  it('a full accept backlog: silent at connect', async () => {
    const { port, stop } = await frozenListener();
    try {
      const failure = await failureOf(
        EslConnection.open({ host: '127.0.0.1', port, password: PASSWORD, timeoutMs: 150 }),
      );

      expect([failure.kind, failure.stage]).toEqual(['silent', 'connect']);
    } finally {
      await stop();
    }
  }, 20_000);

  it('a lost reply ends the connection, since the next reply would be taken for it', async () => {
    peer = await TcpPeer.start(healthy((command) => (command === 'api uptime' ? null : apiResponse('true'))));
    connection = await open();
    const lost = jest.fn();
    connection.onLost(lost);

    const failure = await failureOf(connection.api('uptime', 80));

    expect([failure.kind, failure.stage]).toEqual(['silent', 'ready']);
    expect(connection.isOpen).toBe(false);
    expect(await failureOf(connection.api('status', 100))).toBe(failure);
    expect(lost).not.toHaveBeenCalled();
  });

  it('a kill is known within milliseconds', async () => {
    peer = await TcpPeer.start(healthy(() => apiResponse('x')));
    connection = await open();
    const lost = new Promise<number>((resolve) => connection?.onLost(() => resolve(performance.now())));

    const killedMs = performance.now();
    await peer.stop();

    expect((await lost) - killedMs).toBeLessThan(1_000);
    peer = null;
  });
});

describe('a hostile or broken peer', () => {
  const onApi: [string, string, string][] = [
    ['bad percent escape', 'Content-Type: api/response\nX: %E0%A4%A\nContent-Length: 2\n\nok', 'malformed'],
    ['NULs', '\0\0\0\0', 'malformed'],
    ['a reply too many', apiResponse('one') + apiResponse('two'), 'ok'],
    ['a second greeting', GREETING, 'malformed'],
    ['a command refused', 'Content-Type: command/reply\nReply-Text: -ERR permission denied\n\n', 'rejected'],
    [
      'an event that nobody wanted',
      'Content-Length: 4\nContent-Type: text/event-json\n\nnull' + apiResponse('ok'),
      'ok',
    ],
    [
      'an event that would break modesl',
      'Content-Length: 3\nContent-Type: text/event-plain\n\n%%%' + apiResponse('ok'),
      'ok',
    ],
    ['a stop', STOPPING, 'stopping'],
    ['as much that answers nothing as a busy node sends', NOISE.repeat(500) + apiResponse('ok'), 'ok'],
    ['a flood of what answers nothing', NOISE.repeat(501) + apiResponse('ok'), 'malformed'],
  ];
  it.each(onApi)('%s', async (_, bytes, outcome) => {
    peer = await TcpPeer.start(healthy(() => bytes));
    connection = await open();

    const result = await connection.api('status', 500).then(
      () => 'ok',
      (error: EslFailure) => error.kind,
    );

    expect(result).toBe(outcome);
  });

  it('a reply that nobody asked for ends the connection before it can answer the next command', async () => {
    peer = await TcpPeer.start((socket) => {
      socket.write(GREETING);
      onCommands(socket, (command) => {
        if (command.startsWith('auth')) socket.write(ACCEPTED + apiResponse('+OK forged'));
      });
    });

    const outcome = await open().then(
      (opened) => opened.api('status', 500).catch((error: unknown) => error),
      (error: unknown) => error,
    );

    expect(outcome).toMatchObject({ kind: 'malformed' });
  });

  it.each([ACCEPTED, INVALID])('an answer to auth before it was sent is no answer: %j', async (answer) => {
    const heard: string[] = [];
    peer = await TcpPeer.start((socket) => {
      socket.write(GREETING + answer);
      onCommands(socket, (command) => heard.push(command));
    });

    expect(await failureOf(open())).toMatchObject({ kind: 'malformed', stage: 'auth' });
    expect(heard).toEqual([]);
  });

  it('a slow drip that never ends a header runs into the deadline', async () => {
    peer = await TcpPeer.start((socket) => {
      const timer = setInterval(() => socket.write('X'), 5);
      socket.on('close', () => clearInterval(timer));
    });

    expect((await failureOf(open(120))).kind).toBe('silent');
  });

  it('hanging up before the greeting proves nothing: closed', async () => {
    peer = await TcpPeer.start((socket) => socket.end());

    expect((await failureOf(open())).kind).toBe('closed');
  });
});

describe('the password', () => {
  it('is in no error, even when the peer says it back', async () => {
    peer = await TcpPeer.start(healthy(() => `Content-Type: command/reply\nReply-Text: -ERR ${PASSWORD} no\n\n`));
    connection = await open();

    const failure = await failureOf(connection.api('status', 500));

    expect(`${failure.message}${failure.stack ?? ''}${JSON.stringify(failure)}`).not.toContain(PASSWORD);
    expect(failure.message).toContain('[password]');
  });

  it.each(['', 'two\nlines'])('%j is refused before it is sent', async (password) => {
    peer = await TcpPeer.start(() => undefined);

    expect((await failureOf(open(500, password))).kind).toBe('rejected');
    expect(peer.connections).toBe(0);
  });

  it('refused by FreeSWITCH: rejected, and nothing of it in the message', async () => {
    peer = await TcpPeer.start((socket) => {
      socket.write(GREETING);
      onCommands(socket, () => socket.end(INVALID));
    });

    const failure = await failureOf(open());

    expect(failure.kind).toBe('rejected');
    expect(failure.message).not.toContain(PASSWORD);
  });
});

describe('what is sent', () => {
  it('is auth and api commands only: no subscription to anything', async () => {
    const commands: string[] = [];
    peer = await TcpPeer.start((socket) => {
      socket.write(GREETING);
      onCommands(socket, (command) => {
        commands.push(command);
        socket.write(command.startsWith('auth') ? ACCEPTED : apiResponse('1'));
      });
    });
    connection = await open();

    await connection.api('uptime', 500);

    expect(commands).toEqual([`auth ${PASSWORD}`, 'api uptime']);
  });

  it.each(['', '  ', 'status\n\nexit', 'status\r', 'a\0b'])('%j is no command', async (command) => {
    peer = await TcpPeer.start(healthy(() => apiResponse('x')));
    connection = await open();

    await expect(connection.api(command, 500)).rejects.toBeInstanceOf(UnsafeEslCommand);
    expect(await connection.api('status', 500)).toBe('x');
  });
});

async function drip(socket: net.Socket, bytes: Buffer): Promise<void> {
  // What FreeSWITCH answers comes only after it was asked: wait for auth, and for the commands, at the frame's end.
  const { frames } = new FrameReader().push(bytes);
  const asked: (() => void)[] = [];
  let commands = 0;
  onCommands(socket, () => {
    commands += 1;
    asked.splice(0).forEach((wake) => wake());
  });
  let needed = 0;
  for (const each of frames) {
    if (each.contentType === 'text/disconnect-notice' || each.headers.get('Reply-Text') === '+OK bye') break;
    while (commands < needed) await new Promise<void>((resolve) => asked.push(resolve));
    for (const byte of each.bytes) {
      if (socket.destroyed) return;
      await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => setImmediate(resolve)));
    }
    needed += 1;
  }
}

/** A listener of another process, stopped by SIGSTOP, with its accept queue full. */
async function frozenListener(): Promise<{ port: number; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [path.join(__dirname, 'frozen-listener.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve) =>
    child.stdout.once('data', (text: Buffer) => resolve(Number(text))),
  );
  child.kill('SIGSTOP');
  const fillers: net.Socket[] = [];
  for (let i = 0; i < 20; i += 1) {
    const filler = net.connect({ host: '127.0.0.1', port });
    filler.on('error', () => undefined);
    fillers.push(filler);
    const connected = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), 300);
      filler.once('connect', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    if (!connected) break;
  }
  return {
    port,
    stop: async () => {
      for (const filler of fillers) filler.destroy();
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGKILL');
      await gone;
    },
  };
}
