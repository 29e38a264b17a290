import { decide } from '../../lib/domain/decide';
import { OutsideTimeout } from '../../lib/domain/errors';
import type { ClusterSnapshot } from '../../lib/domain/model';
import type { StateStore } from '../../lib/domain/ports';
import { drainVip, switchOverDrained, undrainVip } from '../../lib/operations/drain';
import { nodeState, NOW } from '../support/cluster';
import { drainedMain, healthyPair, heldVip, seen, stageOf } from '../support/two-vips';

const MOVE = { vipId: 'main', toNodeId: null, abandonCalls: false };
const pausedHolder = () => [
  nodeState('fs-a', { paused: true, claims: ['main', 'second'] }),
  nodeState('fs-b'),
  nodeState('fs-c'),
];
const pausedCluster = () => ({
  ...{ paused: true, pausedReason: 'new kernel' },
  ...{ pausedUntilMs: null, transitionsInFlight: 0 },
});
const callsOfMain = (calls: number) => ({ vips: [{ vipId: 'main', calls, connectionOriented: 0 }] });

describe('draining a VIP', () => {
  it('pauses it, puts its holder into standby for it, and tells how many calls are left', async () => {
    const { deps, store, world } = stageOf(healthyPair());
    world.forecastAnswer = callsOfMain(3);
    const outcome = await drainVip(deps, 'main');
    expect(outcome).toEqual({
      kind: 'draining',
      nodeId: 'fs-a',
      proof: 'OPTIONS 503 System Paused',
      left: { calls: 3, why: null },
    });
    expect(store.vips.get('main')?.paused).toBe(true);
    expect(store.vips.get('second')?.paused).toBe(false);
    expect(world.calls).toEqual(['node.demote', 'node.forecast']);
    expect(store.audits).toMatchObject([{ actor: 'operator/eva', action: 'drain', subject: 'main' }]);
  });

  it('pauses before it demotes, so that nobody promotes the holder again', async () => {
    const { deps, store } = stageOf(
      healthyPair(),
      {},
      {
        before: (call) => void (call === 'node.demote' && expect(store.vips.get('main')?.paused).toBe(true)),
      },
    );
    expect(await drainVip(deps, 'main')).toMatchObject({ kind: 'draining' });
  });

  it.each([
    [
      'the node said no',
      (world: ReturnType<typeof stageOf>['world']) => void world.switches.set('fs-a', null),
      'refused',
    ],
    ['the answer was lost', () => undefined, 'OutsideTimeout'],
  ])('leaves the VIP to the control plane where %s', async (_what, given, words) => {
    const after = (call: string): void => {
      if (call === 'node.demote' && words === 'OutsideTimeout') throw new OutsideTimeout('no answer');
    };
    const { deps, store, world } = stageOf(healthyPair(), {}, { after });
    given(world);
    const outcome = await drainVip(deps, 'main');
    expect(outcome.kind === 'refused' ? outcome.reasons.join() : '').toContain(words);
    expect(store.vips.get('main')?.paused).toBe(false);
  });

  it.each<[string, Partial<ClusterSnapshot>, string]>([
    ['its node', { nodes: pausedHolder() }, 'fs-a is paused, until it is resumed'],
    ['the cluster', { control: pausedCluster() }, 'the cluster is paused: new kernel, until it is resumed'],
    ['the VIP itself', { vips: [heldVip('main', { paused: true }), heldVip('second')] }, 'main is paused, until'],
  ])('whose answer was lost may be one of a VIP that nobody promotes: %s was paused before', async (_, over, why) => {
    const after = (call: string): void => {
      if (call === 'node.demote') throw new OutsideTimeout('no answer');
    };
    const { deps } = stageOf(healthyPair(over), {}, { after });

    const outcome = await drainVip(deps, 'main');

    const words = outcome.kind === 'refused' ? outcome.reasons.join() : '';
    expect(words).toContain('main may be in standby on fs-a');
    expect(words).toContain(why);
    expect(words).toContain('`understudy undrain --vip main`');
  });

  it('asked again counts again', async () => {
    const { deps, store } = stageOf(drainedMain());
    expect(await drainVip(deps, 'main')).toMatchObject({ kind: 'draining', left: { calls: 0 } });
    expect(store.vips.get('main')?.paused).toBe(true);
  });

  it('does not begin on a VIP that moves', async () => {
    const { deps, store, world } = stageOf(healthyPair({ vips: [heldVip('main', { status: 'moving' })] }));
    expect(await drainVip(deps, 'main')).toMatchObject({ kind: 'refused' });
    expect(store.vips.get('main')?.paused).toBe(false);
    expect(world.calls).toEqual([]);
  });
});

