/** ESL that is refused proves a death only where SIP goes with it; one that went before says nothing of the process. */
import type { Decision } from '../../../lib/domain/decision';
import type { Observation, Policy } from '../../../lib/domain/model';
import { esl, look, looks, missesInARow, NOW, policy, sip, topologyOf, ZONES } from '../../support/cluster';
import { decideOne, withHolderSeen } from './stage';

const [FIRST, SECOND, THIRD] = ZONES;
const LOOK_MS = policy.probeIntervalMs + policy.probeTimeoutMs;
const HOUR_MS = 3_600_000;
/** Lasting, and no death. */
const PAGED = { kind: 'incident', incident: { kind: 'gray-failure' } };

/** ESL refuses since so long, and so many OPTIONS were missed, since when `sipForMs` says. */
function refusing(
  zone: string,
  { refusedForMs = HOUR_MS, misses = 1, sipForMs = 400 }: { refusedForMs?: number; misses?: number; sipForMs?: number },
  more: Partial<Observation> = {},
): Observation {
  return look('fs-a', zone, 'refused', 'silent', {
    observedAtMs: NOW,
    eslMisses: 10,
    eslMissingSinceMs: NOW - refusedForMs,
    sipMisses: { main: misses },
    sipMissingSinceMs: { main: NOW - sipForMs },
    ...more,
  });
}

const judge = (seen: Observation[], changed: Partial<Policy> = {}): Decision =>
  decideOne(withHolderSeen(seen, { topology: topologyOf(2, { policy: { ...policy, ...changed } }) }));

const fromAll = (...[what, more]: [Parameters<typeof refusing>[1], Partial<Observation>?]): Observation[] =>
  ZONES.map((zone) => refusing(zone, what, more));

describe('ESL and SIP that go together', () => {
  it.each([
    ['at once', 400, 400],
    ['SIP one look after ESL: the process ended between the two questions of a look', 400 + LOOK_MS, 400],
    ['ESL after SIP, as far apart as a stop closes them', 400, 400 + LOOK_MS + 1_100],
  ])('are a death with the first look that misses both: %s', (_words, refusedForMs, sipForMs) => {
    expect(judge(fromAll({ refusedForMs, sipForMs }))).toMatchObject({ kind: 'change', cause: 'conclusive-death' });
  });

  it.each([
    ['SIP later', 401 + LOOK_MS, 400],
    ['ESL later', 400, 401 + LOOK_MS + 1_100],
    ['SIP since nobody knows when', 400, null],
  ])('further apart are none: %s', (_words, refusedForMs, sipForMs) => {
    const seen = fromAll({ refusedForMs }).map((each) => ({
      ...each,
      sipMissingSinceMs: { main: sipForMs === null ? null : NOW - sipForMs },
    }));

    expect(judge(seen)).toMatchObject({ kind: 'none', well: false });
  });

  it.each(['refused', 'stopping'] as const)('are none where SIP is garbled: ESL %s', (verdict) => {
    const seen = fromAll({ refusedForMs: 400 }, { esl: esl(verdict), sip: { main: sip('malformed') } });

    expect(judge(seen)).toMatchObject({ kind: 'none', well: false });
  });

  it('are as far apart as the refusal: ESL that hung for an hour before it is refused proves as much', () => {
    const hungBefore = fromAll({}, { eslRefusedSinceMs: NOW - 400 });

    expect(judge(hungBefore)).toMatchObject({ kind: 'change', cause: 'conclusive-death' });
  });
});

