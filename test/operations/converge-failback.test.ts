import { topologyOf } from '../support/cluster';
import { decided } from '../support/converge-stage';

describe('an automatic failback', () => {
  it('ends the old process by order before it takes its calls, and leaves its node running', async () => {
    const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
    const stage = await decided('sip-stuck', {}, topologyOf(3, { database }));
    const journal = stage.journal();
    Object.assign(journal, { kind: 'failback', cause: 'preferred-node-back' });
    for (const step of ['lock', 'stop', 'restore'] as const) {
      journal.steps[step] = { ...journal.steps[step], status: 'skipped', proof: 'the old process ends by order' };
    }

    await stage.converge();

    const { status, steps } = stage.journal();
    expect(status).toBe('done');
    expect(steps.fence.proof).toMatch(/^\(b\)/);
    expect(steps.recover.status).toBe('done');
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
  });
});
