/** Two VIPs leave one process, each by a planned move of its own: what ends it for one ends it for both. */
import type { Change } from '../../lib/domain/decision';
import { OutsideTimeout } from '../../lib/domain/errors';
import type { StepName, Transition } from '../../lib/domain/model';
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
      `nothing is taken from fs-a before all can be served that leave it: second ends with the same process, and fs-c cannot serve it: ${DEAF}`,
    );
  });

  it('goes on by itself once it could', async () => {
    const stage = await leaving();
    const over = stage.converge();
    await stage.clock.advance(5_000);
    stage.world.unfit.clear();

    expect(await over).toMatchObject({ outcome: 'done' });
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
