/**
 * Two observers whose clocks are seconds apart: the look of one is dated too far ahead to be a vote, that of the other is
 * too old to speak against the holder. Nobody is away, and nobody can decide, so somebody is told.
 */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import { classify } from '../../lib/domain/failure-kinds';
import type { ClusterSnapshot, Observation } from '../../lib/domain/model';
import { esl, healthy, look, looks, NOW, sip, topologyOf, vipState, ZONES } from '../support/cluster';

const [ZONE_A, ZONE_B] = ZONES;
const APART_MS = 4_400;

/** Of a holder that came back by itself, as a standby, so long ago. */
const restarted = (zone: string, agoMs: number, observedAtMs: number): Observation =>
  look('fs-a', zone, 'ok', 'standby', {
    observedAtMs,
    esl: esl('ok', 'another-uuid'),
    coreUuid: 'another-uuid',
    eslWellSinceMs: observedAtMs - agoMs,
    sipStandbys: { main: Math.ceil(agoMs / 1_000) },
  });

const seen = (observations: Observation[]): ClusterSnapshot =>
  healthy({
    topology: topologyOf(2, { observers: [ZONE_A, ZONE_B] }),
    observations: [...observations, ...looks('fs-b', 'ok', 'standby')],
  });

/** As the observer with the right time judges, and as the one whose clock is ahead does. */
const byTheRightClock = (agoMs: number) =>
  seen([restarted(ZONE_A, agoMs, NOW - 100), restarted(ZONE_B, agoMs, NOW - 100 + APART_MS)]);
const byTheClockAhead = (agoMs: number) =>
  seen([restarted(ZONE_A, agoMs, NOW - 100 - APART_MS), restarted(ZONE_B, agoMs, NOW - 100)]);

function judge(snapshot: ClusterSnapshot): Decision {
  const [decision] = decide(snapshot, [], NOW);
  if (decision === undefined) throw new Error('no decision for the only VIP');
  return decision;
}

describe('two observers whose clocks are seconds apart', () => {
  it('reinstate a holder that came back, as long as both clocks are right', () => {
    const together = seen([restarted(ZONE_A, 5_000, NOW - 100), restarted(ZONE_B, 5_000, NOW - 200)]);

    expect(judge(together)).toMatchObject({ kind: 'change', transition: 'reinstatement' });
  });

  it('tell of it when the holder has not served for long, and name the clock', () => {
    expect(judge(byTheRightClock(80_000))).toMatchObject({ kind: 'none' });

    const decision = judge(byTheRightClock(91_000));

    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'quorum-lost', vipId: 'main' } });
    expect(decision.reasons.join('; ')).toContain(`not served for long, as seen from ${ZONE_A}`);
    expect(decision.reasons.join('; ')).toContain(`${ZONE_B}: its last look is dated 4 s ahead: its clock is wrong`);
  });

  it('tell of it, too, where what came back answers as if nothing had been', () => {
    const answers = (agoMs: number) =>
      byTheRightClock(agoMs).observations.map((each) =>
        each.nodeId === 'fs-a' ? { ...each, sip: { main: sip('ok') }, sipStandbys: { main: 0 } } : each,
      );

    expect(judge({ ...byTheRightClock(0), observations: answers(80_000) })).toMatchObject({ kind: 'none' });
    expect(judge({ ...byTheRightClock(0), observations: answers(91_000) })).toMatchObject({
      incident: { kind: 'quorum-lost' },
    });
  });

  it('tell of it, too, where the holder has fallen into standby', () => {
    const fallen = (looksInStandby: number): ClusterSnapshot => {
      const standby = { sipStandbys: { main: looksInStandby } };
      const [right, ahead] = [NOW - 100, NOW - 100 + APART_MS];
      return seen([
        look('fs-a', ZONE_A, 'ok', 'standby', { ...standby, observedAtMs: right }),
        look('fs-a', ZONE_B, 'ok', 'standby', { ...standby, observedAtMs: ahead }),
      ]);
    };

    expect(judge(fallen(80))).toMatchObject({ kind: 'none' });
    expect(judge(fallen(92))).toMatchObject({ incident: { kind: 'quorum-lost' } });
  });

  it('find it gray by the other clock: one look is too old to speak against it', () => {
    expect(judge(byTheClockAhead(9_000))).toMatchObject({ kind: 'none' });
    expect(judge(byTheClockAhead(20_000))).toMatchObject({ incident: { kind: 'gray-failure', nodeId: 'fs-a' } });
  });

  it('tell nobody while the holder serves: a clock alone wakes no one', () => {
    const well = seen([
      look('fs-a', ZONE_A, 'ok', 'ok'),
      look('fs-a', ZONE_B, 'ok', 'ok', { observedAtMs: NOW + APART_MS }),
    ]);

    expect(judge(well)).toMatchObject({ kind: 'none' });
  });

  it('do not charge a new holder with what it was as a standby', () => {
    const asStandby = [ZONE_A, ZONE_B].map((zone) => restarted(zone, 200_000, NOW - 6_000));
    const snapshot = seen(asStandby);
    const { policy } = snapshot.topology;
    // Less than such a look may be old, so that this alone would be long enough.
    const topology = { ...snapshot.topology, policy: { ...policy, dissentHoldMs: 1_000 } };
    const judgedAfter = (changedAgoMs: number): Decision =>
      judge({ ...snapshot, topology, vips: [vipState({ changedAtMs: NOW - changedAgoMs })] });

    expect(judgedAfter(5_000)).toMatchObject({ kind: 'none' });
    expect(judgedAfter(60_000)).toMatchObject({ incident: { kind: 'gray-failure' } });
  });

  it('justify the page by the kind of failure: nobody watches', () => {
    const snapshot = byTheRightClock(91_000);
    const [vip] = snapshot.topology.vips;

    expect(classify(snapshot, vip!, vipState(), NOW)).toMatchObject({ case: 'unwatched', justifies: 'page' });
  });
});
