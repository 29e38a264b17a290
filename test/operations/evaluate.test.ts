/** What a judgement writes: the events by which failovers are counted afterwards, and the automatic way home. */
import { MalformedItem, OutsideTimeout } from '../../lib/domain/errors';
import type { ClusterSnapshot } from '../../lib/domain/model';
import type { MemoryStateStore } from '../../lib/simulation/memory-store';
import { evaluateCluster } from '../../lib/operations/evaluate';
import { looks, nodeState, NOW, policy, vipState } from '../support/cluster';
import { aTransition } from '../support/store-fixtures';
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
  it('of one node are written as one event', async () => {
    const observations = [...dead('fs-a'), ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];

    const { vips } = await evaluate(healthyPair({ observations }));

    expect([...vips.values()].map((vip) => vip.failoverEvents)).toEqual([
      { [NOW]: 'node fs-a' },
      { [NOW]: 'node fs-a' },
    ]);
  });

  it('of two nodes are written as two, so that each counts in maxFailoversPerWindow', async () => {
    const snapshot = healthyPair({
      vips: [
        heldVip('main'),
        vipState({ vipId: 'second', epoch: 4, holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } }),
      ],
      observations: [...dead('fs-a'), ...dead('fs-b'), ...seen('fs-c', 'standby')],
      nodes: [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c')],
    });

    const { vips } = await evaluate(snapshot);

    expect([...vips.values()].map((vip) => vip.failoverEvents)).toEqual([
      { [NOW]: 'node fs-a' },
      { [NOW]: 'node fs-b' },
    ]);
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

describe('a change that maxTransitionsInFlight refuses', () => {
  /** `main` is on its way and paused, and keeps the only place; fs-b, which holds `second`, died. */
  async function waiting(forMs: number, overrides: Partial<ClusterSnapshot> = {}) {
    const since = { eslMissingSinceMs: NOW - forMs, sipMissingSinceMs: { main: NOW - forMs } };
    const { store, deps } = stageOf(
      healthyPair({
        topology: twoVips({ policy: { ...policy, maxVipsPerNode: 2, maxTransitionsInFlight: 1 } }),
        control: { paused: false, pausedReason: null, pausedUntilMs: null, transitionsInFlight: 1 },
        vips: [
          heldVip('main', { status: 'moving', paused: true }),
          heldVip('second', { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } }),
        ],
        nodes: [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b', { claims: ['second'] }), nodeState('fs-c')],
        observations: [
          ...seen('fs-a', 'ok'),
          ...looks('fs-b', 'refused', 'silent', since).map(both),
          ...seen('fs-c', 'standby'),
        ],
        ...overrides,
      }),
    );
    const journal = aTransition({ vipId: 'main', epoch: 4, to: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } });
    store.transitions.set(journal.id, journal);
    const evaluated = (): Promise<unknown> =>
      evaluateCluster({ ...deps, metrics: { count: () => undefined, durationMs: () => undefined } });
    await evaluated();
    return { store, evaluated, incidents: () => [...store.incidents.values()] };
  }

  it('is told when its VIP is unserved for longer than three holds, with what keeps the place', async () => {
    const { incidents, store } = await waiting(15_001);

    expect(incidents()).toMatchObject([{ kind: 'transition-limit', vipId: 'second', nodeId: 'fs-b', epoch: 4 }]);
    expect(incidents()[0]?.reasons.join('; ')).toMatch(
      /^fs-b: conclusive-death.*maxTransitionsInFlight is 1; under way are main#4 \(main is paused, until it is resumed\)/,
    );
    expect(store.vips.get('second')).toMatchObject({ status: 'held', epoch: 4 });
  });

  it('has its turn first', async () => {
    expect((await waiting(15_000)).incidents()).toEqual([]);
  });

  it('is told of one that restarted, too, and is not promoted again', async () => {
    const again = seen('fs-b', 'standby').map((each) => ({
      ...{ ...each, coreUuid: 'uuid-again', esl: { ...each.esl, coreUuid: 'uuid-again' } },
      eslWellSinceMs: NOW - 15_001,
    }));
    const observations = [...seen('fs-a', 'ok'), ...again, ...seen('fs-c', 'standby')];

    const { incidents } = await waiting(0, { observations });

    expect(incidents()).toMatchObject([{ kind: 'transition-limit', vipId: 'second' }]);
  });

  it.each([
    [15 * 60_000, []],
    [15 * 60_000 + 1, ['transition-limit']],
  ])('is told of a VIP that nobody holds for %i ms as one without a fit node would be: %j', async (forMs, kinds) => {
    const unheld = heldVip('second', { holder: null, status: 'unassigned', changedAtMs: NOW - forMs });
    const observations = [...seen('fs-a', 'ok'), ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];

    const { incidents } = await waiting(0, {
      vips: [heldVip('main', { status: 'moving', paused: true }), unheld],
      observations,
    });

    expect(incidents().map(({ kind }) => kind)).toEqual(kinds);
  });

  it('is decided by itself when a place is free', async () => {
    const { store, evaluated } = await waiting(15_001);
    store.control!.transitionsInFlight = 0;

    await evaluated();

    expect(store.vips.get('second')).toMatchObject({ status: 'moving', epoch: 5 });
  });

  it('is not told where it is something else that refuses it', async () => {
    const { store, deps } = stageOf(healthyPair({ observations: [...dead('fs-a'), ...seen('fs-b', 'standby')] }));
    for (const each of store.observations.values()) if (each.nodeId === 'fs-a') each.eslMissingSinceMs = NOW - 60_000;
    store.hooks.onCall = (method) => {
      if (method === 'decide') store.control!.paused = true;
    };

    await evaluateCluster({ ...deps, metrics: { count: () => undefined, durationMs: () => undefined } });

    expect(store.incidents.size).toBe(0);
    expect(store.transitions.size).toBe(0);
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
