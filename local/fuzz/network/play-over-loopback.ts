import * as dgram from 'node:dgram';
import * as net from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { SystemClock } from '../../../lib/aws/system-clock';
import type { Dice } from '../dice';
import type { Exchange, Subject } from '../exchanges/exchange';
import { PeerSession } from '../peer/session';
import { WireLog } from './wire-log';

/** A busy machine may be this late with everything. */
const MARGIN_MS = 3_000;
const HOST = '127.0.0.1';
/** The real one: exchanges in memory lend the global one to their own time, and a late peer must not get that. */
const { setTimeout: later } = globalThis;

/**
 * Plays an exchange over real sockets and in real time. Each has a server of its own.
 * @returns `stalledMs`: the longest time for which this process stood still meanwhile
 */
export async function playOverLoopback(
  exchange: Exchange,
  subject: Subject,
  dice: Dice,
  peers: Dice,
): Promise<{ problems: string[]; log: WireLog; stalledMs: number }> {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  const log = new WireLog();
  const sockets = new Set<net.Socket>();
  const sessions: PeerSession[] = [];
  let connections = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    const behaviour = exchange.connections[Math.min(connections, exchange.connections.length - 1)];
    connections += 1;
    const connection = log.connection();
    // A listening port cannot refuse one connection of several: resetting it is the nearest thing.
    if (behaviour === undefined || behaviour.accept === 'refuse') return void socket.resetAndDestroy();
    if (behaviour.accept === 'never') return;
    const wire = {
      send: (data: Buffer): void => void (socket.destroyed ? false : socket.write(data)),
      finish: (): void => void socket.end(),
      reset: (): void => void socket.resetAndDestroy(),
      after: (ms: number, run: () => void): void => void later(run, ms),
    };
    const session = new PeerSession(behaviour, wire, log, connection, peers);
    sessions.push(session);
    socket.on('data', (data: Buffer) => session.hear(data));
    socket.on('close', () => session.stop());
    session.start();
  });
  const sip = dgram.createSocket('udp4');
  sip.on('error', () => undefined);
  const asked = new Map<string, WireLog['questions'][number]>();
  sip.on('message', (request, from) => {
    if (asked.has(request.toString())) return;
    const question: WireLog['questions'][number] = { request, answers: [] };
    asked.set(request.toString(), question);
    log.questions.push(question);
    for (const { afterMs, data, pristine } of exchange.sip(request, asked.size - 1)) {
      later(() => {
        if (data === null || closed) return;
        question.answers.push({ order: log.mark(), data, pristine });
        sip.send(data, from.port, from.address, () => undefined);
      }, afterMs);
    }
  });
  let closed = false;
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  await new Promise<void>((resolve) => sip.bind(0, HOST, resolve));
  const clock = new SystemClock();
  const eslPort = (server.address() as net.AddressInfo).port;
  const place = { host: HOST, eslPort, sipPort: sip.address().port, clock, log, dice, real: true };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = later(
      () => resolve([`not ended within ${exchange.withinMs} ms and a margin`]),
      exchange.withinMs + MARGIN_MS,
    );
  });
  try {
    const run = exchange.run(subject, place).catch((error: unknown) => [`threw ${String(error)}`]);
    const problems = await Promise.race([run, late]);
    return { problems, log, stalledMs: delays.max / 1e6 };
  } finally {
    delays.disable();
    clearTimeout(timer);
    closed = true;
    for (const session of sessions) session.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await new Promise<void>((resolve) => sip.close(() => resolve()));
  }
}
