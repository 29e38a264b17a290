import { isIPv6 } from 'node:net';

/** What makes one OPTIONS request and its answer belong together (RFC 3261 17.1.3, 8.1.3.3). */
export interface OptionsIds {
  branch: string;
  callId: string;
  fromTag: string;
  cseq: number;
}

export interface Endpoint {
  address: string;
  port: number;
}

/**
 * The bytes of an OPTIONS request. `rport` (RFC 3581) asks for the answer at the very port that it came from, which
 * is what a security group that tracks flows lets back in.
 */
export function buildOptions(local: Endpoint, remote: Endpoint, ids: OptionsIds): Buffer {
  const from = hostOf(local.address);
  const to = hostOf(remote.address);
  const lines = [
    `OPTIONS sip:health@${to}:${remote.port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${from}:${local.port};rport;branch=${ids.branch}`,
    'Max-Forwards: 70',
    `From: <sip:understudy@${from}>;tag=${ids.fromTag}`,
    `To: <sip:health@${to}>`,
    `Call-ID: ${ids.callId}`,
    `CSeq: ${ids.cseq} OPTIONS`,
    `Contact: <sip:understudy@${from}:${local.port}>`,
    'Accept: application/sdp',
    'Content-Length: 0',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

/** RFC 3261 8.1.1.7: the branch starts with this, which tells it from those of RFC 2543. */
export function newIds(newId: () => string): OptionsIds {
  return { branch: `z9hG4bK${newId()}`, callId: newId(), fromTag: newId().slice(0, 12), cseq: 1 };
}

function hostOf(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}
