import * as net from 'node:net';

/** FreeSWITCH's backlog of 5 takes six; other kernels round up. More than this means that somebody still accepts. */
const MOST = 24;
const CONNECT_TIMEOUT_MS = 250;

/**
 * Fills the accept backlog of a frozen process, so that further connections get no SYN/ACK: what a machine or a zone
 * that is gone looks like. Resolves with what gives the places back.
 */
export async function fillBacklog(address: string, port: number): Promise<() => void> {
  const held: net.Socket[] = [];
  for (let index = 0; index < MOST; index++) {
    const socket = net.connect({ host: address, port });
    // The reset that follows when the process dies.
    socket.on('error', () => undefined);
    held.push(socket);
    if (!(await connects(socket))) break;
  }
  return () => held.forEach((socket) => socket.destroy());
}

function connects(socket: net.Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), CONNECT_TIMEOUT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}
