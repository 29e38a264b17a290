/** Signals or observers that contradict each other for long are told to a human, and nothing is torn down. */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import type { ClusterSnapshot, Observation } from '../../lib/domain/model';
import { healthy, look, looks, NOW, vipState, ZONES } from '../support/cluster';

const [ZONE_A, ZONE_B, ZONE_C] = ZONES;

function judge(holderSeen: Observation[], overrides: Partial<ClusterSnapshot> = {}): Decision {
  const observations = [...holderSeen, ...looks('fs-b', 'ok', 'standby')];
  const [decision] = decide(healthy({ observations, ...overrides }), [], NOW);
  if (decision === undefined) throw new Error('no decision for the only VIP');
  return decision;
}

const since = (forMs: number): Partial<Observation> => ({ eslMissingSinceMs: NOW - forMs });
const both = (forMs: number): Partial<Observation> => ({
  eslMissingSinceMs: NOW - forMs,
  sipMissingSinceMs: { main: NOW - forMs },
});

describe('a holder that stays undecided for longer than three holds', () => {
  it.each([
    ['ESL silent while SIP answers', looks('fs-a', 'silent', 'ok', since(15_001))],
    ['ESL refused while SIP answers', looks('fs-a', 'refused', 'ok', since(15_001))],
    [
      'SIP answers bytes that are not SIP',
      looks('fs-a', 'ok', 'malformed', { sipMissingSinceMs: { main: NOW - 15_001 } }),
    ],
    [
      'observers that contradict each other',
      [
        look('fs-a', ZONE_A, 'silent', 'silent', both(15_001)),
        look('fs-a', ZONE_B, 'silent', 'ok', since(15_001)),
        look('fs-a', ZONE_C, 'ok', 'ok'),
      ],
    ],
    [
      'ESL silent for long, and SIP malformed of late',
      looks('fs-a', 'silent', 'malformed', { ...since(15_001), sipMissingSinceMs: { main: NOW - 1_000 } }),
    ],
  ])('is a gray failure: %s', (_words, seen) => {
    const decision = judge(seen);

    expect(decision).toMatchObject({
      kind: 'incident',
      incident: { kind: 'gray-failure', vipId: 'main', nodeId: 'fs-a', epoch: 1 },
    });
    expect(decision.reasons.join('; ')).toMatch(/neither well nor dead for more than 15 s.*nothing was torn down/);
  });

  it.each([
    ['it has not lasted for so long', looks('fs-a', 'silent', 'ok', since(15_000))],
    [
      'only one observer is in trouble',
      [
        look('fs-a', ZONE_A, 'silent', 'ok', since(60_000)),
        ...[ZONE_B, ZONE_C].map((zone) => look('fs-a', zone, 'ok', 'ok')),
      ],
    ],
    [
      'only one observer has been in trouble for so long',
      [
        look('fs-a', ZONE_A, 'silent', 'ok', since(60_000)),
        look('fs-a', ZONE_B, 'silent', 'ok', since(1_000)),
        look('fs-a', ZONE_C, 'ok', 'ok'),
      ],
    ],
    ['it merely starts to answer as a standby', looks('fs-a', 'ok', 'standby', { sipStandbys: { main: 1 } })],
  ])('is none while %s', (_words, seen) => {
    expect(judge(seen)).toMatchObject({ kind: 'none' });
  });

  it('counts from when the holder took over: what was before is not its own', () => {
    const vips = [vipState({ changedAtMs: NOW - 10_000 })];

    expect(judge(looks('fs-a', 'silent', 'ok', since(60_000)), { vips })).toMatchObject({ kind: 'none' });
  });

  it('is none of a holder whose incarnation nobody knows yet: what it runs is no other one', () => {
    const vips = [vipState({ holder: { nodeId: 'fs-a', coreUuid: null } })];
    const seen = looks('fs-a', 'ok', 'malformed', { sipMissingSinceMs: { main: NOW - 1_000 } });

    expect(judge(seen, { vips })).toMatchObject({ kind: 'none' });
  });

  it('is not the name of a rejected password', () => {
    expect(judge(looks('fs-a', 'rejected', 'ok', since(60_000)))).toMatchObject({
      incident: { kind: 'misconfigured' },
    });
  });
});
