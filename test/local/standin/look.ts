/** How a stand-in looks from outside, over sockets: the tests' own eyes, with none of the product's code. */
import * as dgram from 'node:dgram';
import * as net from 'node:net';
import { optionsRequest } from '../../../local/caller/options-request';

/** Long enough for a busy machine to answer, short enough to wait for silence. */
const SILENCE_MS = 250;

/** First line of the answer to OPTIONS, `silence`, or the raw bytes when they are no SIP. */
export async function askOptions(address: string, port = 5060): Promise<string> {
  const socket = dgram.createSocket('udp4');
  try {
    return await new Promise<string>((resolve) => {
      socket.on('message', (datagram) => resolve(datagram.toString('latin1').split('\r\n')[0] ?? ''));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.connect(port, address, () => {
        socket.send(optionsRequest('look', { address, port }, { address: '127.0.0.1', port: 5070 }));
        setTimeout(() => resolve('silence'), SILENCE_MS);
      });
    });
  } finally {
    socket.close();
  }
}

/** An ESL client that only collects. */
export class EslEye {
  received = '';
  connected = false;
  closed = false;
  /** `ECONNREFUSED` and the like. */
  error: string | null = null;

  constructor(readonly socket: net.Socket) {
    socket.on('connect', () => (this.connected = true));
    socket.on('data', (chunk) => (this.received += chunk.toString('latin1')));
    socket.on('close', () => (this.closed = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code ?? error.message));
  }

  static open(address: string, port = 8021): EslEye {
    return new EslEye(net.connect({ host: address, port, noDelay: true }));
  }

  send(command: string): void {
    this.socket.write(`${command}\n\n`);
  }
}

export const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