describe('ESL that was refused for an hour, while SIP answered', () => {
  const one = [FIRST, SECOND].map((zone) => refusing(zone, {}));
  const served = look('fs-a', THIRD, 'refused', 'ok', { eslMissingSinceMs: NOW - HOUR_MS });

  it('is no death for one lost OPTIONS of a majority, nor of all', () => {
    const decision = judge([...one, served]);

    expect(decision).toMatchObject(PAGED);
    expect(decision.reasons).toContain(`${FIRST}: ESL is refused since before SIP fell silent: missed 1 of 4 looks`);
    expect(judge(fromAll({}))).toMatchObject(PAGED);
  });

  it('needs as many misses as a stuck SIP stack, with as many answers among them as the slack allows', () => {
    const missing = (misses: number, change?: Partial<Policy>): Decision =>
      judge(fromAll({ misses, sipForMs: 3_000 }), change);
    expect(missing(policy.sipStuckAfterMisses - 1)).toMatchObject(PAGED);
    expect(missing(policy.sipStuckAfterMisses)).toMatchObject({ kind: 'change' });

    const between = fromAll({}, { sipHistory: { main: 0b11011 } });
    expect(judge(between)).toMatchObject(PAGED);
    expect(judge(between, { missSlack: 1 })).toMatchObject({ kind: 'change' });
  });

  it('needs ESL refused as often: one that answered a moment ago may be loaded anew', () => {
    const reloaded = fromAll(
      { refusedForMs: 100, misses: 10, sipForMs: 60_000 },
      { eslHistory: missesInARow(policy.sipStuckAfterMisses - 1) },
    );

    expect(judge(reloaded)).toMatchObject(PAGED);
  });

  it('is held back where not every observer agrees', () => {
    const seen = (sipForMs: number): Observation[] => [
      ...[FIRST, SECOND].map((zone) => refusing(zone, { misses: 10, sipForMs })),
      served,
    ];

    expect(judge(seen(policy.dissentHoldMs - 1)).reasons[0]).toMatch(/suspected-death.*dissentHold/);
    expect(judge(seen(policy.dissentHoldMs))).toMatchObject({ kind: 'change' });
  });

  it('is of a cause whose fence asks for a proof: a process that nobody can order about may live', () => {
    expect(judge(fromAll({ misses: 10, sipForMs: 10_000 }))).toMatchObject({ cause: 'suspected-death' });
  });
});

describe('another VIP that answers on the node in the same look', () => {
  const beside = (verdict: 'ok' | 'busy' | 'standby' | 'silent', misses: number): Decision =>
    judge(
      fromAll(
        { refusedForMs: 400, misses },
        { sip: { main: sip('silent'), second: sip(verdict) }, sipHistory: { main: missesInARow(misses), second: 0 } },
      ),
    );

  it.each(['ok', 'busy', 'standby'] as const)('with %s: its FreeSWITCH lives, and silence has to last', (verdict) => {
    const decision = beside(verdict, 1);
    expect(decision).toMatchObject({ kind: 'none', well: false });
    expect(decision.reasons.join('; ')).toContain('ESL is refused while SIP of another VIP answers: missed 1 of 4');

    expect(beside(verdict, 4)).toMatchObject({ cause: 'suspected-death' });
  });

  it('and one that does not proves nothing else', () => {
    expect(beside('silent', 1)).toMatchObject({ cause: 'conclusive-death' });
  });
});

describe('a FreeSWITCH that was told to stop', () => {
  const stopping = (coreUuid: string | null, misses: number, more: Partial<Observation> = {}): Decision =>
    judge(
      looks('fs-a', 'stopping', 'silent', { esl: esl('stopping', coreUuid), sipMisses: { main: misses }, ...more }),
    );

  it('and hangs up is gone as soon as SIP is, whoever agrees', () => {
    expect(stopping(null, 1)).toMatchObject({ cause: 'conclusive-death' });
  });

  it('and answers waits for its last call: one lost OPTIONS is no end of it', () => {
    expect(stopping('uuid-fs-a', 1)).toMatchObject({ kind: 'none', well: false });
    expect(stopping('uuid-fs-a', 4)).toMatchObject({ kind: 'change', cause: 'sip-stuck' });
  });

  it('and hangs up lives as long as another VIP answers', () => {
    const sips = { sip: { main: sip('silent'), second: sip('ok') } };

    expect(stopping(null, 1, sips)).toMatchObject({ kind: 'none', well: false });
  });
});
