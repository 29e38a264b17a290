/** The second connection to a node, whose peer may send what it likes. */
import { HeartbeatWatch } from '../../../lib/freeswitch/esl/heartbeats';
import { ACCEPTED, commandReply, eventFrame, GREETING, onCommands, TcpPeer } from '../fake-node';

const NOISE = 'Content-Type: log/data\nContent-Length: 1\n\nx'.repeat(1_000);

let peer: TcpPeer | null = null;
let watch: HeartbeatWatch | null = null;

afterEach(async () => {
  watch?.close();
  await peer?.stop();
});

/** A node that accepts, and sends `bytes` after the subscription. */
async function watching(bytes: string) {
  let nowMs = 0;
  let openings = 0;
  let closed = 0;
  peer = await TcpPeer.start((socket) => {
    socket.write(GREETING);
    socket.on('error', () => undefined);
    socket.on('close', () => (closed += 1));
    onCommands(socket, (command) => {
      if (command.startsWith('auth ')) socket.write(ACCEPTED);
      if (!command.startsWith('event ')) return;
      socket.write(commandReply('+OK event listener enabled json') + bytes);
    });
  });
  const get = (): Promise<string> => {
    openings += 1;
    return Promise.resolve('pw');
  };
  const password = { get, drop: () => undefined };
  const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
  const target = { host: '127.0.0.1', port: peer.port, password, clock, random: { next: () => 0 } };
  const opened = new HeartbeatWatch(target, () => undefined);
  watch = opened;
  return {
    watch: opened,
    pass: (ms: number) => (nowMs += ms),
    openings: () => openings,
    closed: () => closed,
  };
}

async function until(holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 3_000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`not so within 3 s: ${String(holds)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the connection for heartbeats', () => {
  it('hears a heartbeat', async () => {
    const beat = eventFrame('json', { 'Event-Name': 'HEARTBEAT', 'Core-UUID': 'u', 'Session-Count': '3' });
    const scene = await watching(beat);

    scene.watch.lookAfter();
    await until(() => scene.watch.latest('u') !== null);

    expect(scene.watch.latest('u')?.sessions).toBe(3);
  });

  it('is ended when it is flooded, and opened again only after a pause', async () => {
    const scene = await watching(NOISE);
    scene.watch.lookAfter();
    await until(() => scene.closed() === 1);

    // The opening has ended too, by the turn after that.
    await new Promise((resolve) => setTimeout(resolve, 0));
    scene.watch.lookAfter();
    scene.pass(999);
    scene.watch.lookAfter();
    expect(scene.openings()).toBe(1);

    scene.pass(3_000);
    scene.watch.lookAfter();
    await until(() => scene.closed() === 2);
    expect(scene.openings()).toBe(2);
  });
});
