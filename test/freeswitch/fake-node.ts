import * as dgram from 'node:dgram';
import * as net from 'node:net';

/** A TCP peer on loopback that does what the test says. `stop` is awaited by each test that made one. */
export class TcpPeer {
  readonly received: string[] = [];
  private readonly sockets = new Set<net.Socket>();
  private readonly server: net.Server;
  connections = 0;

  private constructor(
    readonly host: string,
    onConnect: (socket: net.Socket, peer: TcpPeer) => void,
  ) {
    this.server = net.createServer((socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
      onConnect(socket, this);
    });
  }

  static async start(
    onConnect: (socket: net.Socket, peer: TcpPeer) => void,
    { host = '127.0.0.1', port = 0 } = {},
  ): Promise<TcpPeer> {
    const peer = new TcpPeer(host, onConnect);
    await new Promise<void>((resolve, reject) => {
      peer.server.once('error', reject);
      peer.server.listen(port, host, resolve);
    });
    return peer;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  /** Everything at once, as the kernel does for a killed process. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

/** Calls back for each command, a text that an empty line ended (without the line ends). */
export function onCommands(socket: net.Socket, listener: (command: string) => void): void {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const command = text.slice(0, end);
      text = text.slice(end + 2);
      listener(command);
    }
  });
}

export const GREETING = 'Content-Type: auth/request\n\n';
export const ACCEPTED = 'Content-Type: command/reply\nReply-Text: +OK accepted\n\n';
export const INVALID = 'Content-Type: command/reply\nReply-Text: -ERR invalid\n\n';
export const STOPPING = 'Content-Type: text/disconnect-notice\nContent-Length: 31\n\nThe system is being shut down.\n';

export function commandReply(text: string, headers = ''): string {
  return `Content-Type: command/reply\nReply-Text: ${text}\n${headers}\n`;
}

/** An event as FreeSWITCH frames it: length before type, values escaped in plain text only, nothing after the JSON. */
export function eventFrame(format: 'plain' | 'json', headers: Record<string, string>, body = ''): string {
  const length = body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const all = { ...headers, ...length };
  const plain = (): string =>
    `${Object.entries(all)
      .map(([name, value]) => `${name}: ${encodeURIComponent(value)}\n`)
      .join('')}\n${body}`;
  const text = format === 'plain' ? plain() : JSON.stringify(body === '' ? all : { ...all, _body: body });
  return `Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-${format}\n\n${text}`;
}