describe('taking a drain back', () => {
  it('promotes the holder and resumes the VIP', async () => {
    const { deps, store, world } = stageOf(drainedMain());
    expect(await undrainVip(deps, 'main')).toEqual({ kind: 'back', proof: 'OPTIONS 200' });
    expect(world.promotions).toEqual(['fs-a/main']);
    expect(store.vips.get('main')?.paused).toBe(false);
  });

  it('leaves a holder that restarted meanwhile to the control plane: it has calls to recover first', async () => {
    const restarted = seen('fs-a', 'standby', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, coreUuid: 'uuid-new' },
    }));
    const { deps, store, world } = stageOf(drainedMain({ observations: restarted }));
    expect(await undrainVip(deps, 'main')).toMatchObject({
      kind: 'back',
      proof: expect.stringContaining('observers say of fs-a: restarted') as unknown,
    });
    expect(world.promotions).toEqual([]);
    expect(store.vips.get('main')?.paused).toBe(false);
  });

  it('resumes a VIP whose holder could not be promoted: the control plane may act again', async () => {
    const { deps, store, world } = stageOf(drainedMain());
    world.switches.set('fs-a', null);
    expect(await undrainVip(deps, 'main')).toMatchObject({
      kind: 'back',
      proof: expect.stringContaining('not promoted from here (ESL refused)') as unknown,
    });
    expect(store.vips.get('main')?.paused).toBe(false);
  });

  it.each<[string, Partial<ClusterSnapshot>, string]>([
    ['its node', { nodes: pausedHolder() }, 'fs-a is paused, until it is resumed'],
    ['the cluster', { control: pausedCluster() }, 'the cluster is paused: new kernel, until it is resumed'],
  ])('does not count on the control plane while %s is paused', async (_, over, why) => {
    const { deps, world } = stageOf(drainedMain(over));
    world.switches.set('fs-a', null);

    const outcome = await undrainVip(deps, 'main');

    const proof = outcome.kind === 'back' ? outcome.proof : '';
    expect(proof).toContain(`nobody promotes it meanwhile: ${why}`);
    expect(proof).not.toContain('takes over now');
  });

  it('leaves a VIP on its way to its journal, which promotes after it has recovered', async () => {
    const vips = [heldVip('main', { paused: true, status: 'moving' }), heldVip('second')];
    const { deps, store, world } = stageOf(drainedMain({ vips }));

    expect(await undrainVip(deps, 'main')).toMatchObject({
      kind: 'back',
      proof: expect.stringContaining('main is on its way to fs-a') as unknown,
    });

    expect(world.promotions).toEqual([]);
    expect(store.vips.get('main')?.paused).toBe(false);
  });

  it('asks the holder itself where its observers do not agree', async () => {
    const [standby] = seen('fs-a', 'standby', 'ok');
    const [, serving] = seen('fs-a', 'ok');
    const { deps, world } = stageOf(drainedMain({ observations: [standby!, serving!] }));
    expect(await undrainVip(deps, 'main')).toEqual({ kind: 'back', proof: 'OPTIONS 200' });
    expect(world.promotions).toEqual(['fs-a/main']);
  });
});

