import type { ConnectionLog } from '../network/wire-log';
import { type Frame, nextFrame } from './esl-frames';
import { type ReadEvent, readEvent } from './esl-event';

export interface Reply {
  command: string;
  /** When the command was sent, and when the reply was complete. */
  askedAt: number;
  at: number;
  /** The body of an api/response, the Reply-Text of a command/reply. */
  text: string;
}

/** What one connection's bytes say, up to the first that end it. */
export interface Reading {
  connected: boolean;
  refused: boolean;
  greeted: boolean;
  accepted: boolean;
  replies: Reply[];
  events: (ReadEvent & { at: number })[];
  /** Which of the peer's own words ended it. */
  ending: 'none' | 'shutdown' | 'disconnect' | 'access-list' | 'password' | 'command' | 'hard';
  endedAt: number;
  /** FIN or RST, whether or not a frame came before. */
  hungUpAt: number | null;
  /** Something that FreeSWITCH does not send, hard or soft: the product may refuse to read on. */
  deviations: string[];
}

/** More than this of what answers nothing, and the product may hang up. A real one sends some a heartbeat. */
const FLOOD = 500;

interface Asked {
  command: string;
  at: number;
}

/** @param lax over a real network the log cannot tell whether a reply came before its command was sent */
export function readConnection(log: ConnectionLog, lax: boolean): Reading {
  const reader = new Reader(lax ? commandsOf(log) : [], lax);
  for (const entry of log.entries) {
    switch (entry.kind) {
      case 'client':
        if (!lax) reader.client(entry.data, entry.order);
        break;
      case 'server':
        reader.server(entry.data, entry.order);
        break;
      default:
        reader.tcp(entry.kind, entry.order);
    }
  }
  reader.rest();
  return reader.reading;
}

function commandsOf(log: ConnectionLog): Asked[] {
  const sent = log.entries.flatMap((entry) => (entry.kind === 'client' ? [entry] : []));
  const blocks = Buffer.concat(sent.map(({ data }) => data))
    .toString()
    .split('\n\n');
  return blocks.slice(0, -1).map((command) => ({ command, at: sent[0]?.order ?? 0 }));
}

function isYesTo(command: string, text: string): boolean {
  if (command.startsWith('event ')) return text.startsWith('+OK event listener enabled');
  return text.trim() === `+OK Job-UUID: ${/^Job-UUID: (.*)$/m.exec(command)?.[1] ?? ''}`;
}

class Reader {
  readonly reading: Reading = {
    connected: false,
    refused: false,
    greeted: false,
    accepted: false,
    replies: [],
    events: [],
    ending: 'none',
    endedAt: Infinity,
    hungUpAt: null,
    deviations: [],
  };
  private typed = '';
  private pieces: Buffer[] = [];
  private held = 0;
  private needed = 0;
  private lastAt = 0;
  private unanswering = 0;

  constructor(
    private readonly asked: Asked[],
    private readonly lax: boolean,
  ) {}

  client(data: Buffer, at: number): void {
    this.typed += data.toString();
    for (let end = this.typed.indexOf('\n\n'); end !== -1; end = this.typed.indexOf('\n\n')) {
      this.asked.push({ command: this.typed.slice(0, end), at });
      this.typed = this.typed.slice(end + 2);
    }
  }

  server(data: Buffer, at: number): void {
    if (this.reading.ending !== 'none') return;
    this.pieces.push(data);
    this.held += data.length;
    this.lastAt = at;
    if (this.held >= this.needed) this.read(at);
  }

  /** What was not looked at again, because it had hardly grown. */
  rest(): void {
    if (this.pieces.length > 1) this.read(this.lastAt);
  }

