import type { Clock, Random } from '../../domain/ports';
import { clockOffsetMs } from '../clock-offset';
import { EslConnection } from './connection';
import type { EslEvent } from './events';
import { type PasswordSource, passwordWithin } from './password';

export interface HeartbeatOptions {
  host: string;
  port: number;
  password: PasswordSource;
  clock: Pick<Clock, 'monotonicMs' | 'wallMs'>;
  random: Pick<Random, 'next'>;
}

/** What the newest HEARTBEAT of a node said. */
export interface Heartbeat {
  coreUuid: string | null;
  /** Sessions now. */
  sessions: number | null;
  /** The node's clock less ours, at arrival. */
  clockOffsetMs: number | null;
}

/** FreeSWITCH beats every 20 s by default (FACTS 1): two beats may be missing before one is old news. */
const GOOD_FOR_MS = 60_000;
/** For connect, greeting and auth, and again for the subscription. Nobody waits for it. */
const OPEN_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * The second ESL connection to a node, for events: what a blocked command holds up on the first one still comes here.
 * It is a bonus. No verdict hangs on it, so that it is opened in the background and its loss is told to nobody; the
 * caller says when to look after it, which is after the node answered a probe: a frozen node has five places in its
 * accept queue, and none is to be spent here.
 */
export class HeartbeatWatch {
  private connection: EslConnection | null = null;
  private opening = false;
  private failures = 0;
  private nextTryMs = -Infinity;
  private heardMs = -Infinity;
  private newest: Heartbeat | null = null;
  private readonly closing = new AbortController();

  /** @param onShutdown called when the node announces its shutdown, up to a second before it closes connections */
  constructor(
    private readonly options: HeartbeatOptions,
    private readonly onShutdown: () => void,
  ) {}

  /** Opens or renews the connection when its time has come. Returns at once. */
  lookAfter(): void {
    const nowMs = this.options.clock.monotonicMs();
    if (this.connection !== null) {
      // A link that died without a FIN looks open for ever.
      if (this.connection.isOpen && nowMs - this.heardMs <= GOOD_FOR_MS) return;
      // One that we ended, because of what came on it, is not the next one's to suffer at once.
      this.connection.close();
      this.retryLater();
    }
    if (this.opening || this.closing.signal.aborted || nowMs < this.nextTryMs) return;
    this.opening = true;
    void this.open().finally(() => {
      this.opening = false;
    });
  }

  /** Null when there was none lately, or when it came from another incarnation than `coreUuid`. */
  latest(coreUuid: string | null): Heartbeat | null {
    if (this.options.clock.monotonicMs() - this.heardMs > GOOD_FOR_MS) return null;
    return this.newest !== null && this.newest.coreUuid === coreUuid ? this.newest : null;
  }

  close(): void {
    this.closing.abort();
    this.connection?.close();
    this.connection = null;
  }

  private async open(): Promise<void> {
    const { host, port } = this.options;
    try {
      const password = await passwordWithin(this.options.password, OPEN_TIMEOUT_MS);
      const { signal } = this.closing;
      const connection = await EslConnection.open({ host, port, password, timeoutMs: OPEN_TIMEOUT_MS, signal });
      this.connection = connection;
      this.heardMs = this.options.clock.monotonicMs();
      this.newest = null;
      connection.onEvent((event) => this.hear(event));
      connection.onLost(() => this.retryLater());
      await connection.subscribe(['HEARTBEAT', 'SHUTDOWN'], OPEN_TIMEOUT_MS);
      if (signal.aborted) connection.close();
    } catch {
      // What is wrong with the node is what the probe beside us says, in words.
      this.connection?.close();
      this.retryLater();
    }
  }

  private retryLater(): void {
    this.connection = null;
    const backoffMs = Math.min(FIRST_RETRY_MS * 2 ** this.failures, LONGEST_RETRY_MS);
    this.failures = Math.min(this.failures + 1, 16);
    this.nextTryMs = this.options.clock.monotonicMs() + backoffMs * (1 + this.options.random.next() / 2);
  }

  private hear(event: EslEvent): void {
    if (event.name === 'SHUTDOWN') this.onShutdown();
    if (event.name !== 'HEARTBEAT') return;
    this.failures = 0;
    this.heardMs = this.options.clock.monotonicMs();
    const sessions = event.headers.get('Session-Count') ?? '';
    this.newest = {
      coreUuid: event.headers.get('Core-UUID') ?? null,
      sessions: /^\d{1,7}$/.test(sessions) ? Number(sessions) : null,
      clockOffsetMs: clockOffsetMs(event.headers.get('Event-Date-Timestamp'), this.options.clock.wallMs()),
    };
  }
}
