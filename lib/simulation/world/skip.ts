/**
 * Skipping quiet time, exactly. In a quiet stretch every look finds what the one before found, so that the state of the
 * cluster comes round again: looks each interval, heartbeats, leases and schedules each on its own beat, observers by
 * turns of eleven minutes. What a stretch could have brought is known before it is skipped: faults have dates, and the
 * bursts that could make a quorum speak are looked up in the same timeline that single probes would have met.
 */
import { isLossOver } from '../../domain/lossy';
import { missedOften } from '../../domain/misses';
import { quorumOf, type Observation, type Topology } from '../../domain/model';
import { isUnfinished } from '../../domain/store-rules';
import { againstFreshForMs } from '../../domain/voters';
import { DEFAULT_LEASE_POLICY } from '../../operations/observe/lease-rule';
import type { Kernel } from '../kernel/kernel';
import { EPOCH_MS } from '../kernel/kernel';
import type { Process } from '../kernel/process';
import type { MemoryStateStore } from '../memory-store';
import type { BurstLoss, Consequence } from './bursts';
import { SCHEDULE_MS } from './control-plane';
import type { Functions } from './functions';
import { OBSERVER_LIFETIME_MS } from './lambda-limits';

/** All beats but those of the schedule (whose ticks keep their dates) divide it: looks, heartbeats, leases. */
const GRAIN_MS = 10_000;
/** Lived through before whatever comes next, so that no rhythm begins with it. */
const BEFORE_MS = 5_000;
/** An observer that has just come or is about to be relieved is no steady state. */
const HAND_OVER_MS = 15_000;
/**
 * Under loss nobody is well for minutes on every path at once, skipped or not; how long it has been is as it would be at
 * any other time. A longer hold-down orders candidates alone, and only where there are several.
 */
const WELL_FOR_MS = 30_000;
/**
 * From where nothing stands against a failback any more until it is written, with an observer's clock a little behind: the
 * schedule comes once a minute, and what it meets at its beginning is not seen here while it runs.
 */
const DECIDES_WITHIN_MS = 70_000;
/** The longest that an answer takes. */
const LOOK_MS = 20;

/** An observer is relieved by the first challenger that finds less than this left. */
const TURN_MS =
  Math.ceil((OBSERVER_LIFETIME_MS - DEFAULT_LEASE_POLICY.relieveBeforeMs + 1) / SCHEDULE_MS) * SCHEDULE_MS;

export interface SkipDeps {
  kernel: Kernel;
  table: MemoryStateStore;
  functions: Functions;
  bursts: BurstLoss;
  /** Beyond the table: faults at work, machines on their way, calls being rebuilt. */
  worldIsCalm: () => boolean;
}

export class Skipper {
  private readonly ages = new Map<Process, number>();
  /** When an observer last found the database troubled while a failback waited, in the time of the kernel. */
  private databaseTroubledAtMs = -Infinity;

  constructor(private readonly deps: SkipDeps) {
    deps.kernel.onSkip((byMs) => this.moveThePast(byMs));
  }

  /** How much older an observer is than its own clock says. */
  ageOf(process: Process): number {
    return this.ages.get(process) ?? 0;
  }

  /** Whether all has come to rest: time may be skipped from here, as far as dates and bursts leave room. */
  isAtRest(): boolean {
    const { topology } = this.deps.table;
    return topology !== null && this.deps.worldIsCalm() && this.isQuiet(topology);
  }

  /** Skips what room there is, from where all is at rest. @param untilMs elapsed time that must not be passed */
  skip(untilMs: number): void {
    const { kernel, table } = this.deps;
    const { topology } = table;
    if (topology === null) return;
    const horizonMs = Math.min(untilMs, this.nextDate());
    const nextMs = this.nextConsequence(topology, horizonMs);
    const roomMs = nextMs - BEFORE_MS - kernel.elapsedMs;
    for (let byMs = Math.floor(roomMs / GRAIN_MS) * GRAIN_MS; byMs > 0; byMs -= GRAIN_MS) {
      if (!this.landsBetweenHandOvers(byMs)) continue;
      for (const { process } of this.observers()) this.growOlder(process, byMs);
      kernel.skip(byMs);
      return;
    }
  }

