/** Two VIPs leave one process, each by a planned move of its own: what ends it for one ends it for both. */
import type { Change } from '../../lib/domain/decision';
import { MalformedItem, OutsideTimeout } from '../../lib/domain/errors';
import type { Observation, StepName, Transition, VipState } from '../../lib/domain/model';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { looks, sip, topologyOf, vipState, withSecondVip } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { aMove, journalOf } from '../support/moves';

const DEAF = 'its ESL does not answer';
const OLD = { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' };
const DIED = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };
const toC = { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' };

interface Second {
  change?: Partial<Change>;
  journal?: Partial<Transition>;
  done?: StepName[];
  /** How many of the three observers get no answer for it on fs-a. */
  missedBy?: number;
  earlier?: Transition;
}

const TOPOLOGY = withSecondVip(topologyOf(3));
const secondMove = (change: Partial<Change> = {}): Change => aMove({ vipId: 'second', to: toC, ...change });

/** fs-a serves both. `main` is on its way to fs-b, which can serve, and `second` to fs-c, which cannot. */
async function leaving(own: Partial<Change> = {}, second: Second = {}): Promise<Stage> {
  const { change = {}, journal = {}, done = [], missedBy = 0, earlier } = second;
  const stage = await decided('suspected-death', {}, TOPOLOGY);
  const { world, store, clock } = stage;
  const nowMs = clock.wallMs();
  world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: true });
  world.unfit.set('fs-c', DEAF);
  for (const [index, each] of looks('fs-a', 'ok', 'ok', { observedAtMs: nowMs }).entries()) {
    const seen = { main: sip('ok'), second: sip(index < missedBy ? 'silent' : 'ok') };
    await store.putObservation({ ...each, sip: seen }, nowMs);
  }
  store.transitions.set('main#2', journalOf(aMove(own), TOPOLOGY, nowMs));
  if (earlier !== undefined) store.transitions.set(earlier.id, earlier);
  const theirs = { ...journalOf(secondMove(change), TOPOLOGY, nowMs, done), ...journal };
  store.transitions.set('second#2', theirs);
  store.vips.set('second', vipState({ vipId: 'second', epoch: 2, status: 'moving', holder: theirs.to }));
  return stage;
}

const TAKES = /eip\.detach|shutdown|ec2\.stop/;
const taken = ({ world }: Stage): string[] => world.calls.filter((call) => TAKES.test(call));

describe('a planned move from a process that serves another VIP, which leaves it too', () => {
  it('ends nothing while that one could not be served where it goes, and says why', async () => {
    const stage = await leaving();

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });

    expect(taken(stage)).toEqual([]);
    expect(stage.journal().steps.fence.error).toBe(
      `nothing is taken from fs-a before all can be served that are on it: second ends with the same process, and fs-c cannot serve it: ${DEAF}`,
    );
  });

  it('goes on by itself once it could', async () => {
    const stage = await leaving();
    const over = stage.converge();
    await stage.clock.advance(5_000);
    stage.world.unfit.clear();

    expect(await over).toMatchObject({ outcome: 'done' });
  });

  describe('of which the journal cannot be read', () => {
    async function unread(missedBy: number): Promise<Stage> {
      const stage = await leaving({}, { missedBy });
      const { store } = stage;
      const read = store.readTransition.bind(store);
      store.readTransition = (vipId, epoch) =>
        vipId === 'second' ? Promise.reject(new MalformedItem("field 'cause' is meteorite")) : read(vipId, epoch);
      return stage;
    }

    it('ends nothing while that one may be served there', async () => {
      const stage = await unread(1);

      await stage.converge();

      expect(taken(stage)).toEqual([]);
      expect(stage.journal().steps.fence.error).toContain('whether that leaves it cannot be read in second#2');
    });

    it('goes on where a majority finds it served by nobody there', async () => {
      const stage = await unread(2);

      expect(await stage.converge()).toMatchObject({ outcome: 'done' });
    });
  });

  it('ends nothing while node-control does not answer for that one', async () => {
    const stage = await leaving();
    const { check } = stage.deps.nodeControl;
    stage.deps.nodeControl.check = (node, ...order) =>
      node.id === 'fs-c' ? Promise.reject(new OutsideTimeout('no answer')) : check(node, ...order);

    await stage.converge();

    expect(taken(stage)).toEqual([]);
  });

  it('ends nothing where another process runs there than the one that was chosen for it', async () => {
    const stage = await leaving({}, { change: { to: { nodeId: 'fs-c', coreUuid: 'uuid-before' } } });
    stage.world.unfit.clear();

    await stage.converge();

    expect(taken(stage)).toEqual([]);
  });

  it('ends nothing for that one either where its first target died before it took anything', async () => {
    const first = journalOf(secondMove({ to: DIED, expectedEpoch: 0 }), TOPOLOGY, 0);
    const change: Partial<Change> = { cause: 'candidate-died', from: DIED, follows: first };
    const stage = await leaving({}, { change, earlier: { ...first, status: 'superseded' } });

    await stage.converge();

    expect(taken(stage)).toEqual([]);
  });

  it('ends nothing for that one either where its move got stuck before it took anything: it is held where it was', async () => {
    const stage = await leaving({}, { journal: { status: 'stuck' } });

    await stage.converge();

    expect(taken(stage)).toEqual([]);
  });

  it('ends nothing where one observer alone says that nobody serves that one', async () => {
    const stage = await leaving({}, { missedBy: 1 });

    await stage.converge();

    expect(taken(stage)).toEqual([]);
  });

  it.each<[string, Second]>([
    ['has taken something already', { done: ['detach'] }],
    ['was drained: it serves nobody', { change: { cause: 'operator-drained' } }],
    ['has ended', { journal: { status: 'done' } }],
    ['is failed over: it serves nobody', { change: { transition: 'failover', cause: 'suspected-death' } }],
    ['is a failover that a human acknowledged', { change: { transition: 'failover', cause: 'operator' } }],
    ['leaves another node', { change: { from: { ...DIED } } }],
    ['is served by nobody there, as a majority sees', { missedBy: 2 }],
  ])('goes on where that one %s', async (_words, second) => {
    const stage = await leaving({}, second);

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
  });

  it.each<[string, Partial<Change>]>([
    ['was drained, and ends no process', { cause: 'operator-drained' }],
    ['goes back to that process', { to: OLD, from: DIED, cause: 'candidate-died' }],
  ])('goes on where it %s itself', async (_words, own) => {
    const before = journalOf(aMove({ to: DIED, expectedEpoch: 0 }), TOPOLOGY, 0);
    const isBack = own.to === OLD;
    const stage = await leaving(isBack ? { ...own, follows: before } : own);
    if (isBack) stage.store.transitions.set('main#1', { ...before, status: 'superseded' });

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
  });
});

