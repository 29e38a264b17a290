/** Offer and answer of one stream of G.711. Pure. */

export interface MediaAddress {
  host: string;
  port: number;
}

/** `version` rises with each offer or answer of a session. */
export function writeSdp(media: MediaAddress, version: number): string {
  return [
    'v=0',
    `o=lab 1 ${version} IN IP4 ${media.host}`,
    's=lab',
    `c=IN IP4 ${media.host}`,
    't=0 0',
    `m=audio ${media.port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n');
}

/** Where the peer wants its audio; null when it says nothing of audio, or declines it. */
export function readSdp(body: string): MediaAddress | null {
  const port = Number(/^m=audio (\d+) /m.exec(body)?.[1] ?? 0);
  // One of the media section comes after that of the session, and wins.
  const host = [...body.matchAll(/^c=IN IP4 (\S+)/gm)].at(-1)?.[1];
  return port === 0 || host === undefined ? null : { host, port };
}
