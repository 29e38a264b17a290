/** Reads the cluster, judges every VIP, and writes what was decided. Run by observers and by the minute schedule. */
import { decide } from '../domain/decide';
import type { Decision } from '../domain/decision';
import { describeError } from '../domain/errors';
import { eventOf } from '../domain/failover-limit';
import { assertNever, type Transition } from '../domain/model';
import type { Clock, Log, Metrics, StateStore } from '../domain/ports';
import { failoversOf } from '../domain/store-rules';
import { decisionWrite } from '../domain/transition';
import { pageForTransitionLimit } from '../domain/transition-limit';
import { journalIfReadable } from './chain';

export interface EvaluateDeps {
  store: StateStore;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Who decides, for the journal: `observer/us-east-1a/<id>` or `schedule/<id>`. Unique per invocation. */
  actor: string;
}

/** One judgement of the whole cluster. Throws only what the store throws; one VIP's failure never hides another's. */
export async function evaluateCluster(deps: EvaluateDeps): Promise<Decision[]> {
  const snapshot = await deps.store.readCluster();
  const moving = snapshot.vips.filter((vip) => vip.status === 'moving');
  const unreadable = (): void => deps.metrics.count('DecisionErrors', 1);
  const journals = await Promise.all(
    moving.map(({ vipId, epoch }) => journalIfReadable(deps, vipId, epoch, unreadable)),
  );
  const open = journals.filter((journal): journal is Transition => journal !== null);
  const nowMs = deps.clock.wallMs();
  const decisions = decide(snapshot, open, nowMs);

  const outcomes = await Promise.allSettled(
    decisions.map(async (decision) => {
      switch (decision.kind) {
        case 'none':
          return;
        case 'learn-uuid':
          return deps.store.learnHolderCoreUuid(decision.vipId, decision.epoch, decision.coreUuid);
        case 'incident':
          return raise(deps, decision);
        case 'change': {
          const { topology, observations, vips } = snapshot;
          const before = vips.filter(({ vipId }) => vipId === decision.vipId).flatMap(failoversOf);
          const event = eventOf(snapshot, decision, nowMs);
          const write = decisionWrite(decision, topology, observations, nowMs, deps.actor, before, event);
          const outcome = await deps.store.decide(write);
          if (outcome.outcome === 'refused') {
            deps.log.info(`decision ${write.transition.id} refused`, {
              clauses: outcome.clauses,
              reasons: decision.reasons,
            });
            if (!outcome.clauses.includes('below-transition-cap')) return;
            const page = pageForTransitionLimit(snapshot, open, decision, nowMs);
            return page === null ? undefined : raise(deps, page);
          }
          deps.metrics.count('TransitionDecided', 1, { kind: decision.transition });
          if (decision.transition === 'failover') deps.metrics.count('FailoverDecided', 1);
          deps.log.warn(`decided ${write.transition.id}`, {
            kind: decision.transition,
            cause: decision.cause,
            from: decision.from?.nodeId,
            to: decision.to.nodeId,
            reasons: decision.reasons,
          });
          return;
        }
        default:
          return assertNever(decision);
      }
    }),
  );
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
  for (const failure of failures)
    deps.log.error('a decision could not be written', { error: describeError(failure.reason) });
  if (failures.length > 0) deps.metrics.count('DecisionErrors', failures.length);
  return decisions;
}

async function raise(
  { store, log }: EvaluateDeps,
  { vipId, incident, reasons }: Extract<Decision, { kind: 'incident' }>,
): Promise<void> {
  if (await store.raiseIncident(incident)) log.warn(`incident ${incident.kind}`, { vipId, reasons });
}
