/**
 * Stands before the event socket of a stand-in in this process, and does to its connections what only a kernel or the
 * loss of a module can do: refuse, hang up, hold what was sent until it is read.
 */
import * as net from 'node:net';

export interface TcpAddress {
  host: string;
  port: number;
}

export class EslGate {
  private server: net.Server | null = null;
  private readonly clients = new Set<net.Socket>();
  /** What waits for a frozen process, in order; null: it runs. */
  private held: (() => void)[] | null = null;
  private onCommand: { text: string; act: () => void } | null = null;
  private onReply: { text: string; act: () => void } | null = null;

  constructor(
    private readonly where: TcpAddress,
    private readonly behind: TcpAddress,
  ) {}

  /** Nobody is connected any more. */
  get isDeserted(): boolean {
    return this.clients.size === 0;
  }

  async open(): Promise<void> {
    if (this.server !== null) return;
    const server = net.createServer({ noDelay: true }, (socket) => this.relay(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.where, resolve);
    });
    this.server = server;
  }

  /** New connections are refused, those that are open stay. */
  refuse(): void {
    this.server?.close();
    this.server = null;
  }

  /** What was sent before gets there. */
  hangUp(): void {
    for (const socket of this.clients) socket.destroySoon();
    this.clients.clear();
  }

  /** As the kernel does it when the process is gone. */
  close(): void {
    this.refuse();
    this.hangUp();
    this.held = null;
  }

  /** What comes from now on waits, connections among it; the kernel says yes to those. */
  hold(): void {
    this.held ??= [];
  }

  release(): void {
    const waiting = this.held ?? [];
    this.held = null;
    for (const each of waiting) each();
  }

  /** Once, before the command that holds the text goes on. */
  beforeCommand(text: string, act: () => void): void {
    this.onCommand = { text, act };
  }

  /** Once, when the reply that holds the text has been sent. */
  afterReply(text: string, act: () => void): void {
    this.onReply = { text, act };
  }

  private relay(client: net.Socket): void {
    this.clients.add(client);
    client.on('error', () => undefined);
    let process: net.Socket | null = null;
    this.whenRunning(() => {
      if (client.destroyed) return;
      process = net.connect({ ...this.behind, noDelay: true });
      process.on('error', () => undefined);
      process.on('data', (chunk: Buffer) => this.whenRunning(() => this.toClient(client, chunk)));
      process.on('close', () => this.whenRunning(() => client.end()));
    });
    client.on('data', (chunk: Buffer) => {
      const { onCommand } = this;
      if (onCommand !== null && chunk.includes(onCommand.text)) {
        this.onCommand = null;
        onCommand.act();
      }
      // Nobody reads what comes after the end.
      if (!this.clients.has(client)) return;
      this.whenRunning(() => void process?.write(chunk));
    });
    // What a client sent before it hung up is read all the same.
    client.on('close', () => {
      this.clients.delete(client);
      this.whenRunning(() => process?.end());
    });
  }

  private toClient(client: net.Socket, chunk: Buffer): void {
    if (client.writable) client.write(chunk);
    const { onReply } = this;
    if (onReply === null || !chunk.includes(onReply.text)) return;
    this.onReply = null;
    onReply.act();
  }

  private whenRunning(action: () => void): void {
    if (this.held === null) action();
    else this.held.push(action);
  }
}
