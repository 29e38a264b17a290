import type { ObserverLease } from '../../../lib/domain/model';
import { DEFAULT_LEASE_POLICY, mayTakeLease, type Challenger } from '../../../lib/operations/observe/lease-rule';

const NOW = 1_800_000_000_000;
const LIFETIME_MS = 880_000;

const mine: Challenger = { owner: 'me', version: 'v2', lifetimeMs: LIFETIME_MS };

function incumbent(changes: Partial<ObserverLease> & { ageMs?: number; silentMs?: number } = {}): ObserverLease {
  const { ageMs = 300_000, silentMs = 1_000, ...overrides } = changes;
  return {
    zone: 'us-east-1a',
    owner: 'other',
    startedAtMs: NOW - ageMs,
    renewedAtMs: NOW - silentMs,
    untilMs: NOW - silentMs + DEFAULT_LEASE_POLICY.leaseMs,
    codeVersion: 'v2',
    topologyVersion: 'v2',
    ...overrides,
  };
}

interface Row {
  when: string;
  current: ObserverLease | null;
  version?: string;
  registered?: string;
  expected: 'take' | 'leave' | 'wait';
  reason?: string;
}

const OLD = { codeVersion: 'v1' };
const rows: Row[] = [
  { when: 'there is no lease', current: null, expected: 'take', reason: 'vacant' },
  { when: 'the lease ran out', current: incumbent({ silentMs: 8_000 }), expected: 'take', reason: 'vacant' },
  { when: 'the lease was released', current: incumbent({ untilMs: NOW }), expected: 'take', reason: 'vacant' },
  { when: 'the lease is ours', current: incumbent({ owner: 'me' }), expected: 'take', reason: 'ours' },
  {
    when: 'it was renewed by a clock that is wrong',
    current: incumbent({ silentMs: -60_001 }),
    expected: 'take',
    reason: 'wrong-clock',
  },
  { when: 'the other clock is a little ahead', current: incumbent({ silentMs: -60_000 }), expected: 'leave' },
  { when: 'the incumbent is alive, young and current', current: incumbent(), expected: 'leave' },
  { when: 'it was alive a moment ago', current: incumbent({ silentMs: 3_000 }), expected: 'leave' },
  { when: 'it misses its renewals', current: incumbent({ silentMs: 3_001 }), expected: 'wait' },
  { when: 'it has 270 s to live', current: incumbent({ ageMs: LIFETIME_MS - 270_000 }), expected: 'leave' },
  { when: 'it has less to live', current: incumbent({ ageMs: LIFETIME_MS - 269_999 }), expected: 'take' },
  { when: 'it is older than it can be', current: incumbent({ ageMs: LIFETIME_MS * 2 }), expected: 'take' },
  { when: 'it runs older code than was registered', current: incumbent(OLD), expected: 'take' },
  { when: '… and has only just begun', current: incumbent({ ...OLD, ageMs: 1 }), expected: 'take' },
  { when: 'it runs the registered code and ours is old', current: incumbent(), version: 'v1', expected: 'leave' },
  {
    when: '… and it has two challengers’ time to live',
    current: incumbent({ ageMs: LIFETIME_MS - 119_000 }),
    version: 'v1',
    expected: 'leave',
  },
  {
    when: '… and no other will come in time',
    current: incumbent({ ageMs: LIFETIME_MS - 59_000 }),
    version: 'v1',
    expected: 'take',
    reason: 'end-of-life',
  },
  { when: 'our code is newer than what is registered', current: incumbent(OLD), registered: 'v1', expected: 'leave' },
  { when: 'neither is what is registered', current: incumbent(OLD), registered: 'v3', expected: 'leave' },
];

it.each(rows)('$expected when $when', ({ current, version, registered, expected, reason }) => {
  const challenger = { ...mine, version: version ?? mine.version };

  const ruling = mayTakeLease(current, challenger, registered ?? 'v2', NOW, DEFAULT_LEASE_POLICY);

  expect(ruling.ruling).toBe(expected);
  if (reason !== undefined) expect(ruling.reason).toBe(reason);
});

it('with a short lifetime, an incumbent is left alone in its first moments', () => {
  const challenger = { ...mine, lifetimeMs: 90_000 };

  const young = mayTakeLease(incumbent({ ageMs: 29_000 }), challenger, 'v2', NOW, DEFAULT_LEASE_POLICY);
  const grown = mayTakeLease(incumbent({ ageMs: 31_000 }), challenger, 'v2', NOW, DEFAULT_LEASE_POLICY);

  expect([young.ruling, grown.ruling]).toEqual(['leave', 'take']);
});
