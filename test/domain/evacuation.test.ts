/** A stuck SIP stack is fenced by ending its process: what else that process serves has a place, or nothing ends. */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import { explain } from '../../lib/domain/explain';
import type { ClusterSnapshot, NodeState, Observation, VipState } from '../../lib/domain/model';
import { esl, looks, missesInARow, nodeState, NOW, policy, sip } from '../support/cluster';
import { healthyPair, heldVip, seen, twoVips } from '../support/two-vips';

/** `main` is silent on fs-a, and `second` is well in the same process. */
const stuck = seen('fs-a', 'silent', 'ok', {
  sipMisses: { main: 10, second: 0 },
  sipMissingSinceMs: { main: NOW - 8_000, second: null },
  sipHistory: { main: missesInARow(10), second: 0 },
});
const bothStuck = seen('fs-a', 'silent', 'silent', {
  sipMisses: { main: 10, second: 10 },
  sipMissingSinceMs: { main: NOW - 8_000, second: NOW - 8_000 },
  sipHistory: { main: missesInARow(10), second: missesInARow(10) },
});

const standby = (nodeId: string): Observation[] => seen(nodeId, 'standby');
const gone = looks('fs-c', 'silent', 'silent', { sip: { main: sip('silent'), second: sip('silent') } });

interface Case {
  holder?: Observation[];
  others?: Observation[];
  /** Of fs-b and fs-c. */
  claims?: [string[], string[]];
  second?: Partial<VipState>;
  more?: Partial<ClusterSnapshot>;
}

function clusterWith({
  holder = stuck,
  others = [...standby('fs-b'), ...standby('fs-c')],
  claims = [[], []],
  second = {},
  more = {},
}: Case): ClusterSnapshot {
  const nodes: NodeState[] = [
    nodeState('fs-a', { claims: ['main', 'second'] }),
    nodeState('fs-b', { claims: claims[0] }),
    nodeState('fs-c', { claims: claims[1] }),
  ];
  const vips = [heldVip('main'), heldVip('second', second)];
  return healthyPair({ nodes, vips, observations: [...holder, ...others], ...more });
}

const judge = (of: Case): Decision[] => decide(clusterWith(of), [], NOW);

