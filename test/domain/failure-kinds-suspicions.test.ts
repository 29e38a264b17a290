/**
 * What is not shown by a majority: who suspects it, how it is named, and that it justifies nothing. And, for each sign,
 * what it is not to be taken for.
 */
import { type Classification } from '../../lib/domain/failure-kinds';
import type { ClusterSnapshot, DatabaseEvidence, Observation } from '../../lib/domain/model';
import { classified as classify, holderSeen } from '../support/classified';
import { esl, look, looks, missesInARow, NOW, topologyOf, vipState, ZONES } from '../support/cluster';

const [FIRST, ...OTHERS] = ZONES;

const classified = (holder: Observation[], overrides: Partial<ClusterSnapshot> = {}): Classification =>
  classify(holderSeen(holder, overrides));
const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
const away: DatabaseEvidence = { verdict: 'away', detail: 'no answer in 1000 ms', latencyMs: null };
const well: DatabaseEvidence = { verdict: 'ok', detail: 'answered in 2 ms', latencyMs: 2 };
const withDatabase = { topology: topologyOf(2, { database }) };
const stopping = { instances: [{ nodeId: 'fs-a', state: 'stopping', atMs: NOW - 2_000 }] };

type Verdicts = [Parameters<typeof look>[2], Parameters<typeof look>[3]];

/** Zone a sees it so; the two others disagree with each other, so that no majority sees anything. */
const oneSees = (of: Verdicts, more: Partial<Observation> = {}): Observation[] => [
  look('fs-a', FIRST, ...of, more),
  look('fs-a', OTHERS[0] ?? '', 'ok', 'ok'),
  look('fs-a', OTHERS[1] ?? '', 'malformed', 'malformed'),
];
/** A majority of them: zone c sees it well. */
const twoSee = (of: Verdicts, more: Partial<Observation> = {}): Observation[] =>
  ZONES.map((zone, index) => (index < 2 ? look('fs-a', zone, ...of, more) : look('fs-a', zone, 'ok', 'ok')));

const longSilent = { sipMissingSinceMs: { main: NOW - 60_000 } };
const oneMiss = { eslMisses: 1, sipMisses: { main: 1 } };

describe('what one observer alone sees, or all of them not often enough', () => {
  it.each<[Classification['case'], Observation[], Partial<ClusterSnapshot>]>([
    ['host-down', looks('fs-a', 'silent', 'silent', oneMiss), stopping],
    ['partition', oneSees(['silent', 'silent']), {}],
    [
      'process-gone',
      ZONES.map((zone) => look('fs-a', zone, zone === FIRST ? 'refused' : 'silent', 'silent', oneMiss)),
      {},
    ],
    ['silent', looks('fs-a', 'silent', 'silent', oneMiss), {}],
    ['database-hangs', looks('fs-a', 'ok', 'silent', { ...oneMiss, database: away }), withDatabase],
    ['sip-stuck', looks('fs-a', 'ok', 'silent', oneMiss), {}],
    ['restarted', oneSees(['ok', 'ok'], { esl: esl('ok', 'uuid-new'), database: away }), withDatabase],
    ['drained', oneSees(['ok', 'standby']), { vips: [vipState({ paused: true })] }],
    ['fallen-into-standby', oneSees(['ok', 'standby']), {}],
    ['rejecting', oneSees(['rejected', 'ok']), {}],
    ['host-going', [look('fs-a', FIRST, 'ok', 'ok'), look('fs-a', ZONES[1], 'malformed', 'malformed')], stopping],
    ['esl-lost', oneSees(['silent', 'ok']), {}],
    ['esl-lost', oneSees(['refused', 'ok']), {}],
    ['stopping', oneSees(['stopping', 'ok']), {}],
    ['paused', oneSees(['paused', 'ok']).filter(({ zone }) => zone !== OTHERS[0]), {}],
    ['full', oneSees(['ok', 'busy']).filter(({ zone }) => zone !== OTHERS[0]), {}],
    ['serving', oneSees(['malformed', 'malformed']), {}],
    ['unclear', looks('fs-a', 'malformed', 'malformed'), {}],
  ])('is the suspicion %s, and justifies no more than a page', (expected, seen, overrides) => {
    const found = classified(seen, overrides);

    expect(found).toMatchObject({ case: expected, conclusive: false });
    expect(['nothing', 'page']).toContain(found.justifies);
    expect(found.why.join('; ')).toContain('not conclusive: it takes 2 observers that agree');
  });
});

describe('what two of three observers see', () => {
  it.each<[Classification['case'], Observation[], Partial<ClusterSnapshot>]>([
    ['esl-lost', twoSee(['silent', 'ok']), {}],
    ['stopping', twoSee(['stopping', 'ok']), {}],
    ['paused', twoSee(['paused', 'ok']), {}],
    ['full', twoSee(['ok', 'busy']), {}],
    ['drained', twoSee(['ok', 'standby']), { vips: [vipState({ paused: true })] }],
    ['database-hangs', twoSee(['ok', 'silent'], { ...longSilent, database: away }), withDatabase],
    ['process-gone', twoSee(['refused', 'silent']), {}],
  ])('is shown: %s', (expected, seen, overrides) => {
    expect(classified(seen, overrides)).toMatchObject({ case: expected, conclusive: true });
  });
});

