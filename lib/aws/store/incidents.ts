/** Incidents, told once each and not forgotten before, and the audit trail. Costs are in docs/state.md. */
import { createHash } from 'node:crypto';
import type { Incident, StoredIncident } from '../../domain/model';
import type { Log, StateStore } from '../../domain/ports';
import { toItem, type PlainItem } from './attributes';
import { decodeIncident, INCIDENT_KINDS } from './decode';
import { encodeIncident, LIFETIME_S, ttl } from './encode';
import { AUDIT, incidentKey } from './keys';
import { readableOf } from './readable';
import { asRaised, isSameIncident, subjectOf, TOLD_WHEN_OVER_AFTER_MS } from '../../domain/store-rules';
import type { Table } from './table';

/** Conditions by name, before they are joined. */
const NONE_STANDS = 'attribute_not_exists(#pk)';
const LASTS = 'attribute_not_exists(#overAtMs)';
const IS_OVER = 'attribute_exists(#overAtMs)';
const LASTS_SINCE_AN_EARLIER_EPOCH = `(#epoch < :epoch AND ${LASTS})`;
const IS_THE_ONE_THAT_WAS_READ = '#atMs = :at';
const NOT_NOTIFIED = 'attribute_not_exists(#notifiedAtMs)';
const NOTIFIED = 'attribute_exists(#notifiedAtMs)';
/** With `isToldWhenOver`: what is not worth telling, and so may be forgotten. */
const WAS_A_MOMENT = '(#atMs > :momentAgo AND attribute_not_exists(#untoldSinceMs))';

export class Incidents {
  constructor(
    private readonly table: Table,
    private readonly log: Log,
  ) {}

  /** 1 WRU, also when it stands already; 2 in place of one that is over and that nobody was told of. */
  async raise(incident: Incident): Promise<boolean> {
    const { epoch } = incident;
    const outcome = await this.table.put(encodeIncident(asRaised(incident, null)), {
      clause: epoch === null ? NONE_STANDS : `${NONE_STANDS} OR ${LASTS_SINCE_AN_EARLIER_EPOCH}`,
      ...(epoch === null ? {} : { values: { epoch } }),
    });
    if (outcome.applied) return true;
    const found = this.read(outcome.found);
    if (found === null || isSameIncident(found, incident)) return false;
    const anew = await this.table.put(encodeIncident(asRaised(incident, found)), {
      clause: `${IS_THE_ONE_THAT_WAS_READ} AND ${IS_OVER}`,
      values: { at: found.atMs },
    });
    return anew.applied;
  }

  /**
   * One Query per kind, 1 RRU each while there are few, once a minute. One that cannot be read holds no other back.
   */
  async listUnnotified(): Promise<StoredIncident[]> {
    const found = await Promise.all(
      INCIDENT_KINDS.map((kind) => this.table.query(incidentKey(kind, '').pk, { filter: NOT_NOTIFIED })),
    );
    return readableOf(found.flat(), decodeIncident, this.log, 'an incident cannot be read and is not told');
  }

  /** 1 WRU. One that was cleared and raised anew meanwhile stays untold. */
  async markNotified(incident: Incident, nowMs: number): Promise<void> {
    await this.table.update(incidentKey(incident.kind, subjectOf(incident)), {
      update: 'SET #notifiedAtMs = :now',
      clause: IS_THE_ONE_THAT_WAS_READ,
      values: { now: nowMs, at: incident.atMs },
    });
  }

  /** 1 RRU when there is none, as nearly always; else 1 WRU more, and 2 the first time for one that is still to be told. */
  async clear(kind: Incident['kind'], subject: string, nowMs: number): Promise<void> {
    const key = incidentKey(kind, subject);
    // Each kind, of each VIP, each minute: a read costs a fifth of a write that deletes nothing.
    if ((await this.table.get(key, { consistent: true })) === null) return;
    const outcome = await this.table.delete(key, {
      clause: `${NONE_STANDS} OR ${NOTIFIED} OR ${WAS_A_MOMENT}`,
      values: { momentAgo: nowMs - TOLD_WHEN_OVER_AFTER_MS },
    });
    if (outcome.applied) return;
    const found = this.read(outcome.found);
    if (found === null) {
      await this.table.delete(key);
    } else if (found.overAtMs === null) {
      await this.table.update(key, {
        update: 'SET #overAtMs = :now',
        clause: `${IS_THE_ONE_THAT_WAS_READ} AND ${NOT_NOTIFIED}`,
        values: { now: nowMs, at: found.atMs },
      });
    }
  }

  /** null where it cannot be read: then it cannot be told, either. */
  private read(found: PlainItem | null): StoredIncident | null {
    const [incident] = readableOf(
      found === null ? [] : [found],
      decodeIncident,
      this.log,
      'an incident cannot be read',
    );
    return incident ?? null;
  }

  /** 1 WRU per KB. The key is made of time and content: in order, and a retry writes the same item again. */
  async audit(event: Parameters<StateStore['audit']>[0]): Promise<void> {
    const digest = createHash('sha256').update(JSON.stringify(event)).digest('hex').slice(0, 12);
    const sk = `${new Date(event.atMs).toISOString()}#${digest}`;
    await this.table.put(toItem({ pk: AUDIT, sk }, { ...event, ttl: ttl(event.atMs, LIFETIME_S.audit) }));
  }
}
