/** One process that holds two VIPs: what fences it for one of them ends it for both. */
import type { Cause, Holder, Observation, TransitionKind, VipState } from '../../lib/domain/model';
import { looks, NOW, sip, topologyOf, vipState, withSecondVip } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { aMove, journalOf } from '../support/moves';

const ON_A: Holder = { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' };
const plain = topologyOf(3, { database: { host: 'db.internal', port: 5432, name: 'freeswitch' } });

const SERVED = looks('fs-a', 'ok', 'silent', { sip: { main: sip('silent'), second: sip('ok') } });

/** `main` leaves fs-a, which answers an order; `second` is held there, unless `state` says otherwise. */
async function beside(
  kind: TransitionKind,
  cause: Cause,
  state: Partial<VipState> = {},
  seen = SERVED,
): Promise<Stage> {
  const stage = await decided('suspected-death', {}, plain);
  const { store, clock, world } = stage;
  world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: true });
  Object.assign(stage.journal(), { kind, cause });
  if (kind === 'switchover') {
    // It has taken the address from whoever held it first.
    const from = { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' };
    const first = journalOf(aMove({ from, to: ON_A, expectedEpoch: 0 }), plain, 0, ['fence', 'detach', 'lock']);
    store.transitions.set('main#1', { ...first, status: 'superseded' });
    Object.assign(stage.journal(), { chain: { rootEpoch: 1, retargets: 1 } });
  }
  await store.putTopology(withSecondVip(plain));
  store.vips.set('second', vipState({ vipId: 'second', epoch: 7, holder: ON_A, ...state }));
  const observedAtMs = clock.wallMs();
  for (const each of seen) await store.putObservation({ ...each, observedAtMs }, observedAtMs);
  return stage;
}

const LEAVING: [string, TransitionKind, Cause][] = [
  ['a failover from a stuck SIP stack', 'failover', 'sip-stuck'],
  ['a failover whose candidate died', 'failover', 'candidate-died'],
  ['a stuck failover that a human acknowledged', 'failover', 'operator'],
  ['a switchover whose candidate died', 'switchover', 'candidate-died'],
];

describe.each(LEAVING)('%s', (_words, kind, cause) => {
  it.each<[string, Partial<VipState>]>([
    ['holds another VIP', {}],
    ['holds another VIP that is paused', { paused: true }],
    ['another VIP is on its way to', { status: 'moving' }],
  ])('gives a process that %s no order to end: its address is taken', async (_which, state) => {
    const stage = await beside(kind, cause, state);

    await stage.converge();

    expect(stage.world.calls).not.toContain('node.shutdownNow');
    expect(stage.journal().steps.fence).toMatchObject({
      status: 'done',
      proof: expect.stringMatching(/^\(d\) fs-a: it may serve second, too/),
    });
    expect(stage.world.promotions).toEqual(['fs-b/main']);
  });

  it.each<[string, Partial<VipState>, Observation[]]>([
    ['the other VIP has left', { holder: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' } }, SERVED],
    ['the other VIP is on another process', { holder: { nodeId: 'fs-a', coreUuid: 'uuid-next' } }, SERVED],
    [
      'the other VIP is dead with it',
      { changedAtMs: 0 },
      looks('fs-a', 'refused', 'silent', {
        sip: { main: sip('silent'), second: sip('silent') },
        sipMissingSinceMs: { main: NOW - 1_900, second: NOW - 1_900 },
      }),
    ],
  ])('ends the process where %s', async (_which, state, seen) => {
    const stage = await beside(kind, cause, state, seen);

    await stage.converge();

    expect(stage.journal().steps.fence).toMatchObject({ status: 'done', proof: expect.stringMatching(/^\(b\)/) });
  });
});