describe('a planned move from a process that holds another VIP, which does not leave it', () => {
  const PAGE = { kind: 'vip-stuck', vipId: 'main' };

  /** `main` is on its way to fs-b, and `second` is on fs-a, or on its way there, as the observers see it. */
  async function beside(state: Partial<VipState> = {}, seen: readonly Observation[] = looks('fs-a', 'ok', 'ok')) {
    const stage = await leaving();
    const { store, clock, world } = stage;
    const nowMs = clock.wallMs();
    world.unfit.clear();
    store.transitions.delete('second#2');
    store.vips.set('second', vipState({ vipId: 'second', holder: OLD, changedAtMs: nowMs - 60_000, ...state }));
    for (const each of seen) {
      const { main } = each.sip;
      if (main === undefined) throw new Error('no SIP');
      const ofBoth = {
        sip: { main, second: main },
        sipMissingSinceMs: { main: each.sipMissingSinceMs.main ?? null, second: each.sipMissingSinceMs.main ?? null },
        sipHistory: { main: each.sipHistory.main ?? 0, second: each.sipHistory.main ?? 0 },
      };
      await store.putObservation({ ...each, ...ofBoth, observedAtMs: nowMs }, nowMs);
    }
    return stage;
  }

  it.each<[string, Partial<VipState>, string]>([
    ['it holds', {}, 'fs-a holds second, which would end with its process: move that one, too'],
    ['a human paused there', { paused: true }, 'fs-a holds second'],
    ['is on its way there', { status: 'moving' }, 'second is on its way to fs-a, and would end with its process'],
    ['nobody knows the process of', { holder: { ...OLD, coreUuid: null } }, 'fs-a holds second'],
  ])('ends nothing while there is one that %s, and says why', async (_words, state, why) => {
    const stage = await beside(state);

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });

    expect(taken(stage)).toEqual([]);
    expect(stage.journal().steps.fence.error).toContain(why);
  });

  it('goes on by itself once that one has left, too', async () => {
    const stage = await beside();
    const over = stage.converge();
    await stage.clock.advance(5_000);
    stage.store.vips.set('second', vipState({ vipId: 'second', holder: toC }));

    expect(await over).toMatchObject({ outcome: 'done' });
  });

  it('is closed as stuck in the end, with a page that names that one', async () => {
    const stage = await beside();
    Object.assign(stage.journal(), { decidedAtMs: stage.clock.wallMs() - DEFAULT_TIMING.stuckAfterMs });

    expect(await stage.converge()).toMatchObject({ outcome: 'stuck' });

    expect(stage.journal().status).toBe('stuck');
    expect([...stage.store.incidents.values()]).toMatchObject([PAGE]);
    expect([...stage.store.incidents.values()][0]?.reasons[0]).toContain('fs-a holds second');
  });

  it.each<[string, Partial<VipState>, Observation[]]>([
    ['is held by another process', { holder: { ...OLD, coreUuid: 'uuid-next' } }, looks('fs-a', 'ok', 'ok')],
    ['is held elsewhere', { holder: { ...toC, coreUuid: null } }, looks('fs-a', 'ok', 'ok')],
    ['died with it, as a majority sees', {}, looks('fs-a', 'refused', 'silent')],
    ['cannot be reached there by a majority: no order would be, either', {}, looks('fs-a', 'silent', 'silent')],
  ])('goes on where that one %s', async (_words, state, seen) => {
    const stage = await beside(state, seen);

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
  });

  it('ends nothing where its SIP alone is silent: its calls may live', async () => {
    const stage = await beside({}, looks('fs-a', 'ok', 'silent'));

    await stage.converge();

    expect(taken(stage)).toEqual([]);
  });
});

describe('a planned move from a process whose other VIP leaves it, too, and was paused meanwhile', () => {
  it.each([
    ['itself', { kind: 'vip', id: 'second' }, 'second is paused, until it is resumed'],
    ['where it goes', { kind: 'node', id: 'fs-c' }, 'fs-c is paused, until it is resumed'],
  ] as const)('ends nothing where that one was paused %s, and goes on after that', async (_words, paused, why) => {
    const stage = await leaving();
    stage.world.unfit.clear();
    await stage.store.setPaused(paused, true, 'maintenance');

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });
    expect(taken(stage)).toEqual([]);
    expect(stage.journal().steps.fence.error).toContain(
      `second ends with the same process, and its own move waits: ${why}`,
    );

    await stage.store.setPaused(paused, false, null);
    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
  });
});
