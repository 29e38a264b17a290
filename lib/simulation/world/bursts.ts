/**
 * Loss of probes, in bursts: nothing arrives on a path, or at a whole observer's zone, for a moment. Gaps and bursts
 * are exponential, which is Gilbert's model (Bell System Technical Journal 39, 1960) in continuous time; the timeline
 * belongs to the seed alone and not to who looks at it, so that it is the same whether a second is lived or skipped.
 */
import type { Dice } from '../kernel/random';
import type { Loss } from '../scenario';

/** What a burst takes: all that is sent, or datagrams alone while a connection's retransmissions get through. */
export type Lost = 'all' | 'datagrams';

interface Stretch {
  fromMs: number;
  toMs: number;
}

interface Burst extends Stretch {
  takes: Lost;
}

interface ZoneBurst extends Stretch {
  zone: string;
}

/** Of the bursts on single paths; a zone that is deaf is deaf to all. */
const DATAGRAMS_ALONE = 0.3;

/** Bursts that are over are let go when they are so many, and most of all. */
const FORGET_AFTER = 1_000;

/** The bursts of one path or zone, made as time goes on. Times are of the run, skipped time included. */
export class BurstStream {
  private readonly bursts: Burst[] = [];
  private madeUntilMs = 0;
  private first = 0;

  constructor(
    private readonly dice: Dice,
    private readonly share: number,
    private readonly meanBurstMs: number,
    private readonly datagramsAlone: number,
  ) {}

  /** What of all that is sent at that time is lost; null: nothing. Times may only go forward. */
  lostAt(atMs: number): Lost | null {
    this.make(atMs);
    for (;;) {
      const burst = this.bursts[this.first];
      if (burst === undefined || atMs < burst.fromMs) return null;
      if (atMs < burst.toMs) return burst.takes;
      this.first += 1;
      if (this.first >= FORGET_AFTER && 2 * this.first > this.bursts.length) this.forget();
    }
  }

  /** All bursts that touch the time from `fromMs` to `toMs`, in order. */
  within(fromMs: number, toMs: number): Burst[] {
    this.make(toMs);
    const found: Burst[] = [];
    for (let index = this.firstAfter(fromMs); index < this.bursts.length; index += 1) {
      const burst = this.bursts[index] as Burst;
      if (burst.fromMs >= toMs) break;
      if (burst.toMs > fromMs) found.push(burst);
    }
    return found;
  }

  /** The first burst that ends after that time. */
  private firstAfter(atMs: number): number {
    let low = this.first;
    let high = this.bursts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.bursts[middle] as Burst).toMs > atMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private forget(): void {
    this.bursts.splice(0, this.first);
    this.first = 0;
  }

  private make(untilMs: number): void {
    if (this.share <= 0) return;
    const meanGapMs = (this.meanBurstMs * (1 - this.share)) / this.share;
    while (this.madeUntilMs <= untilMs) {
      const fromMs = this.madeUntilMs + this.dice.exponential(meanGapMs);
      const toMs = fromMs + this.dice.exponential(this.meanBurstMs);
      const takes = this.datagramsAlone > 0 && this.dice.chance(this.datagramsAlone) ? 'datagrams' : 'all';
      this.bursts.push({ fromMs, toMs, takes });
      this.madeUntilMs = toMs;
    }
  }
}

/** What must come together before bursts alone could make anybody act. Any of several such meetings may be enough. */
export interface Meeting {
  /** How many zones must lose the node at once. */
  zones: number;
  /** For how long each: a shorter burst cannot be one observer's part in it. */
  leastMs: number;
}

export interface Consequence {
  meetings: readonly Meeting[];
  /** Bursts of one path nearer than this may count as one: no look need fall between them. */
  joinedWithinMs: number;
  /** Votes of two observers count together when they are this near. */
  togetherWithinMs: number;
}

/** How far ahead is looked at once. */
const BLOCK_MS = 3_600_000;

/** What a search found, and what it was about. */
interface Search {
  fromMs: number;
  /** null: nothing before `untilMs`. */
  foundMs: number | null;
  untilMs: number;
  needs: string;
}

export class BurstLoss {
  private readonly paths = new Map<string, BurstStream>();
  private readonly zones = new Map<string, BurstStream>();
  /** The last one for each node. */
  private readonly searched = new Map<string, Search>();

  constructor(
    private readonly dice: Dice,
    private readonly loss: Loss,
  ) {}

  /** A whole zone hears nothing: neither nodes nor control targets. */
  zoneIsDeaf(zone: string, atMs: number): boolean {
    return this.zone(zone).lostAt(atMs) !== null;
  }

  lostAt(zone: string, nodeId: string, atMs: number): Lost | null {
    const onPath = this.path(zone, nodeId).lostAt(atMs);
    return this.zoneIsDeaf(zone, atMs) ? 'all' : onPath;
  }

