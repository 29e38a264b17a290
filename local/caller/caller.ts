import * as dgram from 'node:dgram';
import type { Clock } from '../../lib/domain/ports';
import { optionsRequest, parseAnswer } from './options-request';
import { type CallerSummary, type CallRecord, LOST_AFTER_MS, summarize } from './outage';

export interface CallerOptions {
  /** The Elastic IP and SIP port that callers know. */
  target: { address: string; port: number };
  clock: Clock;
  /** Twenty questions a second unless told otherwise. */
  everyMs?: number;
  /** Where the caller itself is. */
  from?: string;
}

const DEFAULT_EVERY_MS = 50;

/**
 * Asks OPTIONS again and again and keeps what came of each question: 200 is served, any other answer is not served,
 * none within {@link LOST_AFTER_MS} is lost. One question is sent whether or not the one before was answered.
 */
export class Caller {
  private readonly records = new Map<string, CallRecord>();
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  private constructor(
    private readonly socket: dgram.Socket,
    private readonly options: CallerOptions,
  ) {
    // ECONNREFUSED: nobody is there. The question runs into its deadline like any other.
    socket.on('error', () => undefined);
    socket.on('message', (datagram) => this.receive(datagram));
  }

  /** Resolves when the first question is about to be sent. Rejects when the caller's address is missing. */
  static async start(options: CallerOptions): Promise<Caller> {
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: options.from ?? '127.0.0.1', port: 0 }, () => {
        socket.removeAllListeners('error');
        resolve();
      });
    });
    const caller = new Caller(socket, options);
    caller.loop = caller.ask();
    return caller;
  }

  /** Every question so far, oldest first. */
  get log(): readonly CallRecord[] {
    this.expire();
    return [...this.records.values()];
  }

  /** What the caller saw of a fault at this time (epoch milliseconds). */
  summary(faultAtMs: number): CallerSummary {
    return summarize(this.log, faultAtMs);
  }

  /**
   * The gateway tells who gave an answer, before it passes the answer on.
   */
  annotate(datagram: Buffer, answeredBy: string): void {
    const answer = parseAnswer(datagram);
    const record = answer === null ? undefined : this.records.get(answer.id);
    if (record?.outcome === 'pending') record.answeredBy = answeredBy;
  }

  /** Sends no more; the log stays readable. Questions that are still open are lost. */
  async stop(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    await this.loop;
    this.socket.close();
  }

  private async ask(): Promise<void> {
    const { clock, target, everyMs = DEFAULT_EVERY_MS } = this.options;
    const local = this.socket.address();
    const startedMs = clock.monotonicMs();
    for (let beat = 0; !this.stopping.signal.aborted;) {
      const id = `c${local.port}-${beat}`;
      this.records.set(id, {
        sentAtMs: clock.wallMs(),
        outcome: 'pending',
        answeredAtMs: null,
        status: null,
        answeredBy: null,
      });
      this.socket.send(optionsRequest(id, target, local), target.port, target.address, () => undefined);
      // By a fixed plan, so that late timers do not add up; beats that a stall swallowed are not made up for.
      beat = Math.max(beat + 1, Math.floor((clock.monotonicMs() - startedMs) / everyMs));
      await clock.sleep(Math.max(0, startedMs + beat * everyMs - clock.monotonicMs()), this.stopping.signal);
    }
  }

  private receive(datagram: Buffer): void {
    const answer = parseAnswer(datagram);
    const record = answer === null ? undefined : this.records.get(answer.id);
    if (answer === null || record === undefined || record.outcome !== 'pending') return;
    const now = this.options.clock.wallMs();
    if (now - record.sentAtMs > LOST_AFTER_MS) return;
    Object.assign(record, {
      outcome: answer.status === 200 ? 'served' : 'not-served',
      answeredAtMs: now,
      status: answer.status,
    });
  }

  private expire(): void {
    const now = this.options.clock.wallMs();
    const closed = this.stopping.signal.aborted;
    for (const record of this.records.values()) {
      if (record.outcome === 'pending' && (closed || now - record.sentAtMs > LOST_AFTER_MS)) record.outcome = 'lost';
    }
  }
}
