/** The state of the lab's cluster, in this process, and what of it the lab must hear of. */
import type { StepName, StepRecord, Topology, Transition } from '../../lib/domain/model';
import type { DecisionOutcome, DecisionWrite } from '../../lib/domain/ports';
import { MemoryStateStore } from '../../lib/simulation/memory-store';

export class LabStore extends MemoryStateStore {
  /** As the stream of the table wakes the failover function. */
  onDecided: (transition: Transition) => void = () => undefined;

  /** A step was tried and is not done; the journal forgets why as soon as it is. */
  onNotYet: (id: string, step: string, why: string) => void = () => undefined;

  static async of(topology: Topology): Promise<LabStore> {
    const store = new LabStore();
    await store.putTopology(topology);
    await store.ensureItems(topology, { paused: false, reason: null, epochs: {}, atMs: Date.now() });
    return store;
  }

  override async decide(write: DecisionWrite): Promise<DecisionOutcome> {
    const answer = await super.decide(write);
    if (answer.outcome === 'written') this.onDecided(structuredClone(write.transition));
    return answer;
  }

  override async recordStep(
    id: string,
    owner: string,
    step: StepName,
    record: StepRecord,
    leaseUntilMs: number,
  ): Promise<boolean> {
    const recorded = await super.recordStep(id, owner, step, record, leaseUntilMs);
    if (recorded && record.error !== null) this.onNotYet(id, step, record.error);
    return recorded;
  }
}
