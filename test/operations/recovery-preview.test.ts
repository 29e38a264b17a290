/** The operator's side of the dry run: for which node and with which order it is asked. */
import type { ClusterSnapshot } from '../../lib/domain/model';
import { previewRecovery } from '../../lib/operations/recovery-preview';
import { NOW, nodeState } from '../support/cluster';
import { healthyPair, heldVip, seen, stageOf, twoVips } from '../support/two-vips';

async function ask(snapshot: ClusterSnapshot = healthyPair(), toNodeId: string | null = null, vipId = 'main') {
  const { world } = stageOf(snapshot);
  const outcome = await previewRecovery(world.nodeControl, snapshot, { vipId, toNodeId }, NOW);
  return { outcome, previews: world.previews };
}

describe('the preview of a recovery', () => {
  it('is asked with the order that the next failover would give, on the node that it would take', async () => {
    const { outcome, previews } = await ask();
    expect(outcome).toMatchObject({ kind: 'previewed', fromNodeId: 'fs-a', toNodeId: 'fs-b', unfit: null });
    expect(previews).toEqual([
      {
        nodeId: 'fs-b',
        vipId: 'main',
        order: {
          transitionId: 'main#5',
          deadCoreUuids: ['uuid-fs-a'],
          deadNodeIds: ['fs-a'],
          maxClockBehindMs: twoVips().policy.maxClockBehindMs,
        },
      },
    ]);
  });

  it('is held against the clock of the holder, as it is now', async () => {
    const observations = [
      ...seen('fs-a', 'ok', 'ok', { lastClockOffsetMs: 700 }),
      ...seen('fs-b', 'standby'),
      ...seen('fs-c', 'standby'),
    ];
    const { previews } = await ask(healthyPair({ observations }));
    expect(previews).toMatchObject([{ order: { oldClockAheadMs: 700 } }]);
  });

  it('takes the next node where the preferred one is not fit', async () => {
    const observations = [...seen('fs-a', 'ok'), ...seen('fs-b', 'silent'), ...seen('fs-c', 'standby')];
    expect((await ask(healthyPair({ observations }))).outcome).toMatchObject({ toNodeId: 'fs-c' });
  });

  it('counts the whole group, as a failover does: a node that is fit for one of two is not taken', async () => {
    const observations = [...seen('fs-a', 'ok'), ...seen('fs-b', 'standby', 'silent'), ...seen('fs-c', 'standby')];
    const alone = await ask(healthyPair({ observations }));
    const together = await ask(healthyPair({ observations, topology: twoVips({}, 'trunk') }));
    expect([alone.outcome, together.outcome]).toMatchObject([{ toNodeId: 'fs-b' }, { toNodeId: 'fs-c' }]);
  });

  it('is asked of a node that is not fit too, when it is named, and says that it is not', async () => {
    const nodes = [nodeState('fs-a'), nodeState('fs-b', { paused: true }), nodeState('fs-c')];
    const { outcome, previews } = await ask(healthyPair({ nodes }), 'fs-b');
    expect(outcome).toMatchObject({ toNodeId: 'fs-b', unfit: expect.stringContaining('paused') });
    expect(previews).toHaveLength(1);
  });

  it('is asked while the cluster or the VIP is paused: it changes nothing', async () => {
    const { outcome } = await ask(healthyPair({ vips: [heldVip('main', { paused: true }), heldVip('second')] }));
    expect(outcome).toMatchObject({ kind: 'previewed' });
  });

  it.each<[string, string, ClusterSnapshot, string | null, string]>([
    ['a VIP that there is not', "no VIP 'other'", healthyPair(), null, 'other'],
    [
      'a VIP that nobody holds',
      'nobody holds',
      healthyPair({ vips: [heldVip('main', { holder: null })] }),
      null,
      'main',
    ],
    ['a VIP on its way', 'on its way', healthyPair({ vips: [heldVip('main', { status: 'moving' })] }), null, 'main'],
    [
      'a holder whose core_uuid nobody read',
      'nobody has read the core_uuid of fs-a',
      healthyPair({ vips: [heldVip('main', { holder: { nodeId: 'fs-a', coreUuid: null } })] }),
      ...([null, 'main'] as const),
    ],
    [
      'a cluster without a database',
      'no database',
      healthyPair({ topology: twoVips({ database: null }) }),
      null,
      'main',
    ],
    ['the holder itself', 'fs-a cannot take main', healthyPair(), 'fs-a', 'main'],
    ['a node that is no candidate', 'who can: fs-b, fs-c', healthyPair(), 'fs-x', 'main'],
    [
      'a cluster where no node is fit',
      'fs-b is not fit: ',
      healthyPair({ observations: seen('fs-a', 'ok') }),
      null,
      'main',
    ],
  ])('is refused for %s, and nobody is asked', async (_what, why, snapshot, toNodeId, vipId) => {
    const { outcome, previews } = await ask(snapshot, toNodeId, vipId);
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(outcome)).toContain(why);
    expect(previews).toEqual([]);
  });

  it('tells why nobody could look, instead of throwing', async () => {
    const snapshot = healthyPair();
    const before = (): never => {
      throw new Error('no node-control function answered');
    };
    const { world } = stageOf(snapshot, {}, { before });
    const outcome = await previewRecovery(world.nodeControl, snapshot, { vipId: 'main', toNodeId: null }, NOW);
    expect(outcome).toMatchObject({
      result: { known: false, reason: expect.stringContaining('no node-control function') },
    });
  });
});
