import type { StepRecord, Transition } from '../../lib/domain/model';
import { REFUSED_ALREADY } from '../../lib/domain/node-control';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { topologyOf, vipState, withSecondVip } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
/** Longer than everything else takes here. */
const ENDS_AFTER_MS = 2_000;

/** An operator's switchover: nothing is locked, because the old process ends by order. */
async function ordered(): Promise<Stage> {
  const stage = await decided('suspected-death', {}, topologyOf(3, { database }));
  const journal = stage.journal();
  Object.assign(journal, { kind: 'switchover', cause: 'operator' });
  journal.steps.lock = { ...journal.steps.lock, status: 'skipped', proof: 'the old process ends by order' };
  const { nodeControl } = stage.deps;
  stage.deps.nodeControl = {
    ...nodeControl,
    shutdownNow: async (...order) => {
      await stage.clock.sleep(ENDS_AFTER_MS);
      return nodeControl.shutdownNow(...order);
    },
  };
  return stage;
}

describe('a switchover with a database', () => {
  it('lets new calls in once, after the recovery, also where the old process takes its time to end', async () => {
    const stage = await ordered();
    stage.world.callsBefore = 20;
    await stage.converge();
    const { calls } = stage.world;
    expect(stage.world.recoveries).toHaveLength(1);
    expect(calls.indexOf('node.recover')).toBeLessThan(calls.indexOf('node.promote'));
    expect(calls.filter((call) => call === 'node.promote')).toHaveLength(1);
  });

  it.each([
    ['locks the old role first where nothing listened any more: it may be ending, and still write', true],
    ['locks nobody where the old process ended by order', false],
  ])('%s', async (_words, refusedAlready) => {
    const stage = await ordered();
    stage.world.callsBefore = 20;
    const proof = refusedAlready ? `${REFUSED_ALREADY}, no order was needed` : 'socket closed, then refused';
    stage.deps.nodeControl = {
      ...stage.deps.nodeControl,
      shutdownNow: () => Promise.resolve({ fenced: true, proof }),
    };

    await stage.converge();

    const { calls, locked } = stage.world;
    expect(locked.has('fs-a')).toBe(refusedAlready);
    if (refusedAlready) expect(calls.indexOf('node.lockRole')).toBeLessThan(calls.indexOf('node.recover'));
    expect(stage.world.recoveries).toHaveLength(1);
  });
});

describe('a switchover from a node that another change of holder had locked out while it served', () => {
  /** `second` left fs-a, and locked it, so long before the switchover of `main` was decided. */
  async function lockedOut(beforeMs: number, lockedBy: string | null = 'second#7'): Promise<Stage> {
    const stage = await ordered();
    const journal = stage.journal();
    stage.world.callsBefore = 20;
    stage.world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: true });
    const decidedAtMs = journal.decidedAtMs - beforeMs;
    stage.store.transitions.set('second#7', { ...journal, id: 'second#7', vipId: 'second', epoch: 7, decidedAtMs });
    await stage.store.setLockedOut('fs-a', lockedBy);
    return stage;
  }
  const SAYS =
    'fs-a was locked out of the database since second#7: calls answered since then had no row and are lost, and calls that ended since then count as not rebuilt';

  it('says in its ledger which calls that cost', async () => {
    const stage = await lockedOut(60_000);

    await stage.converge();

    expect(stage.journal().calls?.notes).toContain(SAYS);
  });

  it('says so also where nobody has the journal of that change any more', async () => {
    const stage = await lockedOut(60_000);
    stage.store.transitions.delete('second#7');

    await stage.converge();

    expect(stage.journal().calls?.notes).toContain(SAYS);
  });

  it.each<[string, number, string | null, Partial<Transition>]>([
    ['locked nobody', 60_000, null, {}],
    ['locked it as they left it together', 0, 'second#7', {}],
    ['is followed by a failover: of that nobody was served any more', 60_000, 'second#7', { kind: 'failover' }],
  ])('says nothing of it where the other one %s', async (_words, beforeMs, lockedBy, own) => {
    const stage = await lockedOut(beforeMs, lockedBy);
    Object.assign(stage.journal(), own);

    await stage.converge();

    expect(stage.journal().calls?.notes.join()).not.toContain('locked out');
  });

  it('keeps its ledger where that cannot be read', async () => {
    const stage = await lockedOut(60_000);
    const { readTransition } = stage.store;
    stage.store.readTransition = (vipId, epoch) =>
      vipId === 'second' ? Promise.reject(new Error('throttled')) : readTransition.call(stage.store, vipId, epoch);

    await stage.converge();

    expect(stage.journal().calls?.before).toBe(20);
  });
});

