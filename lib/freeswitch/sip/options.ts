import * as dgram from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { SipEvidence } from '../../domain/model';
import type { Clock, Random } from '../../domain/ports';
import { buildOptions, newIds, type OptionsIds } from './request';
import { evidenceOfAnswer, parseResponse, type SipResponse } from './response';

export interface OptionsTarget {
  host: string;
  port: number;
  /** Source address; the system chooses one when it is left out. */
  localAddress?: string;
  timeoutMs: number;
  /** When to send the same request again, in milliseconds after the first. */
  retransmitAfterMs?: readonly number[];
  ids: Pick<Random, 'id'>;
  clock: Pick<Clock, 'monotonicMs'>;
  signal?: AbortSignal;
}

/** `status` is that of the final answer, or null when there was none. */
export interface OptionsResult {
  evidence: SipEvidence;
  status: number | null;
}

/**
 * RFC 3261 resends after T1 = 500 ms, an estimate for the open internet, and that is a whole probe of ours. A node is
 * within 2 ms of an observer, so 100 ms of silence means a lost datagram: asking again then keeps one lost packet from
 * counting as a miss. The server sees one transaction (same branch) and answers the copy from memory.
 */
export const LAN_RETRANSMIT_AFTER_MS: readonly number[] = [100, 250, 500];

/** Datagrams on our port that are not the answer. Nobody honest sends even one. */
const MAX_FOREIGN_DATAGRAMS = 32;

/**
 * Asks a SIP stack for OPTIONS over UDP, from a port of its own. Resolves within `timeoutMs` whatever comes back,
 * and never rejects. `refused` is an ICMP port unreachable: a bonus, which many networks do not deliver.
 */
export function sendOptions(target: OptionsTarget): Promise<OptionsResult> {
  return new Promise((resolve) => new OptionsTransaction(target, resolve).start());
}

/** One request and its copies until one outcome. */
class OptionsTransaction {
  private readonly ids: OptionsIds;
  private readonly socket: dgram.Socket;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly startedMs: number;
  private readonly abort = (): void => this.end('silent', 'closed by us');
  private request: Buffer | null = null;
  private foreign = 0;
  private garbage = false;
  private done = false;

  constructor(
    private readonly target: OptionsTarget,
    private readonly resolve: (result: OptionsResult) => void,
  ) {
    this.ids = newIds(() => target.ids.id());
    this.startedMs = target.clock.monotonicMs();
    this.socket = dgram.createSocket(isIPv6(target.host) ? 'udp6' : 'udp4');
  }

  start(): void {
    const { target, socket } = this;
    this.timers.push(setTimeout(() => this.timedOut(), Math.max(0, target.timeoutMs)));
    target.signal?.addEventListener('abort', this.abort, { once: true });
    socket.on('error', (error: NodeJS.ErrnoException) => this.socketError(error));
    socket.on('message', (datagram) => this.receive(datagram));
    socket.once('connect', () => this.connected());
    try {
      // Connected, so that the kernel drops strangers and hands ICMP errors to this socket.
      socket.bind({ port: 0, ...(target.localAddress === undefined ? {} : { address: target.localAddress }) }, () => {
        if (!this.done) this.attempt(() => socket.connect(target.port, target.host));
      });
    } catch (error) {
      this.end('silent', `cannot ask ${this.where}: ${codeOf(error)}`);
    }
    if (target.signal?.aborted === true) this.abort();
  }

  private get where(): string {
    return `${this.target.host}:${this.target.port}`;
  }

  private connected(): void {
    if (this.done) return;
    const local = this.socket.address();
    this.request = buildOptions(local, { address: this.target.host, port: this.target.port }, this.ids);
    this.send();
    for (const afterMs of this.target.retransmitAfterMs ?? LAN_RETRANSMIT_AFTER_MS) {
      if (afterMs < this.target.timeoutMs) this.timers.push(setTimeout(() => this.send(), afterMs));
    }
  }

  private send(): void {
    const request = this.request;
    if (this.done || request === null) return;
    this.attempt(() => {
      this.socket.send(request, (error) => {
        if (error !== null) this.socketError(error);
      });
    });
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.end('silent', `cannot ask ${this.where}: ${codeOf(error)}`);
    }
  }

  private receive(datagram: Buffer): void {
    if (this.done) return;
    const response = parseResponse(datagram);
    if (response === null) this.garbage = true;
    if (response === null || !this.isOurs(response)) {
      this.foreign += 1;
      if (this.foreign >= MAX_FOREIGN_DATAGRAMS) this.end('malformed', `${this.foreign} datagrams that are no answer`);
      return;
    }
    // A provisional answer promises a final one: go on waiting.
    if (response.status < 200) return;
    this.finish({
      evidence: evidenceOfAnswer(response.status, response.reason, this.elapsedMs()),
      status: response.status,
    });
  }

  private isOurs({ branch, callId, cseq }: SipResponse): boolean {
    const { ids } = this;
    return branch === ids.branch && callId === ids.callId && cseq.number === ids.cseq && cseq.method === 'OPTIONS';
  }

  private timedOut(): void {
    const withinMs = Math.round(this.target.timeoutMs);
    if (this.garbage) this.end('malformed', `${this.where} answers with bytes that are not SIP`);
    else this.end('silent', `no answer from ${this.where} within ${withinMs} ms`);
  }

  private socketError(error: NodeJS.ErrnoException): void {
    if (error.code === 'ECONNREFUSED') this.end('refused', `${this.where}: port unreachable, nothing listens there`);
    else this.end('silent', `cannot reach ${this.where}: ${codeOf(error)}`);
  }

  private elapsedMs(): number {
    return this.target.clock.monotonicMs() - this.startedMs;
  }

  private end(verdict: 'silent' | 'refused' | 'malformed', detail: string): void {
    const latencyMs = verdict === 'silent' ? null : this.elapsedMs();
    this.finish({ evidence: { verdict, detail, latencyMs }, status: null });
  }

  private finish(result: OptionsResult): void {
    if (this.done) return;
    this.done = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.target.signal?.removeEventListener('abort', this.abort);
    // Errors that come while it closes still need the listener that stays on it.
    this.socket.close();
    this.resolve(result);
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { code } = error as NodeJS.ErrnoException;
  return code ?? error.message;
}
