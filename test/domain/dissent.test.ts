/** Silence that not every observer agrees on has to last; a refusal never waits. */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import { holdLeftMs } from '../../lib/domain/dissent';
import type { Observation, Policy } from '../../lib/domain/model';
import { healthy, look, looks, missesInARow, NOW, policy, topologyOf, vipState, ZONES } from '../support/cluster';

const [ZONE_A, ZONE_B, ZONE_C] = ZONES;
const standby = looks('fs-b', 'ok', 'standby');

function judge(holderSeen: Observation[], overrides: Partial<Policy> = {}): Decision {
  const topology = topologyOf(2, { policy: { ...policy, ...overrides } });
  const [decision] = decide(healthy({ topology, observations: [...holderSeen, ...standby] }), [], NOW);
  if (decision === undefined) throw new Error('no decision for the only VIP');
  return decision;
}

/** Without any answer for so long, from that zone. */
const silent = (zone: string, forMs: number, more: Partial<Observation> = {}): Observation =>
  look('fs-a', zone, 'silent', 'silent', {
    observedAtMs: NOW,
    eslMissingSinceMs: NOW - forMs,
    sipMissingSinceMs: { main: NOW - forMs },
    ...more,
  });

/** ESL well and SIP silent for so long, from that zone. */
const stuck = (zone: string, forMs: number): Observation =>
  look('fs-a', zone, 'ok', 'silent', { observedAtMs: NOW, sipMissingSinceMs: { main: NOW - forMs } });

describe('silence that every configured observer agrees on', () => {
  it('is decided at once', () => {
    const seen = ZONES.map((zone) => silent(zone, 2_000));

    expect(judge(seen)).toMatchObject({ kind: 'change', cause: 'suspected-death' });
  });

  it('is decided at once also where one of them still reaches ESL', () => {
    const seen = [silent(ZONE_A, 2_000), silent(ZONE_B, 2_000), stuck(ZONE_C, 2_000)];

    expect(judge(seen)).toMatchObject({ kind: 'change', cause: 'suspected-death' });
  });

  it('needs them all to have missed often enough', () => {
    const few = { eslMisses: 2, sipMisses: { main: 2 } };
    const seen = [silent(ZONE_A, 2_000), silent(ZONE_B, 2_000), silent(ZONE_C, 1_000, few)];

    const decision = judge(seen);

    expect(decision).toMatchObject({ kind: 'none', well: false });
    expect(decision.reasons.join('; ')).toContain(`${ZONE_C}: missed 2 of 3 looks`);
  });
});

describe('silence that only a majority agrees on', () => {
  const third: [string, Observation[], RegExp][] = [
    ['sees the holder serving', [look('fs-a', ZONE_C, 'ok', 'ok')], /us-east-1c: serving/],
    ['is undecided', [look('fs-a', ZONE_C, 'silent', 'ok')], /us-east-1c: ESL is silent while SIP answers/],
    ['is blind', [silent(ZONE_C, 9_000, { blind: true, mutedWhy: 'sees nothing' })], /us-east-1c has no vote: sees/],
    ['is muted', [silent(ZONE_C, 9_000, { muted: true, mutedWhy: 'cold' })], /us-east-1c has no vote: cold/],
    ['is stale', [silent(ZONE_C, 9_000, { observedAtMs: NOW - 20_000 })], /us-east-1c has no vote: .* 20 s old/],
    ['was silent too long ago', [silent(ZONE_C, 9_000, { observedAtMs: NOW - 5_000 })], /us-east-1c: .* too old/],
    ['is gone', [], /us-east-1c has no vote: never looked at fs-a/],
  ];

  it.each(third)('waits while the third %s, says so, and counts once it has lasted', (_words, seenByThird, says) => {
    const waiting = judge([silent(ZONE_A, 4_000), silent(ZONE_B, 4_999), ...seenByThird]);
    const lasted = judge([silent(ZONE_A, 5_000), silent(ZONE_B, 5_000), ...seenByThird]);

    expect(waiting).toMatchObject({ kind: 'none', well: false });
    expect(waiting.reasons[0]).toContain('has to last 1 s more (dissentHold)');
    expect(waiting.reasons.join('; ')).toMatch(says);
    expect(lasted).toMatchObject({ kind: 'change', cause: 'suspected-death' });
  });

  it('waits for the younger of two silences: a majority must have known it for so long', () => {
    const decision = judge([silent(ZONE_A, 60_000), silent(ZONE_B, 3_000), look('fs-a', ZONE_C, 'ok', 'ok')]);

    expect(decision.reasons[0]).toContain('has to last 2 s more');
  });

  it('counts up to the last look of each: nobody knows of the time after', () => {
    const stoppedLooking = silent(ZONE_B, 5_000, { observedAtMs: NOW - 4_150 });

    const decision = judge([silent(ZONE_A, 9_000), stoppedLooking, look('fs-a', ZONE_C, 'ok', 'ok')]);

    expect(decision).toMatchObject({ kind: 'none', well: false });
    expect(decision.reasons[0]).toContain('has to last 5 s more (dissentHold)');
  });

  it('counts from when both signals are missing', () => {
    const eslLate = { eslMissingSinceMs: NOW - 3_000 };
    const seen = [silent(ZONE_A, 9_000, eslLate), silent(ZONE_B, 9_000, eslLate), look('fs-a', ZONE_C, 'ok', 'ok')];

    expect(judge(seen).reasons[0]).toContain('has to last 2 s more');
  });

  it('counts from when the holder took over: silence from before is another holder’s', () => {
    const observations = [silent(ZONE_A, 60_000), silent(ZONE_B, 60_000), ...standby];
    const vips = [vipState({ changedAtMs: NOW - 3_000 })];

    const [decision] = decide(healthy({ observations, vips }), [], NOW);

    expect(decision?.reasons[0]).toContain('has to last 2 s more');
  });

  it('holds back the retargeting of a VIP on its way, too', () => {
    const vips = [vipState({ status: 'moving', epoch: 2 })];
    const observations = [silent(ZONE_A, 3_000), silent(ZONE_B, 3_000), ...standby];

    const [decision] = decide(healthy({ observations, vips }), [], NOW);

    expect(decision).toMatchObject({ kind: 'none' });
    expect(decision?.reasons[0]).toContain('on its way to fs-a, which has 2 s left to answer');
  });

  it('is a gray failure where ESL and SIP answer the third, and its failover says so', () => {
    const decision = judge([silent(ZONE_A, 6_000), silent(ZONE_B, 6_000), look('fs-a', ZONE_C, 'ok', 'ok')]);

    expect(decision).toMatchObject({ kind: 'change', transition: 'failover' });
    expect(decision.reasons.join('; ')).toMatch(
      /gray failure: the last word of us-east-1c is that ESL and SIP of fs-a answer/,
    );
  });

  it('is a gray failure only where the third is served', () => {
    const decision = judge([silent(ZONE_A, 6_000), silent(ZONE_B, 6_000)]);

    expect(decision).toMatchObject({ kind: 'change' });
    expect(decision.reasons.join('; ')).not.toContain('gray');
  });

  it('of SIP alone waits in the same way', () => {
    const served = look('fs-a', ZONE_C, 'ok', 'ok');

    expect(judge([stuck(ZONE_A, 4_000), stuck(ZONE_B, 4_000), served])).toMatchObject({ kind: 'none' });
    expect(judge([stuck(ZONE_A, 5_000), stuck(ZONE_B, 5_000), served])).toMatchObject({ cause: 'sip-stuck' });
  });
});

