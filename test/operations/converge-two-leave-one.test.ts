/** Two VIPs leave one node, each by a journal of its own, and each sees to the end of what it left. */
import { MalformedItem } from '../../lib/domain/errors';
import type { StepRecord, Topology, Transition, VipState } from '../../lib/domain/model';
import { looks, sip, topologyOf, vipState, withSecondVip } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const STOPPED = 'the instance of fs-a is stopped';

/** `main` leaves fs-a, whose instance runs; the change of `second` has come to that with its step `stop`. */
async function beside(stop: Partial<StepRecord>, plain: Topology = topologyOf(3)): Promise<Stage> {
  const topology = withSecondVip(plain);
  const stage = await decided('suspected-death', {}, plain);
  const { store } = stage;
  const journal = stage.journal();
  await stage.clock.advance(1_000);
  await store.putTopology(topology);
  const to = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };
  store.vips.set('second', vipState({ vipId: 'second', epoch: 7, holder: to }));
  const done = { status: 'done', proof: STOPPED, finishedAtMs: stage.clock.wallMs(), ...stop } as const;
  store.transitions.set('second#7', {
    ...{ ...journal, id: 'second#7', vipId: 'second', epoch: 7, status: 'done' },
    steps: { ...journal.steps, stop: { ...journal.steps.stop, ...done } },
  });
  return stage;
}

describe('the old node of two VIPs', () => {
  it('is not stopped again when the other one saw it stopped: it may be on its way back', async () => {
    const stage = await beside({});

    await stage.converge();

    expect(stage.journal().steps.stop).toMatchObject({ status: 'done', proof: `${STOPPED}, as second#7 saw` });
    expect(stage.world.calls).not.toContain('ec2.forceStop');
  });

  it.each<[string, Partial<StepRecord>]>([
    ['not stopped it yet', { status: 'pending', proof: null, finishedAtMs: null }],
    ['seen it stopped before this one was decided', { finishedAtMs: 1 }],
    ['stopped another node', { proof: 'the instance of fs-c is stopped' }],
  ])('is stopped where the other one has %s', async (_words, stop) => {
    const stage = await beside(stop);

    await stage.converge();

    expect(stage.world.instances.get('i-a')?.state).toBe('stopping');
  });

  it.each<[string, Partial<Transition>, boolean]>([
    ['is under way', { status: 'open' }, true],
    ['got stuck before it took the address: its callers may be served there', { status: 'stuck' }, false],
  ])('where the failover of the other one %s', async (_words, change, isStopped) => {
    const stage = await beside({ status: 'pending', proof: null, finishedAtMs: null });
    const { store } = stage;
    Object.assign(store.transitions.get('second#7') ?? {}, change, { chain: { rootEpoch: 7, retargets: 0 } });
    Object.assign(store.vips.get('second') ?? {}, { status: 'moving' });

    await stage.converge();

    expect(stage.world.calls.includes('ec2.forceStop')).toBe(isStopped);
  });

  describe('when the journal of the other one cannot be read', () => {
    const created: Topology = {
      ...topologyOf(3),
      nodes: topologyOf(3).nodes.map((node) => ({ ...node, fingerprint: 'created by the deployment' })),
    };
    async function unreadable(second: Partial<VipState>, verdict: 'ok' | 'silent'): Promise<Stage> {
      const stage = await beside({}, created);
      const { store, clock } = stage;
      Object.assign(store.vips.get('second') ?? {}, second);
      const read = store.readTransition.bind(store);
      store.readTransition = (vipId, epoch) =>
        vipId === 'second' ? Promise.reject(new MalformedItem("field 'cause' is meteorite")) : read(vipId, epoch);
      const observedAtMs = clock.wallMs();
      for (const each of looks('fs-a', 'silent', 'silent', { sip: { main: sip('silent'), second: sip(verdict) } })) {
        await store.putObservation({ ...each, observedAtMs }, observedAtMs);
      }
      return stage;
    }

    it.each<[string, Partial<VipState>, 'ok' | 'silent']>([
      ['is held elsewhere', {}, 'silent'],
      ['is on its way, and is not served there', { status: 'moving' }, 'silent'],
    ])('is stopped where that VIP %s', async (_words, second, verdict) => {
      const stage = await unreadable(second, verdict);

      await stage.converge();

      expect(stage.world.instances.get('i-a')?.state).toBe('stopping');
    });

    it('is left running where that VIP is on its way, and served there', async () => {
      const stage = await unreadable({ status: 'moving' }, 'ok');

      await stage.converge();

      expect(stage.journal().steps.stop.error).toBe(
        'fs-a is left running while it may serve second, which has not left it',
      );
      expect(stage.world.calls).not.toContain('ec2.forceStop');
    });
  });

  it('is fenced without a public address when the other one saw it stopped', async () => {
    const plain = topologyOf(3);
    const stage = await beside({}, { ...plain, vips: plain.vips.map((vip) => ({ ...vip, elasticIp: null })) });

    await stage.converge();

    expect(stage.journal().steps.fence).toMatchObject({ status: 'done', proof: `(e) ${STOPPED}, as second#7 saw` });
    expect(stage.world.promotions).toEqual(['fs-b/main']);
  });
});

