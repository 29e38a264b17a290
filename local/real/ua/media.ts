/** The audio of many legs over one UDP socket: 20 ms of silence each way, and the gaps of what comes back. */
import { createSocket, type Socket } from 'node:dgram';
import { GapMeter } from './gaps';
import type { MediaAddress } from './sdp';

const PACKET_MS = 20;
const SAMPLES = 160;
const HEADER_BYTES = 12;
/** Legs of a slot send at once; five slots spread the packets of all legs over the 20 ms. */
const SLOTS = 5;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** A process that was starved makes up for so many ticks, and drops the others as a phone would. */
const MOST_CATCH_UP = 10;
const SILENCE = 0xff;

export interface Stream {
  readonly gaps: GapMeter;
  /** Where its audio goes; null: none yet, or not any more. */
  remote: MediaAddress | null;
}

interface Leg extends Stream {
  packet: Buffer;
  sequence: number;
  timestamp: number;
}

/** A packet belongs to the leg whose peer sent it: every leg of a FreeSWITCH has a port of its own. */
export class Media {
  private readonly slots: Leg[][] = Array.from({ length: SLOTS }, () => []);
  private readonly bySource = new Map<string, Leg>();
  private readonly timer: NodeJS.Timeout;
  private legs = 0;
  private ticks = 0;
  private readonly startedAt = performance.now();

  private constructor(
    private readonly socket: Socket,
    readonly host: string,
    readonly port: number,
  ) {
    socket.on('message', (packet, { address, port: from }) => {
      if (packet.length <= HEADER_BYTES) return;
      this.bySource.get(`${address}:${from}`)?.gaps.packet(performance.now());
    });
    // An ICMP error of a peer that is gone: the gap tells.
    socket.on('error', () => undefined);
    this.timer = setInterval(() => this.tick(), PACKET_MS / SLOTS);
  }

  static async open(host: string, port: number): Promise<Media> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, resolve);
    });
    return new Media(socket, host, port);
  }

  add(): Stream {
    const packet = Buffer.alloc(HEADER_BYTES + SAMPLES, SILENCE);
    packet.writeUInt16BE(0x8000, 0);
    packet.writeUInt32BE(this.legs + 1, 8);
    const leg: Leg = { gaps: new GapMeter(), remote: null, packet, sequence: 0, timestamp: 0 };
    this.slots[this.legs % SLOTS]?.push(leg);
    this.legs += 1;
    return leg;
  }

  /** From now on the stream's audio goes there, and what comes from there is its. */
  connect(stream: Stream, remote: MediaAddress): void {
    this.disconnect(stream);
    stream.remote = remote;
    for (const slot of this.slots) {
      const leg = slot.find((each) => each === stream);
      if (leg !== undefined) this.bySource.set(`${remote.host}:${remote.port}`, leg);
    }
  }

  disconnect(stream: Stream): void {
    const { remote } = stream;
    if (remote === null) return;
    const key = `${remote.host}:${remote.port}`;
    if (this.bySource.get(key) === stream) this.bySource.delete(key);
    stream.remote = null;
  }

  clear(): void {
    for (const slot of this.slots) slot.length = 0;
    this.bySource.clear();
    this.legs = 0;
  }

  close(): void {
    clearInterval(this.timer);
    this.socket.close();
  }

  /** On a grid that does not drift: a late timer sends what is due. */
  private tick(): void {
    const due = Math.floor((performance.now() - this.startedAt) / (PACKET_MS / SLOTS));
    if (due - this.ticks > MOST_CATCH_UP) this.ticks = due - MOST_CATCH_UP;
    for (; this.ticks < due; this.ticks += 1) {
      for (const leg of this.slots[this.ticks % SLOTS] ?? []) this.send(leg);
    }
  }

  private send(leg: Leg): void {
    if (leg.remote === null) return;
    leg.sequence = (leg.sequence + 1) & 0xffff;
    leg.timestamp = (leg.timestamp + SAMPLES) >>> 0;
    leg.packet.writeUInt16BE(leg.sequence, 2);
    leg.packet.writeUInt32BE(leg.timestamp, 4);
    this.socket.send(leg.packet, leg.remote.port, leg.remote.host);
  }
}