  private read(at: number): void {
    let bytes = Buffer.concat(this.pieces);
    this.needed = 0;
    while (bytes.length > 0 && this.reading.ending === 'none') {
      const next = nextFrame(bytes);
      if (next.kind === 'hard') {
        this.end('hard', at, next.reason);
        return;
      }
      if (next.soft !== null) this.reading.deviations.push(next.soft);
      if (next.kind === 'incomplete') {
        // A long header is looked at again only when it has grown by much: a peer may drip it.
        this.needed = next.total ?? (bytes.length > 4096 ? bytes.length + 512 : 0);
        break;
      }
      bytes = bytes.subarray(next.length);
      this.frame(next.frame, at);
    }
    this.pieces = [bytes];
    this.held = bytes.length;
  }

  tcp(kind: 'refused' | 'connected' | 'fin' | 'reset', at: number): void {
    if (kind === 'refused') this.reading.refused = true;
    else if (kind === 'connected') this.reading.connected = true;
    else this.reading.hungUpAt ??= at;
  }

  private frame(frame: Frame, at: number): void {
    switch (frame.type) {
      case 'auth/request':
        if (this.reading.greeted) this.end('hard', at, 'a second greeting');
        this.reading.greeted = true;
        return;
      case 'text/rude-rejection':
        this.end('access-list', at, 'the access list');
        return;
      case 'text/disconnect-notice': {
        const shutdown = frame.body.toString().trim() === 'The system is being shut down.';
        this.end(shutdown ? 'shutdown' : 'disconnect', at, 'a notice');
        return;
      }
      case 'command/reply':
        this.commandReply(frame.headers.get('Reply-Text') ?? '', at);
        return;
      case 'api/response':
        this.apiResponse(frame.body.toString(), at);
        return;
      default:
        this.other(frame, at);
    }
  }

  private commandReply(text: string, at: number): void {
    if (!this.reading.greeted) return this.end('hard', at, 'a reply before the greeting');
    if (!this.reading.accepted) {
      if (this.asked.length > 0) return this.answerAuth(text, at);
      const early = 'an answer to auth before it was sent';
      // A peer that reset the connection never heard our question, and yet it may have been under way.
      if (!this.lax) return this.end('hard', at, early);
      this.reading.deviations.push(early);
      return this.answerAuth(text, at);
    }
    const asked = this.asked[0];
    if (asked === undefined) return this.end('hard', at, 'a reply that nobody asked for');
    if (asked.command.startsWith('api ')) {
      return text.startsWith('-ERR')
        ? this.end('command', at, 'the command was refused')
        : this.end('hard', at, 'command/reply to an api command');
    }
    if (!text.startsWith('-ERR') && !isYesTo(asked.command, text)) {
      this.reading.deviations.push('a reply that belongs to another command');
    }
    this.reply(text, at);
  }

  private answerAuth(text: string, at: number): void {
    this.asked.shift();
    if (text === '+OK accepted') this.reading.accepted = true;
    else if (text.startsWith('-ERR')) this.end('password', at, 'the password was refused');
    else this.end('hard', at, `auth was answered with "${text}"`);
  }

  private apiResponse(text: string, at: number): void {
    if (!this.reading.accepted || this.asked[0]?.command.startsWith('api ') !== true) {
      return this.end('hard', at, 'a reply that nobody asked for');
    }
    this.reply(text, at);
  }

  private reply(text: string, at: number): void {
    const asked = this.asked.shift();
    if (asked !== undefined) this.reading.replies.push({ command: asked.command, askedAt: asked.at, at, text });
  }

  private other(frame: Frame, at: number): void {
    if (!this.reading.accepted) return this.end('hard', at, `${frame.type} before authentication`);
    this.unanswering += 1;
    if (this.unanswering === FLOOD + 1) this.reading.deviations.push('a flood of what answers nothing');
    const event = readEvent(frame);
    if (event === null) this.reading.deviations.push(`${frame.type} that is no event`);
    else this.reading.events.push({ ...event, at });
  }

  private end(ending: Reading['ending'], at: number, reason: string): void {
    if (this.reading.ending !== 'none') return;
    this.reading.ending = ending;
    this.reading.endedAt = at;
    if (ending === 'hard') this.reading.deviations.push(reason);
  }
}