describe('where the SIP stack of one VIP is stuck and its node holds another', () => {
  it('both move, well or not, each as a failover of its own', () => {
    expect(judge({})).toMatchObject([
      { kind: 'change', vipId: 'main', cause: 'sip-stuck', to: { nodeId: 'fs-b' }, startsBlock: true },
      { kind: 'change', vipId: 'second', cause: 'sip-stuck', to: { nodeId: 'fs-b' }, startsBlock: true },
    ]);
  });

  describe.each(['silent', 'malformed'] as const)('also where the event socket is %s: the process lives', (verdict) => {
    const deaf = (misses: number): Observation[] =>
      stuck.map((each) => ({
        ...each,
        ...{ esl: esl(verdict), eslMisses: 10, eslHistory: missesInARow(10), eslMissingSinceMs: NOW - 8_000 },
        sipHistory: { main: missesInARow(misses), second: 0 },
      }));

    it('both move, or the one that is served would stay on a node that is locked out of the database', () => {
      expect(judge({ holder: deaf(policy.sipStuckAfterMisses) })).toMatchObject([
        { kind: 'change', vipId: 'main', cause: 'sip-stuck', to: { nodeId: 'fs-b' } },
        { kind: 'change', vipId: 'second', cause: 'sip-stuck', to: { nodeId: 'fs-b' } },
      ]);
    });

    it('neither moves where the other one may not', () => {
      expect(judge({ holder: deaf(10), second: { paused: true } })).toMatchObject([
        { kind: 'incident', incident: { kind: 'no-candidate' } },
        { kind: 'none' },
      ]);
    });

    it('it takes as many looks as a stuck SIP stack', () => {
      const few = deaf(policy.sipStuckAfterMisses - 1);

      expect(judge({ holder: few }).map(({ kind }) => kind)).not.toContain('change');
      const missing = explain(clusterWith({ holder: few }), [], NOW).vips[0]?.missingForFailover.join('; ');
      expect(missing).toContain('us-east-1a has to miss it 1 times more in a row');
    });
  });

  it.each([
    ['one of them is stuck', stuck],
    ['both are', bothStuck],
  ])('they part where no node has room for both: %s', (_words, holder) => {
    const decisions = judge({ holder, claims: [['third'], ['fourth']] });

    expect(decisions).toMatchObject([
      { vipId: 'main', to: { nodeId: 'fs-b' } },
      { vipId: 'second', to: { nodeId: 'fs-c' } },
    ]);
  });

  it('both move by their own epochs, and say of themselves what they can', () => {
    const [main, second] = judge({ holder: bothStuck, second: { epoch: 9 } });

    expect([main, second]).toMatchObject([{ expectedEpoch: 4 }, { expectedEpoch: 9 }]);
    for (const each of [main, second]) expect(each?.reasons[0]).toMatch(/^fs-a: sip-stuck, seen from/);
    expect(judge({ second: { epoch: 9 } })).toMatchObject([{ expectedEpoch: 4 }, { expectedEpoch: 9 }]);
  });

  it('the other moves, too, where it fell into standby: it is not promoted again on a process that ends', () => {
    const holder = stuck.map((each) => ({
      ...each,
      sip: { ...each.sip, second: sip('standby') },
      sipStandbys: { main: 0, second: 100 },
    }));

    expect(judge({ holder })).toMatchObject([
      { kind: 'change', vipId: 'main', transition: 'failover' },
      { kind: 'change', vipId: 'second', transition: 'failover', cause: 'sip-stuck', to: { nodeId: 'fs-b' } },
    ]);
  });

  it('one that another node holds stays there, and its block holds nothing back', () => {
    const holder = { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' };
    const second = { holder, lastAutomaticFailoverAtMs: NOW - 60_000 };
    const others = [...standby('fs-b'), ...seen('fs-c', 'standby', 'ok')];
    const onlyMain = stuck.map((each) => ({ ...each, sip: { ...each.sip, second: sip('standby') } }));

    expect(judge({ holder: onlyMain, second, others, claims: [[], ['second']] })).toMatchObject([
      { kind: 'change', vipId: 'main', to: { nodeId: 'fs-b' } },
      { kind: 'none', vipId: 'second', well: true },
    ]);
  });

  it('the first looks further where the other could go nowhere else', () => {
    const topology = twoVips();
    const vips = topology.vips.map((vip) => (vip.id === 'second' ? { ...vip, candidates: ['fs-a', 'fs-b'] } : vip));
    const decisions = judge({ claims: [['third'], ['fourth']], more: { topology: { ...topology, vips } } });

    expect(decisions).toMatchObject([
      { vipId: 'main', to: { nodeId: 'fs-c' } },
      { vipId: 'second', to: { nodeId: 'fs-b' } },
    ]);
  });

  it.each<[string, Case, RegExp]>([
    ['has no place', { others: [...standby('fs-b'), ...gone], claims: [['third'], []] }, /second: fs-b is not fit/],
    ['is paused by a human', { second: { paused: true } }, /second is paused, and would end with the process/],
    ['is on its way there', { second: { status: 'moving' } }, /second is on its way to fs-a/],
  ])('nothing is torn down while the other %s, and the page names it', (_words, of, names) => {
    const [main, second] = judge(of);

    expect(main).toMatchObject({ kind: 'incident', incident: { kind: 'no-candidate' } });
    expect(main?.reasons.join('; ')).toMatch(names);
    expect(main?.reasons).toContain('nothing was torn down');
    expect(second?.kind).toBe('none');
  });

  it('a node that only an operator may choose is no place', () => {
    const topology = twoVips();
    const vips = topology.vips.map((vip) => ({ ...vip, manualOnly: ['fs-b'] }));
    const [main] = judge({ others: [...standby('fs-b'), ...gone], more: { topology: { ...topology, vips } } });

    expect(main).toMatchObject({ kind: 'incident', incident: { kind: 'no-candidate' } });
    expect(main?.reasons.join('; ')).toMatch(/fs-b is fit, and only an operator may choose it/);
  });

  it('the block period of either holds both back', () => {
    const [main, second] = judge({ second: { lastAutomaticFailoverAtMs: NOW - 60_000 } });

    expect(main).toMatchObject({ kind: 'incident', incident: { kind: 'blocked' } });
    expect(main?.reasons.join('; ')).toContain('second, which would move with main, failed over less than 600 s');
    expect(second).toMatchObject({ kind: 'none' });
  });

  it('`explain` says for which of them a standby is missing', () => {
    const snapshot = clusterWith({ others: [...standby('fs-b'), ...gone], claims: [['third'], []] });

    const [main] = explain(snapshot, [], NOW).vips;

    expect(main?.missingForFailover.join('; ')).toMatch(/no standby is fit to take it; .*second: fs-b is not fit/);
  });
});

describe('where the process is dead', () => {
  const dead = (second: 'silent' | 'ok'): Observation[] =>
    looks('fs-a', 'refused', 'silent', { sip: { main: sip('silent'), second: sip(second) } });

  it.each<[string, Case]>([
    ['without a word against it does not follow', { holder: dead('ok') }],
    ['that may not move does not keep the other from its place', { holder: dead('silent'), second: { paused: true } }],
  ])('each VIP is judged by itself: one %s', (_words, of) => {
    expect(judge(of)).toMatchObject([
      { kind: 'change', vipId: 'main', to: { nodeId: 'fs-b' } },
      { kind: 'none', vipId: 'second' },
    ]);
  });
});
