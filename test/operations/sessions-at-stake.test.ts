import type { Transition } from '../../lib/domain/model';
import { DEFAULT_TIMING, type ConvergeDeps } from '../../lib/operations/converge/context';
import { contextOf } from '../../lib/operations/converge/converge';
import { sessionsAtStake } from '../../lib/operations/converge/sessions-at-stake';
import { NOW, policy } from '../support/cluster';
import { decided } from '../support/converge-stage';
import { drainedMain, heldVip, stageOf, twoVips } from '../support/two-vips';

const SESSIONS = 12;
const MINUTE_MS = 60_000;

/** `main` fails over from fs-a, which had twelve sessions; what the other VIP did is up to each specification. */
async function failing(maxVipsPerNode = 2) {
  const { journal } = await decided();
  const topology = twoVips({ policy: { ...policy, maxVipsPerNode } });
  const stage = stageOf(drainedMain({ topology, vips: [heldVip('main', { status: 'moving' }), heldVip('second')] }));
  const main: Transition = { ...journal(), id: 'main#4', epoch: 4, sessionsBefore: SESSIONS };
  Object.assign(main, { chain: { rootEpoch: 4, retargets: 0 }, detectedAtMs: NOW - 1_000, decidedAtMs: NOW });
  const { store } = stage;
  const other = (epoch: number, over: Partial<Transition> = {}): void => {
    const chain = { rootEpoch: epoch, retargets: 0 };
    const moved = { ...main, id: `second#${epoch}`, vipId: 'second', epoch, chain, ...over };
    store.transitions.set(moved.id, moved);
    const before = { ...moved, id: `second#${epoch - 1}`, epoch: epoch - 1, cause: 'first-assignment' as const };
    const assigned = { ...before, chain: { rootEpoch: epoch - 1, retargets: 0 }, from: null };
    if (!store.transitions.has(before.id)) store.transitions.set(before.id, assigned);
    store.vips.set('second', heldVip('second', { epoch, holder: moved.to }));
  };
  const ask = async (transition = main) => {
    const deps = { ...stage.deps, store } as unknown as ConvergeDeps;
    return sessionsAtStake(await contextOf(deps, topology, transition, { records: transition.steps }, DEFAULT_TIMING));
  };
  return { store, main, other, ask };
}