  /**
   * The next time at which bursts could make a quorum speak against the node; `horizonMs` where there is none before.
   * Everything earlier is without consequence: fewer than a quorum can have the misses that a verdict needs.
   */
  nextConsequence(
    zones: readonly string[],
    nodeId: string,
    fromMs: number,
    horizonMs: number,
    needs: Consequence,
  ): number {
    if (this.loss.share <= 0) return horizonMs;
    const last = this.searched.get(nodeId);
    const key = JSON.stringify([zones, needs]);
    const covers = last !== undefined && last.needs === key && fromMs >= last.fromMs && fromMs <= last.untilMs;
    // The same timeline says the same again.
    if (covers && (last.foundMs !== null || horizonMs <= last.untilMs))
      return Math.min(horizonMs, last.foundMs ?? horizonMs);
    const foundMs = this.search(zones, nodeId, fromMs, horizonMs, needs);
    this.searched.set(nodeId, { fromMs, foundMs, untilMs: foundMs ?? horizonMs, needs: key });
    return foundMs ?? horizonMs;
  }

  /** null: none before the horizon. */
  private search(
    zones: readonly string[],
    nodeId: string,
    fromMs: number,
    horizonMs: number,
    needs: Consequence,
  ): number | null {
    const reachMs = needs.togetherWithinMs + needs.joinedWithinMs;
    for (let blockMs = fromMs; blockMs < horizonMs; blockMs += BLOCK_MS) {
      const endMs = Math.min(blockMs + BLOCK_MS + reachMs, horizonMs + reachMs);
      const bursts = zones.flatMap((zone) => this.longOnes(zone, nodeId, blockMs, endMs, needs));
      bursts.sort((one, other) => one.fromMs - other.fromMs);
      const found = needs.meetings.flatMap((meeting) => earliest(bursts, meeting, needs.togetherWithinMs) ?? []);
      const first = Math.min(horizonMs, ...found);
      if (first < horizonMs) return Math.max(fromMs, first);
    }
    return null;
  }

  /** Long enough for any of the meetings. */
  private longOnes(
    zone: string,
    nodeId: string,
    fromMs: number,
    toMs: number,
    { meetings, joinedWithinMs }: Consequence,
  ): ZoneBurst[] {
    const leastMs = Math.min(...meetings.map((meeting) => meeting.leastMs));
    const path = this.path(zone, nodeId).within(fromMs, toMs);
    const whole = this.zone(zone).within(fromMs, toMs);
    const long: ZoneBurst[] = [];
    let joined: ZoneBurst | null = null;
    for (let one = 0, other = 0; one < path.length || other < whole.length;) {
      const takesPath = (path[one]?.fromMs ?? Infinity) <= (whole[other]?.fromMs ?? Infinity);
      const burst = (takesPath ? path[one] : whole[other]) as Burst;
      if (takesPath) one += 1;
      else other += 1;
      if (joined !== null && burst.fromMs - joined.toMs < joinedWithinMs) {
        joined.toMs = Math.max(joined.toMs, burst.toMs);
        continue;
      }
      if (joined !== null && joined.toMs - joined.fromMs >= leastMs) long.push(joined);
      joined = { zone, fromMs: burst.fromMs, toMs: burst.toMs };
    }
    if (joined !== null && joined.toMs - joined.fromMs >= leastMs) long.push(joined);
    return long;
  }

  private path(zone: string, nodeId: string): BurstStream {
    const key = `${zone}>${nodeId}`;
    return this.paths.get(key) ?? this.make(this.paths, key, DATAGRAMS_ALONE);
  }

  private zone(zone: string): BurstStream {
    return this.zones.get(zone) ?? this.make(this.zones, zone, 0);
  }

  /** Half of the loss is of single paths, half of whole zones. */
  private make(streams: Map<string, BurstStream>, key: string, datagramsAlone: number): BurstStream {
    const { share, meanBurstMs } = this.loss;
    const stream = new BurstStream(this.dice.fork(key), share / 2, meanBurstMs, datagramsAlone);
    streams.set(key, stream);
    return stream;
  }
}

/** The earliest beginning of a long burst that others join until they are enough; null when none does. */
function earliest(bursts: readonly ZoneBurst[], { zones, leastMs }: Meeting, togetherWithinMs: number): number | null {
  const long = bursts.filter((burst) => burst.toMs - burst.fromMs >= leastMs);
  for (const [index, burst] of long.entries()) {
    const met = new Set([burst.zone]);
    let reachMs = burst.toMs + togetherWithinMs;
    for (let next = index + 1; next < long.length && met.size < zones; next += 1) {
      const other = long[next] as ZoneBurst;
      if (other.fromMs > reachMs) break;
      met.add(other.zone);
      reachMs = Math.max(reachMs, other.toMs + togetherWithinMs);
    }
    if (met.size >= zones) return burst.fromMs;
  }
  return null;
}
