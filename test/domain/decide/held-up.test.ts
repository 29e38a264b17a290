/** A blocked VIP whose process could come back by itself, were it not for another VIP that fails over from its node. */
import { decide } from '../../../lib/domain/decide';
import type { ClusterSnapshot, Transition } from '../../../lib/domain/model';
import { looks, nodeState, NOW } from '../../support/cluster';
import { aMove, journalOf } from '../../support/moves';
import { healthyPair, heldVip, seen, twoVips } from '../../support/two-vips';

const SAYS =
  /fs-a is out of service by second#5: no FreeSWITCH comes back there before .* nothing but an acknowledgement/;
const elsewhere = { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } };

/** fs-a died of what its two VIPs see alike; \`main\` failed over to it five minutes ago. */
function crashed(overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const dead = looks('fs-a', 'refused', 'silent').map((each) => ({
    ...each,
    sip: { main: each.sip['main']!, second: each.sip['main']! },
    sipMissingSinceMs: { main: each.sipMissingSinceMs['main'] ?? null, second: each.sipMissingSinceMs['main'] ?? null },
  }));
  return healthyPair({
    vips: [heldVip('main', { lastAutomaticFailoverAtMs: NOW - 300_000 }), heldVip('second')],
    observations: [...dead, ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')],
    ...overrides,
  });
}

const told = (snapshot: ClusterSnapshot, journals: readonly Transition[] = []): string => {
  const main = decide(snapshot, journals, NOW).find(({ vipId }) => vipId === 'main');
  if (main?.kind !== 'incident') throw new Error(`no incident: ${main?.reasons.join('; ')}`);
  expect(main.incident.kind).toBe('blocked');
  expect(main.incident.reasons).toEqual(main.reasons);
  return main.reasons.join('; ');
};

const left = heldVip('second', { epoch: 5, status: 'moving', ...elsewhere });
const leaving = (change: Parameters<typeof aMove>[0] = {}): Transition =>
  journalOf(
    aMove({ vipId: 'second', transition: 'failover', cause: 'conclusive-death', expectedEpoch: 4, ...change }),
    twoVips(),
    NOW - 1_000,
  );
const blocked = crashed().vips.slice(0, 1);
const locked = [nodeState('fs-a', { claims: ['main'], lockedBy: 'second#5' }), nodeState('fs-b'), nodeState('fs-c')];

describe('the page of a blocked VIP says that its process cannot come back', () => {
  it('where another VIP of the node fails over in the same judgement', () => {
    expect(told(crashed())).toMatch(SAYS);
  });

  it('where another one has just failed over, and the node is not marked yet', () => {
    expect(told(crashed({ vips: [...blocked, left] }), [leaving()])).toMatch(SAYS);
  });

  it('where the node is marked', () => {
    const gone = { ...left, status: 'held' as const };
    expect(told(crashed({ nodes: locked, vips: [...blocked, gone] }))).toMatch(SAYS);
  });

  it('where it is marked for its stop, in a cluster without a database', () => {
    const topology = twoVips({ database: null });
    const gone = { ...left, status: 'held' as const };
    expect(told(crashed({ topology, nodes: locked, vips: [...blocked, gone] }))).toMatch(SAYS);
  });
});

describe('and does not say it', () => {
  it('where no other VIP was on the node', () => {
    expect(told(crashed({ vips: [...blocked, heldVip('second', elsewhere)] }))).not.toMatch(/out of service/);
  });

  it('where there is no role that could be locked', () => {
    expect(told(crashed({ topology: twoVips({ database: null }) }))).not.toMatch(/out of service/);
  });

  it.each<[string, Transition]>([
    ['a planned move', leaving({ transition: 'switchover', cause: 'operator' })],
    ['a change that has ended', { ...leaving(), status: 'stuck' }],
    ['a failover of another node', leaving({ from: { nodeId: 'fs-c', coreUuid: 'c' } })],
  ])('where the other VIP left it by %s', (_, journal) => {
    expect(told(crashed({ vips: [...blocked, left] }), [journal])).not.toMatch(/out of service/);
  });
});
