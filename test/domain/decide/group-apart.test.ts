/** Of a group whose node died, one waited for a human while the other went on: it comes to where that is. */
import { decide } from '../../../lib/domain/decide';
import { explain } from '../../../lib/domain/explain';
import type { ClusterSnapshot, Observation, Topology } from '../../../lib/domain/model';
import { looks, nodeState, NOW, policy, sip } from '../../support/cluster';
import { healthyPair, heldVip, seen, twoVips } from '../../support/two-vips';

const dead = looks('fs-a', 'refused', 'silent', { sip: { main: sip('silent'), second: sip('silent') } });
const onC = { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' };

interface Case {
  topology?: Topology;
  status?: 'held' | 'moving';
  /** Of fs-c. */
  seenThere?: Observation[];
  more?: Partial<ClusterSnapshot>;
}

/** fs-a, which holds `main`, is dead, and `second` is on fs-c, or on its way there. */
function cluster({ topology = twoVips({}, 'lobby'), status = 'held', seenThere, more }: Case): ClusterSnapshot {
  const there = seenThere ?? seen('fs-c', 'standby', status === 'held' ? 'ok' : 'standby');
  return healthyPair({
    topology,
    nodes: [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b'), nodeState('fs-c', { claims: ['second'] })],
    vips: [heldVip('main'), heldVip('second', { status, holder: onC, changedAtMs: NOW - 60_000 })],
    observations: [...dead, ...seen('fs-b', 'standby'), ...there],
    ...more,
  });
}
const placeOfMain = (of: Case): string => {
  const [main] = decide(cluster(of), [], NOW);
  return main?.kind === 'change' ? main.to.nodeId : (main?.kind ?? '');
};
const behind = (nodeId: string): Observation[] =>
  seen(nodeId, 'standby', 'ok').map((each) => ({ ...each, esl: { ...each.esl, clockOffsetMs: -5_000 } }));

describe('a VIP that fails over alone', () => {
  it.each(['held', 'moving'] as const)('goes where another one of its group is %s', (status) => {
    expect(placeOfMain({ status })).toBe('fs-c');
  });

  it('goes where it prefers with another one of no group, or of another', () => {
    const base = twoVips();
    const apart = { ...base, vips: base.vips.map((vip) => ({ ...vip, group: `of ${vip.id}` })) };

    expect(placeOfMain({ topology: base })).toBe('fs-b');
    expect(placeOfMain({ topology: apart })).toBe('fs-b');
  });

  it.each<[string, Case]>([
    ['is full', { topology: twoVips({ policy: { ...policy, maxVipsPerNode: 1 } }, 'lobby') }],
    ['is behind with its clock', { seenThere: behind('fs-c') }],
    ['is no candidate of it', { topology: withCandidates(['fs-a', 'fs-b']) }],
  ])('goes elsewhere where that node %s: a call without audio is better than none', (_, of) => {
    expect(placeOfMain(of)).toBe('fs-b');
  });

  it('is explained so before it has to', () => {
    const { observations } = cluster({});
    const well = [...seen('fs-a', 'ok', 'standby'), ...observations.filter(({ nodeId }) => nodeId !== 'fs-a')];

    const standby = (of: Case): string | null | undefined =>
      explain(cluster({ ...of, more: { observations: well } }), [], NOW).vips[0]?.standby;

    expect(standby({})).toBe('fs-c');
    expect(standby({ topology: withCandidates(['fs-a', 'fs-b']) })).toBe('fs-b');
  });

  it('that waits for its block period is told to go there, too', () => {
    const blocked = heldVip('main', { lastAutomaticFailoverAtMs: NOW - 1_000 });
    const { vips } = cluster({});

    expect(decide(cluster({ more: { vips: [blocked, vips[1]!] } }), [], NOW)[0]?.kind).toBe('incident');
    const acknowledged = { ...blocked, acknowledgedAtMs: NOW };
    expect(placeOfMain({ more: { vips: [acknowledged, vips[1]!] } })).toBe('fs-c');
  });
});

function withCandidates(candidates: string[]): Topology {
  const base = twoVips({}, 'lobby');
  return { ...base, vips: base.vips.map((vip) => (vip.id === 'main' ? { ...vip, candidates } : vip)) };
}
