/** Which zones are gone, as far as the others can tell; and what is one event, and what are several. */
import { classifyCluster, type FailureEvent } from '../../lib/domain/failure-kinds';
import { isZoneSilent } from '../../lib/domain/failure-kinds/zone';
import type { ClusterSnapshot, Observation, SipEvidence, Topology } from '../../lib/domain/model';
import { healthy, looks, NOW, sip, topologyOf, vipState, ZONES } from '../support/cluster';

/** Two zones without an observer of their own, with two nodes each; and one node beside an observer. */
const ZONE_OF = { 'fs-a': 'x', 'fs-b': 'x', 'fs-c': 'y', 'fs-d': 'y', 'fs-e': ZONES[0] } as const;
type NodeId = keyof typeof ZONE_OF;
const NODES = Object.keys(ZONE_OF) as NodeId[];
const HOLDERS: Record<string, NodeId> = { main: 'fs-a', second: 'fs-c', third: 'fs-e' };

function topology(zoneOf: Partial<Record<NodeId, string>> = ZONE_OF): Topology {
  const { nodes, vips, ...rest } = topologyOf(1);
  const [node] = nodes;
  const [vip] = vips;
  if (node === undefined || vip === undefined) throw new Error('an empty cluster');
  return {
    ...rest,
    nodes: Object.entries(zoneOf).map(([id, zone]) => ({ ...node, id, zone })),
    vips: Object.keys(HOLDERS).map((id) => ({ ...vip, id, candidates: NODES })),
  };
}

function seen(nodeId: string, esl: 'ok' | 'silent' | 'refused', verdict: SipEvidence['verdict']): Observation[] {
  const each = <T>(value: T): Record<string, T> =>
    Object.fromEntries(Object.keys(HOLDERS).map((vipId) => [vipId, value]));
  return looks(nodeId, esl, verdict, { sip: each(sip(verdict)), sipMisses: each(esl === 'ok' ? 0 : 10) });
}

/** These nodes answer in no way; the others serve. */
function without(...gone: NodeId[]): ClusterSnapshot {
  return healthy({
    topology: topology(),
    vips: Object.entries(HOLDERS).map(([vipId, nodeId]) =>
      vipState({ vipId, holder: { nodeId, coreUuid: `uuid-${nodeId}` } }),
    ),
    observations: NODES.flatMap((id) => (gone.includes(id) ? seen(id, 'silent', 'silent') : seen(id, 'ok', 'ok'))),
  });
}

const eventsOf = (snapshot: ClusterSnapshot): FailureEvent[] => classifyCluster(snapshot, NOW).events;

describe('the events of a cluster', () => {
  it('are none while all VIPs are served', () => {
    expect(eventsOf(without())).toEqual([]);
  });

  it('are one for each zone that failed', () => {
    expect(eventsOf(without('fs-a', 'fs-b', 'fs-c', 'fs-d'))).toMatchObject([
      { kind: 'zone', zone: 'x', vipIds: ['main'], conclusive: true },
      { kind: 'zone', zone: 'y', vipIds: ['second'], conclusive: true },
    ]);
  });

  it('are one more for each VIP that fails by itself, which is no zone’s', () => {
    expect(eventsOf(without('fs-a', 'fs-b', 'fs-c', 'fs-e'))).toMatchObject([
      { kind: 'zone', zone: 'x', vipIds: ['main'] },
      { kind: 'hardware', zone: null, vipIds: ['second'] },
      { kind: 'hardware', zone: null, vipIds: ['third'] },
    ]);
  });

  it('are suspicions, too, and then justify nothing', () => {
    const snapshot = without('fs-a', 'fs-b');
    const observations = snapshot.observations.map((each) => ({ ...each, eslHistory: each.eslHistory & 1 }));

    expect(eventsOf({ ...snapshot, observations })).toMatchObject([
      { kind: 'zone', zone: 'x', vipIds: ['main'], conclusive: false, justifies: 'nothing' },
    ]);
  });

  it('are of VIPs that the store knows', () => {
    const snapshot = without('fs-a', 'fs-b');

    const { vips } = classifyCluster({ ...snapshot, vips: snapshot.vips.slice(0, 1) }, NOW);

    expect(Object.keys(vips)).toEqual(['main']);
  });

  it('are none of a VIP that nobody holds', () => {
    const [main, ...others] = without('fs-a').vips;
    const unassigned = { ...main, holder: null, status: 'unassigned' as const };

    const { vips, events } = classifyCluster(
      { ...without('fs-a'), vips: [unassigned as (typeof others)[0], ...others] },
      NOW,
    );

    expect(events).toEqual([]);
    expect(vips['main']).toMatchObject({ kind: 'none', case: null, justifies: 'nothing' });
  });
});

describe('a zone', () => {
  const gone = without('fs-a', 'fs-b');
  const isSilent = (snapshot: ClusterSnapshot, zone = 'x'): boolean => isZoneSilent(snapshot, zone, NOW);
  /** fs-b seen otherwise by all, or by one observer alone. */
  const withOther = (other: Observation[], from: readonly string[] = ZONES): ClusterSnapshot => ({
    ...gone,
    observations: gone.observations.map(
      (each) =>
        (each.nodeId === 'fs-b' && from.includes(each.zone) && other.find(({ zone }) => zone === each.zone)) || each,
    ),
  });

  it('is gone when none of its nodes answers', () => {
    expect(isSilent(gone)).toBe(true);
  });

  it.each<[string, ClusterSnapshot]>([
    ['one of its nodes answers', without('fs-a')],
    ['one of its nodes answers one observer', withOther(seen('fs-b', 'ok', 'ok'), [ZONES[0]])],
    ['one of its nodes answers SIP', withOther(seen('fs-b', 'silent', 'busy'))],
    ['one of its nodes refuses the event socket', withOther(seen('fs-b', 'refused', 'silent'))],
    ['one of its nodes refuses SIP', withOther(seen('fs-b', 'silent', 'refused'))],
    [
      'less than a majority looks at one of its nodes',
      { ...gone, observations: gone.observations.filter(({ nodeId, zone }) => nodeId !== 'fs-b' || zone === ZONES[0]) },
    ],
  ])('is not gone while %s', (_words, snapshot) => {
    expect(isSilent(snapshot)).toBe(false);
  });

  it('is not gone where one of the addresses of a node refuses, or answers', () => {
    const oneAddress = (verdict: SipEvidence['verdict']) =>
      withOther(
        seen('fs-b', 'silent', 'silent').map((each) => ({ ...each, sip: { ...each.sip, second: sip(verdict) } })),
      );

    expect(isSilent(oneAddress('refused'))).toBe(false);
    expect(isSilent(oneAddress('standby'))).toBe(false);
  });

  it('without an observer and with one node is gone for all that anybody knows with that node alone', () => {
    expect(isSilent({ ...gone, topology: topology({ 'fs-a': 'x', 'fs-b': 'y' }) })).toBe(false);
  });

  it('with an observer is gone with its one node when that observer has no voice', () => {
    const lost = without('fs-e');
    const voiceless = { ...lost, observations: lost.observations.filter(({ zone }) => zone !== ZONES[0]) };

    expect(isSilent(lost, ZONES[0])).toBe(false);
    expect(isSilent(voiceless, ZONES[0])).toBe(true);
  });

  it('without nodes does not fail', () => {
    expect(isSilent(gone, ZONES[1])).toBe(false);
  });
});
