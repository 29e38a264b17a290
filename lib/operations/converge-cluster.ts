/** What the failover function does when it is woken: converge one journal, tell incidents, or look at everything. */
import { rankCandidates } from '../domain/candidates';
import { describeError } from '../domain/errors';
import type { Decision } from '../domain/decision';
import { INCIDENT_KINDS_OF_A_VIP, assertNever, type ClusterSnapshot, type Incident } from '../domain/model';
import { standbysAmong } from '../domain/standbys';
import { isSettled } from '../domain/transition';
import { isZoneFailureOver } from '../domain/zones';
import { DEFAULT_TIMING, type ConvergeDeps, type ConvergeTiming } from './converge/context';
import { convergeTransition } from './converge/converge';
import { repairDrift } from './converge/drift';
import { convergeMeanwhile } from './converge-meanwhile';
import { evaluateCluster } from './evaluate';
import { rehearse } from './rehearse';
import { restoreLeftBehind } from './restore-left-behind';
import { tellIncidents } from './tell-incidents';
import type { Wake } from './wake';

/**
 * Converges what the wake-up names. One VIP never waits for another. For a stream record it throws what the store or
 * the pager throws, so that the stream tries again; the schedule throws nothing: what failed is counted, and the next
 * minute looks at everything anew.
 */
export async function onWake(deps: ConvergeDeps, wake: Wake, timing?: ConvergeTiming): Promise<void> {
  switch (wake.kind) {
    case 'journal': {
      const { vipId, epoch } = wake;
      const topology = await deps.store.readTopology();
      const working = convergeTransition(deps, topology, vipId, epoch, timing);
      await convergeMeanwhile(deps, { vipId, epoch }, working, timing ?? DEFAULT_TIMING);
      deps.log.info(`woken for ${vipId}#${epoch}`, { outcome: (await working).outcome });
      return;
    }
    case 'incident': {
      const untold = await deps.store.listUnnotifiedIncidents();
      // The schedule tells those that are over, right after it found them so: both would tell them twice.
      const lasting = untold.filter(({ overAtMs }) => overAtMs === null);
      return tellIncidents(deps, lasting);
    }
    case 'schedule':
      return lookAtEverything(deps, timing);
    default:
      return assertNever(wake);
  }
}

/** The one-minute schedule: nothing depends on a single event. */
async function lookAtEverything(deps: ConvergeDeps, timing?: ConvergeTiming): Promise<void> {
  const errors: string[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      errors.push(`${what}: ${describeError(error)}`);
    }
  };
  await attempt('evaluate', () => evaluateAndTidy(deps));
  await attempt('converge', async () => {
    const [topology, unfinished] = await Promise.all([
      deps.store.readTopology(),
      deps.store.listUnfinishedTransitions(),
    ]);
    await Promise.all(
      unfinished.map((each) =>
        attempt(each.id, async () => {
          await convergeTransition(deps, topology, each.vipId, each.epoch, timing);
        }),
      ),
    );
  });
  await attempt('incidents', async () => tellIncidents(deps, await deps.store.listUnnotifiedIncidents()));
  await attempt('look after', async () => {
    const snapshot = await deps.store.readCluster();
    await Promise.all([
      repairDrift(deps, snapshot),
      rehearse(deps, snapshot),
      restoreLeftBehind(deps, snapshot, timing ?? DEFAULT_TIMING),
    ]);
  });
  for (const error of errors) deps.log.error('the scheduled convergence left something undone', { error });
  if (errors.length > 0) deps.metrics.count('ConvergenceErrors', errors.length, { step: 'schedule' });
}

/** The schedule's interval: what one look without a standby stands for. */
const SCHEDULE_S = 60;

async function evaluateAndTidy(deps: ConvergeDeps): Promise<void> {
  const decisions = await evaluateCluster({ ...deps, actor: `schedule/${deps.random.id()}` });
  const nowMs = deps.clock.wallMs();
  const well = decisions.flatMap((decision) => (decision.kind === 'none' && decision.well ? [decision] : []));
  // A VIP that is well again has no standing incident: the next one is told anew. Its name may be behind all the same.
  const nameless = (await deps.store.listUnfinishedTransitions()).filter(({ steps }) => !isSettled(steps.dns));
  const keepsStuck = (vipId: string): boolean => nameless.some((journal) => journal.vipId === vipId);
  await Promise.all(
    well.flatMap(({ vipId, keeps }) =>
      INCIDENT_KINDS_OF_A_VIP.filter((kind) => kind !== keeps && !(kind === 'vip-stuck' && keepsStuck(vipId))).map(
        (kind) => deps.store.clearIncident(kind, vipId, nowMs),
      ),
    ),
  );
  const snapshot = await deps.store.readCluster();
  if (isZoneFailureOver(snapshot, decisions, nowMs)) {
    await deps.store.clearIncident('zone-failure', 'cluster', nowMs);
  }
  // Only of holders that serve it is known whether their clocks are ahead.
  const unknown = snapshot.vips.flatMap(({ vipId, holder }) =>
    holder === null || well.some((each) => each.vipId === vipId) ? [] : [holder.nodeId],
  );
  await clearUnnamed(deps, snapshot, decisions, 'clock-ahead', (nodeId) => !unknown.includes(nodeId));
  const allAreWell = snapshot.vips.every(({ vipId }) => well.some((each) => each.vipId === vipId));
  if (allAreWell) await clearUnnamed(deps, snapshot, decisions, 'second-server');
  const standbys = fewestStandbys(snapshot, nowMs);
  deps.metrics.count('EligibleStandbys', standbys);
  deps.metrics.count('WithoutStandby', standbys === 0 ? SCHEDULE_S : 0);
}

/** The incidents of a kind of those nodes that no decision names any more, and of which that is known. */
async function clearUnnamed(
  { store, clock }: ConvergeDeps,
  { topology }: ClusterSnapshot,
  decisions: readonly Decision[],
  kind: Incident['kind'],
  isKnown: (nodeId: string) => boolean = () => true,
): Promise<void> {
  const named = decisions.flatMap((decision) =>
    decision.kind === 'incident' && decision.incident.kind === kind ? (decision.incident.nodeId ?? []) : [],
  );
  const others = topology.nodes.filter(({ id }) => !named.includes(id) && isKnown(id));
  await Promise.all(others.map(({ id }) => store.clearIncident(kind, id, clock.wallMs())));
}

/** Of all VIPs that have a holder the lowest number of nodes that would take over by themselves now. */
function fewestStandbys(snapshot: ClusterSnapshot, nowMs: number): number {
  const counts = snapshot.topology.vips.map((vip) => {
    const holder = snapshot.vips.find((each) => each.vipId === vip.id)?.holder ?? null;
    return standbysAmong(rankCandidates(snapshot, vip, holder?.nodeId ?? null, nowMs)).byItself.length;
  });
  return counts.length === 0 ? 0 : Math.min(...counts);
}