describe('a switchover whose order found nobody, because the process was ended for another VIP that it held', () => {
  const ENDED = '(b) the connection closed after `fsctl shutdown now`; then a new connection was refused';
  const FOUND_NOBODY = `(b) ${REFUSED_ALREADY}, no order was needed; then a new connection was refused`;

  /** `second` leaves the same process at the same time, and its fence is this. */
  async function beside(fence: Partial<StepRecord>, change: Partial<Transition> = {}) {
    const stage = await ordered();
    stage.world.callsBefore = 20;
    const journal = stage.journal();
    const second: Transition = {
      ...structuredClone(journal),
      ...{ id: 'second#2', vipId: 'second', ...change },
    };
    Object.assign(second.steps.fence, fence);
    stage.store.transitions.set(second.id, second);
    stage.store.topology = withSecondVip(stage.topology);
    const holder = second.to;
    stage.store.vips.set('second', vipState({ vipId: 'second', epoch: 2, status: 'moving', holder }));
    stage.deps.nodeControl = {
      ...stage.deps.nodeControl,
      shutdownNow: () => Promise.resolve({ fenced: true, proof: `${REFUSED_ALREADY}, no order was needed` }),
    };
    return { ...stage, second };
  }

  it('locks nobody, and says whose order ended it', async () => {
    const stage = await beside({ status: 'done', proof: ENDED });

    await stage.converge();

    expect([...stage.world.locked]).toEqual([]);
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
    expect(stage.world.recoveries).toHaveLength(1);
    expect(stage.journal().steps.recover.proof).toContain(`second#2 ended uuid-fs-a: ${ENDED}`);
  });

  it('waits for that order while it is under way', async () => {
    const stage = await beside({ status: 'pending' });
    void stage.clock.sleep(2_000).then(() => {
      expect(stage.world.recoveries).toEqual([]);
      Object.assign(stage.second.steps.fence, { status: 'done', proof: ENDED });
    });

    await stage.converge();

    expect([...stage.world.locked]).toEqual([]);
    expect(stage.world.recoveries).toHaveLength(1);
  });

  it('waits no longer than an order takes, and locks the old role then', async () => {
    const stage = await beside({ status: 'pending' });
    const begunMs = stage.clock.wallMs();
    const { nodeControl } = stage.deps;
    let lockedAfterMs = 0;
    stage.deps.nodeControl = {
      ...nodeControl,
      lockRole: (...order) => {
        lockedAfterMs = stage.clock.wallMs() - begunMs;
        return nodeControl.lockRole(...order);
      },
    };

    await stage.converge();

    expect(lockedAfterMs).toBeGreaterThanOrEqual(DEFAULT_TIMING.nodeTimeoutMs);
    expect(lockedAfterMs).toBeLessThan(2 * DEFAULT_TIMING.nodeTimeoutMs);
    expect(stage.world.recoveries).toHaveLength(1);
  });

  it('asks again while the store does not answer', async () => {
    const stage = await beside({ status: 'done', proof: ENDED });
    const { shutdownNow } = stage.deps.nodeControl;
    let awayUntilMs = 0;
    stage.deps.nodeControl.shutdownNow = (...order) => {
      awayUntilMs = stage.clock.wallMs() + 1_000;
      return shutdownNow(...order);
    };
    stage.store.hooks.onCall = (method) => {
      const isAway = stage.clock.wallMs() < awayUntilMs;
      if (method === 'readCluster' && isAway) throw new Error('DynamoDB gave no answer');
    };

    await stage.converge();

    expect([...stage.world.locked]).toEqual([]);
  });

  it.each<[string, Partial<StepRecord>, Partial<Transition>]>([
    ['found nobody either', { proof: FOUND_NOBODY }, {}],
    ['is proved by nothing but the address', { proof: '(d) its address is gone' }, {}],
    ['says nothing of an order', { proof: 'fs-a is not part of the cluster any more' }, {}],
    ['left another process', { proof: ENDED }, { from: { nodeId: 'fs-a', coreUuid: 'uuid-older' } }],
    ['left another node', { proof: ENDED }, { from: { nodeId: 'fs-c', coreUuid: 'uuid-fs-a' } }],
    ['was drained: it goes on there', { proof: '(b) rescanned' }, { cause: 'operator-drained' }],
    [
      'goes back to that very node',
      { proof: '(b) it takes it back' },
      { to: { nodeId: 'fs-a', coreUuid: 'uuid-next' } },
    ],
    ['was given up as dead: its ports may be closed, and it hangs', { proof: '(a)' }, { cause: 'conclusive-death' }],
    ['stays with it', { proof: 'the same process goes on' }, { cause: 'holder-in-standby' }],
  ])('locks the old role where the other VIP %s', async (_words, fence, change) => {
    const stage = await beside({ status: 'done', ...fence }, change);

    await stage.converge();

    const { calls } = stage.world;
    expect([...stage.world.locked]).toEqual(['fs-a']);
    expect(calls.indexOf('node.lockRole')).toBeLessThan(calls.indexOf('node.recover'));
  });

  it('locks the old role where nobody knows which process it was', async () => {
    const unknown = { from: { nodeId: 'fs-a', coreUuid: null } };
    const stage = await beside({ status: 'done', proof: ENDED }, unknown);
    const before = structuredClone(stage.journal());
    Object.assign(before.steps.fence, { status: 'done', proof: ENDED });
    const left = { from: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' }, id: 'main#1', epoch: 1 };
    stage.store.transitions.set('main#1', { ...before, ...left });
    Object.assign(stage.journal(), { ...unknown, chain: { rootEpoch: 1, retargets: 1 } });

    await stage.converge();

    expect([...stage.world.locked]).toEqual(['fs-a']);
  });

  it('locks the old role where rows of a holder before it are not fenced either', async () => {
    const stage = await beside({ status: 'done', proof: ENDED });
    const left = { from: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' }, id: 'main#1', epoch: 1 };
    stage.store.transitions.set('main#1', { ...structuredClone(stage.journal()), ...left });
    Object.assign(stage.journal(), { chain: { rootEpoch: 1, retargets: 1 } });

    await stage.converge();

    expect([...stage.world.locked]).toEqual(['fs-a']);
  });
});
