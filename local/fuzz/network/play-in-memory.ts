import type { Dice } from '../dice';
import type { Exchange, Subject } from '../exchanges/exchange';
import { PeerSession } from '../peer/session';
import { settle, takeTimers, VirtualTime } from '../virtual-time';
import { attachHost, type MemoryHost, type MemoryTcp, type MemoryUdp } from './memory';
import { WireLog } from './wire-log';

/** Far more than any exchange takes: beyond it something goes round in circles. */
const MAX_STEPS = 400_000;
/** What the peer says when the product is done must not do anything any more. */
const AFTERMATH_MS = 3_000;

/** Plays an exchange in memory and in virtual time: nothing waits, and the same bytes come at the same moments. */
export async function playInMemory(
  exchange: Exchange,
  subject: Subject,
  dice: Dice,
  peers: Dice,
): Promise<{ problems: string[]; log: WireLog }> {
  const log = new WireLog();
  const time = new VirtualTime();
  const host = new Host(exchange, time, log, peers);
  const detach = attachHost(host);
  const giveBack = takeTimers(time);
  const place = { host: '127.0.0.1', eslPort: 8021, sipPort: 5060, clock: time, log, dice, real: false };
  let problems: string[] | null = null;
  try {
    void exchange.run(subject, place).then(
      (found) => (problems = found),
      (error: unknown) => (problems = [`threw ${String(error instanceof Error ? error.stack : error)}`]),
    );
    const escaped: string[] = [];
    for (let steps = 0; problems === null && steps < MAX_STEPS; steps += 1) {
      await settle();
      if (problems !== null || !stepSafely(time, Infinity, escaped)) break;
    }
    const found: string[] = [...(problems ?? ['it never ended']), ...escaped];
    const endedMs = time.monotonicMs();
    if (endedMs > exchange.withinMs) found.push(`ended after ${endedMs} ms, not ${exchange.withinMs}`);
    await settle();
    if (time.timersOfProduct > 0) found.push(`${time.timersOfProduct} timers left running`);
    while (stepSafely(time, endedMs + AFTERMATH_MS, found)) await settle();
    if (host.openSockets > 0) found.push(`${host.openSockets} sockets left open`);
    return { problems: found, log };
  } finally {
    giveBack();
    detach();
  }
}

/** What the product throws at a peer's bytes would end its process. */
function stepSafely(time: VirtualTime, untilMs: number, escaped: string[]): boolean {
  try {
    return time.step(untilMs);
  } catch (error) {
    escaped.push(
      `thrown into the event loop: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return true;
  }
}

class Host implements MemoryHost {
  private readonly tcpSockets: MemoryTcp[] = [];
  private readonly udpSockets: MemoryUdp[] = [];
  private connections = 0;
  private requests = 0;

  constructor(
    private readonly exchange: Exchange,
    private readonly time: VirtualTime,
    private readonly log: WireLog,
    private readonly dice: Dice,
  ) {}

  get openSockets(): number {
    return (
      this.tcpSockets.filter(({ destroyed }) => !destroyed).length +
      this.udpSockets.filter(({ closed }) => !closed).length
    );
  }

  tcp(socket: MemoryTcp): void {
    this.tcpSockets.push(socket);
    const behaviour = this.exchange.connections[Math.min(this.connections, this.exchange.connections.length - 1)];
    this.connections += 1;
    const log = this.log.connection();
    if (behaviour === undefined || behaviour.accept === 'never') return;
    if (behaviour.accept === 'refuse') {
      this.time.after(0, () => {
        this.log.event(log, 'refused');
        socket.break('ECONNREFUSED');
      });
      return;
    }
    const wire = {
      send: (data: Buffer): void => socket.deliver(data),
      finish: (): void => socket.finish(),
      reset: (): void => socket.break('ECONNRESET'),
      after: (ms: number, run: () => void): void => void this.time.after(ms, run),
    };
    const session = new PeerSession(behaviour, wire, this.log, log, this.dice);
    socket.onClientBytes = (data) => session.hear(data);
    socket.onClientGone = () => session.stop();
    this.time.after(0, () => {
      if (socket.destroyed) return;
      socket.accept();
      session.start();
    });
  }

  udp(socket: MemoryUdp): void {
    this.udpSockets.push(socket);
    const question: WireLog['questions'][number] = { request: null, answers: [] };
    this.log.questions.push(question);
    socket.onRequest = (request) => {
      // A copy of the request is answered from memory, that is: not anew.
      if (question.request !== null) return;
      question.request = request;
      for (const { afterMs, data, pristine } of this.exchange.sip(request, this.requests)) {
        this.time.after(afterMs, () => {
          if (socket.closed) return;
          if (data === null) return socket.unreachable();
          question.answers.push({ order: this.log.mark(), data, pristine });
          socket.deliver(data);
        });
      }
      this.requests += 1;
    };
  }
}
