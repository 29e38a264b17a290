import type { Observation } from '../../../lib/domain/model';
import { look, looks, NOW, policy, topologyOf, vipState, ZONES } from '../../support/cluster';
import { deadFrom, decideOne, forLong, withHolderSeen } from './stage';

describe('a dead holder', () => {
  it.each([
    ['killed', 'refused', 'silent', 'conclusive-death'],
    ['killed, with ICMP', 'refused', 'refused', 'conclusive-death'],
    ['frozen', 'silent', 'silent', 'suspected-death'],
    ['garbled and silent', 'malformed', 'silent', 'suspected-death'],
    ['stuck in SIP', 'ok', 'silent', 'sip-stuck'],
    ['told to stop, and stuck in SIP while it waits for its last call', 'stopping', 'silent', 'sip-stuck'],
  ] as const)('%s: fails over', (_name, eslVerdict, sipVerdict, cause) => {
    const decision = decideOne(withHolderSeen(looks('fs-a', eslVerdict, sipVerdict)));
    expect(decision).toMatchObject({
      kind: 'change',
      transition: 'failover',
      cause,
      from: { nodeId: 'fs-a' },
      to: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' },
      expectedEpoch: 1,
      startsBlock: true,
    });
  });

  it('is not detected by what is said of other nodes, or by who does not agree', () => {
    const seen = [
      look('fs-a', ZONES[0], 'refused', 'silent'),
      look('fs-a', ZONES[1], 'refused', 'silent', { sipMissingSinceMs: { main: NOW - 2_500 } }),
      look('fs-a', ZONES[2], 'silent', 'ok', { eslMissingSinceMs: NOW - 600_000 }),
      ...looks('fs-c', 'silent', 'silent', { eslMissingSinceMs: NOW - 600_000 }),
    ];
    expect(decideOne(withHolderSeen(seen, { topology: topologyOf(3) }))).toMatchObject({
      kind: 'change',
      detectedAtMs: NOW - 2_500,
    });
  });

  it('is detected when the first of the agreeing observers began to miss it', () => {
    const seen = deadFrom(ZONES);
    const first = seen[0];
    if (first !== undefined) first.eslMissingSinceMs = NOW - 2_345;
    expect(decideOne(withHolderSeen(seen))).toMatchObject({ detectedAtMs: NOW - 2_345 });
  });

  it('needs a majority of the configured observers, not of those that answer', () => {
    expect(decideOne(withHolderSeen(deadFrom(['us-east-1a'])))).toMatchObject({ kind: 'none' });
    expect(decideOne(withHolderSeen(deadFrom(['us-east-1a', 'us-east-1c'])))).toMatchObject({ kind: 'change' });
    const loneVoice = [look('fs-a', 'us-east-1a', 'refused', 'silent')];
    expect(decideOne(withHolderSeen(loneVoice))).toMatchObject({ kind: 'incident', incident: { kind: 'quorum-lost' } });
  });

  it.each([
    ['2 s ahead, as two clocks may be apart', 2_000, { kind: 'change' }],
    ['further ahead is no vote', 2_001, { kind: 'none' }],
  ])('a look dated %s', (_words, aheadMs, expected) => {
    const ahead = look('fs-a', 'us-east-1a', 'refused', 'silent', { observedAtMs: NOW + aheadMs });
    const seen = [ahead, look('fs-a', 'us-east-1b', 'refused', 'silent'), look('fs-a', 'us-east-1c', 'ok', 'ok')];

    expect(decideOne(withHolderSeen(seen))).toMatchObject(expected);
  });

  it('is not judged by a clock that is behind those of all the others, which are named', () => {
    const ownZone = look('fs-a', 'us-east-1a', 'refused', 'silent');
    const others = ['us-east-1b', 'us-east-1c'].map((zone) =>
      look('fs-a', zone, 'refused', 'silent', { observedAtMs: NOW + 600_000 }),
    );

    const decision = decideOne(withHolderSeen([ownZone, ...others]));

    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'quorum-lost' } });
    expect(decision.reasons).toContain(
      'us-east-1b: its last look is dated 600 s ahead: its clock is wrong, or that of whoever judges',
    );
  });

  it.each<[string, Partial<Observation>]>([
    ['blind', { blind: true, muted: true }],
    ['muted', { muted: true }],
    ['silent', {}],
  ])('tells of a lost quorum only when it lasts: observers that are %s', (_words, overrides) => {
    const since = (agoMs: number): Observation[] => {
      const at = overrides.muted === true ? { mutedSinceMs: NOW - agoMs } : { observedAtMs: NOW - agoMs };
      return looks('fs-a', 'silent', 'silent', { ...overrides, ...at });
    };
    expect(decideOne(withHolderSeen(since(60_000)))).toMatchObject({ kind: 'none' });
    expect(decideOne(withHolderSeen(since(91_000)))).toMatchObject({ incident: { kind: 'quorum-lost' } });
  });

  it('a mixture of "dead" and "SIP stuck" asks for the fence of the weaker cause', () => {
    const seen = [
      look('fs-a', 'us-east-1a', 'silent', 'silent', forLong),
      look('fs-a', 'us-east-1b', 'ok', 'silent', forLong),
      look('fs-a', 'us-east-1c', 'ok', 'ok'),
    ];
    expect(decideOne(withHolderSeen(seen))).toMatchObject({ kind: 'change', cause: 'sip-stuck' });
  });
});

