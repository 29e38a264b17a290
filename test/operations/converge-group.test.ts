/** Two VIPs that bridge calls into each other move to one node: their recoveries start together, whatever is slow. */
import { decide } from '../../lib/domain/decide';
import type { Topology, Transition, VipTopology } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { DEFAULT_TIMING, type ConvergeDeps } from '../../lib/operations/converge/context';
import { convergeTransition } from '../../lib/operations/converge/converge';
import { MemoryStateStore } from '../../lib/simulation/memory-store';
import { NOW } from '../support/cluster';
import { FakeWorld, silentLog } from '../support/fake-world';
import { healthyPair, seen, twoVips, VIPS } from '../support/two-vips';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

type VipId = (typeof VIPS)[number];
/** How long a call to the world takes for one of the VIPs, in milliseconds. */
type Latencies = Partial<Record<VipId, Record<string, number>>>;

interface Event {
  atMs: number;
  vipId: VipId;
  call: string;
}

/**
 * fs-a held both and died; both failovers to fs-b are decided, and each is worked on by a function of its own.
 * @param endsByOrder it lives, and an order ends it
 */
async function bothMoving(latencies: Latencies, { endsByOrder = false } = {}) {
  const topology = twoVips({}, 'trunk');
  const clock = new VirtualClock({ startMs: NOW });
  const store = new MemoryStateStore();
  const dead = seen('fs-a', 'silent').map((each) => ({
    ...each,
    ...{ esl: { ...each.esl, verdict: 'silent' as const, coreUuid: null }, eslMisses: 9, eslHistory: 0x1ff },
    ...{ eslWellSinceMs: null, eslMissingSinceMs: NOW - 9_000, sipMissingSinceMs: bothVips(NOW - 9_000) },
    ...{ sipMisses: bothVips(9), sipHistory: bothVips(0x1ff) },
  }));
  const observations = [...dead, ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];
  const snapshot = healthyPair({ topology, observations });
  Object.assign(store, { topology, control: snapshot.control });
  for (const node of snapshot.nodes) store.nodes.set(node.nodeId, node);
  for (const vip of snapshot.vips) store.vips.set(vip.vipId, vip);
  for (const decision of decide(snapshot, [], clock.wallMs())) {
    if (decision.kind !== 'change') throw new Error(`not decided: ${decision.reasons.join('; ')}`);
    const write = decisionWrite(decision, topology, observations, clock.wallMs(), 'observer/a');
    expect(await store.decide(write)).toEqual({ outcome: 'written' });
  }
  const events: Event[] = [];
  const depsOf = (vipId: VipId): ConvergeDeps => {
    const [holder] = topology.nodes;
    if (holder === undefined) throw new Error('no nodes');
    const before = async (call: string): Promise<void> => {
      await clock.sleep(latencies[vipId]?.[call] ?? 0);
      events.push({ atMs: clock.monotonicMs(), vipId, call });
    };
    const world = new FakeWorld(topology.nodes, holder, { before });
    world.association = { ...associationOf(holder), privateAddress: holder.vipAddresses[vipId] ?? '' };
    world.callsBefore = 5;
    if (!endsByOrder) world.switches.set('fs-a', null);
    return {
      ...{ store, clock, random: seededRandom(vipId.length), log: silentLog, runbookUrl: 'r', table: 'T' },
      ...{ elasticIps: world.elasticIps, dns: world.dns, instances: world.ec2, nodeControl: world.nodeControl },
      ...{ pager: world.pager, metrics: world.metricsPort },
    };
  };
  const journal = (vipId: VipId): Transition => {
    const found = store.transitions.get(`${vipId}#5`);
    if (found === undefined) throw new Error(`no journal of ${vipId}`);
    return found;
  };
  const converge = async (vipIds: readonly VipId[] = VIPS): Promise<void> => {
    let over = 0;
    for (const vipId of vipIds) {
      void convergeTransition(depsOf(vipId), topology, vipId, 5).finally(() => (over += 1));
    }
    await clock.until(() => over === vipIds.length, 300_000, 10);
  };
  /** When that call was first begun for the VIP. */
  const first = (vipId: VipId, call: string): number => {
    const found = events.find((event) => event.vipId === vipId && event.call === call);
    if (found === undefined) throw new Error(`${vipId} never came to ${call}`);
    return found.atMs;
  };
  const order = (vipId: VipId): string[] =>
    events.flatMap((event) => (event.vipId === vipId && /recover|promote/.test(event.call) ? [event.call] : []));
  return { store, clock, topology, journal, converge, first, order };
}

const bothVips = <T>(value: T): Record<VipId, T> => ({ main: value, second: value });

const associationOf = ({ networkInterfaceId, instanceId }: { networkInterfaceId: string; instanceId: string }) => ({
  ...{ associationId: 'eipassoc-0', networkInterfaceId, instanceId },
});

const vipOf = (topology: Topology, vipId: VipId): VipTopology | undefined =>
  topology.vips.find(({ id }) => id === vipId);

/** The old process ends by order, so that no role is locked: its end is what fences the rows. */
function byOrder(journal: Transition): void {
  Object.assign(journal, { kind: 'switchover', cause: 'operator' });
  journal.steps.lock = { ...journal.steps.lock, status: 'skipped', proof: 'the old process ends by order' };
}

