/** What a judgement writes: the instants by which failovers are counted afterwards, and the automatic way home. */
import { MalformedItem, OutsideTimeout } from '../../lib/domain/errors';
import type { ClusterSnapshot } from '../../lib/domain/model';
import type { MemoryStateStore } from '../../lib/simulation/memory-store';
import { evaluateCluster } from '../../lib/operations/evaluate';
import { looks, nodeState, NOW, policy, vipState } from '../support/cluster';
import { healthyPair, heldVip, seen, stageOf, twoVips } from '../support/two-vips';

const both = (observation: ClusterSnapshot['observations'][number]): ClusterSnapshot['observations'][number] => {
  const sip = observation.sip['main'];
  if (sip === undefined) throw new Error('main was not asked');
  const since = observation.sipMissingSinceMs['main'] ?? null;
  return { ...observation, sip: { main: sip, second: sip }, sipMissingSinceMs: { main: since, second: since } };
};
const dead = (nodeId: string): ClusterSnapshot['observations'] => looks(nodeId, 'refused', 'silent').map(both);

async function evaluate(snapshot: ClusterSnapshot) {
  const { store, deps } = stageOf(snapshot);
  await evaluateCluster({ ...deps, metrics: { count: () => undefined, durationMs: () => undefined } });
  return store;
}

describe('failovers of one judgement', () => {
  it('of one node are written with one instant', async () => {
    const observations = [...dead('fs-a'), ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];

    const { vips } = await evaluate(healthyPair({ observations }));

    expect([...vips.values()].map((vip) => vip.lastAutomaticFailoverAtMs)).toEqual([NOW, NOW]);
  });

  it('of two nodes are written with two, so that each counts in maxFailoversPerWindow', async () => {
    const snapshot = healthyPair({
      vips: [
        heldVip('main'),
        vipState({ vipId: 'second', epoch: 4, holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } }),
      ],
      observations: [...dead('fs-a'), ...dead('fs-b'), ...seen('fs-c', 'standby')],
      nodes: [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c')],
    });

    const { vips } = await evaluate(snapshot);

    expect([...vips.values()].map((vip) => vip.lastAutomaticFailoverAtMs)).toEqual([NOW, NOW + 1]);
  });
});

it('a failover is written beside those that its VIP had, so that each counts in maxFailoversPerWindow', async () => {
  const had = { lastAutomaticFailoverAtMs: NOW - 700_000, recentFailoversAtMs: [NOW - 1_400_000, NOW - 700_000] };
  const observations = [...dead('fs-a'), ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];

  const { vips } = await evaluate(healthyPair({ observations, vips: [heldVip('main', had), heldVip('second')] }));

  expect([...vips.values()].map((vip) => vip.recentFailoversAtMs)).toEqual([
    [NOW - 1_400_000, NOW - 700_000, NOW],
    [NOW],
  ]);
});

describe('a decision', () => {
  const twoNodesDied = () =>
    healthyPair({
      vips: [
        heldVip('main'),
        vipState({ vipId: 'second', epoch: 4, holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } }),
      ],
      observations: [...dead('fs-a'), ...dead('fs-b'), ...seen('fs-c', 'standby')],
      nodes: [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c')],
    });

  /** What is counted where the store ends the first decision with `first`. */
  async function counted(first: (store: MemoryStateStore) => void) {
    const { store, deps } = stageOf(twoNodesDied());
    let decisions = 0;
    store.hooks.onCall = (method) => {
      if (method === 'decide' && ++decisions === 1) first(store);
    };
    const names: string[] = [];
    await evaluateCluster({ ...deps, metrics: { count: (name) => names.push(name), durationMs: () => undefined } });
    return { store, names };
  }

  it('that the store refused is not counted as made', async () => {
    const { names } = await counted((store) => void (store.control!.paused = true));
    expect(names).toEqual([]);
  });

  it('that could not be written is counted, and hides no other', async () => {
    const { store, names } = await counted(() => {
      throw new OutsideTimeout('no answer');
    });
    expect(names).toEqual(['TransitionDecided', 'FailoverDecided', 'DecisionErrors']);
    expect([...store.vips.values()].map(({ status }) => status)).toEqual(['held', 'moving']);
  });
});

