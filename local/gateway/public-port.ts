import * as dgram from 'node:dgram';

interface Client {
  address: string;
  port: number;
}

export interface PublicPortHooks {
  /** The private address that holds the Elastic IP at this moment. */
  holder(): string | null;
  onAnswer(privateAddress: string, client: Client, datagram: Buffer): void;
}

/** A caller that was quiet for longest gives its place to a new one. */
const MAX_CLIENTS = 256;

/** One Elastic IP and port: a socket towards the callers, and one towards the nodes for each caller. */
export class PublicPort {
  private readonly clients = new Map<string, dgram.Socket>();

  private constructor(
    private readonly outside: dgram.Socket,
    private readonly port: number,
    private readonly hooks: PublicPortHooks,
  ) {
    ignoreIcmp(outside);
    outside.on('message', (datagram, client) => this.inward(datagram, client));
  }

  /** Rejects with the socket's error when the address is missing or the port is taken. */
  static async bind(publicIp: string, port: number, hooks: PublicPortHooks): Promise<PublicPort> {
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ address: publicIp, port, exclusive: true }, () => {
        socket.removeAllListeners('error');
        resolve();
      });
    });
    return new PublicPort(socket, port, hooks);
  }

  close(): void {
    this.outside.close();
    for (const socket of this.clients.values()) socket.close();
    this.clients.clear();
  }

  private inward(datagram: Buffer, client: Client): void {
    const holder = this.hooks.holder();
    // Nobody holds the address: the gateway drops the packet, without an ICMP answer.
    if (holder === null) return;
    this.socketFor(client).send(datagram, this.port, holder, () => undefined);
  }

  private outward(datagram: Buffer, source: Client, client: Client): void {
    // The mapping is stateless: whoever lost the address has no way out under it, however late its answer is.
    if (source.address !== this.hooks.holder()) return;
    this.hooks.onAnswer(source.address, client, datagram);
    this.outside.send(datagram, client.port, client.address, () => undefined);
  }

  private socketFor(client: Client): dgram.Socket {
    const key = `${client.address}:${client.port}`;
    const known = this.clients.get(key);
    const socket = known ?? this.newSocket(client);
    // Deleted and set again, so that the map stays in the order of last use.
    this.clients.delete(key);
    this.clients.set(key, socket);
    return socket;
  }

  private newSocket(client: Client): dgram.Socket {
    const oldest = this.clients.keys().next();
    if (this.clients.size >= MAX_CLIENTS && oldest.done !== true) {
      this.clients.get(oldest.value)?.close();
      this.clients.delete(oldest.value);
    }
    const socket = dgram.createSocket('udp4');
    ignoreIcmp(socket);
    socket.on('message', (datagram, source) => this.outward(datagram, source, client));
    return socket;
  }
}

/** ECONNREFUSED after a send means that nothing listens there: to a gateway that is nothing to end for. */
function ignoreIcmp(socket: dgram.Socket): void {
  socket.on('error', () => undefined);
}
