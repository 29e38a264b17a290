/** A convergence about to begin, in memory: the world, the store, and a decided failover of `main`. */
import { decide } from '../../lib/domain/decide';
import type { Cause, Topology, Transition } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import type { ConvergeDeps } from '../../lib/operations/converge/context';
import { convergeTransition, type ConvergeOutcome } from '../../lib/operations/converge/converge';
import { healthy, looks, topologyOf } from './cluster';
import { FakeWorld, silentLog, type Interference } from './fake-world';
import { MemoryStateStore } from '../../lib/simulation/memory-store';
import { seededRandom, VirtualClock } from './virtual-clock';

const DEAD: Record<'conclusive-death' | 'suspected-death' | 'sip-stuck', ['refused' | 'silent' | 'ok', 'silent']> = {
  'conclusive-death': ['refused', 'silent'],
  'suspected-death': ['silent', 'silent'],
  'sip-stuck': ['ok', 'silent'],
};

export interface Stage {
  clock: VirtualClock;
  store: MemoryStateStore;
  world: FakeWorld;
  topology: Topology;
  deps: ConvergeDeps;
  /** Converges epoch 2 while virtual time passes. */
  converge(seed?: number): Promise<ConvergeOutcome>;
  journal(): Transition;
}

/** fs-a held `main` at epoch 1 and died of `cause`; the failover to fs-b is decided and nothing is done yet. */
export async function decided(
  cause: keyof typeof DEAD = 'conclusive-death',
  interfere: Interference = {},
  topology: Topology = topologyOf(3),
): Promise<Stage> {
  const clock = new VirtualClock();
  const store = new MemoryStateStore();
  const nodes = topology.nodes;
  const [holder] = nodes;
  if (holder === undefined) throw new Error('no nodes');
  const world = new FakeWorld(nodes, holder, interfere);
  if (cause !== 'sip-stuck') world.switches.set(holder.id, null);
  const snapshot = healthy({
    topology,
    observations: [
      ...looks('fs-a', ...DEAD[cause], { observedAtMs: clock.wallMs() }),
      ...looks('fs-b', 'ok', 'standby', { observedAtMs: clock.wallMs() }),
      ...looks('fs-c', 'ok', 'standby', { observedAtMs: clock.wallMs() }),
    ],
  });
  await store.putTopology(topology);
  await store.ensureItems(topology, { paused: false, reason: null, epochs: { main: 1 }, atMs: 0 });
  for (const observation of snapshot.observations) await store.putObservation(observation, clock.wallMs());
  const vip = store.vips.get('main');
  if (vip === undefined) throw new Error('no VIP');
  Object.assign(vip, { status: 'held', holder: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } });
  store.nodes.get('fs-a')?.claims.push('main');
  const [decision] = decide(await store.readCluster(), [], clock.wallMs());
  if (decision?.kind !== 'change') throw new Error(`not decided: ${decision?.reasons.join('; ')}`);
  expect(decision.cause).toBe(cause satisfies Cause);
  const write = decisionWrite(decision, topology, snapshot.observations, clock.wallMs(), 'observer/a');
  expect(await store.decide(write)).toEqual({ outcome: 'written' });

  const deps: ConvergeDeps = {
    store,
    elasticIps: world.elasticIps,
    dns: world.dns,
    instances: world.ec2,
    nodeControl: world.nodeControl,
    pager: world.pager,
    clock,
    random: seededRandom(1),
    metrics: world.metricsPort,
    log: silentLog,
    runbookUrl: 'https://example.invalid/runbook',
    table: 'T',
  };
  return {
    clock,
    store,
    world,
    topology,
    deps,
    converge: async (seed = 1) => {
      let outcome: ConvergeOutcome | undefined;
      let failure: unknown;
      void convergeTransition({ ...deps, random: seededRandom(seed) }, topology, 'main', 2).then(
        (value) => (outcome = value),
        (error: unknown) => (failure = error),
      );
      await clock.until(() => outcome !== undefined || failure !== undefined, 300_000, 50);
      if (outcome === undefined) throw failure;
      return outcome;
    },
    journal: () => {
      const journal = store.transitions.get('main#2');
      if (journal === undefined) throw new Error('no journal');
      return journal;
    },
  };
}
