import { randomUUID } from 'node:crypto';

/** One channel. A bridged call has two legs, an echo call one. */
export interface Leg {
  uuid: string;
  direction: 'inbound' | 'outbound';
  /** uuid of the call's first leg. */
  callUuid: string;
  profile: string;
  /** What was dialled. */
  number: string;
  createdAtMs: number;
  bridged: boolean;
  /** SIP Call-ID, for calls that came over the wire. */
  sipCallId: string | null;
}

/** The channels of one FreeSWITCH process and its counters. Calls are records only: no media flows. */
export class Calls {
  private legs: Leg[] = [];
  private startedLegs = 0;
  private peakLegs = 0;
  private incoming = new Map<string, number>();
  private outgoing = new Map<string, number>();

  constructor(private readonly wallMs: () => number) {}

  get all(): readonly Leg[] {
    return this.legs;
  }

  /** Sessions now, as `status` counts them: one for each leg. */
  get sessions(): number {
    return this.legs.length;
  }

  get sinceStartup(): number {
    return this.startedLegs;
  }

  get peak(): number {
    return this.peakLegs;
  }

  legsOn(profile: string): number {
    return this.legs.filter((leg) => leg.profile === profile).length;
  }

  incomingOn(profile: string): number {
    return this.incoming.get(profile) ?? 0;
  }

  outgoingOn(profile: string): number {
    return this.outgoing.get(profile) ?? 0;
  }

  /** Calls of two legs each, dialled numbers 8000, 8001, … as in the recordings. */
  addBridged(count: number, profile: string): void {
    for (let index = 0; index < count; index++) {
      const call = { callUuid: randomUUID(), profile, number: String(8000 + index), bridged: true, sipCallId: null };
      const createdAtMs = this.wallMs();
      this.add({ ...call, uuid: randomUUID(), direction: 'outbound', createdAtMs });
      this.add({ ...call, uuid: call.callUuid, direction: 'inbound', createdAtMs });
    }
  }

  addIncoming(sipCallId: string, number: string, profile: string): void {
    const uuid = randomUUID();
    const createdAtMs = this.wallMs();
    this.add({ uuid, direction: 'inbound', callUuid: uuid, profile, number, createdAtMs, bridged: false, sipCallId });
  }

  hasSipCall(sipCallId: string): boolean {
    return this.legs.some((leg) => leg.sipCallId === sipCallId);
  }

  /** Whether there was such a call. */
  endSipCall(sipCallId: string): boolean {
    const before = this.legs.length;
    this.legs = this.legs.filter((leg) => leg.sipCallId !== sipCallId);
    return this.legs.length < before;
  }

  endAll(profile?: string): void {
    this.legs = profile === undefined ? [] : this.legs.filter((leg) => leg.profile !== profile);
  }

  private add(leg: Leg): void {
    this.legs.push(leg);
    this.startedLegs += 1;
    this.peakLegs = Math.max(this.peakLegs, this.legs.length);
    const counter = leg.direction === 'inbound' ? this.incoming : this.outgoing;
    counter.set(leg.profile, (counter.get(leg.profile) ?? 0) + 1);
  }
}
