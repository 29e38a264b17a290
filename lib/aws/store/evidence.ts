/** What is seen and who looks: observations, instance states, observer leases. Costs are in docs/state.md. */
import type { InstanceEvidence, Observation, ObserverLease } from '../../domain/model';
import { CLOCKS_APART_MS } from '../../domain/voters';
import { decodeLease } from './decode';
import { encodeInstance, encodeLease, encodeObservation } from './encode';
import type { Table } from './table';

/** Conditions by name, before they are joined. */
const NONE_YET = 'attribute_not_exists(#pk)';
const OBSERVATION_NOT_OLDER = '#observedAtMs <= :at';
const OBSERVATION_IS_FROM_THE_FUTURE = '#observedAtMs > :latest';
const EVIDENCE_NOT_OLDER = '#atMs <= :at';
const STATE_IS = '#state = :inPlaceOf';
const LEASE_IS_OURS = '#owner = :owner';
const LEASE_RAN_OUT = '#untilMs <= :now';
const LEASE_IS_AS_READ = '#owner = :readOwner AND #renewedAtMs = :readRenewedAt';

export class Evidence {
  constructor(private readonly table: Table) {}

  /**
   * 1 WRU per KB: an observation of a node with one VIP is 0.8 KB. Observers of one zone overlap while they hand over,
   * and one that was frozen wakes with an old look in its hands: the newer one stays.
   */
  async putObservation(observation: Observation, nowMs: number): Promise<void> {
    await this.table.put(encodeObservation(observation), {
      clause: [NONE_YET, OBSERVATION_NOT_OLDER, OBSERVATION_IS_FROM_THE_FUTURE].join(' OR '),
      values: { at: observation.observedAtMs, latest: nowMs + CLOCKS_APART_MS },
    });
  }

  /** 1 WRU. EventBridge keeps no order: the newer state stays. */
  async putInstance(evidence: InstanceEvidence, inPlaceOf?: string): Promise<void> {
    const [clause, values] =
      inPlaceOf === undefined
        ? [`${NONE_YET} OR ${EVIDENCE_NOT_OLDER}`, {}]
        : [`${STATE_IS} AND ${EVIDENCE_NOT_OLDER}`, { inPlaceOf }];
    await this.table.put(encodeInstance(evidence), { clause, values: { at: evidence.atMs, ...values } });
  }

  /**
   * 1 WRU and no read to take a free lease or to renew one's own, every two seconds; a challenger that may take another's
   * pays a second WRU. `current` is the lease that stands after the call, as far as it is known.
   */
  async takeLease(
    lease: ObserverLease,
    mayTake: (current: ObserverLease) => boolean,
  ): Promise<{ taken: boolean; current: ObserverLease | null }> {
    const first = await this.table.put(encodeLease(lease), {
      clause: [NONE_YET, LEASE_IS_OURS, LEASE_RAN_OUT].join(' OR '),
      values: { owner: lease.owner, now: lease.renewedAtMs },
    });
    if (first.applied) return { taken: true, current: lease };
    const current = first.found === null ? null : decodeLease(first.found);
    if (current === null || !mayTake(current)) return { taken: false, current };

    const second = await this.table.put(encodeLease(lease), {
      clause: `${LEASE_IS_OURS} OR (${LEASE_IS_AS_READ})`,
      values: { owner: lease.owner, readOwner: current.owner, readRenewedAt: current.renewedAtMs },
    });
    if (second.applied) return { taken: true, current: lease };
    return { taken: false, current: second.found === null ? null : decodeLease(second.found) };
  }
}
