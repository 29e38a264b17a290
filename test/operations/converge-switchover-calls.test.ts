import { REFUSED_ALREADY } from '../../lib/domain/node-control';
import { topologyOf } from '../support/cluster';
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
