/** Clocks that differ: a rebuilt leg takes its CSeq from one, and its peer refuses a CSeq that goes back. */
import type { Candidate } from '../../lib/domain/candidate';
import { rankCandidates } from '../../lib/domain/candidates';
import { lastKnownClockOffsetMs } from '../../lib/domain/clocks';
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import type { ClusterSnapshot, Observation } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { healthy, looks, nodeState, NOW, policy, topologyOf } from '../support/cluster';
import { healthyPair, heldVip, seen } from '../support/two-vips';

/** One offset for all observers, or one for each; null: not told. */
type Offsets = number | null | (number | null)[];

const of = (offsets: Offsets, index: number): number | null =>
  Array.isArray(offsets) ? (offsets[index] ?? null) : offsets;

const withClock = (observations: Observation[], offsets: Offsets): Observation[] =>
  observations.map((each, index) => ({
    ...each,
    esl: { ...each.esl, clockOffsetMs: each.eslMisses > 0 ? null : of(offsets, index) },
    lastClockOffsetMs: of(offsets, index),
  }));

/** fs-a, whose clock was off by `held` when it was last read, has died; fs-b and fs-c are its standbys. */
function fallen(held: Offsets, standby: Offsets, other: Offsets = standby): ClusterSnapshot {
  return healthy({
    topology: topologyOf(3),
    nodes: [nodeState('fs-a', { claims: ['main'] }), nodeState('fs-b'), nodeState('fs-c')],
    observations: [
      ...withClock(looks('fs-a', 'refused', 'silent'), held),
      ...withClock(looks('fs-b', 'ok', 'standby'), standby),
      ...withClock(looks('fs-c', 'ok', 'standby'), other),
    ],
  });
}

function rank(snapshot: ClusterSnapshot): Candidate[] {
  const [vip] = snapshot.topology.vips;
  if (vip === undefined) throw new Error('no VIP');
  return rankCandidates(snapshot, vip, 'fs-a', NOW);
}

function decideOne(snapshot: ClusterSnapshot): Decision {
  const [decision] = decide(snapshot, [], NOW);
  if (decision === undefined) throw new Error('no decision');
  return decision;
}

describe('the clock of a candidate', () => {
  it.each<[string, Offsets, Offsets, object]>([
    ['as far behind as the old holder’s was, costs no call', -5_000, -5_000, { eligible: true, behindHolderMs: 0 }],
    ['ahead of it, costs none either', -5_000, 0, { eligible: true, behindHolderMs: 0 }],
    ['behind it and behind the right time, is a fault of its own', -2_000, -3_001, { eligible: false }],
    ['behind it by no more than the policy allows, is right', 1_000, 0, { eligible: true, behindHolderMs: 0 }],
    ['right, where the old holder’s was ahead, is no fault', 5_000, 0, { eligible: true, behindHolderMs: 5_000 }],
    ['right, where nobody read the old holder’s, is right', null, 0, { eligible: true, behindHolderMs: 0 }],
    ['behind, where nobody read the old holder’s, is held against the observers', null, -1_001, { eligible: false }],
    ['not told, says nothing', 5_000, null, { eligible: true, behindHolderMs: 0 }],
  ])('%s', (_, held, standby, expected) => {
    expect(rank(fallen(held, standby))[0]).toMatchObject({ nodeId: 'fs-b', ...expected });
  });

  it('is compared by each observer with what that one read: the clocks of the observers have no say', () => {
    for (const offsets of [
      [-9_000, 0, 9_000],
      [9_000, 0, 9_000],
    ]) {
      expect(rank(fallen(offsets, offsets))[0]).toMatchObject({ eligible: true, behindHolderMs: 0 });
    }
  });

  it('is behind where a majority of the configured observers says so, and no fewer', () => {
    expect(rank(fallen(0, [-5_000, 0, 0]))[0]).toMatchObject({ eligible: true });
    expect(rank(fallen(0, [-5_000, -4_000, 0]))).toMatchObject([
      { eligible: false, why: expect.stringContaining('4000 ms behind') },
      { eligible: false },
    ]);
  });

  it('that would make the calls wait puts it behind one whose clock would not', () => {
    expect(rank(fallen(5_000, 0, 4_500)).map(({ nodeId }) => nodeId)).toEqual(['fs-c', 'fs-b']);
  });

  it('keeps nobody from service for a fault of the old holder: an outage is worse than calls that wait', () => {
    const decision = decideOne(fallen(5_000, 0));

    expect(decision).toMatchObject({ kind: 'change', transition: 'failover', to: { nodeId: 'fs-b' } });
    expect(decision.reasons.join('; ')).toContain('wait for up to 5 s: the clock of fs-b');
  });

  it('behind by its own fault keeps it from service only where another node is fit', () => {
    expect(decideOne(fallen(0, -5_000, 0))).toMatchObject({ kind: 'change', to: { nodeId: 'fs-c' } });

    const decision = decideOne(fallen(0, -5_000));
    expect(decision).toMatchObject({ kind: 'change', transition: 'failover', to: { nodeId: 'fs-b' } });
    expect(decision.reasons.join('; ')).toMatch(
      /fs-b is not fit: its clock is 5000 ms behind .*fs-b takes it all the same: its calls wait for the clock/,
    );
  });

  it('does not make a node fit that is unfit for another reason', () => {
    const snapshot = fallen(0, -5_000);
    const nodes = ['fs-a', 'fs-b', 'fs-c'].map((id) => nodeState(id, { lockedBy: 'main#9' }));

    expect(decideOne({ ...snapshot, nodes })).toMatchObject({ incident: { kind: 'no-candidate' } });
  });

  it('sends callers who are served nowhere: such a node is no standby', () => {
    expect(
      rank(
        healthy({ observations: [...looks('fs-a', 'ok', 'ok'), ...withClock(looks('fs-b', 'ok', 'standby'), -5_000)] }),
      ),
    ).toMatchObject([{ eligible: false, why: expect.stringContaining('5000 ms behind') }]);
  });
});