describe('what is not a death (DESIGN invariant 7)', () => {
  it.each([
    ['busy', 'ok', 'busy'],
    ['starting: SIP before ESL', 'refused', 'ok'],
    ['ESL silent, SIP well', 'silent', 'ok'],
    ['paused by its operator', 'paused', 'ok'],
    ['shutting down, still answering', 'stopping', 'ok'],
    ['a profile that answers nonsense', 'ok', 'malformed'],
  ] as const)('%s', (_name, eslVerdict, sipVerdict) => {
    expect(decideOne(withHolderSeen(looks('fs-a', eslVerdict, sipVerdict)))).toMatchObject({ kind: 'none' });
  });

  it('a rejected password pages and never fails over, even when SIP is silent', () => {
    const decision = decideOne(withHolderSeen(looks('fs-a', 'rejected', 'silent')));
    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'misconfigured', nodeId: 'fs-a' } });
    expect(decision.reasons).toEqual([
      expect.stringContaining('cannot be asked over ESL'),
      ...ZONES.map((zone) => `${zone}: rejected`),
    ]);
  });

  it('that page quotes those who were rejected, and nobody else', () => {
    const [first, ...others] = looks('fs-a', 'rejected', 'ok');
    const well = { ...first!, esl: { ...first!.esl, verdict: 'ok' as const, detail: 'answers status' } };

    const decision = decideOne(withHolderSeen([well, ...others]));

    expect(decision.reasons.slice(1)).toEqual(others.map(({ zone }) => `${zone}: rejected`));
  });

  it.each([
    ['blind', { blind: true }],
    ['muted after a clock jump', { muted: true }],
    ['too old', { observedAtMs: NOW - policy.freshForMs - 1 }],
  ])('the word of observers that are %s', (_name, overrides) => {
    const decision = decideOne(withHolderSeen(looks('fs-a', 'refused', 'silent', overrides)));
    expect(decision).toMatchObject({ kind: 'none', well: false });
  });

  it('misses that are fewer than the policy asks for', () => {
    const few = { eslMisses: 2, sipMisses: { main: 2 } };
    expect(decideOne(withHolderSeen(looks('fs-a', 'silent', 'silent', few)))).toMatchObject({ kind: 'none' });
    const fewSip = { sipMisses: { main: 3 } };
    expect(decideOne(withHolderSeen(looks('fs-a', 'ok', 'silent', fewSip)))).toMatchObject({ kind: 'none' });
  });

  it('a vote against the holder that is fresh enough to praise but too old to condemn', () => {
    const old = { observedAtMs: NOW - 3 * (policy.probeIntervalMs + policy.probeTimeoutMs) - 1 };
    expect(decideOne(withHolderSeen(looks('fs-a', 'refused', 'silent', old)))).toMatchObject({ kind: 'none' });
  });

  it('what was seen before this holder took over', () => {
    const snapshot = withHolderSeen(looks('fs-a', 'refused', 'silent'), { vips: [vipState({ changedAtMs: NOW })] });
    expect(decideOne(snapshot)).toMatchObject({ kind: 'none' });
  });
});
