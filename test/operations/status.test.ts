import { clusterStatus } from '../../lib/operations/status';
import { look, nodeState, NOW } from '../support/cluster';
import { aTransition } from '../support/store-fixtures';
import { healthyPair, heldVip, seen } from '../support/two-vips';

describe('the status', () => {
  it('names nodes out of service, paused nodes, and how far a clock is off', () => {
    const behind = look('fs-a', 'us-east-1a', 'ok', 'ok');
    const observations = [{ ...behind, esl: { ...behind.esl, clockOffsetMs: -1_400 } }];
    const nodes = [nodeState('fs-a', { paused: true }), nodeState('fs-b', { lockedBy: 'main#4' })];
    const shown = clusterStatus(healthyPair({ nodes, observations }), [], NOW);
    expect(shown.nodes[0]).toMatchObject({ paused: true, lockedBy: null, seen: [{ clockOffsetMs: -1_400 }] });
    expect(shown.nodes[1]).toMatchObject({ paused: false, lockedBy: 'main#4', seen: [] });
  });

  it.each([
    [
      'of one that is old: its observer may be gone',
      { observedAtMs: NOW - 60_000 },
      'no vote: its last look is 60 s old',
    ],
    ['of one that counts for nothing', { muted: true, mutedWhy: 'started cold' }, 'no vote: started cold'],
    ['of one whose observer hears nobody', { blind: true }, 'no vote: blind'],
    ['nothing of one that counts', {}, ''],
  ])('says why a look is no vote: %s', (_words, change, note) => {
    const observations = [{ ...look('fs-a', 'us-east-1a', 'ok', 'ok'), ...change }];
    expect(clusterStatus(healthyPair({ observations }), [], NOW).nodes[0]?.seen).toMatchObject([{ note }]);
  });

  it('names what on-call is told of a node whose VIPs are well', () => {
    const ahead = seen('fs-a', 'ok').map((each) => ({ ...each, esl: { ...each.esl, clockOffsetMs: 60_000 } }));
    const observations = [...ahead, ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];

    expect(clusterStatus(healthyPair(), [], NOW).incidents).toEqual([]);
    expect(clusterStatus(healthyPair({ observations }), [], NOW).incidents).toEqual([
      { of: 'node fs-a', says: expect.stringMatching(/^clock-ahead: the clock of fs-a is 60000 ms ahead/) },
    ]);
  });

  it('tells nodes that take over by themselves from those that only an operator may choose', () => {
    const { topology } = healthyPair();
    const vips = topology.vips.map((vip) => ({ ...vip, manualOnly: ['fs-b'] }));
    const [main] = clusterStatus(healthyPair({ topology: { ...topology, vips } }), [], NOW).vips;
    expect(main).toMatchObject({ standbys: ['fs-c'], standbysByHandOnly: ['fs-b'] });
  });

  it('says until when no second failover comes by itself, and nothing once the first is acknowledged', () => {
    const [first, ...others] = healthyPair().vips;
    const blockedUntil = (acknowledgedAtMs: number | null, nowMs = NOW) => {
      const vips = [{ ...first!, lastAutomaticFailoverAtMs: NOW - 1_000, acknowledgedAtMs }, ...others];
      return clusterStatus(healthyPair({ vips }), [], nowMs).vips.map((vip) => vip.blockedUntilMs);
    };
    const { blockPeriodMs } = healthyPair().topology.policy;

    expect(blockedUntil(null)).toEqual([NOW - 1_000 + blockPeriodMs, null]);
    expect(blockedUntil(NOW)).toEqual([null, null]);
    expect(blockedUntil(null, NOW + blockPeriodMs)).toEqual([null, null]);
  });

  it('calls a VIP stuck whose change of holder was closed so, since then, and no other one', () => {
    const vips = [heldVip('main', { status: 'moving' }), heldVip('second', { status: 'moving' })];
    const shown = (status: 'open' | 'stuck', acknowledgedAtMs: number | null = null) => {
      const to = { nodeId: 'fs-a', coreUuid: null };
      const closed = {
        ...aTransition({ vipId: 'main', epoch: 4, to, status }),
        ...{ decidedAtMs: NOW - 660_000, closedAtMs: NOW - 60_000 },
      };
      return clusterStatus(healthyPair({ vips: [{ ...vips[0]!, acknowledgedAtMs }, vips[1]!] }), [closed], NOW).vips;
    };

    expect(shown('stuck')).toMatchObject([
      { status: 'stuck', stuck: { sinceMs: NOW - 60_000, isAcknowledged: false } },
      { status: 'moving', stuck: null },
    ]);
    expect(shown('stuck', NOW)[0]).toMatchObject({ stuck: { isAcknowledged: true } });
    expect(shown('open')[0]).toMatchObject({ status: 'moving', stuck: null });
  });

  it('shows the database as the newest look of each zone found it', () => {
    const slow = { verdict: 'slow' as const, detail: '900 ms', latencyMs: 900 };
    const away = { verdict: 'away' as const, detail: 'no answer', latencyMs: null };
    const old = seen('fs-a', 'ok', 'ok', { database: slow, observedAtMs: NOW - 5_000 });
    const young = look('fs-b', 'us-east-1b', 'ok', 'standby', { database: away, observedAtMs: NOW - 1_000 });
    const shown = clusterStatus(healthyPair({ observations: [...old, young] }), [], NOW);
    expect(shown.database.map(({ zone, verdict, ageMs }) => [zone, verdict, ageMs])).toEqual([
      ['us-east-1a', 'slow', 5_000],
      ['us-east-1b', 'away', 1_000],
      ['us-east-1c', 'slow', 5_000],
    ]);
  });

  it('shows why a step does not end, also one that comes after the journal was closed', () => {
    const journal = aTransition({ vipId: 'main', epoch: 4, to: { nodeId: 'fs-a', coreUuid: null }, status: 'done' });
    journal.steps.restore = { ...journal.steps.restore, attempts: 3, error: 'fs-b is stopping' };
    journal.steps.dns = { ...journal.steps.dns, status: 'done', error: null };
    expect(clusterStatus(healthyPair(), [journal], NOW).openSteps).toEqual([
      { transitionId: 'main#4', step: 'restore', attempts: 3, error: 'fs-b is stopping' },
    ]);
  });
});
