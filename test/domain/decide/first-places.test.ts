/** Several VIPs begin: those of a group on one node, and none in the way of another. */
import { decide } from '../../../lib/domain/decide';
import type { ClusterSnapshot, Observation, VipState } from '../../../lib/domain/model';
import { evaluateCluster } from '../../../lib/operations/evaluate';
import { looks, nodeState, NOW, policy, sip, vipState } from '../../support/cluster';
import { healthyPair, heldVip, seen, stageOf, twoVips } from '../../support/two-vips';

const NODES = ['fs-a', 'fs-b', 'fs-c'];
const nobody = (vipId: string, overrides: Partial<VipState> = {}): VipState =>
  vipState({ vipId, epoch: 0, holder: null, status: 'unassigned', changedAtMs: NOW - 60_000, ...overrides });

/** `main` and `second` are of one group, and `alone` is listed before them. */
function topology(carriers: Record<string, string> = {}, maxVipsPerNode = 2) {
  const base = twoVips({ policy: { ...policy, maxVipsPerNode } }, 'lobby');
  const alone = base.vips.slice(0, 1).map((vip) => ({ ...vip, id: 'alone', group: null }));
  const vips = [...alone, ...base.vips].map((vip) => ({ ...vip, firstHolder: carriers[vip.id] ?? null }));
  return { ...base, vips };
}
const fit = (nodeId: string): Observation[] =>
  seen(nodeId, 'standby').map((each) => ({ ...each, sip: { ...each.sip, alone: sip('standby') } }));
const away = (nodeId: string): Observation[] => looks(nodeId, 'refused', 'silent');

function cluster(overrides: Partial<ClusterSnapshot> = {}, claims: Record<string, string[]> = {}): ClusterSnapshot {
  return healthyPair({
    topology: topology(),
    nodes: NODES.map((id) => nodeState(id, { claims: claims[id] ?? [] })),
    vips: ['alone', 'main', 'second'].map((id) => nobody(id)),
    observations: NODES.flatMap(fit),
    ...overrides,
  });
}
const placesIn = (snapshot: ClusterSnapshot): string[] =>
  decide(snapshot, [], NOW).map((each) => `${each.vipId}: ${each.kind === 'change' ? each.to.nodeId : each.kind}`);

describe('the first places', () => {
  it('of a group are on one node, also where a VIP that comes before takes a part of the first one', async () => {
    const { store, deps } = stageOf(cluster());

    for (let tick = 0; tick < 2; tick += 1) {
      await evaluateCluster({ ...deps, metrics: { count: () => undefined, durationMs: () => undefined } });
    }

    expect([...store.vips.values()].map(({ vipId, holder }) => `${vipId}: ${holder?.nodeId}`)).toEqual([
      ...['alone: fs-a', 'main: fs-b', 'second: fs-b'],
    ]);
  });

  it('of a group are taken one after the other: two observers never decide for two nodes', () => {
    expect(placesIn(cluster())).toEqual(['alone: fs-a', 'main: fs-b', 'second: none']);
  });

  it('of a group do not wait for one of it that is paused', () => {
    const vips = [nobody('alone'), nobody('main', { paused: true }), nobody('second')];

    expect(placesIn(cluster({ vips }))).toEqual(['alone: fs-a', 'main: none', 'second: fs-b']);
  });

  it.each(['held', 'moving'] as const)('are where another one of the group is %s', (status) => {
    const main = heldVip('main', { status, holder: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' } });
    const vips = [nobody('alone'), main, nobody('second')];

    expect(placesIn(cluster({ vips }, { 'fs-c': ['main'] }))[2]).toBe('second: fs-c');
  });

  it('are nowhere else where that node is full: a human is told, and nothing is torn apart', () => {
    const vips = [nobody('alone'), heldVip('main'), nobody('second', { changedAtMs: NOW - 16 * 60_000 })];

    const second = decide(cluster({ vips }, { 'fs-a': ['main', 'other'] }), [], NOW)[2];

    expect(second).toMatchObject({ kind: 'incident', incident: { kind: 'no-holder', vipId: 'second' } });
    expect(second?.reasons.join('; ')).toMatch(/fs-a is not fit: it is claimed by main, other/);
  });

  it('are any where the node of the group is a candidate no more', () => {
    const main = heldVip('main', { holder: { nodeId: 'fs-z', coreUuid: 'uuid-fs-z' } });

    expect(placesIn(cluster({ vips: [nobody('alone'), main, nobody('second')] }))[2]).toBe('second: fs-a');
  });

  it('are where callers of another one of the group are on a node that carries its address', () => {
    expect(placesIn(cluster({ topology: topology({ main: 'fs-c' }) }))).toEqual([
      ...['alone: fs-a', 'main: fs-c', 'second: fs-c'],
    ]);
  });

  it('leave room for the VIPs whose address a node carries', () => {
    expect(placesIn(cluster({ topology: topology({ main: 'fs-a', second: 'fs-a' }) }))).toEqual([
      ...['alone: fs-b', 'main: fs-a', 'second: fs-a'],
    ]);
  });

  it('are found for the others where one finds none yet, and in the order in which they are listed', () => {
    const observations = [...fit('fs-a'), ...away('fs-b'), ...away('fs-c')];
    const { vips, ...rest } = topology();
    const bound = vips.map((vip) => (vip.id === 'alone' ? { ...vip, candidates: ['fs-b', 'fs-c'] } : vip));

    expect(placesIn(cluster({ observations }))).toEqual(['alone: fs-a', 'main: none', 'second: none']);
    expect(placesIn(cluster({ observations, topology: { ...rest, vips: bound } }))).toEqual([
      ...['alone: none', 'main: fs-a', 'second: none'],
    ]);
  });
});
