import * as dgram from 'node:dgram';
import { type Faults, MALFORMED_SIP } from './faults';
import type { Profile } from './profile';
import { answer } from './sip-answers';
import { parseRequest } from './sip-message';
import type { SoftSwitch } from './softswitch';

/** The UDP port of one sofia profile. */
export class SipEndpoint {
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
      const answers = faults.sipMalformed ? [MALFORMED_SIP] : answer(system, profile, request, source);
      for (const bytes of answers) socket.send(bytes, source.port, source.address, () => undefined);
    });
    return new SipEndpoint(socket);
  }

  close(): void {
    this.socket.close();
  }
}
