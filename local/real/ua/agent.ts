/**
 * A UDP user agent at one address: many calls, out (`call`) and in (answered at once), strict about its dialogs. It
 * registers (`register`), and lets anybody register with it.
 */
import { createSocket, type Socket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { Leg } from './leg';
import type { Media } from './media';
import { headerOf, parseMessage, tagOf, writeResponse, type SipMessage } from './message';
import type { ReceivedRegister } from './protocol';
import { Registration, type RegistrationOptions } from './registration';

export interface Peer {
  host: string;
  port: number;
}

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export class Agent {
  readonly legs = new Map<string, Leg>();
  /** Whoever registered here, in their order. */
  readonly registers: ReceivedRegister[] = [];
  private readonly registrations = new Map<string, Registration>();

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

  /** @throws Error when the registrar does not accept it */
  register(options: RegistrationOptions): Promise<void> {
    const registration = new Registration(this, options);
    this.registrations.set(registration.callId, registration);
    return registration.start();
  }

  send(datagram: Buffer, { host, port }: Peer): void {
    this.socket.send(datagram, port, host);
  }

  forget(): void {
    for (const leg of this.legs.values()) leg.forget();
    this.legs.clear();
    this.registers.length = 0;
    this.registrations.clear();
    this.media.clear();
  }

  close(): void {
    this.forget();
    this.media.close();
    this.socket.close();
  }

  private take(message: SipMessage, from: Peer): void {
    const callId = headerOf(message, 'call-id') ?? '';
    const leg = this.legs.get(callId);
    if (message.status !== null) {
      (leg ?? this.registrations.get(callId))?.takeResponse(message);
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
    } else if (message.method === 'REGISTER') {
      this.acceptRegister(message, from);
    } else if (message.method !== 'ACK') {
      this.send(writeResponse(message, '481 Call/Transaction Does Not Exist', { toTag: token() }), from);
    }
  }

  private acceptRegister(register: SipMessage, from: Peer): void {
    const contact = headerOf(register, 'contact') ?? '';
    this.registers.push({ from: from.host, contact, atMs: Date.now() });
    const headers = [['Contact', contact] as const, ['Expires', headerOf(register, 'expires') ?? '3600'] as const];
    this.send(writeResponse(register, '200 OK', { toTag: token(), headers }), from);
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
