/** A phone that registers: REGISTER, the challenge, REGISTER with an answer to it. */
import * as dgram from 'node:dgram';

const ANSWER_WITHIN_MS = 400;

export interface Phone {
  user: string;
  contactHost: string;
}

/** Head of the last answer, or `silence`. The stand-in does not check digests, only whether the nonce is known. */
export async function register(address: string, phone: Phone, port = 5060): Promise<string> {
  const challenge = await ask(address, port, registerRequest(phone, 1, null));
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1];
  return nonce === undefined ? challenge : ask(address, port, registerRequest(phone, 2, nonce));
}

/** First answer to one datagram. */
export async function ask(address: string, port: number, datagram: string): Promise<string> {
  const socket = dgram.createSocket('udp4');
  try {
    return await new Promise<string>((resolve) => {
      const timer = setTimeout(() => resolve('silence'), ANSWER_WITHIN_MS);
      socket.on('message', (answer) => {
        clearTimeout(timer);
        resolve(answer.toString('latin1'));
      });
      socket.on('error', () => resolve('error'));
      socket.send(datagram, port, address);
    });
  } finally {
    socket.close();
  }
}

export function registerRequest({ user, contactHost }: Phone, cSeq: number, nonce: string | null): string {
  const credentials =
    nonce === null
      ? []
      : [`Authorization: Digest username="${user}", realm="lab.example", nonce="${nonce}", response="0", qop=auth`];
  return request('REGISTER', 'sip:lab.example', user, cSeq, [
    `Contact: <sip:${user}@${contactHost}:5080>`,
    'Expires: 3600',
    ...credentials,
  ]);
}

export const inviteRequest = (user: string): string => request('INVITE', 'sip:9196@lab.example', user, 1, []);

function request(method: string, uri: string, user: string, cSeq: number, headers: string[]): string {
  const lines = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:5080;rport;branch=z9hG4bK-${method}-${user}-${cSeq}`,
    `From: <sip:${user}@lab.example>;tag=1`,
    `To: <sip:${user}@lab.example>`,
    `Call-ID: ${method}-of-${user}`,
    `CSeq: ${cSeq} ${method}`,
    ...headers,
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
