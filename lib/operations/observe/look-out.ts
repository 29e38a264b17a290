/** One look at all nodes: probe, know whether it is us, fold, hand over. The rhythm is `tick.ts`'s business. */
import type { Observation } from '../../domain/model';
import type { Clock, Log, Metrics } from '../../domain/ports';
import { vipsNeedingAttention } from './attention';
import { isBlind } from './blindness';
import { checkClock, jumpLimits, type ClockReading } from './clock-jump';
import type { ClusterView } from './cluster-view';
import { DatabaseWatch, type DatabaseWatchDeps } from './database-watch';
import { afterLook, healthLimits, isCold, NEWBORN, whyLate } from './local-health';
import { inherit, isUnsettled, observe } from './observation';
import type { ProbeSet } from './probe-set';
import type { Publisher } from './publisher';

export interface LookOutDeps extends DatabaseWatchDeps {
  clock: Clock;
  log: Log;
  metrics: Metrics;
  probes: ProbeSet;
  view: ClusterView;
  publisher: Publisher;
  /** Resolves within `timeoutMs`. */
  controlTargetAnswers: (timeoutMs: number) => Promise<boolean>;
}

export class LookOut {
  private readonly last = new Map<string, Observation>();
  private lastReading: ClockReading;
  private health = NEWBORN;
  private readonly database: DatabaseWatch;

  constructor(
    private readonly deps: LookOutDeps,
    private readonly self: { zone: string; version: string },
  ) {
    this.lastReading = this.reading();
    const { topology, observations } = deps.view.current;
    const ofZone = observations.filter(({ zone }) => zone === self.zone);
    const [newest] = [...ofZone].sort((one, other) => other.observedAtMs - one.observedAtMs);
    this.database = new DatabaseWatch(deps, newest);
    for (const node of topology.nodes) {
      const written = ofZone.find(({ nodeId }) => nodeId === node.id);
      const inherited = inherit(written, deps.clock.wallMs(), topology.policy);
      if (inherited !== null) this.last.set(node.id, inherited);
    }
  }

  lastSawWell(nodeId: string): boolean {
    return this.last.get(nodeId)?.eslMisses === 0;
  }

  /** `plannedMs`: the monotonic time this look was due. Tells whether the next look must come without waiting. */
  async look(plannedMs: number): Promise<{ unsettled: boolean }> {
    const { clock, probes, view, publisher } = this.deps;
    view.refreshIfDue();
    const { topology, vips, instances } = view.current;
    const { policy } = topology;
    probes.follow(topology);
    this.database.ask();

    const jumpedBefore = this.jumpBy(plannedMs);
    const startedAtMs = clock.wallMs();
    const startedMs = clock.monotonicMs();
    const dueMs = startedMs + probes.deadlineMs(policy.probeTimeoutMs) + policy.probeTimeoutMs;
    const looks = await probes.lookAtAll(policy.probeTimeoutMs);
    const blind = await isBlind([...looks.values()], () => this.deps.controlTargetAnswers(policy.probeTimeoutMs));
    const jump = this.jumpBy(dueMs) ?? jumpedBefore;
    const wasCold = isCold(this.health);
    const ownLook = { startedMs, endedMs: clock.monotonicMs(), dueMs, blind, jump };
    const { health, mutedWhy } = afterLook(this.health, ownLook, healthLimits(policy));
    this.health = health;
    this.database.hear(view.current.observations);

    const observations = [...looks].map(([nodeId, look]) =>
      observe(this.last.get(nodeId) ?? null, look, {
        nodeId,
        zone: this.self.zone,
        startedAtMs,
        endedAtMs: clock.wallMs(),
        blind,
        mutedWhy: mutedWhy ?? whyLate(look),
        jumped: jump !== null,
        database: this.database.evidence(),
        policy,
        codeVersion: this.self.version,
        topologyVersion: topology.version,
      }),
    );
    for (const observation of observations) this.last.set(observation.nodeId, observation);
    this.measure(observations, blind);
    publisher.offer({ observations, policy, attention: vipsNeedingAttention(vips, this.last, instances) });
    return { unsettled: wasCold || observations.some((each) => isUnsettled(each, policy)) };
  }

  private measure(observations: readonly Observation[], blind: boolean): void {
    if (blind) this.deps.metrics.count('ObserverBlind', 1);
    const rejected = observations.filter((each) => each.esl.verdict === 'rejected');
    if (rejected.length > 0) this.deps.metrics.count('EslRejected', rejected.length);
  }

  /** What the clock did since it was last read, in words; null: nothing. */
  private jumpBy(plannedMs: number): string | null {
    const { policy } = this.deps.view.current.topology;
    const now = this.reading();
    const jump = checkClock(this.lastReading, now, plannedMs, jumpLimits(policy));
    this.lastReading = now;
    if (jump !== null) {
      this.deps.metrics.count('ClockJump', 1);
      this.deps.log.warn(`${jump}: no vote for ${policy.freshForMs} ms`);
    }
    return jump;
  }

  private reading(): ClockReading {
    return { wallMs: this.deps.clock.wallMs(), monotonicMs: this.deps.clock.monotonicMs() };
  }
}