  private nextDate(): number {
    const next = this.deps.kernel.nextDatedMs();
    return next === null ? Number.POSITIVE_INFINITY : next + this.deps.kernel.skippedMs;
  }

  private nextConsequence({ observers, policy }: Topology, horizonMs: number): number {
    const { kernel, bursts, table } = this.deps;
    const fewest = Math.min(policy.suspectAfterMisses, policy.sipStuckAfterMisses);
    const missedMs = (fewest - 1) * policy.probeTimeoutMs;
    // Silence counts from the end of the first look that missed to the beginning of the last: the burst is longer.
    const heldBackMs = policy.dissentHoldMs - policy.probeIntervalMs;
    const needs: Consequence = {
      meetings: [
        { zones: observers.length, leastMs: missedMs },
        { zones: quorumOf(observers.length), leastMs: Math.max(missedMs, heldBackMs) },
      ],
      // After a miss looks follow each other by a deadline: a longer gap has one in it that is answered.
      joinedWithinMs:
        policy.probeTimeoutMs + (policy.missSlack === 0 ? LOOK_MS : policy.missSlack * policy.probeIntervalMs),
      togetherWithinMs: againstFreshForMs(policy),
    };
    const holders = new Set([...table.vips.values()].flatMap(({ holder }) => holder?.nodeId ?? []));
    return [...holders].reduce(
      (nextMs, nodeId) => bursts.nextConsequence(observers, nodeId, kernel.elapsedMs, nextMs, needs),
      horizonMs,
    );
  }

  private isQuiet(topology: Topology): boolean {
    const { table, functions } = this.deps;
    const { control } = table;
    if (control === null || control.paused || control.transitionsInFlight !== 0) return false;
    if ([...table.nodes.values()].some((node) => node.paused || node.lockedBy !== null)) return false;
    for (const vip of table.vips.values()) {
      const journal = table.transitions.get(`${vip.vipId}#${vip.epoch}`);
      if (vip.status !== 'held' || vip.paused || journal === undefined || isUnfinished(journal)) return false;
    }
    if ([...table.incidents.values()].some((incident) => incident.notifiedAtMs === null)) return false;
    const running = [...functions.running];
    if (running.length !== topology.observers.length) return false;
    if (new Set(running.map(({ zone }) => zone)).size !== running.length) return false;
    if (running.some(({ name }) => !name.startsWith('observer-'))) return false;
    // Whoever relieves it has the right time: not one is like the other.
    if (running.some(({ process }) => process.wallOffsetMs !== 0)) return false;
    if (this.awaitsFailback(topology)) return false;
    return topology.nodes.every((node) =>
      topology.observers.every((zone) => {
        const seen = table.observations.get(`${node.id}#${zone}`);
        return seen !== undefined && this.isSteady(topology, seen) && this.hasForgottenLoss(seen);
      }),
    );
  }

  /** What was lost before would meet what is lost after, and what lies between is skipped. */
  private hasForgottenLoss(seen: Observation): boolean {
    const held = [...this.deps.table.vips.values()].filter(({ holder }) => holder?.nodeId === seen.nodeId);
    return held.every(({ vipId }) => isLossOver(seen, vipId));
  }

  private isSteady({ policy, vips }: Topology, seen: Observation): boolean {
    const nowMs = EPOCH_MS + this.deps.kernel.nowMs;
    const wellForMs = seen.eslWellSinceMs === null ? 0 : nowMs - seen.eslWellSinceMs;
    const longWell = wellForMs > Math.min(policy.holdDownMs, WELL_FOR_MS);
    const missed = [seen.eslHistory, ...Object.values(seen.sipHistory)].some((history) => missedOften(history, 1, 4));
    const holder = this.deps.table.vips;
    const sipIsRight = vips.every((vip) => {
      const verdict = seen.sip[vip.id]?.verdict;
      if (verdict === undefined) return true;
      return holder.get(vip.id)?.holder?.nodeId === seen.nodeId ? verdict === 'ok' : verdict === 'standby';
    });
    const speaks = !seen.blind && !seen.muted && seen.esl.verdict === 'ok';
    return longWell && !missed && sipIsRight && databaseIsWell(seen) && speaks;
  }