const REPLACED = { cause: 'restarted', coreUuid: 'uuid-again', proof: '(a) fs-a runs uuid-again' } as const;
const IN_STANDBY = { cause: 'holder-in-standby', coreUuid: 'uuid-fs-a', proof: 'fs-a stays the holder' } as const;

describe.each([
  ['whose process was replaced', REPLACED],
  ['whose process is in standby', IN_STANDBY],
])('a node that takes its VIP back, %s,', (_, { cause, coreUuid, proof }) => {
  const fingerprint = 'created by the deployment';
  /** So many observers are answered by fs-b as by the node that serves. */
  async function takenBack(serving: number, change: (topology: Topology) => Topology = (topology) => topology) {
    const plain = topologyOf(3);
    const topology = change({
      ...plain,
      vips: plain.vips.map((vip) => ({ ...vip, elasticIp: null })),
      nodes: plain.nodes.map((node) => ({ ...node, fingerprint })),
    });
    const stage = await decided('suspected-death', {}, topology);
    const { store, world, clock } = stage;
    const back = { nodeId: 'fs-a', coreUuid };
    world.switches.set('fs-a', { coreUuid, serving: false });
    world.switches.set('fs-b', { coreUuid: 'uuid-fs-b', serving: true });
    const seen = [...store.observations.values()].filter(({ nodeId }) => nodeId === 'fs-b').slice(0, serving);
    for (const each of seen) {
      const sip = { main: { verdict: 'ok' as const, detail: '200', latencyMs: 1 } };
      await store.putObservation({ ...each, sip, observedAtMs: clock.wallMs() }, clock.wallMs());
    }
    store.transitions.set('main#2', { ...stage.journal(), kind: 'reinstatement', cause, to: back });
    Object.assign(store.vips.get('main')!, { holder: back });
    return stage;
  }

  it('touches no other one that a human has paused, and waits beside it', async () => {
    const { world, store, clock, journal, converge } = await takenBack(3);
    Object.assign(store.nodes.get('fs-b')!, { paused: true });

    const pending = converge();
    await clock.until(() => journal().steps.fence.error !== null, 5_000);

    expect(journal().steps.fence.error).toContain('fs-b is paused (maintenance), and answers for main');
    expect(world.promotions).toEqual([]);
    await pending;
    expect(world.calls).not.toContain('node.demote');
  });

  it('puts another one that answers for it into standby first: a restored table has forgotten that', async () => {
    const { world, journal, converge } = await takenBack(3);

    await converge();

    expect(journal().steps.fence.proof).toContain(proof);
    expect(journal().steps.fence.proof).toContain('(b) OPTIONS 503 System Paused');
    expect(world.switches.get('fs-b')).toMatchObject({ serving: false });
    expect(world.calls.indexOf('node.demote')).toBeLessThan(world.calls.indexOf('node.promote'));
  });

  it.each<[string, number, (topology: Topology) => Topology]>([
    ['only one observer says so', 1, (topology) => topology],
    [
      'it has a public address, by which no other can be reached',
      3,
      (topology) => ({ ...topology, vips: topologyOf(3).vips }),
    ],
    [
      'nodes are adopted, and may never have been in standby',
      3,
      (topology) => ({ ...topology, nodes: topologyOf(3).nodes }),
    ],
  ])('leaves others alone where %s', async (_words, serving, change) => {
    const { world, converge } = await takenBack(serving, change);

    await converge();

    expect(world.calls).not.toContain('node.demote');
    expect(world.promotions).toEqual(['fs-a/main']);
  });
});
