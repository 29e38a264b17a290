/** A message of an ESL client: its first line, and the headers below it. */
export interface ClientMessage {
  /** Not trimmed: `api` and `api ` get different answers. */
  command: string;
  headers: Map<string, string>;
}

/** More than this without an empty line is no ESL client. */
const MAX_PENDING_BYTES = 64 * 1024;

/** Cuts a byte stream into messages. Lines end in LF; the CR of a CR LF is ignored. */
export class ClientFramer {
  private pending = '';

  /** @throws RangeError when a message is longer than any that a client could mean. */
  push(chunk: Buffer): ClientMessage[] {
    this.pending += chunk.toString('utf8').replaceAll('\r', '');
    const messages: ClientMessage[] = [];
    for (;;) {
      const end = this.pending.indexOf('\n\n');
      if (end < 0) break;
      messages.push(parse(this.pending.slice(0, end)));
      this.pending = this.pending.slice(end + 2);
    }
    if (this.pending.length > MAX_PENDING_BYTES) throw new RangeError('ESL client sent 64 KiB without an empty line');
    return messages;
  }
}

function parse(text: string): ClientMessage {
  const [command = '', ...rest] = text.replace(/^\n+/, '').split('\n');
  const headers = new Map<string, string>();
  for (const line of rest) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return { command, headers };
}

export const commandReply = (text: string, headers: Record<string, string> = {}): string =>
  `Content-Type: command/reply\nReply-Text: ${text}\n${Object.entries(headers)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')}\n`;

/** The body may or may not end in a newline: clients must count. */
export const apiResponse = (body: string): string =>
  `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;

export const GREETING = 'Content-Type: auth/request\n\n';

export const REJECTION = 'Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n';

export const GOODBYE =
  'Content-Type: text/disconnect-notice\nContent-Length: 67\n\n' +
  'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';

export const SHUTDOWN_NOTICE =
  'Content-Type: text/disconnect-notice\nContent-Length: 31\n\nThe system is being shut down.\n';
