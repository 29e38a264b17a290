/** One observer’s word alone, wherever the judgement asks for a majority. */
import { rankCandidates } from '../../lib/domain/candidates';
import { decide } from '../../lib/domain/decide';
import type { Observation } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { esl, healthy, look, looks, NOW, policy, topologyOf, vipState, ZONES } from '../support/cluster';

const [FIRST, SECOND, THIRD] = ZONES;

/** One observer says something else of fs-a than the two others. */
const oneSays = (odd: Observation, ...others: [Observation, Observation]) =>
  decide(healthy({ observations: [odd, ...others, ...looks('fs-b', 'ok', 'standby')] }), [], NOW)[0];

const wells = [look('fs-a', SECOND, 'ok', 'ok'), look('fs-a', THIRD, 'ok', 'silent', { sipMisses: { main: 1 } })] as [
  Observation,
  Observation,
];

describe('the word of one observer', () => {
  it.each([
    ['that it runs another process', { esl: esl('ok', 'uuid-other') }, 'ok'],
    ['that it fell into standby', { sipStandbys: { main: 10 } }, 'standby'],
    ['that it rejects the password', { esl: esl('rejected') }, 'silent'],
  ] as const)('%s decides nothing', (_what, over, sip) => {
    expect(oneSays(look('fs-a', FIRST, 'ok', sip, over), ...wells)?.kind).toBe('none');
  });

  it('and that of another one that it runs yet another process, is no restart', () => {
    const another = (zone: string, uuid: string) => look('fs-a', zone, 'ok', 'ok', { esl: esl('ok', uuid) });
    const decision = oneSays(another(FIRST, 'uuid-1'), another(SECOND, 'uuid-2'), look('fs-a', THIRD, 'ok', 'ok'));

    expect(decision?.kind).not.toBe('change');
  });

  it('that it serves does not make it well', () => {
    const unclear = (zone: string) => look('fs-a', zone, 'malformed', 'malformed');

    expect(oneSays(look('fs-a', FIRST, 'ok', 'ok'), unclear(SECOND), unclear(THIRD))).toMatchObject({ well: false });
  });

  it('from before a holder took over adds nothing to what a majority reads of it', () => {
    const tookOverAtMs = NOW - 1_000;
    const vips = [vipState({ holder: { nodeId: 'fs-a', coreUuid: null }, changedAtMs: tookOverAtMs })];
    const reads = (zone: string, uuid: string, observedAtMs = NOW - 100) =>
      look('fs-a', zone, 'ok', 'ok', { esl: esl('ok', uuid), observedAtMs });
    const observations = [reads(FIRST, 'uuid-old', tookOverAtMs), reads(SECOND, 'uuid-old'), reads(THIRD, 'uuid-new')];

    expect(decide(healthy({ vips, observations }), [], NOW)[0]?.kind).toBe('none');
  });

  it('makes no incarnation of a holder', () => {
    const vips = [vipState({ holder: { nodeId: 'fs-a', coreUuid: null } })];
    const observations = ZONES.map((zone, index) =>
      look('fs-a', zone, 'ok', 'ok', { esl: esl('ok', `uuid-${index}`) }),
    );
    expect(decide(healthy({ vips, observations }), [], NOW)[0]?.kind).toBe('none');
  });

  it('who is not configured counts for nothing', () => {
    const strangers = ['us-east-1x', 'us-east-1y'].map((zone) => look('fs-a', zone, 'refused', 'silent'));
    const observations = [...looks('fs-a', 'ok', 'ok'), ...strangers, ...looks('fs-b', 'ok', 'standby')];
    expect(decide(healthy({ observations }), [], NOW)[0]?.kind).toBe('none');
  });
});

describe('the word of exactly two of three', () => {
  const twoSay = (verdicts: [Parameters<typeof look>[2], Parameters<typeof look>[3]], over: Partial<Observation>) =>
    oneSays(
      look('fs-a', FIRST, 'malformed', 'malformed'),
      look('fs-a', SECOND, ...verdicts, over),
      look('fs-a', THIRD, ...verdicts, over),
    );

  it('counts', () => {
    expect(twoSay(['ok', 'standby'], { sipStandbys: { main: 3 } })).toMatchObject({ cause: 'holder-in-standby' });
    expect(twoSay(['rejected', 'silent'], {})).toMatchObject({ incident: { kind: 'misconfigured' } });
    expect(twoSay(['ok', 'ok'], { esl: esl('ok', 'uuid-new') })).toMatchObject({ cause: 'restarted' });
    expect(twoSay(['refused', 'silent'], {})).toMatchObject({ cause: 'conclusive-death' });
    expect(twoSay(['ok', 'ok'], {})).toMatchObject({ well: true });
  });
});

describe('a candidate', () => {
  const eligible = (observations: Observation[]): boolean | undefined => {
    const snapshot = healthy({ observations });
    const [vip] = snapshot.topology.vips;
    return vip && rankCandidates(snapshot, vip, 'fs-a', NOW)[0]?.eligible;
  };

  it('is not eligible by an old word, added to that of one observer', () => {
    const old = look('fs-b', THIRD, 'ok', 'standby', { observedAtMs: NOW - policy.freshForMs - 1 });

    expect(eligible([look('fs-b', FIRST, 'ok', 'standby'), look('fs-b', SECOND, 'ok', 'silent'), old])).toBe(false);
  });

  it.each([
    [
      'that one observer alone sees fit',
      (index: number) => (index === 0 ? ('standby' as const) : ('silent' as const)),
      null,
    ],
    ['at its session limit', () => 'busy' as const, null],
    ['of which each reads another core_uuid', () => 'standby' as const, 'different'],
  ])('%s is not eligible', (_what, sipOf, uuids) => {
    const seen = ZONES.map((zone, index) => {
      const evidence = esl('ok', uuids === null ? 'uuid-fs-b' : `uuid-${index}`);
      return look('fs-b', zone, 'ok', sipOf(index), { esl: evidence });
    });
    expect(eligible(seen)).toBe(false);
  });
});

it('a target whose SIP hangs on its database is not sent elsewhere', () => {
  const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
  const topology = topologyOf(3, { database });
  const [change] = decide(
    healthy({ topology, observations: [...looks('fs-a', 'refused', 'silent'), ...looks('fs-b', 'ok', 'standby')] }),
    [],
    NOW - 1,
  );
  if (change?.kind !== 'change') throw new Error('no failover');
  const { transition } = decisionWrite(change, topology, [], NOW - 60_000, 'observer/a');
  const vips = [
    vipState({ status: 'moving', epoch: transition.epoch, holder: transition.to, changedAtMs: NOW - 60_000 }),
  ];
  const away = { verdict: 'unreachable', detail: 'refused', latencyMs: null } as const;
  const observations = [
    ...looks('fs-b', 'ok', 'silent', { database: away as never }),
    ...looks('fs-c', 'ok', 'standby'),
  ];
  const [decision] = decide(healthy({ topology, vips, observations }), [transition], NOW);
  expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'database-trouble' } });
});
