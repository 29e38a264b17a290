import { randomUUID } from 'node:crypto';
import { cSeqAt, type Leg, type Media, type Peer, type Transport } from './leg';

/** Whoever must know what becomes of a leg: the recovery rows. */
export interface CallObserver {
  answered(leg: Leg): void;
  /** A leg that was answered before has got, or lost, its partner. */
  changed(leg: Leg): void;
  ended(leg: Leg): void;
}

/** What a test or a demo may put on a switch. */
export const CALL_KINDS = ['bridged', 'unanswered', 'echo', 'tcp'] as const;
export type CallKind = (typeof CALL_KINDS)[number];

export interface NewCalls {
  profile: string;
  kind: CallKind;
  /** Of the caller; a callee is always well. */
  peer: Peer;
  /** How long they have been up, in milliseconds: a leg younger than two seconds may not survive its node. */
  ageMs: number;
}

/** The age of calls of which nothing else is said. */
export const ESTABLISHED_MS = 60_000;

const SILENT: CallObserver = { answered: () => undefined, changed: () => undefined, ended: () => undefined };

/** FreeSWITCH's own range, as in the example configuration: even ports only. */
const FIRST_RTP_PORT = 16_384;
const RTP_PORTS = 4_096;

/** The channels of one FreeSWITCH process and its counters. Calls are records only: no media flows. */
export class Calls {
  private legs = new Map<string, Leg>();
  private startedLegs = 0;
  private peakLegs = 0;
  private ports = 0;
  private incoming = new Map<string, number>();
  private outgoing = new Map<string, number>();

  /**
   * @param clockMs the node's clock, which may be wrong
   * @param addressOf where a profile's media are bound, and what parties are told
   */
  constructor(
    private readonly clockMs: () => number,
    private readonly addressOf: (profile: string) => Omit<Media, 'localPort'>,
    private readonly observer: CallObserver = SILENT,
  ) {}

  get all(): readonly Leg[] {
    return [...this.legs.values()];
  }

  /** Sessions now, as `status` counts them: one for each leg. */
  get sessions(): number {
    return this.legs.size;
  }

  get sinceStartup(): number {
    return this.startedLegs;
  }

  get peak(): number {
    return this.peakLegs;
  }

  find(uuid: string): Leg | null {
    return this.legs.get(uuid) ?? null;
  }

  legsOn(profile: string): number {
    return this.all.filter((leg) => leg.profile === profile).length;
  }

  incomingOn(profile: string): number {
    return this.incoming.get(profile) ?? 0;
  }

  outgoingOn(profile: string): number {
    return this.outgoing.get(profile) ?? 0;
  }

  /** Dialled numbers 8000, 8001, … as in the recordings. */
  place(count: number, { profile, kind, peer, ageMs }: NewCalls): void {
    for (let index = 0; index < count; index++) {
      const [callUuid, number] = [randomUUID(), String(8000 + index)];
      const common = {
        callUuid,
        profile,
        number,
        answered: kind !== 'unanswered',
        createdAtMs: this.clockMs() - ageMs,
      };
      const caller = { ...common, uuid: common.callUuid, direction: 'inbound', peer } as const;
      const transport: Transport = kind === 'tcp' ? 'tcp' : 'udp';
      if (kind === 'echo') {
        this.add({ ...this.fresh(caller, transport), partner: null, bridged: false });
        continue;
      }
      const callee = { ...common, uuid: randomUUID(), direction: 'outbound', peer: 'well' } as const;
      const bridged = kind !== 'unanswered';
      this.add({ ...this.fresh(callee, 'udp'), partner: bridged ? caller.uuid : null, bridged });
      this.add({ ...this.fresh(caller, transport), partner: bridged ? callee.uuid : null, bridged });
    }
  }

  /** A call that came over the wire; answered like an echo extension. */
  addIncoming(sipCallId: string, number: string, profile: string): void {
    const uuid = randomUUID();
    const leg = { uuid, direction: 'inbound', callUuid: uuid, profile, number, answered: true, peer: 'well' } as const;
    this.add({
      ...this.fresh({ ...leg, createdAtMs: this.clockMs() }, 'udp'),
      partner: null,
      bridged: false,
      sipCallId,
    });
  }

  /** A leg that another process had: same uuid, same dialog, same RTP port. */
  restore(leg: Leg): void {
    this.add(leg);
  }

  bridge(a: Leg, b: Leg): void {
    Object.assign(a, { partner: b.uuid, bridged: true });
    Object.assign(b, { partner: a.uuid, bridged: true });
    this.observer.changed(a);
    this.observer.changed(b);
  }

  hasSipCall(sipCallId: string): boolean {
    return this.all.some((leg) => leg.sipCallId === sipCallId);
  }

  /** Whether there was such a call. */
  endSipCall(sipCallId: string): boolean {
    const leg = this.all.find((other) => other.sipCallId === sipCallId);
    if (leg === undefined) return false;
    this.end(leg.uuid);
    return true;
  }

  /** Hangs up a leg and the one it is bridged with. */
  end(uuid: string): void {
    const leg = this.legs.get(uuid);
    if (leg === undefined) return;
    this.legs.delete(uuid);
    this.observer.ended(leg);
    if (leg.bridged && leg.partner !== null) this.end(leg.partner);
  }

  /** Hangs up the oldest calls, as their parties would. */
  endCalls(count: number): void {
    const calls = [...new Set(this.all.map((leg) => leg.callUuid))].slice(0, count);
    for (const leg of this.all.filter(({ callUuid }) => calls.includes(callUuid))) this.end(leg.uuid);
  }

  endAll(profile?: string): void {
    for (const leg of this.all) if (profile === undefined || leg.profile === profile) this.end(leg.uuid);
  }

  private fresh(
    leg: Pick<Leg, 'uuid' | 'direction' | 'callUuid' | 'profile' | 'number' | 'answered' | 'peer' | 'createdAtMs'>,
    transport: Transport,
  ): Omit<Leg, 'partner' | 'bridged'> {
    const localPort = FIRST_RTP_PORT + 2 * (this.ports++ % RTP_PORTS);
    return {
      ...leg,
      transport,
      sipCallId: `lab-${leg.uuid}`,
      media: { ...this.addressOf(leg.profile), localPort },
      // A caller has had nothing but answers from us; a callee has had our INVITE.
      lastCSeq: leg.direction === 'inbound' ? null : cSeqAt(leg.createdAtMs),
    };
  }

  private add(leg: Leg): void {
    this.legs.set(leg.uuid, leg);
    this.startedLegs += 1;
    this.peakLegs = Math.max(this.peakLegs, this.legs.size);
    const counter = leg.direction === 'inbound' ? this.incoming : this.outgoing;
    counter.set(leg.profile, (counter.get(leg.profile) ?? 0) + 1);
    if (leg.answered) this.observer.answered(leg);
  }
}
