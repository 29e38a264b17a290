/** A journal that waits for its proofs long after the calls were rebuilt. */
import { OutsideTimeout } from '../../lib/domain/errors';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };

/** The new holder has rebuilt its calls, and does not answer whoever verifies it. @param mute nor whoever counts */
async function notVerified(mute = false): Promise<Stage & { looks: () => number }> {
  let looks = 0;
  const before = (call: string): void => {
    if (call === 'node.countAlive') looks += 1;
    if (call === 'node.check' || (mute && call === 'node.countAlive')) throw new OutsideTimeout('no answer');
  };
  const stage = await decided('suspected-death', { before }, topologyOf(3, { database }));
  stage.world.callsBefore = 20;
  return { ...stage, looks: () => looks };
}

describe('calls that were rebuilt while the journal waits for something else', () => {
  it('are counted when their looks are due, and not as lost once they were hung up', async () => {
    const stage = await notVerified();
    const converging = stage.converge();
    await stage.clock.until(() => stage.journal().calls?.aliveAfter30s === 20, 40_000, 500);
    stage.world.callsAlive = 18;
    await converging;

    expect(stage.journal()).toMatchObject({ status: 'open', steps: { ledger: { status: 'pending' } } });
    expect(stage.journal().calls).toMatchObject({ aliveAfter5s: 20, aliveAfter30s: 20, confirmed: 18 });
    expect(stage.looks()).toBe(3);

    stage.world.callsAlive = 1;
    await stage.clock.advance(DEFAULT_TIMING.stuckAfterMs);
    await stage.converge(2);

    expect(stage.journal()).toMatchObject({ status: 'stuck', calls: { confirmed: 18 } });
  });

  it('are asked for now and then where nobody can count them', async () => {
    const stage = await notVerified(true);

    await stage.converge();

    expect(stage.journal().calls).toMatchObject({ before: 20, confirmed: null });
    const windowMs = DEFAULT_TIMING.budgetMs - 5_000;
    expect(stage.looks()).toBeGreaterThan(5);
    expect(stage.looks()).toBeLessThanOrEqual(windowMs / DEFAULT_TIMING.namePatienceMs + 1);
  });
});
