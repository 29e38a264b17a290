/** Incidents, told once each, and the audit trail. Costs are in docs/state.md. */
import { createHash } from 'node:crypto';
import type { Incident } from '../../domain/model';
import type { Log, StateStore } from '../../domain/ports';
import { toItem } from './attributes';
import { decodeIncident, INCIDENT_KINDS } from './decode';
import { encodeIncident, LIFETIME_S, ttl } from './encode';
import { AUDIT, incidentKey } from './keys';
import { readableOf } from './readable';
import { subjectOf } from '../../domain/store-rules';
import type { Table } from './table';

/** Conditions by name, before they are joined. */
const NONE_STANDS = 'attribute_not_exists(#pk)';
const STANDING_IS_OF_AN_EARLIER_EPOCH = '#epoch < :epoch';
const IS_THE_ONE_THAT_WAS_TOLD = '#atMs = :at';
const NOT_NOTIFIED = 'attribute_not_exists(#notifiedAtMs)';

export class Incidents {
  constructor(
    private readonly table: Table,
    private readonly log: Log,
  ) {}

  /** 1 WRU, also when it stands already. */
  async raise(incident: Incident): Promise<boolean> {
    const { epoch } = incident;
    const outcome = await this.table.put(encodeIncident(incident), {
      clause: epoch === null ? NONE_STANDS : `${NONE_STANDS} OR ${STANDING_IS_OF_AN_EARLIER_EPOCH}`,
      ...(epoch === null ? {} : { values: { epoch } }),
    });
    return outcome.applied;
  }

  /**
   * One Query per kind, 1 RRU each while there are few, once a minute. One that cannot be read holds no other back.
   */
  async listUnnotified(): Promise<Incident[]> {
    const found = await Promise.all(
      INCIDENT_KINDS.map((kind) => this.table.query(incidentKey(kind, '').pk, { filter: NOT_NOTIFIED })),
    );
    return readableOf(found.flat(), decodeIncident, this.log, 'an incident cannot be read and is not told');
  }

  /** 1 WRU. One that was cleared and raised anew meanwhile stays untold. */
  async markNotified(incident: Incident, nowMs: number): Promise<void> {
    await this.table.update(incidentKey(incident.kind, subjectOf(incident)), {
      update: 'SET #notifiedAtMs = :now',
      clause: IS_THE_ONE_THAT_WAS_TOLD,
      values: { now: nowMs, at: incident.atMs },
    });
  }

  /** 1 WRU, also when there is none. */
  async clear(kind: Incident['kind'], subject: string): Promise<void> {
    await this.table.delete(incidentKey(kind, subject));
  }

  /** 1 WRU per KB. The key is made of time and content: in order, and a retry writes the same item again. */
  async audit(event: Parameters<StateStore['audit']>[0]): Promise<void> {
    const digest = createHash('sha256').update(JSON.stringify(event)).digest('hex').slice(0, 12);
    const sk = `${new Date(event.atMs).toISOString()}#${digest}`;
    await this.table.put(toItem({ pk: AUDIT, sk }, { ...event, ttl: ttl(event.atMs, LIFETIME_S.audit) }));
  }
}