  /**
   * A VIP is away from home, and what its way home waits for is not over: blocks, the database, its time where it is, and
   * that of its home's health, which the clocks of observers count and no skip moves. What has not moved a while later
   * stays.
   */
  private awaitsFailback({ policy, vips, observers }: Topology): boolean {
    if (policy.failback !== 'automatic') return false;
    const { table, kernel } = this.deps;
    const states = [...table.vips.values()];
    const homes = vips.flatMap(({ id, candidates, manualOnly }) => {
      const homeId = candidates.find((nodeId) => !manualOnly.includes(nodeId));
      return homeId === undefined || homeId === table.vips.get(id)?.holder?.nodeId ? [] : [homeId];
    });
    if (homes.length === 0) return false;
    const wellSince = homes.flatMap((nodeId) =>
      observers.map((zone) => table.observations.get(`${nodeId}#${zone}`)?.eslWellSinceMs ?? Infinity),
    );
    const changed = states.map(({ changedAtMs }) => changedAtMs);
    const dueMs = Math.max(...[...wellSince, ...changed].map((atMs) => atMs + policy.failbackAfterMs));
    const blocks = states.map((state) => (state.lastAutomaticFailoverAtMs ?? -Infinity) + policy.blockPeriodMs);
    if ([...table.observations.values()].some((seen) => !databaseIsWell(seen)))
      this.databaseTroubledAtMs = kernel.nowMs;
    const lastMs = Math.max(dueMs, ...blocks, EPOCH_MS + this.databaseTroubledAtMs);
    return EPOCH_MS + kernel.nowMs < lastMs + DECIDES_WITHIN_MS;
  }

  private observers(): { process: Process; startedAtMs: number }[] {
    return [...this.deps.functions.running];
  }

  private ageNow({ process, startedAtMs }: { process: Process; startedAtMs: number }): number {
    return this.deps.kernel.nowMs - startedAtMs + this.ageOf(process);
  }

  private landsBetweenHandOvers(byMs: number): boolean {
    return this.observers().every((observer) => {
      const ageMs = this.ageNow(observer);
      if (ageMs < HAND_OVER_MS) return false;
      const laterMs = (ageMs + byMs) % TURN_MS;
      return laterMs >= HAND_OVER_MS && laterMs <= TURN_MS - HAND_OVER_MS;
    });
  }

  /** As old as its successor will be by then: in a steady state one is like the other. */
  private growOlder(process: Process, byMs: number): void {
    const observer = this.observers().find((each) => each.process === process);
    if (observer === undefined) return;
    const ageMs = this.ageNow(observer);
    const moreMs = ((ageMs + byMs) % TURN_MS) - ageMs;
    this.ages.set(process, this.ageOf(process) + moreMs);
    process.shiftSleepsBeyond(SCHEDULE_MS, -moreMs);
    for (const lease of this.deps.table.leases.values()) {
      if (lease.owner === process.name) lease.startedAtMs -= moreMs;
    }
    process.onDeath(() => this.ages.delete(process));
  }

  /** What happened is so much longer ago; the clocks of those who live stand. */
  private moveThePast(byMs: number): void {
    const { table } = this.deps;
    const earlier = <T extends number | null>(atMs: T): T => (atMs === null ? atMs : ((atMs - byMs) as T));
    for (const vip of table.vips.values()) {
      vip.changedAtMs = earlier(vip.changedAtMs);
      vip.lastAutomaticFailoverAtMs = earlier(vip.lastAutomaticFailoverAtMs);
      vip.acknowledgedAtMs = earlier(vip.acknowledgedAtMs);
      vip.recentFailoversAtMs = vip.recentFailoversAtMs.map(earlier);
      const events = Object.entries(vip.failoverEvents);
      vip.failoverEvents = Object.fromEntries(
        events.map(([atMs, event]): [number, string] => [earlier(Number(atMs)), event]),
      );
    }
    for (const incident of table.incidents.values()) {
      incident.atMs = earlier(incident.atMs);
      incident.notifiedAtMs = earlier(incident.notifiedAtMs);
    }
    for (const evidence of table.instances.values()) evidence.atMs = earlier(evidence.atMs);
  }
}

function databaseIsWell({ database }: Observation): boolean {
  return database === null || database.verdict === 'ok';
}
