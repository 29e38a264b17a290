/** The store that the specification is about, an empty one for each test, and what the tests do with it in a word. */
import type { ClusterSnapshot, Holder, NodeState, StepRecord, VipState } from '../../../lib/domain/model';
import type { DecisionWrite, StateStore } from '../../../lib/domain/ports';
import { aTopology, aTransition } from '../store-fixtures';

export const NOW = 1_800_000_000_000;
export const HOLDER_A = { nodeId: 'fs-a', coreUuid: 'uuid-a' };
export const HOLDER_B = { nodeId: 'fs-b', coreUuid: 'uuid-b' };
export const DONE: StepRecord = {
  status: 'done',
  attempts: 1,
  startedAtMs: NOW,
  finishedAtMs: NOW + 5,
  proof: 'read back',
  error: null,
};

export interface Stage {
  readonly store: StateStore;
  givenRegistered(paused?: boolean): Promise<void>;
  /** Topology, items, unpaused; VIP `main` held by fs-a at epoch 1. */
  givenHeldByA(): Promise<void>;
  decided(decision: DecisionWrite): Promise<void>;
  closed(id: string, holder: Holder): Promise<void>;
  /** Node id -> VIP ids. */
  claims(): Promise<Record<string, string[]>>;
}

export function stageOf(current: () => StateStore): Stage {
  async function givenRegistered(paused = false): Promise<void> {
    await current().putTopology(aTopology());
    await current().ensureItems(aTopology(), { paused, reason: paused ? 'new table' : null, epochs: {}, atMs: 0 });
  }
  async function decided(decision: DecisionWrite): Promise<void> {
    expect(await current().decide(decision)).toEqual({ outcome: 'written' });
  }
  async function closed(id: string, holder: Holder): Promise<void> {
    await current().takeTransitionLease(id, 'closer', NOW, NOW + 1000);
    expect(await current().closeTransition(id, 'closer', 'done', holder, NOW + 500)).toBe(true);
    await current().releaseTransitionLease(id, 'closer');
  }
  return {
    get store() {
      return current();
    },
    givenRegistered,
    givenHeldByA: async () => {
      await givenRegistered();
      await decided(firstAssignment());
      await closed('main#1', HOLDER_A);
    },
    decided,
    closed,
    claims: async () =>
      Object.fromEntries((await current().readCluster()).nodes.map((node) => [node.nodeId, node.claims])),
  };
}

export const write = (over: Partial<DecisionWrite> & Pick<DecisionWrite, 'transition'>): DecisionWrite => ({
  expectedEpoch: over.transition.epoch - 1,
  startsBlock: false,
  maxVipsPerNode: 1,
  maxTransitionsInFlight: 10,
  supersedes: null,
  ...over,
});

export const firstAssignment = (vipId = 'main', to = HOLDER_A): DecisionWrite =>
  write({ transition: aTransition({ vipId, epoch: 1, kind: 'assignment', from: null, to }) });

export const failover = (decidedBy = 'observer-1', over: Partial<DecisionWrite> = {}): DecisionWrite =>
  write({
    transition: aTransition({ vipId: 'main', epoch: 2, from: HOLDER_A, to: HOLDER_B, decidedAtMs: NOW, decidedBy }),
    startsBlock: true,
    ...over,
  });

export const vipIn = (snapshot: ClusterSnapshot, id = 'main'): VipState | undefined =>
  snapshot.vips.find((vip) => vip.vipId === id);

export const nodeIn = (snapshot: ClusterSnapshot, id: string): NodeState | undefined =>
  snapshot.nodes.find((node) => node.nodeId === id);
