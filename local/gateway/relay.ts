import type { Clock } from '../../lib/domain/ports';
import { PublicPort } from './public-port';

/** One answer on its way to a caller: which private address gave it, and to whom it goes. */
export interface RelayedAnswer {
  publicIp: string;
  privateAddress: string;
  client: { address: string; port: number };
  datagram: Buffer;
  atMs: number;
}

/** What the gateway noticed, for a timeline or a log. Nothing here ever stops it. */
export type GatewayReport =
  | { kind: 'mapping-changed'; publicIp: string; from: string | null; to: string | null; atMs: number }
  | { kind: 'lookup-failed'; reason: string; atMs: number }
  | { kind: 'lookup-recovered'; atMs: number }
  | { kind: 'bind-failed'; publicIp: string; port: number; reason: string; atMs: number };

export interface GatewayOptions {
  /** SIP ports; the private side has the same numbers, because an internet gateway translates addresses only. */
  ports: readonly number[];
  /** Each Elastic IP and the private address that holds it now; `null` while nobody does. */
  lookup: () => Promise<ReadonlyMap<string, string | null>>;
  pollEveryMs: number;
  clock: Clock;
  /** A lookup that takes longer counts as failed. */
  lookupTimeoutMs?: number;
  /** Called before the answer is passed on. */
  onAnswer?: (answer: RelayedAnswer) => void;
  onReport?: (report: GatewayReport) => void;
}

export interface Gateway {
  /** The private address that answers for an Elastic IP, as of the last good lookup. */
  holderOf(publicIp: string): string | null;
  stop(): Promise<void>;
}

const DEFAULT_LOOKUP_TIMEOUT_MS = 1_000;

/**
 * Plays the internet gateway for UDP: listens on each Elastic IP and passes datagrams to whichever private address
 * EC2 says holds it, and the answers back. Follows a change within one poll; a failed lookup keeps what was known.
 * Resolves after the first lookup, good or bad.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new Relay(options);
  await gateway.poll();
  gateway.run();
  return gateway;
}

class Relay implements Gateway {
  private readonly holders = new Map<string, string | null>();
  private readonly ports = new Map<string, PublicPort>();
  private readonly stopping = new AbortController();
  private failing = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly options: GatewayOptions) {}

  holderOf(publicIp: string): string | null {
    return this.holders.get(publicIp) ?? null;
  }

  run(): void {
    this.loop = this.pollUntilStopped();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    for (const port of this.ports.values()) port.close();
    this.ports.clear();
  }

  async poll(): Promise<void> {
    const { clock } = this.options;
    try {
      const found = await this.lookUp();
      if (this.failing) this.report({ kind: 'lookup-recovered', atMs: clock.wallMs() });
      this.failing = false;
      for (const publicIp of new Set([...this.holders.keys(), ...found.keys()])) {
        this.follow(publicIp, found.get(publicIp) ?? null);
      }
    } catch (error) {
      // Told once for each time of failing: twenty lines a second would hide everything else.
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.failing) this.report({ kind: 'lookup-failed', reason, atMs: clock.wallMs() });
      this.failing = true;
    }
    await Promise.all([...this.holders.keys()].flatMap((ip) => this.options.ports.map((port) => this.open(ip, port))));
  }

  private async pollUntilStopped(): Promise<void> {
    const { clock, pollEveryMs } = this.options;
    while (!this.stopping.signal.aborted) {
      await clock.sleep(pollEveryMs, this.stopping.signal);
      if (!this.stopping.signal.aborted) await this.poll();
    }
  }

  private async lookUp(): Promise<ReadonlyMap<string, string | null>> {
    const timeoutMs = this.options.lookupTimeoutMs ?? DEFAULT_LOOKUP_TIMEOUT_MS;
    const finished = new AbortController();
    const signal = AbortSignal.any([finished.signal, this.stopping.signal]);
    const late = this.options.clock.sleep(timeoutMs, signal).then(() => {
      throw new Error(`the lookup of the Elastic IPs took longer than ${timeoutMs} ms`);
    });
    late.catch(() => undefined);
    return Promise.race([this.options.lookup(), late]).finally(() => finished.abort());
  }

  private follow(publicIp: string, to: string | null): void {
    const from = this.holders.get(publicIp) ?? null;
    this.holders.set(publicIp, to);
    if (from !== to) {
      this.report({ kind: 'mapping-changed', publicIp, from, to, atMs: this.options.clock.wallMs() });
    }
  }

  private async open(publicIp: string, port: number): Promise<void> {
    const key = `${publicIp}:${port}`;
    if (this.ports.has(key)) return;
    const { clock } = this.options;
    try {
      const opened = await PublicPort.bind(publicIp, port, {
        holder: () => this.holderOf(publicIp),
        onAnswer: (privateAddress, client, datagram) =>
          this.options.onAnswer?.({ publicIp, privateAddress, client, datagram, atMs: clock.wallMs() }),
      });
      this.ports.set(key, opened);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.report({ kind: 'bind-failed', publicIp, port, reason, atMs: clock.wallMs() });
    }
  }

  private report(report: GatewayReport): void {
    this.options.onReport?.(report);
  }
}
