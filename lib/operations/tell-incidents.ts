/** Tells on-call what is no change of holder. Each incident once, also when it is over before anybody could be told. */
import type { StoredIncident } from '../domain/model';
import type { ConvergeDeps } from './converge/context';
import { incidentPage } from './converge/page-text';

/** An incident that is over and of which nobody could be told for so long is old news. */
const TOLD_WITHIN_MS = 24 * 60 * 60_000;

/** @throws what the store or the pager throws, after all others were told */
export async function tellIncidents(deps: ConvergeDeps, incidents: readonly StoredIncident[]): Promise<void> {
  if (incidents.length === 0) return;
  const { cluster } = await deps.store.readTopology();
  const told = await Promise.allSettled(incidents.map((incident) => tell(deps, cluster, incident)));
  // One page that cannot be sent holds no other back; whoever woke us hears of it and tries again.
  const failed = told.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function tell(deps: ConvergeDeps, cluster: string, incident: StoredIncident): Promise<void> {
  const { store, clock, pager, metrics, log, runbookUrl, table } = deps;
  const { kind, overAtMs } = incident;
  if (overAtMs !== null && clock.wallMs() - overAtMs > TOLD_WITHIN_MS) {
    log.error(`nobody could be told of incident ${kind} for a day after it was over: it is forgotten`, { ...incident });
    return store.markIncidentNotified(incident, clock.wallMs());
  }
  await pager.page(incidentPage({ cluster, incident, runbookUrl, table }));
  await store.markIncidentNotified(incident, clock.wallMs());
  metrics.count('IncidentPaged', 1, { kind });
}
