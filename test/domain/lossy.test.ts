/** Loss that comes and goes never lasts long enough to be suspected. It is told to a human, and nothing is torn down. */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import { classify } from '../../lib/domain/failure-kinds';
import type { ClusterSnapshot, Observation } from '../../lib/domain/model';
import { healthy, look, looks, NOW, topologyOf, vipState, ZONES } from '../support/cluster';

/** Oldest first, as one reads it: `x` is a look that missed. */
const history = (looksMade: string): number => [...looksMade].reduce((bits, each) => (bits << 1) | +(each === 'x'), 0);

const HEAVY = history('..xxx...xxx....xxx...xxx......');
const ALMOST = history('..xxx...xxx....xxx...xx.......');
const LIGHT = history('....x..............x......xx..');
const GONE = history('..............x.............x.');
const TWO_OUTAGES = history('..xxxxxxxx........xxxxxxxx....');
const ONE_OUTAGE = history('......xxxxxxxxxxxxxxxxxxxx....');

const seen = (eslHistory: number, sipHistory: number, zones: readonly string[] = ZONES): Observation[] => [
  ...ZONES.map((zone) => {
    const heard = zones.includes(zone) ? { eslHistory, sipHistory: { main: sipHistory } } : {};
    return look('fs-a', zone, 'ok', 'ok', heard);
  }),
  ...looks('fs-b', 'ok', 'standby'),
];

const snapshotOf = (observations: Observation[], overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot =>
  healthy({ observations, ...overrides });

function judge(snapshot: ClusterSnapshot): Decision {
  const [decision] = decide(snapshot, [], NOW);
  if (decision === undefined) throw new Error('no decision for the only VIP');
  return decision;
}

describe('a holder whose answers get lost again and again', () => {
  it.each([
    ['of the event socket', seen(HEAVY, 0)],
    ['of SIP', seen(0, HEAVY)],
    ['of SIP, after an outage of the event socket', seen(ONE_OUTAGE, HEAVY)],
    ['seen by two of three', seen(HEAVY, HEAVY, ZONES.slice(0, 2))],
    [
      'and missed just now',
      [...ZONES.map((zone) => look('fs-a', zone, 'silent', 'ok', { eslHistory: (HEAVY << 1) | 1, eslMisses: 1 }))],
    ],
  ])('is told to a human: %s', (_words, observations) => {
    const decision = judge(snapshotOf(observations));

    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'gray-failure', nodeId: 'fs-a', epoch: 1 } });
    expect(decision.reasons[0]).toMatch(/answers of fs-a get lost: .* us-east-1a: 1\d in \d silences/);
  });

  it('names the database where that is slow: SIP waits for it', () => {
    const database = { verdict: 'slow' as const, detail: 'no answer within 400 ms', latencyMs: null };
    const observations = seen(0, HEAVY).map((each) => ({ ...each, database }));

    expect(judge(snapshotOf(observations)).reasons).toContain(
      'us-east-1a: the shared database is slow (no answer within 400 ms), and SIP waits for it',
    );
  });

  it('is named by its kind, which justifies no more than the page', () => {
    const snapshot = snapshotOf(seen(HEAVY, 0));
    const [vip] = snapshot.topology.vips;

    expect(classify(snapshot, vip!, vipState(), NOW)).toMatchObject({
      kind: 'network',
      case: 'lossy',
      justifies: 'page',
    });
  });

  it.each([
    ['one observer alone sees it', seen(HEAVY, HEAVY, ZONES.slice(0, 1)), undefined],
    ['an outage is over', seen(ONE_OUTAGE, ONE_OUTAGE), undefined],
    ['hardly anything is lost', seen(GONE, GONE), undefined],
    // What is told already must not end and begin with every few looks.
    ['two outages are over', seen(TWO_OUTAGES, TWO_OUTAGES), 'gray-failure'],
    [
      'one observer sees much more than the others',
      [look('fs-a', ZONES[0], 'ok', 'ok', { eslHistory: HEAVY }), ...seen(LIGHT, 0).slice(1)],
      'gray-failure',
    ],
    ['it is not that much', seen(ALMOST, ALMOST), 'gray-failure'],
    ['less is lost than before, and something still', seen(LIGHT, LIGHT), 'gray-failure'],
    ['it is over for one signal alone', seen(ONE_OUTAGE, LIGHT), 'gray-failure'],
    [
      'it is not over for a majority: one sees it, one is muted',
      [
        look('fs-a', ZONES[0], 'ok', 'ok', { eslHistory: LIGHT }),
        look('fs-a', ZONES[1], 'ok', 'ok', { muted: true, mutedWhy: 'starved' }),
        ...seen(0, 0).slice(2),
      ],
      'gray-failure',
    ],
  ])('is told to nobody while %s; what was told stands where it is not over', (_words, observations, keeps) => {
    const decision = judge(snapshotOf(observations));

    expect(decision).toMatchObject({ kind: 'none', well: true });
    expect('keeps' in decision ? decision.keeps : undefined).toBe(keeps);
  });

  it('is not charged with what was missed before it took over', () => {
    const vips = [vipState({ changedAtMs: NOW - 29_000 })];
    const decision = judge(snapshotOf(seen(HEAVY, HEAVY), { vips }));
    expect(decision).toMatchObject({ kind: 'none', well: true });
    expect(decision).not.toHaveProperty('keeps');

    const slow = topologyOf(2);
    const topology = { ...slow, policy: { ...slow.policy, probeIntervalMs: 5_000 } };
    const later = [vipState({ changedAtMs: NOW - 149_000 })];
    expect(judge(snapshotOf(seen(HEAVY, HEAVY), { vips: later, topology }))).toMatchObject({ well: true });
  });
});
