import { Socket } from 'node:net';
import type { EslEvidence } from '../../domain/model';

/** `answers`: somebody takes the connection, which says nothing of what it is. */
export type Reached = 'answers' | Extract<EslEvidence['verdict'], 'refused' | 'silent'>;

/** Whether anybody takes a connection at that port; nothing is said on it. Never rejects, and ends within `timeoutMs`. */
export function reach(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<Reached> {
  if (signal.aborted) return Promise.resolve('silent');
  return new Promise((resolve) => {
    const socket = new Socket();
    const end = (reached: Reached): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', late);
      socket.destroy();
      resolve(reached);
    };
    const late = (): void => end('silent');
    const timer = setTimeout(late, timeoutMs);
    signal.addEventListener('abort', late, { once: true });
    socket.once('connect', () => end('answers'));
    // It stays: a socket that is destroyed may still tell of an error.
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
    try {
      socket.connect({ host, port });
    } catch {
      // An impossible port.
      late();
    }
  });
}
