/** A UDP user agent at one address: many calls, out (`call`) and in (answered at once), strict about its dialogs. */
import { createSocket, type Socket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { Leg } from './leg';
import type { Media } from './media';
import { headerOf, parseMessage, tagOf, writeResponse, type SipMessage } from './message';

export interface Peer {
  host: string;
  port: number;
}

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export class Agent {
  readonly legs = new Map<string, Leg>();

  private constructor(
    private readonly socket: Socket,
    readonly host: string,
    readonly port: number,
    readonly media: Media,
  ) {
    socket.on('message', (datagram, { address, port: from }) => {
      const message = parseMessage(datagram);
      if (message !== null) this.take(message, { host: address, port: from });
    });
    socket.on('error', () => undefined);
  }

  static async open(host: string, port: number, media: Media): Promise<Agent> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, resolve);
    });
    return new Agent(socket, host, port, media);
  }

  call(name: string, peer: Peer): Leg {
    const callId = `${name}-${token()}@${this.host}`;
    const leg = new Leg(this, { name, callId, localTag: token(), peer });
    this.legs.set(callId, leg);
    leg.invite();
    return leg;
  }

  send(datagram: Buffer, { host, port }: Peer): void {
    this.socket.send(datagram, port, host);
  }

  forget(): void {
    for (const leg of this.legs.values()) leg.forget();
    this.legs.clear();
    this.media.clear();
  }

  close(): void {
    this.forget();
    this.media.close();
    this.socket.close();
  }

  private take(message: SipMessage, from: Peer): void {
    const leg = this.legs.get(headerOf(message, 'call-id') ?? '');
    if (message.status !== null) {
      leg?.takeResponse(message);
      return;
    }
    if (leg !== undefined) {
      leg.takeRequest(message, from);
      return;
    }
    if (message.method === 'INVITE' && tagOf(headerOf(message, 'to')) === null) {
      this.answer(message, from);
    } else if (message.method === 'OPTIONS') {
      this.send(writeResponse(message, '200 OK', { toTag: token() }), from);
    } else if (message.method !== 'ACK') {
      this.send(writeResponse(message, '481 Call/Transaction Does Not Exist', { toTag: token() }), from);
    }
  }

  private answer(invite: SipMessage, from: Peer): void {
    const callId = headerOf(invite, 'call-id') ?? '';
    const name = /^sip:([^@;]+)@/.exec(invite.uri ?? '')?.[1] ?? '';
    const leg = new Leg(this, { name, callId, localTag: token(), peer: from });
    this.legs.set(callId, leg);
    leg.accept(invite, from);
  }
}

export const token = (): string => randomBytes(8).toString('hex');
