import * as dgram from 'node:dgram';
import type { Step, Transcript } from '../../freeswitch/transcripts';
import { normalise, SIP_NORMALISATIONS } from './normalise';
import type { Stage } from './stage';

const TOLERANCE_MS = 1_000;
const STEP_MS = 5;
/** How long silence is listened to in a process of its own, whose time cannot be made to pass. */
const SILENCE_MS = 150;

/** One of the recorded client's sockets: it used another port for each dialogue. */
interface Port {
  socket: dgram.Socket;
  received: string;
  expected: string;
}

/** Plays the client of one SIP recording, byte for byte, and checks every answer against the recorded one. */
export class SipPlayer {
  private readonly ports = new Map<string, Port>();
  private current: Port | null = null;
  private outgoing = '';
  /** What was done to the node before the next request; the recording does not say when. */
  private pending: (() => Promise<void>)[] = [];
  private turnAtMs = 0;

  constructor(
    private readonly stage: Stage,
    private readonly transcript: Transcript,
  ) {}

  async play(): Promise<void> {
    try {
      for (const step of this.transcript.steps) await this.perform(step);
      await this.flush();
      await this.settle();
      for (const action of this.pending) await action();
    } finally {
      for (const { socket } of this.ports.values()) socket.close();
    }
  }

  private async perform(step: Step): Promise<void> {
    if (step.kind === 'bytes' && step.side === 'C') {
      this.outgoing += step.data.toString('utf8');
      return;
    }
    await this.flush();
    if (step.kind === 'bytes') {
      if (this.current === null) throw new Error(`${this.transcript.name}: an answer before the first request`);
      this.current.expected += step.data.toString('utf8');
      return;
    }
    if (step.kind === 'comment') {
      const action = this.action(step.text);
      if (action !== null) this.pending.push(action);
      return;
    }
    if (step.text !== 'server sends') await this.settle();
    this.turnAtMs = step.atMs ?? this.turnAtMs;
    await this.event(step.text);
  }

  private async event(text: string): Promise<void> {
    if (text === 'server sends') return;
    if (/^client: no answer for/.test(text)) return this.expectSilence();
    await this.stage.advanceTo(this.turnAtMs);
    if (text === '(SIGSTOP)') return this.stage.freeze();
    if (text === '(SIGCONT)') {
      // The request that waited is answered late, to a socket that nobody in the recording reads any more.
      this.current = null;
      return this.stage.thaw();
    }
    if (text !== 'client sends') throw new Error(`${this.transcript.name}: no idea how to play "${text}"`);
    for (const action of this.pending) await action();
    this.pending = [];
  }

  /** What a comment says was done to the node, and what it answered. */
  private action(text: string): (() => Promise<void>) | null {
    const order = /^(?:api )?(fsctl|sofia) (.*?)(?: \((?:all)\))?(?: -> (.*))?$/.exec(text);
    if (order === null) return null;
    const [, command = '', args = '', reply] = order;
    return async () => {
      // The recorded node was resumed before it was paused in the other direction.
      if (args === 'pause outbound') await this.stage.api('fsctl resume');
      const answer = await this.stage.api(`${command} ${args}`);
      if (reply !== undefined) expect(inOneLine(answer)).toBe(inOneLine(reply.replaceAll(' / ', '\n')));
    };
  }

  private async flush(): Promise<void> {
    if (this.outgoing === '') return;
    const datagram = Buffer.from(this.outgoing);
    this.outgoing = '';
    this.current = await this.portFor(/Via: SIP\/2\.0\/UDP [^:]+:(\d+)/.exec(datagram.toString())?.[1] ?? '');
    this.current.socket.send(datagram, 5060, this.stage.sipAddress);
  }

  private async portFor(recordedPort: string): Promise<Port> {
    const known = this.ports.get(recordedPort);
    if (known !== undefined) return known;
    const socket = dgram.createSocket('udp4');
    const port: Port = { socket, received: '', expected: '' };
    socket.on('message', (datagram) => (port.received += datagram.toString('utf8')));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    this.ports.set(recordedPort, port);
    return port;
  }

  private async settle(): Promise<void> {
    const port = this.current;
    if (port === null) return;
    const received = (): string => normalise(port.received, SIP_NORMALISATIONS);
    const expected = normalise(port.expected, SIP_NORMALISATIONS);
    const limit = this.stage.nowMs() + TOLERANCE_MS;
    for (let pass = 0; pass < 20 && received() !== expected; pass++) await this.stage.advanceTo(this.stage.nowMs());
    while (received() !== expected && this.stage.nowMs() < limit) {
      await this.stage.advanceTo(this.stage.nowMs() + STEP_MS);
    }
    expect(received()).toBe(expected);
  }

  private async expectSilence(): Promise<void> {
    await this.stage.advanceTo(this.turnAtMs);
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    expect(this.current?.received).toBe('');
  }
}

const inOneLine = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' / ');
