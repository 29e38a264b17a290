import * as net from 'node:net';
import type { Step, Transcript } from '../../freeswitch/transcripts';
import { checkFraming, ESL_NORMALISATIONS, normalise } from './normalise';
import { LAB, type Stage } from './stage';

/** How much later than recorded something may come, in milliseconds of the recording. */
const TOLERANCE_MS = 2_500;
const STEP_MS = 10;
const CONNECT_TIMEOUT_MS = 400;

/** One ESL connection of the player, with what was received and what the recording says should have been. */
class Connection {
  received = '';
  expected = '';
  closed = false;

  constructor(readonly socket: net.Socket) {
    socket.on('data', (chunk) => (this.received += chunk.toString('utf8')));
    socket.on('end', () => (this.closed = true));
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => (this.closed = true));
  }

  matches(): boolean {
    return this.normalisedReceived() === this.normalisedExpected();
  }

  normalisedReceived = (): string => normalise(this.received, ESL_NORMALISATIONS);
  normalisedExpected = (): string => normalise(this.expected, ESL_NORMALISATIONS);
}

/** Plays the client of one ESL recording, byte for byte, and checks every answer against the recorded one. */
export class EslPlayer {
  private connections: Connection[] = [];
  private current = 0;
  private turnAtMs = 0;
  private outgoing = Buffer.alloc(0);

  constructor(
    private readonly stage: Stage,
    private readonly transcript: Transcript,
  ) {}

  async play(): Promise<void> {
    try {
      for (const step of this.transcript.steps) await this.perform(step);
      this.flush();
      await this.settle();
      for (const connection of this.connections) checkFraming(connection.received);
    } finally {
      for (const { socket } of this.connections) socket.destroy();
    }
  }

  private async perform(step: Step): Promise<void> {
    if (step.kind === 'bytes' && step.side === 'C') {
      this.outgoing = Buffer.concat([this.outgoing, step.data]);
      return;
    }
    this.flush();
    if (step.kind === 'bytes') {
      this.connection.expected += step.data.toString('utf8');
      return;
    }
    if (step.kind === 'event' && step.text === 'server sends') {
      this.turnAtMs = step.atMs ?? this.turnAtMs;
      return;
    }
    // A thawed process may have answered already what the recording tells below this comment.
    if (step.kind !== 'comment' || step.text !== 'existing session:') await this.settle();
    if (step.kind === 'comment') return this.comment(step.text);
    this.turnAtMs = step.atMs ?? this.turnAtMs;
    await this.stage.advanceTo(this.turnAtMs);
    await this.event(step.text);
  }

  /** What was sent at one time goes out in one segment. */
  private flush(): void {
    if (this.outgoing.length > 0) this.connection.socket.write(this.outgoing);
    this.outgoing = Buffer.alloc(0);
  }

  private get connection(): Connection {
    const connection = this.connections[this.current];
    if (connection === undefined) throw new Error(`${this.transcript.name}: bytes before the first connection`);
    return connection;
  }

  /** What the recording says happened besides bytes. An event that is not in here fails the test. */
  private async event(text: string): Promise<void> {
    const { stage } = this;
    const table: [RegExp, () => Promise<void> | void][] = [
      [/^client sends$/, () => undefined],
      [/^client: TCP connect ok$/, () => this.connect()],
      [/^client: extra connection \d: TCP connect ok/, async () => expect(await this.connects()).toBe(true)],
      [/^client: extra connection \d: no SYN\/ACK/, async () => expect(await this.connects()).toBe(false)],
      [/^client: (new connection: |connect failed: connection )refused \(RST\)$/, () => this.expectRefused()],
      [/^server: closed the connection \(FIN\)$/, () => this.until(() => this.connection.closed, 'closed')],
      [/^\(node 1 had 2 bridged calls; SIGKILLed\)$/, () => stage.leaveCalls(2)],
      // Where the address is does not show on this wire.
      [/^\(external address moved to node 2\)$/, () => undefined],
      [/^\(the caller hangs up\)$/, () => stage.hangUpAll()],
      [/^\(SIGTERM\)$/, () => stage.terminate()],
      [/^\(SIGKILL\)$/, () => stage.kill()],
      [/^\(FreeSWITCH process gets SIGSTOP\)$/, () => stage.freeze()],
      [/^\(FreeSWITCH process gets SIGCONT\)$/, () => this.thaw()],
      [/^\(process has exited/, () => this.until(() => stage.hasExited(), 'exited')],
    ];
    const entry = table.find(([pattern]) => pattern.test(text));
    if (entry === undefined) throw new Error(`${this.transcript.name}: no idea how to play "${text}"`);
    await entry[1]();
  }

  /** Comments that say who speaks, or that something was done which is not on the wire. */
  private async comment(text: string): Promise<void> {
    if (/^session A/.test(text)) this.current = 0;
    if (text === 'existing, authenticated session:') this.current = 0;
    if (text === 'the connection opened while frozen:') this.current = 1;
    if (text === '10 s later, one call is up') this.stage.addCalls(1);
    if (/^session B/.test(text)) {
      if (this.connections.length === 1) await this.connectSecondSession();
      this.current = 1;
    }
  }

  private async connect(): Promise<void> {
    const socket = net.connect({ host: this.stage.management, port: 8021 });
    this.connections.push(new Connection(socket));
    this.current = this.connections.length - 1;
    await this.until(() => !socket.connecting, 'connected');
  }

  /** The recording leaves out how its second session signed in. */
  private async connectSecondSession(): Promise<void> {
    await this.connect();
    this.current = 1;
    this.connection.socket.write(`auth ${LAB.password}\n\n`);
    await this.until(() => this.connection.received.endsWith('+OK accepted\n\n'), 'signed in');
    this.connection.received = '';
  }

  private async thaw(): Promise<void> {
    this.current = 0;
    await this.stage.thaw();
  }

  private async connects(): Promise<boolean> {
    const socket = net.connect({ host: this.stage.management, port: 8021 });
    this.connections.push(new Connection(socket));
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), CONNECT_TIMEOUT_MS);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  private async expectRefused(): Promise<void> {
    const socket = net.connect({ host: this.stage.management, port: 8021 });
    const outcome = await new Promise<string>((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('connect', () => resolve('connected'));
    });
    socket.destroy();
    expect(outcome).toBe('ECONNREFUSED');
  }

  /** Waits for what the recording says was sent up to here, then compares all of it. */
  private async settle(): Promise<void> {
    const connection = this.connections[this.current];
    if (connection === undefined) return;
    await this.until(() => connection.matches(), null);
    expect(connection.normalisedReceived()).toBe(connection.normalisedExpected());
  }

  /** Lets time pass until the condition holds. `what` null: the caller reports better than this could. */
  private async until(condition: () => boolean, what: string | null): Promise<void> {
    const limit = Math.max(this.turnAtMs, this.stage.nowMs()) + TOLERANCE_MS;
    // First only the sockets: time that passes for no reason would let other things happen.
    for (let pass = 0; pass < 10 && !condition(); pass++) await this.stage.advanceTo(this.stage.nowMs());
    while (!condition() && this.stage.nowMs() < limit) await this.stage.advanceTo(this.stage.nowMs() + STEP_MS);
    if (what !== null && !condition()) throw new Error(`${this.transcript.name}: not ${what} at ${limit} ms`);
  }
}
