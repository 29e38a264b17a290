import * as dgram from 'node:dgram';
import { type Faults, MALFORMED_SIP } from './faults';
import type { Profile } from './profile';
import { answer } from './sip-answers';
import { parseRequest, type Source } from './sip-message';
import type { SoftSwitch } from './softswitch';

/** The UDP port of one sofia profile. */
export class SipEndpoint {
  private closed = false;

  private constructor(private readonly socket: dgram.Socket) {}

  /** Rejects with the socket's error when the address is missing or taken. */
  static async listen(profile: Profile, system: SoftSwitch, faults: Readonly<Faults>): Promise<SipEndpoint> {
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ ...profile.settings.bind, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    // An ICMP answer to something we sent: the peer is gone, which is its own affair.
    socket.on('error', () => undefined);
    socket.on('message', (datagram, source) => {
      if (faults.sipStuck) return;
      const request = parseRequest(datagram);
      if (request === null) return;
      const send = (datagrams: readonly Buffer[]): void => {
        for (const bytes of datagrams) endpoint.send(bytes, source);
      };
      const work = (): void | Promise<void> => {
        const answers = faults.sipMalformed ? [MALFORMED_SIP] : answer(system, profile, request, source);
        return answers instanceof Promise ? answers.then(send) : send(answers);
      };
      if (sharesThread(request.method, profile)) system.messages.run(work);
      else void work();
    });
    const endpoint = new SipEndpoint(socket);
    return endpoint;
  }

  close(): void {
    this.closed = true;
    this.socket.close();
  }

  private send(bytes: Buffer, to: Source): void {
    // A REGISTER may be answered after its profile was stopped.
    if (!this.closed) this.socket.send(bytes, to.port, to.address, () => undefined);
  }
}

/** OPTIONS always waits its turn; REGISTER unless `inbound-reg-in-new-thread` gives it a thread (FACTS 8.6). */
function sharesThread(method: string, profile: Profile): boolean {
  return method === 'OPTIONS' || (method === 'REGISTER' && !profile.settings.regThreads);
}