describe('a refusal', () => {
  const refused = (zone: string): Observation =>
    look('fs-a', zone, 'refused', 'silent', { eslMissingSinceMs: NOW - 100, sipMissingSinceMs: { main: NOW - 100 } });

  it('that a majority sees never waits, whatever the third says', () => {
    const decision = judge([refused(ZONE_A), refused(ZONE_B), look('fs-a', ZONE_C, 'ok', 'ok')]);

    expect(decision).toMatchObject({ kind: 'change', cause: 'conclusive-death' });
  });

  it('beside one silence waits for the silence alone', () => {
    const served = look('fs-a', ZONE_C, 'ok', 'ok');

    expect(judge([refused(ZONE_A), silent(ZONE_B, 4_000), served])).toMatchObject({ kind: 'none' });
    expect(judge([refused(ZONE_A), silent(ZONE_B, 5_000), served])).toMatchObject({ cause: 'suspected-death' });
  });
});

describe('k misses of the last looks', () => {
  const withAnswers = (history: number): Observation[] =>
    ZONES.map((zone) => silent(zone, 2_000, { eslHistory: history, sipHistory: { main: history } }));

  it('count in a row without slack, and with as many answers among them as the slack allows', () => {
    expect(judge(withAnswers(0b1011))).toMatchObject({ kind: 'none' });
    expect(judge(withAnswers(0b1011), { missSlack: 1 })).toMatchObject({ kind: 'change', cause: 'suspected-death' });
  });

  it.each([
    ['SIP', { sipHistory: { main: missesInARow(2) } }],
    ['ESL', { eslHistory: missesInARow(2) }],
  ])('count on both signals: few on %s are too few', (_signal, few) => {
    expect(judge(ZONES.map((zone) => silent(zone, 2_000, few)))).toMatchObject({ kind: 'none' });
  });

  it('count for a stuck SIP stack, too', () => {
    const seen = (history: number): Observation[] =>
      ZONES.map((zone) => ({ ...stuck(zone, 2_000), sipHistory: { main: history } }));

    expect(judge(seen(0b11011))).toMatchObject({ kind: 'none' });
    expect(judge(seen(0b11011), { missSlack: 1 })).toMatchObject({ kind: 'change', cause: 'sip-stuck' });
  });
});

describe('how long silence must still last', () => {
  const electorate = { observers: 5, needed: 3 };
  const agreeing = (...silentForMs: (number | null)[]) =>
    silentForMs.map((forMs, index) => ({ zone: `z${index}`, silentForMs: forMs }));

  it.each([
    ['nothing, where all agree', agreeing(1, 1, 1, 1, 1), 0],
    ['until the third of five has known it for so long', agreeing(9_000, 4_000, 3_000, 1_000), 2_000],
    ['without waiting for those who were refused', agreeing(null, 4_000, null), 1_000],
    ['nothing, when a majority has', agreeing(9_000, 9_000, 5_000, 100), 0],
  ])('%s', (_words, agreements, leftMs) => {
    expect(holdLeftMs(agreements, electorate, 5_000)).toBe(leftMs);
  });
});
