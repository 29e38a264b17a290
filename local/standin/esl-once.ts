import * as net from 'node:net';
import { FreeSwitchProcessError } from './freeswitch-process';

/**
 * One api command over a connection of its own, for commanding a real FreeSWITCH from a test. It is not the product's
 * client and shares nothing with it.
 * @throws FreeSwitchProcessError when there is no reply within `timeoutMs`; never with the password in its text.
 */
export function eslOnce(
  target: { address: string; port: number; password: string },
  command: string,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: target.address, port: target.port });
    let received = Buffer.alloc(0);
    const fail = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new FreeSwitchProcessError(`ESL at ${target.address}:${target.port}, "${command}": ${reason}`));
    };
    const timer = setTimeout(() => fail(`no reply within ${timeoutMs} ms`), timeoutMs);
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('the connection was closed'));
    socket.on('connect', () => socket.write(`auth ${target.password}\n\napi ${command}\n\n`));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.includes('Reply-Text: -ERR invalid')) return fail('the password was rejected');
      const reply = apiReply(received);
      if (reply === null) return;
      clearTimeout(timer);
      socket.removeAllListeners('close');
      socket.destroy();
      resolve(reply);
    });
  });
}

function apiReply(received: Buffer): string | null {
  const head = /Content-Type: api\/response\nContent-Length: (\d+)\n\n/.exec(received.toString('latin1'));
  if (head === null) return null;
  const start = head.index + head[0].length;
  const end = start + Number(head[1]);
  return received.length < end ? null : received.toString('utf8', start, end);
}
