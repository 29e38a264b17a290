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
});