describe('what is not', () => {
  it.each<[string, Classification['case'], Observation[], Partial<ClusterSnapshot>]>([
    [
      'a partition: a process that is gone for two is gone for the third, which looked a moment before',
      'process-gone',
      twoSee(['refused', 'silent']),
      {},
    ],
    [
      'a host that is down: EC2 says so, and all observers are answered',
      'host-going',
      looks('fs-a', 'ok', 'ok'),
      stopping,
    ],
    [
      'a database that hangs: the dead node could not reach it either',
      'process-gone',
      looks('fs-a', 'refused', 'silent', { database: away }),
      withDatabase,
    ],
    [
      'a database that hangs: one observer alone finds it away',
      'sip-stuck',
      looks('fs-a', 'ok', 'silent').map((each) => ({ ...each, database: each.zone === FIRST ? away : well })),
      withDatabase,
    ],
    [
      'a database that hangs, where SIP answers',
      'serving',
      looks('fs-a', 'ok', 'ok', { database: away }),
      withDatabase,
    ],
    [
      'a database that hangs, where the cluster has none',
      'sip-stuck',
      looks('fs-a', 'ok', 'silent', { database: away }),
      {},
    ],
    [
      'a database that hangs, on the word of an observer without a vote',
      'sip-stuck',
      [
        look('fs-a', FIRST, 'ok', 'silent', { ...longSilent, database: well }),
        look('fs-a', ZONES[1], 'ok', 'silent', { ...longSilent, database: well }),
        look('fs-a', ZONES[2], 'ok', 'silent', { database: away, muted: true }),
      ],
      withDatabase,
    ],
    [
      'an event socket that is lost: it missed one look',
      'esl-lost',
      looks('fs-a', 'silent', 'ok', { eslMisses: 1, eslHistory: missesInARow(1) }),
      {},
    ],
    [
      'a VIP that fell into standby: it is on its way, and its promotion is to come',
      'unclear',
      looks('fs-a', 'ok', 'standby'),
      { vips: [vipState({ status: 'moving' })] },
    ],
  ])('%s', (_words, expected, seen, overrides) => {
    expect(classified(seen, overrides).case).toBe(expected);
  });

  it('conclusive: an event socket that missed a single look', () => {
    const seen = looks('fs-a', 'silent', 'ok', { eslMisses: 1, eslHistory: missesInARow(1) });

    expect(classified(seen)).toMatchObject({ case: 'esl-lost', conclusive: false, justifies: 'nothing' });
  });

  it('heard: what an observer without a vote saw, or one that looked before this holder took over', () => {
    const wells = OTHERS.map((zone) => look('fs-a', zone, 'ok', 'ok'));
    const muted = look('fs-a', FIRST, 'silent', 'silent', { muted: true, mutedWhy: 'cold start' });
    const before = looks('fs-a', 'paused', 'ok');
    const tookOver = { vips: [vipState({ changedAtMs: NOW - 100 })] };

    expect(classified([muted, ...wells])).toMatchObject({ kind: 'none', gray: null });
    expect(classified(before, tookOver)).toMatchObject({ case: 'unclear' });
    expect(classified(before, tookOver).evidence).toContainEqual(
      expect.objectContaining({ says: 'no vote: its last look is from before this holder took over' }),
    );
  });
});

describe('a suspicion that is held back', () => {
  it('justifies nothing, however long one of the signals was missed: a majority is about to judge it', () => {
    const seen = twoSee(['silent', 'silent'], {
      eslMissingSinceMs: NOW - 60_000,
      sipMissingSinceMs: { main: NOW - 1_000 },
    });

    expect(classified(seen)).toMatchObject({ conclusive: false, justifies: 'nothing' });
  });
});

describe('what EC2 says of the holder', () => {
  const told = (agoMs: number): Partial<ClusterSnapshot> => ({
    instances: [
      { nodeId: 'fs-b', state: 'running', atMs: NOW },
      { nodeId: 'fs-a', state: 'stopping', atMs: NOW - agoMs },
    ],
  });
  const answered = (agoMs: number) => (zone: string) => look('fs-a', zone, 'ok', 'ok', { observedAtMs: NOW - agoMs });

  it.each<[string, Observation[], Partial<ClusterSnapshot>, Classification['case']]>([
    ['counts for a minute, whatever the node answers', looks('fs-a', 'ok', 'ok'), told(60_000), 'host-going'],
    ['is old once all have been answered for longer', looks('fs-a', 'ok', 'ok'), told(61_000), 'serving'],
    [
      'is not old while one of the answers is no older than that',
      [...[ZONES[0], ZONES[1]].map(answered(100)), answered(5_000)(ZONES[2])],
      told(62_000),
      'host-going',
    ],
    ['is never old where nobody is answered', looks('fs-a', 'silent', 'silent'), told(3_600_000), 'host-down'],
    [
      'is not outlived by the answer to an observer without a vote',
      looks('fs-a', 'silent', 'silent').map((each) =>
        each.zone === OTHERS[0]
          ? look('fs-a', each.zone, 'ok', 'ok', { muted: true })
          : { ...each, eslMissingSinceMs: 0, sipMissingSinceMs: { main: 0 } },
      ),
      told(3_600_000),
      'host-down',
    ],
  ])('%s', (_words, seen, overrides, expected) => {
    expect(classified(seen, overrides).case).toBe(expected);
  });

  it('weighs against the holder while it counts', () => {
    expect(classified(looks('fs-a', 'ok', 'ok'), told(2_000)).evidence).toContainEqual({
      source: 'ec2',
      zone: null,
      says: 'stopping, told 2 s ago',
      weighs: 'against',
    });
  });
});