it('an incarnation that was not known is learnt from a holder that serves', async () => {
  const holder = { nodeId: 'fs-a', coreUuid: null };
  const { vips } = await evaluate(healthyPair({ vips: [heldVip('main', { holder }), heldVip('second')] }));
  expect(vips.get('main')?.holder).toEqual({ nodeId: 'fs-a', coreUuid: 'uuid-fs-a' });
});

describe('failback: automatic', () => {
  it('is written as a planned move of all VIPs of the node, which starts no block', async () => {
    const holder = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };
    const snapshot = healthyPair({
      topology: twoVips({ policy: { ...policy, maxVipsPerNode: 2, failback: 'automatic' } }),
      nodes: [nodeState('fs-a'), nodeState('fs-b', { claims: ['main', 'second'] }), nodeState('fs-c')],
      vips: [heldVip('main', { holder }), heldVip('second', { holder })],
      observations: [...seen('fs-a', 'standby'), ...seen('fs-b', 'ok'), ...seen('fs-c', 'standby')],
    });

    const { vips, transitions } = await evaluate(snapshot);

    for (const vipId of ['main', 'second']) {
      expect(vips.get(vipId)).toMatchObject({ status: 'moving', epoch: 5, lastAutomaticFailoverAtMs: null });
      expect(transitions.get(`${vipId}#5`)).toMatchObject({ kind: 'failback', cause: 'preferred-node-back' });
    }
  });
});

describe('the journal of a moving VIP', () => {
  /** fs-c died on its way to `main`, and fs-a with `second`; reading the journal of `main` ends with `error`. */
  function unread(error: Error) {
    const { store, deps } = stageOf(
      healthyPair({
        vips: [
          heldVip('main', { status: 'moving', epoch: 6, holder: { nodeId: 'fs-c', coreUuid: null } }),
          heldVip('second'),
        ],
        nodes: [nodeState('fs-a', { claims: ['second'] }), nodeState('fs-b'), nodeState('fs-c', { claims: ['main'] })],
        observations: [...dead('fs-a'), ...seen('fs-b', 'standby'), ...dead('fs-c')],
      }),
    );
    const said: string[] = [];
    const counted: string[] = [];
    const asked: string[] = [];
    const readTransition = (vipId: string, epoch: number): Promise<never> => {
      asked.push(`${vipId}#${epoch}`);
      return Promise.reject(error);
    };
    const judged = evaluateCluster({
      ...deps,
      store: Object.assign(store, { readTransition }),
      log: { ...deps.log, error: (message) => said.push(message) },
      metrics: { count: (name) => counted.push(name), durationMs: () => undefined },
    });
    return { store, judged, said, counted, asked };
  }

  it('leaves that VIP alone when it cannot be read, is told, and holds up no other', async () => {
    const { store, judged, said, counted, asked } = unread(new MalformedItem("field 'cause' is meteorite"));

    const decisions = await judged;

    expect(decisions.find(({ vipId }) => vipId === 'main')).toMatchObject({
      kind: 'none',
      reasons: ['its journal could not be read'],
    });
    expect(store.vips.get('main')).toMatchObject({ epoch: 6, holder: { nodeId: 'fs-c' } });
    expect(store.vips.get('second')).toMatchObject({ status: 'moving', holder: { nodeId: 'fs-b' } });
    expect(asked).toEqual(['main#6']);
    expect(said).toEqual(['the journal main#6 cannot be read']);
    expect(counted).toContain('DecisionErrors');
  });

  it('ends the judgement when the store does not answer', async () => {
    await expect(unread(new OutsideTimeout('no answer')).judged).rejects.toBeInstanceOf(OutsideTimeout);
  });
});
