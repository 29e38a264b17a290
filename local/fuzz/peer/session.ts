import type { ConnectionLog, WireLog } from '../network/wire-log';
import type { Dice } from '../dice';
import type { Mutation, MutationContext } from './mutations';
import type { Script } from './scripts';

/** How the bytes leave: at once, byte by byte, or in pieces at random places. */
export type Chunking = { kind: 'whole' | 'drip' | 'pieces'; gapMs: number };

/** One connection of a hostile peer. */
export interface Behaviour {
  accept: 'yes' | 'refuse' | 'never';
  script: Script;
  /** By the number of the message: 0 is the greeting, each further one answers a command. */
  mutations: ReadonlyMap<number, readonly Mutation[]>;
  /** Bytes of one message after which it stops. */
  cut: { message: number; offset: number; then: 'fin' | 'reset' | 'silence' } | null;
  chunking: Chunking;
}

/** The peer's end of one connection. */
export interface Wire {
  send(data: Buffer): void;
  finish(): void;
  reset(): void;
  after(ms: number, run: () => void): void;
}

type Out = Buffer | 'fin' | 'reset';

/** Plays a behaviour. One timer at a time, so that what it sends keeps its order over real sockets too. */
export class PeerSession {
  private typed = '';
  private message = 0;
  private held: Buffer | null = null;
  private readonly queue: Out[] = [];
  private pumping = false;
  private over = false;
  private muted = false;

  constructor(
    private readonly behaviour: Behaviour,
    private readonly wire: Wire,
    private readonly wireLog: WireLog,
    private readonly log: ConnectionLog,
    private readonly dice: Dice,
  ) {}

  private get context(): MutationContext {
    // `hold` keeps a message back until the next one is out.
    return { random: this.dice, hold: (data) => void (this.held = data) };
  }

  start(): void {
    this.wireLog.event(this.log, 'connected');
    this.say(this.behaviour.script(null, 0));
  }

  hear(data: Buffer): void {
    this.wireLog.bytes(this.log, 'client', data);
    this.typed += data.toString('latin1');
    for (let end = this.typed.indexOf('\n\n'); end !== -1; end = this.typed.indexOf('\n\n')) {
      const command = this.typed.slice(0, end);
      this.typed = this.typed.slice(end + 2);
      this.message += 1;
      this.say(this.behaviour.script(command, this.message));
    }
  }

  /** The client has left. */
  stop(): void {
    this.over = true;
    this.queue.length = 0;
  }

  private say(honest: Out[]): void {
    if (this.over || this.muted) return;
    const { cut, mutations } = this.behaviour;
    const { held } = this;
    this.held = null;
    let out = honest;
    for (const mutate of mutations.get(this.message) ?? []) {
      out = out.flatMap((each) => (typeof each === 'string' ? [each] : mutate(each, this.context)));
    }
    if (cut?.message === this.message) {
      out = cutAt(out, cut.offset, cut.then);
      this.muted = true;
    }
    if (held !== null) out = [...out, held];
    for (const each of out) this.queue.push(...this.chunks(each));
    this.pump();
  }

  private chunks(out: Out): Out[] {
    const { kind } = this.behaviour.chunking;
    if (typeof out === 'string' || kind === 'whole' || out.length < 2) return [out];
    // Nobody needs a megabyte byte by byte: it is the small messages that fall into odd pieces.
    const step =
      kind === 'drip' && out.length < 2_000 ? (): number => 1 : (): number => 1 + this.dice.below(out.length);
    const chunks: Buffer[] = [];
    for (let at = 0; at < out.length;) {
      const end = Math.min(out.length, at + step());
      chunks.push(out.subarray(at, end));
      at = end;
    }
    return chunks;
  }

  private pump(): void {
    if (this.pumping || this.queue.length === 0) return;
    this.pumping = true;
    this.wire.after(this.behaviour.chunking.gapMs, () => {
      this.pumping = false;
      const next = this.queue.shift();
      if (next === undefined || this.over) return;
      this.emit(next);
      this.pump();
    });
  }

  private emit(next: Out): void {
    if (typeof next !== 'string') {
      this.wireLog.bytes(this.log, 'server', next);
      this.wire.send(next);
      return;
    }
    this.over = true;
    this.wireLog.event(this.log, next);
    if (next === 'fin') this.wire.finish();
    else this.wire.reset();
  }
}

function cutAt(out: Out[], offset: number, then: 'fin' | 'reset' | 'silence'): Out[] {
  const bytes = Buffer.concat(out.flatMap((each) => (typeof each === 'string' ? [] : [each]))).subarray(0, offset);
  return then === 'silence' ? [bytes] : [bytes, then];
}
