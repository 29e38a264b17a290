/** A change of holder of which the topology lacks a node: a table was restored, or somebody wrote it by hand. */
import type { Topology } from '../../lib/domain/model';
import { convergeTransition, type ConvergeOutcome } from '../../lib/operations/converge/converge';
import { evaluateCluster } from '../../lib/operations/evaluate';
import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const DATABASE = { host: 'db.internal', port: 5432, name: 'freeswitch' };

const without = (topology: Topology, nodeId: string): Topology => ({
  ...topology,
  nodes: topology.nodes.filter(({ id }) => id !== nodeId),
  vips: topology.vips.map((vip) => ({ ...vip, candidates: vip.candidates.filter((id) => id !== nodeId) })),
});

function privateVip(): Topology {
  const topology = topologyOf(3, { database: DATABASE });
  return { ...topology, vips: topology.vips.map((vip) => ({ ...vip, elasticIp: null })) };
}

async function converge({ deps, clock }: Stage, topology: Topology): Promise<ConvergeOutcome> {
  let outcome: ConvergeOutcome | undefined;
  let failure: unknown;
  void convergeTransition(deps, topology, 'main', 2).then(
    (value) => (outcome = value),
    (error: unknown) => (failure = error),
  );
  await clock.until(() => outcome !== undefined || failure !== undefined, 300_000, 50);
  if (outcome === undefined) throw failure;
  return outcome;
}

describe('an old holder that the topology does not have', () => {
  it('is taken for neither ended nor locked: it may thaw', async () => {
    const stage = await decided('suspected-death', {}, privateVip());
    stage.world.callsBefore = 10;

    const { outcome } = await converge(stage, without(stage.topology, 'fs-a'));

    const { steps } = stage.journal();
    expect(outcome).toBe('open');
    expect(stage.world.promotions).toEqual([]);
    expect(stage.world.recoveries).toEqual([]);
    for (const step of [steps.fence, steps.lock, steps.stop]) {
      expect(step).toMatchObject({ status: 'pending', error: expect.stringContaining('does not have fs-a') });
    }
  });

  it('is told with its remedy when it lasts', async () => {
    const stage = await decided('suspected-death', {}, privateVip());
    await stage.clock.advance(600_000);

    await converge(stage, without(stage.topology, 'fs-a'));

    const [incident] = stage.store.incidents.values();
    expect(incident?.reasons[0]).toMatch(/does not have fs-a.*deploy the cluster with it again/);
  });

  it('is fenced once it is deployed again', async () => {
    const stage = await decided('suspected-death', {}, privateVip());
    await converge(stage, without(stage.topology, 'fs-a'));
    stage.world.instances.set('i-a', { instanceId: 'i-a', state: 'stopped', owner: null });

    await converge(stage, stage.topology);

    expect(stage.journal().steps.fence.proof).toContain('(e) the instance of fs-a is stopped');
    expect(stage.world.promotions.at(-1)).toBe('fs-b/main');
  });

  it('is out of the callers’ way once its public address is: that needs no answer of it', async () => {
    const stage = await decided('suspected-death', {}, topologyOf(3, { database: DATABASE }));
    stage.world.callsBefore = 10;

    await converge(stage, without(stage.topology, 'fs-a'));

    const { steps } = stage.journal();
    expect(steps.fence.proof).toContain('(d) fs-a');
    expect(stage.world.promotions.at(-1)).toBe('fs-b/main');
    expect(stage.world.recoveries).toEqual([]);
    expect([steps.lock.status, steps.stop.status]).toEqual(['pending', 'pending']);
  });

  it('that died conclusively needs no fence', async () => {
    const stage = await decided('conclusive-death');

    await converge(stage, without(stage.topology, 'fs-a'));

    expect(stage.journal().steps.fence.proof).toContain('(a) conclusive death');
  });
});

describe('a new holder that the topology does not have', () => {
  async function lost(cause: 'conclusive-death' | 'suspected-death' = 'conclusive-death'): Promise<Stage> {
    const stage = await decided(cause);
    await stage.store.putTopology(without(stage.topology, 'fs-b'));
    return stage;
  }

  it('is told at once, and its place among the transitions in flight is free again', async () => {
    const stage = await lost();

    const { outcome } = await converge(stage, without(stage.topology, 'fs-b'));

    expect(outcome).toBe('stuck');
    expect([...stage.store.incidents.values()]).toMatchObject([
      {
        kind: 'vip-stuck',
        vipId: 'main',
        epoch: 2,
        reasons: [expect.stringMatching(/have: deploy.*acknowledge main/)],
      },
    ]);
    expect(stage.store.control?.transitionsInFlight).toBe(0);
    expect(stage.world.promotions).toEqual([]);
  });

  it('is left for another node when a human acknowledges it', async () => {
    const stage = await lost();
    await converge(stage, without(stage.topology, 'fs-b'));
    await stage.store.acknowledge('main', stage.clock.wallMs() + 1);

    await evaluateCluster({ ...stage.deps, actor: 'schedule' });

    expect(stage.store.transitions.get('main#3')).toMatchObject({
      from: { nodeId: 'fs-a' },
      to: { nodeId: 'fs-c' },
      status: 'open',
    });
  });

  it('is not left unfenced where it may have been promoted: its journal stays open', async () => {
    const stage = await lost();
    const { steps } = stage.journal();
    steps.attach = { ...steps.attach, status: 'done', proof: 'there' };

    await converge(stage, without(stage.topology, 'fs-b'));

    const [incident] = stage.store.incidents.values();
    expect(incident?.reasons[0]).not.toContain('acknowledge');
    expect(stage.journal().status).toBe('open');
  });

  it('is looked for in the topology of now: what this run has may be older than the decision', async () => {
    const stage = await decided();

    const { outcome } = await converge(stage, without(stage.topology, 'fs-b'));

    expect(outcome).toBe('done');
    expect(stage.store.incidents.size).toBe(0);
  });
});