describe('the journal of a failover', () => {
  const write = (held: Offsets) => {
    const snapshot = fallen(held, 0);
    const decision = decideOne(snapshot);
    if (decision.kind !== 'change') throw new Error(decision.reasons.join('; '));
    return decisionWrite(decision, snapshot.topology, snapshot.observations, NOW, 'observer/a').transition;
  };

  it('keeps how far the clock of the old holder was off', () => {
    expect(write([2_000, 2_010, 99_000])).toMatchObject({ oldClockOffsetMs: 2_010 });
    expect(write([2_010, 99_000, 2_000])).toMatchObject({ oldClockOffsetMs: 2_010 });
    expect(write([null, 2_000, 2_010])).toMatchObject({ oldClockOffsetMs: 2_010 });
  });

  it('does not know it where no observer ever read it', () => {
    expect(write(null)).toMatchObject({ oldClockOffsetMs: null });
    expect(lastKnownClockOffsetMs([], 'fs-a')).toBeNull();
  });
});

describe('a holder whose clock is ahead', () => {
  const seenServing = (held: Offsets): Observation[] => [
    ...withClock(looks('fs-a', 'ok', 'ok'), held),
    ...looks('fs-b', 'ok', 'standby'),
  ];
  const judged = (held: Offsets): Decision[] => decide(healthy({ observations: seenServing(held) }), [], NOW);

  it('is paged, with the remedy, and its VIP is well all the same', () => {
    const [vip, node] = judged(policy.maxClockBehindMs + 1);

    expect(vip).toMatchObject({ kind: 'none', vipId: 'main', well: true });
    expect(node).toMatchObject({
      ...{ kind: 'incident', vipId: 'node fs-a' },
      incident: { kind: 'clock-ahead', vipId: null, nodeId: 'fs-a', epoch: null },
    });
    expect(node?.reasons.join('; ')).toMatch(/1001 ms ahead.*calls of main.*`chronyc tracking`.*`fsctl sync_clock`/);
  });

  it('is paged once for all the VIPs that it holds', () => {
    const observations = [
      ...withClock(seen('fs-a', 'ok'), 60_000),
      ...seen('fs-b', 'standby'),
      ...seen('fs-c', 'standby'),
    ];
    const decisions = decide(healthyPair({ observations }), [], NOW);

    expect(decisions.map(({ vipId }) => vipId)).toEqual(['main', 'second', 'node fs-a']);
    expect(decisions.at(-1)?.reasons.join('; ')).toContain('calls of main, second');
  });

  it('is paged for the VIPs that it holds, and for no others', () => {
    const elsewhere = heldVip('second', { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } });
    const observations = [
      ...withClock(seen('fs-a', 'ok', 'standby'), [60_000, 60_000, 0]),
      ...seen('fs-b', 'standby', 'ok'),
      ...seen('fs-c', 'standby'),
    ];
    const decisions = decide(healthyPair({ vips: [elsewhere, heldVip('main')], observations }), [], NOW);

    expect(decisions.map(({ vipId }) => vipId)).toEqual(['main', 'second', 'node fs-a']);
    expect(decisions.at(-1)?.reasons.join('; ')).toContain('the calls of main would wait');
  });

  it('is not paged while none of its VIPs is well: there is something else to mend first', () => {
    const elsewhere = heldVip('second', { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } });
    const withdrawn = withClock(seen('fs-a', 'ok', 'standby', { withdrawnSinceMs: NOW - 1_000 }), 60_000).map(
      (each) => ({
        ...each,
        esl: { ...each.esl, verdict: 'paused' as const },
      }),
    );
    const observations = [...withdrawn, ...seen('fs-b', 'standby', 'ok'), ...seen('fs-c', 'standby')];

    expect(decide(healthyPair({ vips: [heldVip('main'), elsewhere], observations }), [], NOW)).toMatchObject([
      { vipId: 'main', kind: 'none', well: false },
      { vipId: 'second', kind: 'none', well: true },
    ]);
  });

  it('is not paged while a human keeps the cluster paused', () => {
    const control = { paused: true, pausedReason: 'new clocks', pausedUntilMs: null, transitionsInFlight: 0 };

    expect(decide(healthy({ control, observations: seenServing(60_000) }), [], NOW)).toHaveLength(1);
  });

  it.each<[string, Offsets]>([
    ['by no more than the policy allows', policy.maxClockBehindMs],
    ['for one observer alone', [60_000, 0, 0]],
    ['in no way, but behind: that costs no call', -60_000],
    ['as far as nobody could tell', null],
  ])('%s, is not', (_, held) => {
    expect(judged(held)).toMatchObject([{ kind: 'none', well: true }]);
  });
});