const SLOW_LOCK = { 'node.lockRole': 1_800 };
const addressTakes = (ms: number): Record<string, number> => ({ 'eip.detach': ms / 2, 'eip.attach': ms / 2 });

describe('the recoveries of one group', () => {
  it.each<[string, Latencies]>([
    ['alike', {}],
    ['one address is half a second later', { main: addressTakes(800), second: addressTakes(1_300) }],
    ['one address is two seconds later', { main: addressTakes(800), second: addressTakes(2_900) }],
    ['the other one is', { main: addressTakes(2_900), second: addressTakes(800) }],
    ['one lock is slow', { main: SLOW_LOCK }],
    ['one address is slow, and the lock of the other', { main: addressTakes(2_400), second: SLOW_LOCK }],
  ])('start within a second, and no promotion precedes its recovery: %s', async (_, latencies) => {
    const stage = await bothMoving(latencies);
    await stage.converge();
    const apartMs = Math.abs(stage.first('main', 'node.recover') - stage.first('second', 'node.recover'));
    expect(apartMs).toBeLessThan(1_000);
    for (const vipId of VIPS) {
      expect(stage.order(vipId)).toEqual(['node.recover', 'node.promote']);
      expect(stage.journal(vipId)).toMatchObject({ status: 'done', calls: { before: 5, aliveAfter5s: 5 } });
    }
  });

  it('start together in a switchover too: the end of the old process is waited for as a lock is', async () => {
    const latencies = { main: { 'node.shutdownNow': 300 }, second: { 'node.shutdownNow': 2_200 } };
    const stage = await bothMoving(latencies, { endsByOrder: true });
    for (const vipId of VIPS) byOrder(stage.journal(vipId));
    await stage.converge();
    const apartMs = Math.abs(stage.first('main', 'node.recover') - stage.first('second', 'node.recover'));
    expect(apartMs).toBeLessThan(1_000);
    for (const vipId of VIPS) expect(stage.order(vipId)).toEqual(['node.recover', 'node.promote']);
  });

  it('do not wait for one that comes to nothing longer than their patience, and the journal says so', async () => {
    const stage = await bothMoving({});
    await stage.converge(['main']);
    const begunMs = stage.first('main', 'node.recover');
    expect(begunMs).toBeGreaterThanOrEqual(DEFAULT_TIMING.partnerPatienceMs);
    expect(begunMs).toBeLessThan(DEFAULT_TIMING.partnerPatienceMs + 1_000);
    expect(stage.order('main')).toEqual(['node.recover', 'node.promote']);
    expect(stage.journal('main').steps.recover.proof).toContain('begun without second#5, not ready in time');
  });

  it.each<[string, (stage: Awaited<ReturnType<typeof bothMoving>>) => void]>([
    ['of another group', ({ topology }) => void Object.assign(vipOf(topology, 'second') ?? {}, { group: 'another' })],
    ['that goes to another node', ({ journal }) => void Object.assign(journal('second').to, { nodeId: 'fs-c' })],
    ['that is not on its way', ({ store }) => void Object.assign(store.vips.get('second') ?? {}, { status: 'stuck' })],
    [
      'whose calls were seen to already',
      ({ journal }) => void Object.assign(journal('second').steps.recover, { status: 'done', proof: 'no database' }),
    ],
  ])('wait for no VIP %s', async (_which, change) => {
    const stage = await bothMoving({});
    change(stage);
    await stage.converge(['main']);

    expect(stage.first('main', 'node.recover')).toBeLessThan(1_000);
    expect(stage.journal('main').steps.recover.proof).not.toContain('begun without');
  });

  it('that began apart tell it in both ledgers: calls between them answer, and so count as alive', async () => {
    const stage = await bothMoving({});
    await stage.converge(['main']);
    await stage.converge(['second']);

    expect(stage.journal('main').calls?.notes).toContainEqual(
      'begun without second#5, not ready in time: calls between the two live on without audio',
    );
    expect(stage.journal('second').calls?.notes).toContainEqual(
      expect.stringMatching(/^begun \d+\.\d s after main#5: calls between the two live on without audio$/),
    );
  });

  it('that belong to two failures have nothing to tell', async () => {
    const stage = await bothMoving({});
    await stage.converge(['main']);
    const { calls } = stage.journal('main');
    Object.assign(calls ?? {}, { recoveredAtMs: (calls?.recoveredAtMs ?? 0) - 5 * 60_000 });
    await stage.converge(['second']);

    expect(stage.journal('second').calls?.notes.join()).not.toContain('without audio');
  });

  it('that began together have nothing to tell', async () => {
    const stage = await bothMoving({});
    await stage.converge();

    for (const vipId of VIPS) expect(stage.journal(vipId).calls?.notes.join()).not.toContain('without audio');
  });

  it('do not fail, nor start alone, because the store could not be read for a moment', async () => {
    const stage = await bothMoving({ second: addressTakes(2_000) });
    let refusals = 5;
    stage.store.hooks.onCall = (method) => {
      if (method === 'readCluster' && refusals-- > 0) throw new Error('DynamoDB gave no answer');
    };
    await stage.converge();
    const apartMs = Math.abs(stage.first('main', 'node.recover') - stage.first('second', 'node.recover'));
    expect(apartMs).toBeLessThan(1_000);
    expect(stage.journal('main').steps.recover.attempts).toBe(1);
  });
});
