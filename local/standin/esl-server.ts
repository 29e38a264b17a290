import * as net from 'node:net';
import { EslSession } from './esl-session';
import type { Faults } from './faults';
import type { SoftSwitch } from './softswitch';

/** FreeSWITCH listens with a backlog of 5: a frozen one accepts six connections, then the seventh gets no SYN/ACK. */
export const ESL_BACKLOG = 5;

/** The ESL port of one FreeSWITCH process. */
export class EslServer {
  private readonly sessions = new Set<EslSession>();

  private constructor(private readonly server: net.Server) {}

  /** Rejects with the socket's error when the address is missing or taken. */
  static async listen(
    address: string,
    port: number,
    system: SoftSwitch,
    password: string,
    faults: Readonly<Faults>,
  ): Promise<EslServer> {
    const server = net.createServer({ allowHalfOpen: false, noDelay: true });
    const listener = new EslServer(server);
    server.on('connection', (socket) => {
      const session = new EslSession(socket, system, password, faults);
      listener.sessions.add(session);
      socket.once('close', () => listener.sessions.delete(session));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: address, port, backlog: ESL_BACKLOG }, resolve);
    });
    return listener;
  }

  closeListener(): void {
    this.server.close();
  }

  dismissAll(): void {
    for (const session of this.sessions) session.dismiss();
  }

  /** As the kernel does it when the process is gone: every connection closes, new ones are refused. */
  cut(): void {
    this.server.close();
    for (const session of this.sessions) session.cut();
    this.sessions.clear();
  }
}
