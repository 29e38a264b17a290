/** One VIP leaves a node that lives and stays: no call moves with it, its phones do, and nobody harms the old node. */
import { decisionWrite } from '../../lib/domain/transition';
import type { NodeTopology, Transition, VipTopology } from '../../lib/domain/model';
import { convergeTransition } from '../../lib/operations/converge/converge';
import { switchOverDrained } from '../../lib/operations/drain';
import { NOW } from '../support/cluster';
import { silentLog } from '../support/fake-world';
import { drainedMain, stageOf } from '../support/two-vips';

const MOVE = { vipId: 'main', toNodeId: 'fs-b', abandonCalls: true };

async function moving() {
  const stage = stageOf(drainedMain());
  const { store, world, clock, random } = stage;
  // Stands for the address of `main`: the world has one.
  world.association = null;
  world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: false });
  expect(await switchOverDrained(stage.deps, MOVE)).toMatchObject({ kind: 'decided' });
  const journal = (epoch = 5): Transition => {
    const found = store.transitions.get(`main#${epoch}`);
    if (found === undefined) throw new Error(`no journal main#${epoch}`);
    return found;
  };
  const deps = {
    ...{ store, clock, random, elasticIps: world.elasticIps, dns: world.dns, instances: world.ec2, pager: world.pager },
    ...{ nodeControl: world.nodeControl, metrics: world.metricsPort, log: silentLog, runbookUrl: 'r', table: 'T' },
  };
  const topology = store.topology;
  if (topology === null) throw new Error('no topology');
  const converge = async (epoch = 5): Promise<void> => {
    let over = false;
    void convergeTransition(deps, topology, 'main', epoch).finally(() => (over = true));
    await clock.until(() => over, 300_000, 50);
  };
  /** The judgement goes on in the same chain: fs-b died on the way. */
  const fsBDied = async (toNodeId: string): Promise<void> => {
    world.switches.set('fs-b', null);
    const change = {
      ...({ kind: 'change', vipId: 'main', transition: journal().kind, cause: 'candidate-died' } as const),
      ...{ from: journal().to, to: { nodeId: toNodeId, coreUuid: `uuid-${toNodeId}` }, expectedEpoch: 5 },
      ...{ detectedAtMs: NOW, startsBlock: false, follows: journal(), reasons: ['fs-b died'] },
    };
    const write = decisionWrite(change, topology, [], clock.wallMs(), 'observer/a');
    expect(await store.decide(write)).toEqual({ outcome: 'written' });
  };
  return { ...stage, journal, converge, fsBDied };
}

