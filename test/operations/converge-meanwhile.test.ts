import { OutsideTimeout } from '../../lib/domain/errors';
import type { ConvergeDeps } from '../../lib/operations/converge/context';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { convergeMeanwhile } from '../../lib/operations/converge-meanwhile';
import { evaluateCluster } from '../../lib/operations/evaluate';
import { MemoryStateStore, type MemoryStoreHooks } from '../../lib/simulation/memory-store';
import { looks, topologyOf } from '../support/cluster';
import { FakeWorld, silentLog } from '../support/fake-world';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

const UNDER_WAY_MS = 30_000;

/** The holder of `main` died and its failover was decided, while the change of another VIP is under way. */
async function stage(hooks: MemoryStoreHooks = {}) {
  const topology = topologyOf(2);
  const [holder] = topology.nodes;
  if (holder === undefined) throw new Error('no nodes');
  const clock = new VirtualClock();
  const store = new MemoryStateStore(hooks);
  const world = new FakeWorld(topology.nodes, holder);
  await store.putTopology(topology);
  await store.ensureItems(topology, { paused: false, reason: null, epochs: { main: 1 }, atMs: 0 });
  Object.assign(store.vips.get('main') ?? {}, { status: 'held', holder: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } });
  store.nodes.get('fs-a')?.claims.push('main');
  const warned: string[] = [];
  const deps: ConvergeDeps = {
    store,
    elasticIps: world.elasticIps,
    dns: world.dns,
    instances: world.ec2,
    nodeControl: world.nodeControl,
    pager: world.pager,
    clock,
    random: seededRandom(7),
    metrics: world.metricsPort,
    log: { ...silentLog, warn: (message) => void (message.includes('other#5') && warned.push(message)) },
    runbookUrl: 'https://r',
    table: 'T',
  };
  for (const seen of [looks('fs-a', 'refused', 'silent'), looks('fs-b', 'ok', 'standby')].flat())
    await store.putObservation({ ...seen, observedAtMs: clock.wallMs() }, clock.wallMs());
  await evaluateCluster({ ...deps, actor: 'observer/a' });
  const status = (): string | undefined => store.transitions.get('main#2')?.status;
  const meanwhile = (own: string, working: Promise<unknown> = clock.sleep(UNDER_WAY_MS)) => {
    const state = { over: false };
    void convergeMeanwhile(deps, own, working, DEFAULT_TIMING).finally(() => (state.over = true));
    return state;
  };
  return { clock, store, world, deps, warned, status, meanwhile };
}

describe('while one change of holder is under way', () => {
  it('another one that nobody works on is done beside it', async () => {
    const { clock, status, meanwhile } = await stage();

    meanwhile('other#5');
    const tookMs = await clock.until(() => status() === 'done', UNDER_WAY_MS);

    expect(tookMs).toBeLessThan(8_000);
  });

  it('nothing is begun that was decided for itself, or that somebody works on', async () => {
    const { clock, store, deps, world, meanwhile } = await stage();
    const before = world.calls.length;
    meanwhile('main#2');
    await clock.advance(5_000);
    expect(world.calls.slice(before)).toEqual([]);

    await store.takeTransitionLease('main#2', 'somebody', deps.clock.wallMs(), deps.clock.wallMs() + 60_000);
    const takes = jest.spyOn(store, 'takeTransitionLease');
    meanwhile('other#5');
    await clock.advance(5_000);

    expect(takes).not.toHaveBeenCalled();
    expect(world.calls.slice(before)).toEqual([]);
  });

  it('what was begun is ended, also when the other one has ended before', async () => {
    const { clock, world, status, meanwhile } = await stage();
    const { attach } = world.elasticIps;
    world.elasticIps.attach = (...what) => clock.sleep(5_000).then(() => attach(...what));

    const state = meanwhile('other#5', clock.sleep(1_100));
    await clock.advance(1_200);
    expect([state.over, status()]).toEqual([false, 'open']);

    await clock.until(() => state.over, 90_000);
    expect(status()).toBe('done');
  });

  it('it is over at once when that one has ended or failed, and nothing was begun', async () => {
    const { clock, meanwhile } = await stage();

    const states = [meanwhile('other#5', Promise.resolve()), meanwhile('other#5', Promise.reject(new Error('store')))];
    await clock.advance(0);

    expect(states).toEqual([{ over: true }, { over: true }]);
  });

  it('a store that does not answer is asked again, and fails nobody', async () => {
    let away = true;
    const { clock, status, warned, meanwhile } = await stage({
      onCall: (method) => {
        if (away && method === 'listUnfinishedTransitions') throw new OutsideTimeout('DynamoDB is away');
      },
    });
    const state = meanwhile('other#5');
    await clock.advance(3_500);
    expect(warned).toHaveLength(3);

    away = false;
    await clock.until(() => status() === 'done', UNDER_WAY_MS);

    await clock.until(() => state.over, 90_000);
  });

  it('one that cannot be begun is left to its own record, and is not begun again', async () => {
    const { clock, store, warned, meanwhile } = await stage();
    jest.spyOn(store, 'readTopology').mockRejectedValue(new OutsideTimeout('DynamoDB is away'));

    const state = meanwhile('other#5', clock.sleep(5_500));
    await clock.until(() => state.over, 90_000);

    expect(warned).toEqual([expect.stringMatching(/^main#2 could not be worked on while other#5/)]);
  });

  it('no longer than its own budget', async () => {
    const { clock, world, meanwhile } = await stage();
    const { budgetMs } = DEFAULT_TIMING;
    world.nodeControl.promote = () => new Promise(() => undefined);

    const state = meanwhile('main#2', clock.sleep(2 * budgetMs));
    await clock.advance(budgetMs + 2_000);

    expect(state.over).toBe(true);
  });
});
