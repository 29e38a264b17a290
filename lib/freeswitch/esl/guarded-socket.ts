import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import ModeslConnection from 'modesl/lib/esl/Connection';
import { type EslFrame, FrameReader } from './frames';

/** What to do with a well-formed frame: hand it to modesl, leave it out, or end the connection because of it. */
export type Admission = { kind: 'pass' } | { kind: 'drop' } | { kind: 'end'; reason: string };

export interface GuardHandlers {
  /** Asked for each frame in turn, before modesl sees it. */
  admit(frame: EslFrame): Admission;
  /** The peer sent what is not ESL, or modesl choked on it. Called at most once; nothing is passed on after it. */
  malformed(reason: string): void;
}

/**
 * Stands between the TCP socket and modesl. modesl's parser is given whole, checked frames one at a time, and an
 * exception out of it ends here instead of in the event loop.
 */
export class GuardedSocket extends EventEmitter {
  private readonly reader = new FrameReader();
  private shut = false;
  private corked = false;

  constructor(
    private readonly tcp: Socket,
    private readonly handlers: GuardHandlers,
  ) {
    super();
    tcp.setNoDelay(true);
    tcp.on('data', (chunk: Buffer) => this.receive(chunk));
  }

  /** modesl writes a command in two or three pieces; they leave in one segment. */
  write(data: string): boolean {
    if (this.shut || this.tcp.destroyed) return false;
    if (!this.corked) {
      this.corked = true;
      this.tcp.cork();
      process.nextTick(() => {
        this.corked = false;
        this.tcp.uncork();
      });
    }
    return this.tcp.write(data);
  }

  end(): void {
    this.tcp.end();
  }

  /** Something is written that has not left yet: what comes now cannot be its answer. */
  get holdsBack(): boolean {
    return this.corked;
  }

  /** Nothing is passed on from here on. */
  shutDown(): void {
    this.shut = true;
  }

  private receive(chunk: Buffer): void {
    if (this.shut) return;
    const { frames, malformed } = this.reader.push(chunk);
    for (const frame of frames) {
      this.pass(frame);
      if (this.shut) return;
    }
    if (malformed !== null) this.fail(malformed);
  }

  private pass(frame: EslFrame): void {
    const admission = this.handlers.admit(frame);
    if (this.shut || admission.kind === 'drop') return;
    if (admission.kind === 'end') {
      this.fail(admission.reason);
      return;
    }
    try {
      this.emit('data', frame.bytes);
    } catch (error) {
      this.fail(`modesl could not read a frame: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }

  private fail(reason: string): void {
    if (this.shut) return;
    this.shut = true;
    this.handlers.malformed(reason);
  }
}

/** modesl's connection with the guard in place, silent about deprecations, and subscribed to nothing by itself. */
export class GuardedModesl extends ModeslConnection {
  readonly tcp: Socket;
  readonly guard: GuardedSocket;

  /** Starts to connect. Throws what `net.connect` throws on impossible arguments. */
  constructor(target: { host: string; port: number; password: string }, handlers: GuardHandlers) {
    super(target.host, target.port, target.password);
    // TCP connects asynchronously, so modesl's parser is not made yet: it will be made on the guard.
    this.tcp = this.socket as Socket;
    this.guard = new GuardedSocket(this.tcp, handlers);
    this.socket = this.guard;
  }

  /**
   * modesl subscribes to CHANNEL_EXECUTE_COMPLETE right after auth, which is a flood on a busy switch. Ours are those
   * of `EslConnection.subscribe`, and no others.
   */
  override subscribe(): void {}

  protected override _onConnect(): void {
    // modesl's parser says `new Buffer` here. In a bundle that prints a deprecation warning into the function's log.
    const before = process.noDeprecation;
    process.noDeprecation = true;
    try {
      super._onConnect();
    } finally {
      process.noDeprecation = before === true;
    }
  }
}
