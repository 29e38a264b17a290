/**
 * Days of hand-overs in virtual time: the real observers, the schedule that sends challengers, and what goes wrong
 * with it. Looks are coarser than in life (every heartbeat), which hand-overs do not depend on.
 */
import { quorumOf } from '../../../lib/domain/model';
import type { LeasePolicy } from '../../../lib/operations/observe/lease-rule';
import { watchingZones } from '../../../lib/operations/observe/quorum-coverage';
import { seededRandom } from '../../support/virtual-clock';
import { Rig, type StartedObserver } from './rig';

export interface HandOverDay {
  seed: number;
  hours: number;
  /** Share of the schedule's ticks that never become a challenger. */
  lostTicks: number;
  /** Observers that die without a word, per zone and day. */
  crashesPerDay: number;
  /** The deployment registers a new version half way, ten seconds after it has updated the functions' code. */
  deployment: boolean;
  leasePolicy?: LeasePolicy;
}

export interface Coverage {
  /** Seconds in which the zone did not watch: their sum and the longest stretch. */
  zones: Record<string, { uncoveredS: number; longestS: number }>;
  /** Seconds without a quorum of watching zones. */
  quorumUncoveredS: number;
  handOvers: number;
  crashes: number;
  lostTicks: number;
  /** Invocations that were still running when Lambda would have killed them. */
  killedByTimeout: number;
}

const SECONDS = { schedule: 60, stagger: 20, timeout: 900, beforeTimeout: 20, warmUp: 90, codeBeforeRegistration: 10 };

export async function simulateHandOvers(day: HandOverDay): Promise<Coverage> {
  const random = seededRandom(day.seed);
  const leasePolicy = day.leasePolicy === undefined ? {} : { leasePolicy: day.leasePolicy };
  const rig = new Rig({ seed: day.seed, policy: { probeIntervalMs: 5_000 }, ...leasePolicy });
  const zones = rig.topology.observers;
  const lengthS = day.hours * 3_600;
  const running = new Map<string, { observer: StartedObserver; untilS: number }[]>(zones.map((zone) => [zone, []]));
  const stretch = new Map<string, number>();
  const result: Coverage = {
    zones: Object.fromEntries(zones.map((zone) => [zone, { uncoveredS: 0, longestS: 0 }])),
    quorumUncoveredS: 0,
    handOvers: 0,
    crashes: 0,
    lostTicks: 0,
    killedByTimeout: 0,
  };
  let code = 'v1';

  const invoke = (zone: string, startDelayMs: number, atS: number): void => {
    // A cold start takes up to two seconds of the invocation.
    const coldMs = 200 + random.next() * 1_800;
    const lifetimeMs = (SECONDS.timeout - SECONDS.beforeTimeout) * 1_000 - coldMs;
    const observer = rig.start(zone, { version: code, lifetimeMs, startDelayMs: startDelayMs + coldMs });
    running.get(zone)?.push({ observer, untilS: atS + SECONDS.timeout });
  };

  for (let atS = 0; atS < lengthS; atS += 1) {
    if (day.deployment && atS === lengthS / 2) code = 'v2';
    if (day.deployment && atS === lengthS / 2 + SECONDS.codeBeforeRegistration) {
      rig.register({ ...rig.topology, version: 'v2' });
      for (const zone of zones) invoke(zone, 0, atS);
    }
    for (const [index, zone] of zones.entries()) {
      if (atS % SECONDS.schedule === 0) {
        if (atS >= SECONDS.warmUp && random.next() < day.lostTicks) result.lostTicks += 1;
        else invoke(zone, index * SECONDS.stagger * 1_000, atS);
      }
      const alive = (running.get(zone) ?? []).filter(({ observer }) => observer.ended === null);
      for (const each of alive.filter(({ untilS }) => atS >= untilS)) {
        each.observer.crash();
        result.killedByTimeout += 1;
      }
      const crashed = random.next() < day.crashesPerDay / 86_400;
      const incumbent = alive.find(({ observer }) => observer.owner === rig.store.leases.get(zone)?.owner);
      if (crashed && incumbent !== undefined) {
        incumbent.observer.crash();
        result.crashes += 1;
      }
      running.set(
        zone,
        alive.filter((each) => each.untilS > atS && !(crashed && each === incumbent)),
      );
    }
    await rig.clock.advance(1_000);
    if (atS < SECONDS.warmUp) continue;

    const sightings = { topology: rig.topology, observations: [...rig.store.observations.values()] };
    const watching = watchingZones(sightings, rig.clock.wallMs());
    if (watching.length < quorumOf(zones.length)) result.quorumUncoveredS += 1;
    for (const zone of zones) {
      const uncoveredS = watching.includes(zone) ? 0 : (stretch.get(zone) ?? 0) + 1;
      stretch.set(zone, uncoveredS);
      const sum = result.zones[zone];
      if (sum === undefined || uncoveredS === 0) continue;
      sum.uncoveredS += 1;
      sum.longestS = Math.max(sum.longestS, uncoveredS);
    }
  }
  result.handOvers = rig.count('HandOver');
  return result;
}