describe('the sessions of a VIP on its old holder', () => {
  it('are not known where a node carried two though the policy allows one: their callers were there already', async () => {
    const { ask } = await failing(1);
    expect(await ask()).toEqual({ ofVip: null, ofNode: SESSIONS });
  });

  it('are those of the node where the other VIP was elsewhere', async () => {
    const { other, ask } = await failing();
    other(3, { from: { nodeId: 'fs-b', coreUuid: null }, to: { nodeId: 'fs-c', coreUuid: null } });
    expect(await ask()).toEqual({ ofVip: SESSIONS, ofNode: SESSIONS });
  });

  it('are those of the node where the other VIP had left it before that process began', async () => {
    const { main, other, ask } = await failing();
    other(3, { decidedAtMs: main.detectedAtMs - MINUTE_MS, from: { nodeId: 'fs-a', coreUuid: 'the one before' } });
    expect(await ask()).toMatchObject({ ofVip: SESSIONS });
  });

  it('are not known where the other VIP was failed over or drained from that very process: its calls ended with it', async () => {
    const { main, other, ask } = await failing();
    const failedOver = { decidedAtMs: main.detectedAtMs - MINUTE_MS, from: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } };
    const here = { ...main, from: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } };

    other(3, { ...failedOver, kind: 'failover' });
    expect(await ask(here)).toEqual({ ofVip: null, ofNode: SESSIONS });

    other(3, { ...failedOver, kind: 'switchover', cause: 'operator-drained' });
    expect(await ask(here)).toEqual({ ofVip: null, ofNode: SESSIONS });

    other(3, { ...failedOver, kind: 'switchover', cause: 'operator' });
    expect(await ask(here)).toMatchObject({ ofVip: SESSIONS });
  });

  it('are not known where the other VIP was on its way to that process: what it had there ended with it', async () => {
    const { main, other, ask, store } = await failing();
    const from = { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' };
    const root = { ...main, vipId: 'second', epoch: 2, from: { nodeId: 'fs-c', coreUuid: null }, to: from };
    store.transitions.set('second#2', { ...root, id: 'second#2', chain: { rootEpoch: 2, retargets: 0 } });

    other(3, { from, cause: 'candidate-died', chain: { rootEpoch: 2, retargets: 1 } });

    expect(await ask({ ...main, from })).toEqual({ ofVip: null, ofNode: SESSIONS });
  });

  it('nor where that one went on from there since, to a node that died too, or where its way cannot be read', async () => {
    const { main, other, ask, store } = await failing();
    const [here, there] = ['fs-a', 'fs-b'].map((nodeId) => ({ nodeId, coreUuid: `uuid-${nodeId}` }));
    const chain = { rootEpoch: 1, retargets: 1 };
    const link = (epoch: number, from: Transition['from']): void => {
      const id = `second#${epoch}`;
      store.transitions.set(id, { ...main, id, vipId: 'second', epoch, from, chain, cause: 'candidate-died' });
    };
    link(1, { nodeId: 'fs-c', coreUuid: null });
    link(2, here!);
    other(3, { from: there!, cause: 'candidate-died', chain });
    expect(await ask({ ...main, from: here! })).toEqual({ ofVip: null, ofNode: SESSIONS });

    store.transitions.delete('second#2');
    expect(await ask({ ...main, from: here! })).toEqual({ ofVip: null, ofNode: SESSIONS });
  });

  describe('where the other VIP left the node with it, and was changed again since', () => {
    const away = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };
    const again = async (times: number) => {
      const { main, other, ask, store } = await failing();
      other(3);
      for (let epoch = 4; epoch < 4 + times; epoch += 1)
        other(epoch, { kind: 'reinstatement', cause: 'holder-in-standby', from: away, to: away });
      return { main, ask, store };
    };

    it.each([1, 5])('are not known: what it had there ended with the process, %d changes ago', async (times) => {
      const { ask } = await again(times);
      expect(await ask()).toEqual({ ofVip: null, ofNode: SESSIONS });
    });

    it('are those of the node where it had left it before this failure', async () => {
      const { main, ask, store } = await again(2);
      for (const epoch of [3, 4]) store.transitions.get(`second#${epoch}`)!.decidedAtMs = main.detectedAtMs - MINUTE_MS;
      expect(await ask()).toMatchObject({ ofVip: SESSIONS });
    });

    it('are not known where one of these changes cannot be read, or there are too many', async () => {
      const { ask, store } = await again(2);
      store.transitions.delete('second#4');
      expect(await ask()).toMatchObject({ ofVip: null });

      const many = await again(30);
      const read = jest.spyOn(many.store, 'readTransition');
      many.store.transitions.get('second#3')!.from = away;
      expect(await many.ask()).toMatchObject({ ofVip: null });
      expect(read.mock.calls.length).toBeLessThan(30);
    });
  });

  describe('that a stuck change left, once a human says to go on', () => {
    const first = { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' };
    const goingOn = async (from: Transition['from'], took: boolean) => {
      const { store, main, ask } = await failing(1);
      const stuck = structuredClone({ ...main, from: first, status: 'stuck' as const });
      if (took) stuck.steps.recover.status = 'done';
      store.transitions.set('main#4', stuck);
      store.vips.set('second', heldVip('second', { epoch: 0 }));
      return ask({ ...main, id: 'main#5', epoch: 5, from, chain: { rootEpoch: 4, retargets: 0 } });
    };
    const target = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };

    it('are not known of its target, which had them since, for as long as it took', async () => {
      expect(await goingOn(target, true)).toEqual({ ofVip: null, ofNode: SESSIONS });
    });

    it.each([
      ['are those of the first holder where its target took none', target, false],
      ['are those of the first holder where that one is gone on from', first, true],
    ])('%s', async (_words, from, took) => {
      expect(await goingOn(from, took)).toEqual({ ofVip: SESSIONS, ofNode: SESSIONS });
    });
  });

  it('are none where it was drained: its calls go on where they are, also when it is sent back there', async () => {
    const { store, main, ask } = await failing(1);
    expect(await ask({ ...main, cause: 'operator-drained' })).toMatchObject({ ofVip: 0 });

    store.transitions.set('main#3', { ...main, id: 'main#3', epoch: 3, cause: 'operator-drained' });
    const back: Transition = { ...main, cause: 'candidate-died', chain: { rootEpoch: 3, retargets: 1 } };
    expect(await ask(back)).toMatchObject({ ofVip: 0 });
  });

  it.each<[string, (stage: Awaited<ReturnType<typeof failing>>) => void]>([
    ['is still on the node', () => undefined],
    ['left it in the same failure', ({ other }) => other(5)],
    [
      'left it in the same failure, and was retargeted since',
      ({ other }) => {
        other(5);
        other(6, { from: { nodeId: 'fs-b', coreUuid: null }, chain: { rootEpoch: 5, retargets: 1 } });
      },
    ],
    [
      'cannot be read about',
      ({ store }) => {
        store.hooks.onCall = (method) => {
          if (method === 'readCluster') throw new Error('DynamoDB gave no answer');
        };
      },
    ],
  ])('are not known where the other VIP %s', async (_, given) => {
    const stage = await failing();
    given(stage);
    expect(await stage.ask()).toEqual({ ofVip: null, ofNode: SESSIONS });
  });

  it('are not known where nobody had read them', async () => {
    const { main, ask } = await failing(1);
    expect(await ask({ ...main, sessionsBefore: null })).toEqual({ ofVip: null, ofNode: null });
  });

  it('are of the first holder of a chain, not of the candidate that died on the way', async () => {
    const { store, main, other, ask } = await failing();
    store.transitions.set('main#4', main);
    other(3, { from: { nodeId: 'fs-b', coreUuid: null }, to: { nodeId: 'fs-c', coreUuid: null } });
    const from = { nodeId: 'fs-c', coreUuid: null };
    const retargeted = { ...main, id: 'main#5', epoch: 5, from, chain: { rootEpoch: 4, retargets: 1 } };
    expect(await ask(retargeted)).toMatchObject({ ofVip: SESSIONS });
  });
});
