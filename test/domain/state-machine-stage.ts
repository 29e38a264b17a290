/** A cluster of three nodes and two VIPs in the store in memory, with a look at its states after each call. */
import type { Change } from '../../lib/domain/decision';
import { transitionId, type Cause, type TransitionKind } from '../../lib/domain/model';
import type { PauseSubject, StateStore } from '../../lib/domain/state-store';
import { edgesTaken, photograph, type Photograph } from '../../lib/domain/state-machine';
import { decisionWrite } from '../../lib/domain/transition';
import { MemoryStateStore } from '../../lib/simulation/memory-store';
import { aTopology } from '../support/store-fixtures';

const START_MS = 1_800_000_000_000;

export class Stage {
  readonly store = new MemoryStateStore({ onAnswer: (call) => this.look(call) });
  /** By edge: the calls that took it; null where there was none. */
  readonly edges = new Map<string, Set<keyof StateStore | null>>();
  readonly unknown: string[] = [];
  nowMs = START_MS;
  private seen: Photograph = photograph(this.store, START_MS);

  look(call: keyof StateStore | null): void {
    const now = photograph(this.store, this.nowMs);
    const { edges, unknown } = edgesTaken(this.seen, now);
    for (const edge of edges) this.edges.set(edge, new Set([...(this.edges.get(edge) ?? []), call]));
    this.unknown.push(...unknown);
    this.seen = now;
  }

  vip(vipId: string) {
    const state = this.store.vips.get(vipId);
    if (state === undefined) throw new Error(`there is no VIP ${vipId}`);
    const id = transitionId(vipId, state.epoch);
    return { state, id, journal: this.store.transitions.get(id) ?? null };
  }

  async act(...acts: Act[]): Promise<this> {
    for (const act of acts) await act(this);
    return this;
  }
}

export type Act = (stage: Stage) => Promise<unknown>;

const topology = () => {
  const plain = aTopology();
  return { ...plain, policy: { ...plain.policy, maxVipsPerNode: 2 } };
};

export const registered =
  (paused = false): Act =>
  async ({ store }) => {
    await store.putTopology(topology());
    await store.ensureItems(topology(), { paused, reason: null, epochs: {}, atMs: 0 });
  };

/** By the store's transaction, as the judgement or an operator has it written. `goesOn`: from the journal before. */
export const decided =
  (kind: TransitionKind, cause: Cause, to: string, { vipId = 'main', goesOn = false, isKnown = true } = {}): Act =>
  async (stage) => {
    const { store, nowMs } = stage;
    const { state, journal } = stage.vip(vipId);
    const change: Change = {
      kind: 'change',
      vipId,
      transition: kind,
      cause,
      from: state.holder,
      to: { nodeId: to, coreUuid: isKnown ? `uuid-${to}` : null },
      expectedEpoch: state.epoch,
      detectedAtMs: nowMs,
      startsBlock: kind === 'failover',
      follows: goesOn ? journal : null,
      reasons: ['the test says so'],
    };
    const outcome = await store.decide(decisionWrite(change, topology(), [], nowMs, 'observer/test'));
    if (outcome.outcome === 'refused') throw new Error(`the store refused it: ${outcome.clauses.join(', ')}`);
  };

export const assigned = (vipId = 'main', to = 'fs-a'): Act => decided('assignment', 'first-assignment', to, { vipId });

export const failedOver = (to = 'fs-b', vipId = 'main'): Act => decided('failover', 'conclusive-death', to, { vipId });

export const retargeted = (to = 'fs-c'): Act => decided('failover', 'candidate-died', to, { goesOn: true });

/** A stuck transition, started anew. */
export const retried = (): Act => decided('failover', 'operator', 'fs-b', { goesOn: true });

export const closed =
  (status: 'done' | 'stuck', vipId = 'main'): Act =>
  async (stage) => {
    const { store, nowMs } = stage;
    const { state, id } = stage.vip(vipId);
    if (state.holder === null) throw new Error(`${vipId} moves nowhere`);
    await store.takeTransitionLease(id, 'converger', nowMs, nowMs + 1_000);
    const isClosed = await store.closeTransition(id, 'converger', status, state.holder, nowMs);
    if (!isClosed) throw new Error(`${id} could not be closed`);
  };

/** Registered, and `main` held by fs-a; `second` by the node that is named. */
export const held =
  (second: string | null = null): Act =>
  (stage) =>
    stage.act(
      registered(),
      assigned(),
      closed('done'),
      ...(second === null ? [] : [assigned('second', second), closed('done', 'second')]),
    );

/** By the present transition of the VIP. */
export const lockedOut =
  (nodeId: string, vipId = 'main'): Act =>
  (stage) =>
    stage.store.setLockedOut(nodeId, stage.vip(vipId).id);

export const letIn =
  (nodeId: string): Act =>
  ({ store }) =>
    store.setLockedOut(nodeId, null);

/** The world is at epoch 6. */
export const epochAdopted = (): Act => (stage) => stage.store.adoptEpoch('main', 7, stage.nowMs);

export const incarnationLearned =
  (): Act =>
  ({ store }) =>
    store.learnHolderCoreUuid('main', 1, 'uuid-fs-a');

export const acknowledged = (): Act => (stage) => stage.store.acknowledge('main', stage.nowMs);

export const paused =
  (subject: PauseSubject, forMs: number | null = null): Act =>
  ({ store, nowMs }) =>
    store.setPaused(subject, true, 'maintenance', forMs === null ? null : nowMs + forMs);

export const resumed =
  (subject: PauseSubject): Act =>
  ({ store }) =>
    store.setPaused(subject, false, null);

export const timePassed =
  (ms: number): Act =>
  async (stage) => {
    stage.nowMs += ms;
    stage.look(null);
  };

/** The items change behind the store's back. */
export const tampered =
  (change: (store: MemoryStateStore) => void): Act =>
  async (stage) => {
    change(stage.store);
    stage.look(null);
  };
