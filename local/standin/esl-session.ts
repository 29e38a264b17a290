import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { runApi } from './api';
import { words } from './api/command';
import {
  apiResponse,
  ClientFramer,
  type ClientMessage,
  commandReply,
  GOODBYE,
  GREETING,
  REJECTION,
  SHUTDOWN_NOTICE,
} from './esl-framing';
import { encodeEvent } from './events';
import { type Faults, MALFORMED_ESL } from './faults';
import type { SoftSwitch } from './softswitch';
import { Subscription } from './subscription';

/** A client that says nothing is dismissed after this long; one command, even a wrong one, ends the watch. */
const AUTH_TIMEOUT_MS = 24_200;

const NOT_FOUND = '-ERR command not found';

/** One ESL connection, from greeting to goodbye. Commands are answered one after another, events come between. */
export class EslSession {
  private readonly framer = new ClientFramer();
  private readonly subscription = new Subscription();
  private authenticated = false;
  private ended = false;
  private queue: Promise<void> = Promise.resolve();
  private readonly stopListening: () => void;
  private readonly cancelAuthTimeout: () => void;

  constructor(
    private readonly socket: Socket,
    private readonly system: SoftSwitch,
    private readonly password: string,
    private readonly faults: Readonly<Faults>,
  ) {
    this.stopListening = system.onEvent((event) => {
      if (this.subscription.wants(event)) this.send(encodeEvent(event, this.subscription.format));
    });
    this.cancelAuthTimeout = system.time.after(AUTH_TIMEOUT_MS, () => this.goodbye(GOODBYE));
    socket.on('close', () => this.stop());
    // A reset connection is closed by the next event; there is nothing to answer.
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => this.receive(chunk));
    this.greet();
  }

  /** FreeSWITCH is shutting down. */
  dismiss(): void {
    this.goodbye(SHUTDOWN_NOTICE);
  }

  /** As the kernel does it when the process is gone. */
  cut(): void {
    this.stop();
    this.socket.end();
    this.socket.destroySoon();
  }

  private greet(): void {
    if (this.faults.eslRejects) {
      this.send(REJECTION);
      this.goodbye(GOODBYE);
    } else if (this.faults.eslMalformed === 'greeting') this.socket.write(MALFORMED_ESL);
    else this.send(GREETING);
  }

  private receive(chunk: Buffer): void {
    this.cancelAuthTimeout();
    try {
      for (const message of this.framer.push(chunk)) {
        this.queue = this.queue.then(() => this.answer(message));
      }
    } catch {
      this.goodbye(GOODBYE);
    }
  }

  private async answer(message: ClientMessage): Promise<void> {
    if (this.ended) return;
    if (this.faults.eslDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.faults.eslDelayMs));
    if (this.faults.eslMalformed === 'reply' && this.authenticated) {
      this.socket.write(MALFORMED_ESL);
      return;
    }
    const [verb = '', ...rest] = words(message.command);
    if (verb === 'exit') {
      this.send(commandReply('+OK bye'));
      this.goodbye(GOODBYE);
    } else if (!this.authenticated) this.authenticate(message.command);
    else await this.command(verb, rest, message);
  }

  /** One try for each connection. */
  private authenticate(command: string): void {
    if (!command.startsWith('auth ')) return this.send(commandReply(NOT_FOUND));
    if (command.slice('auth '.length) === this.password) {
      this.authenticated = true;
      return this.send(commandReply('+OK accepted'));
    }
    this.send(commandReply('-ERR invalid'));
    this.goodbye(GOODBYE);
  }

  private async command(verb: string, rest: string[], message: ClientMessage): Promise<void> {
    const { subscription } = this;
    switch (verb) {
      case 'api':
        return this.api(message.command);
      case 'bgapi':
        return this.background(message);
      case 'event':
        return this.send(commandReply(subscription.add(rest)));
      case 'nixevent':
        return this.send(commandReply(subscription.remove(rest)));
      case 'noevents':
        return this.send(commandReply(subscription.clear()));
      case 'filter':
        return this.send(commandReply(subscription.filter(rest)));
      case 'linger':
      case 'nolinger':
        return this.send(commandReply('-ERR not controlling a session'));
      case 'divert_events':
        return this.send(commandReply('-ERR not controlling a session.'));
      default:
        return this.send(commandReply(NOT_FOUND));
    }
  }

  /** Blocks the connection until the reply is there, as the real one does. */
  private async api(command: string): Promise<void> {
    if (!command.startsWith('api ')) return this.send(commandReply(NOT_FOUND));
    const reply = await runApi(this.system, command.slice('api '.length));
    if (reply !== null) this.send(apiResponse(reply));
  }

  private background(message: ClientMessage): void {
    if (!message.command.startsWith('bgapi ')) return this.send(commandReply(NOT_FOUND));
    const line = message.command.slice('bgapi '.length).trim();
    const job = message.headers.get('Job-UUID') ?? randomUUID();
    this.send(commandReply(`+OK Job-UUID: ${job}`, { 'Job-UUID': job }));
    void runApi(this.system, line).then((reply) => {
      if (reply === null) return;
      const [name = '', ...args] = words(line);
      const headers: [string, string][] = [
        ['Job-UUID', job],
        ['Job-Command', name],
        ...(args.length === 0 ? [] : [['Job-Command-Arg', args.join(' ')] satisfies [string, string]]),
      ];
      const origin = { file: 'mod_event_socket.c', function: 'api_exec', line: 1580 };
      this.system.emit('BACKGROUND_JOB', origin, headers, { body: reply });
    });
  }

  private send(text: string): void {
    if (!this.ended && this.socket.writable) this.socket.write(text);
  }

  private goodbye(notice: string): void {
    this.send(notice);
    this.stop();
    this.socket.end();
  }

  private stop(): void {
    this.ended = true;
    this.stopListening();
    this.cancelAuthTimeout();
  }
}
