/** A SIP OPTIONS request, as little as FreeSWITCH needs to answer. `id` is unique within one caller. */
export function optionsRequest(
  id: string,
  target: { address: string; port: number },
  local: { address: string; port: number },
): Buffer {
  return Buffer.from(
    [
      `OPTIONS sip:caller@${target.address}:${target.port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${local.address}:${local.port};rport;branch=z9hG4bK${id}`,
      'Max-Forwards: 70',
      `From: <sip:caller@${local.address}>;tag=${id}`,
      `To: <sip:caller@${target.address}>`,
      `Call-ID: ${id}`,
      'CSeq: 1 OPTIONS',
      `Contact: <sip:caller@${local.address}:${local.port}>`,
      'Accept: application/sdp',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  );
}

/** Which question an answer belongs to, and its status code; `null` for what is no SIP answer. */
export function parseAnswer(datagram: Buffer): { id: string; status: number } | null {
  const text = datagram.toString('utf8');
  const status = /^SIP\/2\.0 (\d{3}) /.exec(text)?.[1];
  const id = /\r\nCall-ID: *([^\r\n]+)\r\n/i.exec(text)?.[1];
  return status === undefined || id === undefined ? null : { id, status: Number(status) };
}