describe('a drained VIP that moves, with a database', () => {
  it('takes the registrations of the old node over, and no call', async () => {
    const { world, journal, converge } = await moving();
    await converge();
    expect(world.recoveries).toMatchObject([
      { nodeId: 'fs-b', vipId: 'main', order: { deadCoreUuids: [], deadNodeIds: ['fs-a'] } },
    ]);
    expect(journal()).toMatchObject({ status: 'done', cause: 'operator-drained' });
    expect(journal().steps.recover).toMatchObject({ status: 'done', proof: expect.stringContaining('no call moves') });
  });

  it('leaves the old node its role and its place as a standby: it may hold other VIPs', async () => {
    const { world, store, converge, journal } = await moving();
    await converge();
    expect([...world.locked]).toEqual([]);
    expect(store.nodes.get('fs-a')).toMatchObject({ lockedBy: null, claims: ['second'] });
    expect(world.calls).not.toContain('node.lockRole');
    expect(world.calls).not.toContain('node.shutdownNow');
    expect(journal().steps.lock).toMatchObject({ status: 'skipped' });
  });

  it('writes no ledger of calls that nobody wanted to recover, and the page does not speak of a recovery', async () => {
    const { world, converge, journal } = await moving();
    world.callsBefore = 3;
    await converge();
    expect(journal()).toMatchObject({ calls: null, steps: { ledger: { proof: expect.stringMatching(/^no calls/) } } });
    expect(world.metrics).not.toContain('CallSurvivalPercent');
    expect(world.metrics).not.toContain('CallsLost');
    expect(world.pages[0]?.body).toMatch(/^Established calls: the VIP was drained: no call moves with it$/m);
  });

  it('with the database away serves at once and takes the phones over when it is back', async () => {
    const { world, converge, clock, journal } = await moving();
    world.databaseAway = true;
    const pending = converge();
    await clock.until(() => journal().steps.promote.status === 'done', 10_000, 50);
    expect(journal().steps.recover).toMatchObject({ status: 'pending', error: 'the database does not answer' });
    world.databaseAway = false;
    await pending;
    expect(journal()).toMatchObject({ status: 'done', steps: { recover: { status: 'done' } } });
  });

  it('with the database away for too long says that the phones come back one by one', async () => {
    const { world, converge, clock, journal } = await moving();
    world.databaseAway = true;
    for (let run = 1; run < 6 && journal().status === 'open'; run += 1) {
      await converge();
      await clock.advance(30_000);
    }
    expect(journal()).toMatchObject({ status: 'done', calls: null });
    expect(journal().steps.recover.proof).toContain('registrations given up after 120 s');
  });

  it('whose new node is restarted on the way goes on: no call was lost with the process', async () => {
    const { world, store, journal, converge } = await moving();
    world.switches.set('fs-b', { coreUuid: 'uuid-new', serving: false });
    await converge();
    expect(journal().status).toBe('done');
    expect(store.vips.get('main')?.holder).toEqual({ nodeId: 'fs-b', coreUuid: 'uuid-new' });
  });

  it('whose old node died before it was asked is done once the address is off it; that node is neither stopped nor locked', async () => {
    const { world, store, journal, converge } = await moving();
    world.switches.set('fs-a', null);

    await converge();

    expect(journal()).toMatchObject({ status: 'done', steps: { lock: { status: 'skipped' } } });
    expect(journal().steps.fence.proof).toMatch(/^\(d\) fs-a: it does not answer; no caller reaches it/);
    expect(world.recoveries).toMatchObject([{ order: { deadCoreUuids: [] } }]);
    expect(world.calls).not.toContain('ec2.forceStop');
    expect(store.nodes.get('fs-a')?.lockedBy).toBeNull();
  });

  it.each([
    ['answers our orders', { coreUuid: 'uuid-fs-a', serving: false }],
    ['answers callers alone', { coreUuid: null, serving: true }],
  ])('whose old node %s is done only once that is in standby', async (_words, look) => {
    const { world, journal, converge } = await moving();
    const { check, demote } = world.nodeControl;
    Object.assign(world.nodeControl, {
      demote: () => Promise.resolve({ demoted: false, reason: 'no reply' }),
      check: (node: NodeTopology, ...of: [VipTopology, number]) =>
        node.id === 'fs-a' ? Promise.resolve({ ...look, proof: '200', reason: '503' }) : check(node, ...of),
    });

    await converge();
    expect(journal()).toMatchObject({
      status: 'open',
      steps: { promote: { status: 'done' }, fence: { error: 'fs-a: no reply' } },
    });

    Object.assign(world.nodeControl, { demote });
    await converge();
    expect(journal().status).toBe('done');
  });

  it.each(['fs-c', 'fs-a'])(
    'whose new node dies on the way goes on to %s; the living node is not locked',
    async (to) => {
      const { world, store, fsBDied, converge } = await moving();
      await fsBDied(to);
      await converge(6);
      const [recovery] = world.recoveries;
      expect(recovery).toMatchObject({ nodeId: to, order: { transitionId: 'main#6', deadCoreUuids: ['uuid-fs-b'] } });
      expect(recovery?.order.deadNodeIds).toEqual(to === 'fs-a' ? ['fs-b'] : ['fs-a', 'fs-b']);
      expect([...world.locked]).toEqual(['fs-b']);
      expect(store.nodes.get('fs-a')?.lockedBy).toBeNull();
      expect(store.transitions.get('main#6')?.status).toBe('done');
    },
  );
});

describe('a VIP whose old holder nobody ever identified', () => {
  it('keeps its phones too, though its rows cannot be told from others', async () => {
    const { world, journal, converge } = await moving();
    const from = { nodeId: 'fs-a', coreUuid: null };
    Object.assign(journal(), { kind: 'failover', cause: 'conclusive-death', from });
    await converge();
    expect(world.recoveries).toMatchObject([{ order: { deadCoreUuids: [], deadNodeIds: ['fs-a'] } }]);
    expect(journal().steps.recover.proof).toContain('nobody ever read the core_uuid');
  });
});