describe('moving a drained VIP', () => {
  it('waits for its calls', async () => {
    const { deps, store, world } = stageOf(drainedMain());
    world.forecastAnswer = callsOfMain(2);
    expect(await switchOverDrained(deps, MOVE)).toEqual({
      kind: 'refused',
      reasons: ['main: 2 calls are left; wait, or say --abandon-calls'],
    });
    expect(store.vips.get('main')).toMatchObject({ paused: true, epoch: 4 });
  });

  it('does not take calls that nobody can count for none', async () => {
    const { deps, world } = stageOf(drainedMain());
    world.forecastAnswer = { sessions: 4, vips: [], unanswered: null, unknown: ['no database'] };
    const outcome = await switchOverDrained(deps, MOVE);
    expect(outcome.kind === 'refused' ? outcome.reasons.join() : '').toContain('fs-a has 4 sessions; no database');
  });

  it('does not take the silence of a node for idleness', async () => {
    const before = (call: string): void => {
      if (call === 'node.forecast') throw new OutsideTimeout('no answer');
    };
    const { deps, store } = stageOf(drainedMain(), {}, { before });

    const outcome = await switchOverDrained(deps, MOVE);

    expect(outcome.kind === 'refused' ? outcome.reasons.join() : '').toContain('not known (OutsideTimeout: no answer)');
    expect(store.vips.get('main')).toMatchObject({ paused: true, epoch: 4 });
  });

  it('waits for its own calls alone', async () => {
    const { deps, world } = stageOf(drainedMain());
    const none = { vipId: 'main', calls: 0, connectionOriented: 0 };
    world.forecastAnswer = { sessions: 6, vips: [{ ...none, vipId: 'second', calls: 3 }, none] };
    expect(await switchOverDrained(deps, MOVE)).toMatchObject({ kind: 'decided' });
  });

  it('goes when no call is left, or when they are abandoned', async () => {
    for (const [calls, abandonCalls] of [
      [0, false],
      [2, true],
    ] as const) {
      const { deps, store, world } = stageOf(drainedMain());
      world.forecastAnswer = callsOfMain(calls);
      expect(await switchOverDrained(deps, { ...MOVE, abandonCalls })).toMatchObject({
        kind: 'decided',
        moves: [{ transitionId: 'main#5', toNodeId: 'fs-b' }],
      });
      expect(store.transitions.get('main#5')).toMatchObject({ cause: 'operator-drained', kind: 'switchover' });
      // What `recover` has to do is the registrations: converge-drained.test.ts.
      expect(store.transitions.get('main#5')?.steps).toMatchObject({
        lock: { status: 'skipped' },
        recover: { status: 'pending' },
        ledger: { status: 'pending' },
      });
      expect(store.vips.get('main')).toMatchObject({ paused: false, status: 'moving' });
      expect(store.vips.get('second')).toMatchObject({ status: 'held', epoch: 4 });
      expect(store.nodes.get('fs-a')?.paused).toBe(false);
    }
  });

  it('gives no observer a moment in which it would promote the holder again', async () => {
    const judged: string[] = [];
    const look = async (store: StateStore, method: keyof StateStore): Promise<void> => {
      if (method === 'readCluster' || method === 'readTransition') return;
      const [decision] = decide(await store.readCluster(), [], NOW);
      judged.push(`${method}: ${decision?.kind === 'change' ? decision.transition : (decision?.kind ?? '')}`);
    };
    const stage = stageOf(drainedMain(), {
      onAnswer: (method) => look(stage.store, method),
    });
    await switchOverDrained(stage.deps, MOVE);
    expect(judged.length).toBeGreaterThan(3);
    expect(judged.filter((each) => !each.endsWith('none'))).toEqual([]);
  });

  it('leaves it drained where the decision is refused', async () => {
    const { deps, store } = stageOf(drainedMain(), {
      onCall: (method) => void (method === 'decide' && (store.nodes.get('fs-b')!.claims = ['x', 'y'])),
    });
    const outcome = await switchOverDrained(deps, MOVE);
    expect(outcome.kind === 'refused' ? outcome.reasons.join() : '').toContain('maxVipsPerNode');
    expect(store.vips.get('main')).toMatchObject({ paused: true, epoch: 4 });
    expect(store.nodes.get('fs-a')?.paused).toBe(false);
  });

  it('never stops a decision half-way whose answer was lost', async () => {
    const { deps, store } = stageOf(drainedMain(), {
      onAnswer: (method) => {
        if (method === 'decide') throw new OutsideTimeout('no answer');
      },
    });
    await expect(switchOverDrained(deps, MOVE)).rejects.toBeInstanceOf(OutsideTimeout);
    expect(store.vips.get('main')).toMatchObject({ paused: false, epoch: 5, status: 'moving' });
    expect(store.nodes.get('fs-a')?.paused).toBe(false);
  });

  it('leaves a node paused that a human had paused before', async () => {
    const nodes = [nodeState('fs-a', { paused: true, claims: ['main', 'second'] }), nodeState('fs-b')];
    const { deps, store } = stageOf(drainedMain({ nodes }));
    const written = jest.spyOn(store, 'setPaused');
    expect(await switchOverDrained(deps, MOVE)).toMatchObject({ kind: 'decided' });
    expect(store.nodes.get('fs-a')?.paused).toBe(true);
    // Their reason stands, too.
    expect(written.mock.calls.filter(([subject]) => subject.kind === 'node')).toEqual([]);
  });

  it('would be promoted again without the pause of the node: what the comment warns of', () => {
    const resumed = drainedMain({ vips: [heldVip('main'), heldVip('second')] });
    expect(decide(resumed, [], NOW)[0]).toMatchObject({ kind: 'change', transition: 'reinstatement' });
  });
});