export function apiResponse(body: string): string {
  return `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;
}

/** A port on which nothing listens. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const peer = await TcpPeer.start(() => undefined, { host });
  const { port } = peer;
  await peer.stop();
  return port;
}

/** A UDP peer: `answer` gives the datagrams to send back, in turn. */
export class UdpPeer {
  readonly received: string[] = [];
  private constructor(
    readonly host: string,
    private readonly socket: dgram.Socket,
  ) {}

  static async start(
    answer: (request: string, count: number) => (string | Buffer)[],
    { host = '127.0.0.1', port = 0 } = {},
  ): Promise<UdpPeer> {
    const socket = dgram.createSocket('udp4');
    const peer = new UdpPeer(host, socket);
    socket.on('error', () => undefined);
    socket.on('message', (datagram, from) => {
      peer.received.push(datagram.toString());
      for (const each of answer(datagram.toString(), peer.received.length)) socket.send(each, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(port, host, resolve));
    return peer;
  }

  get port(): number {
    return this.socket.address().port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }
}

/** An answer to exactly this request, as FreeSWITCH copies Via, From, To, Call-ID and CSeq. */
export function sipAnswer(
  request: string,
  statusLine: string,
  change: (answer: string) => string = (same) => same,
): string {
  const copied = request.split('\r\n').filter((line) => /^(Via|From|Call-ID|CSeq):/.test(line));
  const to = /^To: .*$/m.exec(request)?.[0].trim() ?? '';
  return change([`SIP/2.0 ${statusLine}`, ...copied, `${to};tag=X515F73`, 'Content-Length: 0', '', ''].join('\r\n'));
}

export const STATUS = (active: number, limit: number, ready: boolean): string =>
  JSON.stringify({
    command: 'status',
    data: '',
    status: 'success',
    response: { systemStatus: ready ? 'ready' : 'not ready', sessions: { count: { total: 4, active, limit } } },
  });

/** The least FreeSWITCH that the probe and the orders can be tried on. Its state is set by the test. */
export class FakeNode {
  readonly commands: string[] = [];
  readonly variables = new Map<string, string>();
  coreUuid = '8b192020-7368-4498-9b11-cbe10f48a784';
  password = 's3cret';
  sessions = 3;
  sessionLimit = 1000;
  paused = false;
  /** `fsctl shutdown elegant` or `asap` waits for the last call. */
  shutdownPending = false;
  frozen = false;
  sipFrozen = false;
  /** Answers to OPTIONS; `standby` follows the variable of VIP `main`, as the profile does after a rescan. */
  sipStatus = 'standby';
  /** How far its clock is from ours; null where it does not know the command that tells. */
  clockOffsetMs: number | null = 0;
  pausedOutbound = false;
  /** Profiles that run, their gateways (`PROFILE::NAME` and state), and what it answers to other commands. */
  profiles = ['external-main'];
  gateways: [string, string][] = [];
  readonly replies = new Map<string, string>();
  /** `show` waits for it (FACTS 2). */
  databaseAnswers = true;
  /** Whether background jobs end. */
  jobsEnd = true;
  private promoted = false;
  private esl: TcpPeer | null = null;
  private sip: UdpPeer | null = null;
  private sockets = new Set<net.Socket>();
  private readonly subscriptions = new Map<net.Socket, { format: 'plain' | 'json'; names: string[] }>();
  eslPort = 0;
  sipPort = 0;

  private constructor(readonly host: string) {}

  static async start(host: string): Promise<FakeNode> {
    const node = new FakeNode(host);
    await node.startAgain();
    return node;
  }

  async startAgain(): Promise<void> {
    this.promoted = false;
    this.variables.clear();
    this.esl = await TcpPeer.start((socket) => this.serve(socket), { host: this.host, port: this.eslPort });
    this.sip = await UdpPeer.start((request) => this.options(request), { host: this.host, port: this.sipPort });
    this.eslPort = this.esl.port;
    this.sipPort = this.sip.port;
  }

  get connections(): number {
    return this.esl?.connections ?? 0;
  }

  async kill(): Promise<void> {
    const { esl, sip } = this;
    this.esl = null;
    this.sip = null;
    await Promise.all([esl?.stop(), sip?.stop()]);
  }

  /** A graceful stop's last words on each connection. */
  announceStop(): void {
    for (const socket of this.sockets) socket.end(STOPPING);
  }

  /** The event that comes before the connections close. */
  announceShutdownEvent(): void {
    this.publish({ 'Event-Name': 'SHUTDOWN', 'Event-Info': 'System Shutting Down', 'Core-UUID': this.coreUuid });
  }

  /** One HEARTBEAT to each connection that is subscribed. */
  beat(): void {
    this.publish({
      'Event-Name': 'HEARTBEAT',
      'Core-UUID': this.coreUuid,
      'Event-Date-Timestamp': String((Date.now() + (this.clockOffsetMs ?? 0)) * 1000),
      'Session-Count': String(this.sessions),
    });
  }

  /** Connections that are subscribed to an event now. */
  subscribers(name: string): number {
    return [...this.subscriptions.values()].filter(({ names }) => names.includes(name)).length;
  }

  /** Closes those connections alone. */
  dropSubscribers(): void {
    for (const socket of [...this.subscriptions.keys()]) socket.destroy();
  }

  private publish(headers: Record<string, string>, body = ''): void {
    for (const [socket, { format, names }] of this.subscriptions) {
      if (names.includes(headers['Event-Name'] ?? '')) socket.write(eventFrame(format, headers, body));
    }
  }

  private options(request: string): string[] {
    if (this.frozen || this.sipFrozen) return [];
    const standby = this.sipStatus === 'standby';
    return [sipAnswer(request, standby ? (this.promoted ? '200 OK' : '503 System Paused') : this.sipStatus)];
  }

  private serve(socket: net.Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.subscriptions.delete(socket);
    });
    if (!this.frozen) socket.write(GREETING);
    onCommands(socket, (command) => {
      if (this.frozen) return;
      if (command.startsWith('auth ')) {
        socket.write(command === `auth ${this.password}` ? ACCEPTED : INVALID);
        return;
      }
      this.commands.push(command);
      const event = /^event (plain|json) (.*)$/.exec(command);
      if (event !== null) {
        const names = this.subscriptions.get(socket)?.names ?? [];
        const format = event[1] === 'plain' ? 'plain' : 'json';
        this.subscriptions.set(socket, { format, names: [...names, ...(event[2] ?? '').split(' ')] });
        socket.write(commandReply(`+OK event listener enabled ${format}`));
        return;
      }
      const job = /^bgapi (.*)\nJob-UUID: (.*)$/.exec(command);
      if (job !== null) {
        const [, line = '', uuid = ''] = job;
        socket.write(commandReply(`+OK Job-UUID: ${uuid}`, `Job-UUID: ${uuid}\n`));
        const result = this.reply(line) ?? '';
        if (this.jobsEnd) this.publish({ 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': uuid }, result);
        return;
      }
      if (command.startsWith('api show ') && !this.databaseAnswers) return;
      const reply = this.reply(command.replace(/^api /, ''));
      if (reply === null) void this.kill();
      else socket.write(apiResponse(reply));
    });
  }

  private reply(command: string): string | null {
    if (command === 'fsctl shutdown now') return null;
    const prepared = this.replies.get(command);
    if (prepared !== undefined) return prepared;
    if (command === 'strmicroepoch' && this.clockOffsetMs !== null) {
      return String((Date.now() + this.clockOffsetMs) * 1000);
    }
    if (command === 'fsctl pause_check outbound') return String(this.pausedOutbound);
    if (command === 'show channels count') return '\n0 total.\n';
    if (command === 'sofia status') return this.sofiaTable();
    if (command === 'sofia status gateway') return this.gatewayTable();
    if (command.startsWith('fsctl recover sofia:')) return '+OK 2 session(s) recovered in total\n';
    if (command === 'global_getvar core_uuid') return this.coreUuid;
    if (command.startsWith('json ')) return STATUS(this.sessions, this.sessionLimit, !this.paused);
    if (command === 'fsctl pause_check inbound') return String(this.paused);
    if (command === 'fsctl shutdown_check') return String(this.shutdownPending);
    const set = /^global_setvar (\w+)=(.*)$/.exec(command);
    if (set !== null) {
      const [, name = '', value = ''] = set;
      if (value === '') this.variables.delete(name);
      else this.variables.set(name, value);
      return '+OK';
    }
    const get = /^global_getvar (\w+)$/.exec(command);
    if (get !== null) return this.variables.get(get[1] ?? '') ?? '-ERR no reply\n';
    if (/^sofia profile external-main rescan$/.test(command)) {
      this.promoted = this.variables.get('promoted_main') === '-no';
      return 'Reload XML [Success]\n+OK scan complete\n';
    }
    if (command.startsWith('sofia profile ')) return 'Invalid Profile!\n';
    return `-ERR ${command} Command not found!\n`;
  }

  private sofiaTable(): string {
    const rule = '='.repeat(97);
    const head = `                     Name\t   Type\t                                      Data\tState\n${rule}\n`;
    const profiles = this.profiles.map(
      (name) => `${name.padStart(25)}\tprofile\t  sip:mod_sofia@198.51.100.10:5060\tRUNNING (0)\n`,
    );
    return `${head}${profiles.join('')}${rule}\n${this.profiles.length} profiles 0 aliases\n`;
  }

  private gatewayTable(): string {
    const rule = '='.repeat(97);
    const head = `    Profile::Gateway-Name\t    Data    \tState\tPing Time\tIB Calls(F/T)\tOB Calls(F/T)\n${rule}\n`;
    const rows = this.gateways.map(
      ([name, state]) => `${name.padStart(25)}\t   sip:u@192.0.2.9\t${state}\t  0.00\t0/0\t0/0\n`,
    );
    return `${head}${rows.join('')}${rule}\n${rows.length} gateways: Inbound(Failed/Total): 0/0,Outbound(Failed/Total):0/0\n`;
  }
}
