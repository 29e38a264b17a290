/**
 * A network in memory. The product opens its sockets by `net.connect` and `dgram.createSocket`: while a host is
 * attached here, these give sockets that end at that host, and otherwise they are what they were. Import this file
 * before the product's code: some loaders copy a module's functions when they import it.
 */
import dgram from 'node:dgram';
import { EventEmitter } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';

/** The other end of everything that the product opens. */
export interface MemoryHost {
  tcp(socket: MemoryTcp): void;
  udp(socket: MemoryUdp): void;
}

let attached: MemoryHost | null = null;

/** @returns a function that detaches it */
export function attachHost(host: MemoryHost): () => void {
  attached = host;
  return () => {
    attached = null;
  };
}

/** The client's end of a TCP connection. The methods in the second half are the host's. */
export class MemoryTcp extends Duplex {
  onClientBytes: (data: Buffer) => void = () => undefined;
  onClientGone: () => void = () => undefined;

  constructor() {
    super({ allowHalfOpen: false });
  }

  override _read(): void {
    // What the host sends is pushed when it is sent.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.onClientBytes(chunk);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.onClientGone();
    done(error);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  accept(): void {
    this.emit('connect');
  }

  deliver(data: Buffer): void {
    if (!this.destroyed && !this.readableEnded) this.push(data);
  }

  finish(): void {
    if (!this.destroyed) this.push(null);
  }

  break(code: 'ECONNREFUSED' | 'ECONNRESET'): void {
    this.destroy(Object.assign(new Error(code), { code }));
  }
}

/** The client's end of a connected UDP socket. */
export class MemoryUdp extends EventEmitter {
  onRequest: (data: Buffer) => void = () => undefined;
  onClosed: () => void = () => undefined;
  closed = false;

  bind(_options: unknown, bound: () => void): this {
    process.nextTick(bound);
    return this;
  }

  connect(): void {
    process.nextTick(() => this.emit('connect'));
  }

  address(): { address: string; port: number; family: string } {
    return { address: '127.0.0.1', port: 40_000, family: 'IPv4' };
  }

  send(data: Buffer, sent: (error: Error | null) => void): void {
    this.onRequest(data);
    process.nextTick(sent, null);
  }

  close(): this {
    this.closed = true;
    this.onClosed();
    return this;
  }

  deliver(data: Buffer): void {
    if (!this.closed)
      this.emit('message', data, { address: '127.0.0.1', port: 5060, family: 'IPv4', size: data.length });
  }

  unreachable(): void {
    if (!this.closed) this.emit('error', Object.assign(new Error('ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  }
}

function connectInMemory(host: MemoryHost, connected: unknown): MemoryTcp {
  const socket = new MemoryTcp();
  if (typeof connected === 'function') socket.once('connect', connected as () => void);
  host.tcp(socket);
  return socket;
}

function createInMemory(host: MemoryHost): MemoryUdp {
  const socket = new MemoryUdp();
  host.udp(socket);
  return socket;
}

const { connect } = net;
const { createSocket } = dgram;

Object.assign(net, {
  connect: (...given: Parameters<typeof connect>) =>
    attached === null ? connect(...given) : connectInMemory(attached, given.at(-1)),
});
Object.assign(dgram, {
  createSocket: (...given: Parameters<typeof createSocket>) =>
    attached === null ? createSocket(...given) : createInMemory(attached),
});
