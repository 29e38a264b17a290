/** A node that VIPs are on their way to, and that comes back as another FreeSWITCH: all of them leave it, or none. */
import { decide } from '../../../lib/domain/decide';
import type { Decision } from '../../../lib/domain/decision';
import type { ClusterSnapshot, Observation, Transition, VipState } from '../../../lib/domain/model';
import { looks, NOW, nodeState, policy, sip } from '../../support/cluster';
import { aMove, journalOf } from '../../support/moves';
import { healthyPair, heldVip, seen, twoVips } from '../../support/two-vips';

const decidedAtMs = NOW - 3_000;
const DEAD = { main: sip('silent'), second: sip('silent') };
const dead = (nodeId: string): Observation[] => looks(nodeId, 'refused', 'silent', { sip: DEAD });

/** fs-a runs `uuid-3` now. */
const restarted = seen('fs-a', 'standby').map((each) => ({
  ...each,
  coreUuid: 'uuid-3',
  esl: { ...each.esl, coreUuid: 'uuid-3' },
}));
const fit = [...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];

/** On its way to the process before that one. */
const moving = (vipId: string, overrides: Partial<VipState> = {}): VipState =>
  heldVip(vipId, {
    ...{ epoch: 5, status: 'moving', changedAtMs: decidedAtMs, holder: { nodeId: 'fs-a', coreUuid: 'uuid-2' } },
    ...overrides,
  });
const held = (overrides: Partial<VipState> = {}): VipState =>
  heldVip('second', { holder: { nodeId: 'fs-a', coreUuid: 'uuid-2' }, ...overrides });
const elsewhere = held({ holder: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' } });
const inItsBlock = { lastAutomaticFailoverAtMs: NOW - 60_000 };

const to = { nodeId: 'fs-a', coreUuid: 'uuid-2' };
const reinstatement = (vipId: string): Transition =>
  journalOf(
    aMove({
      ...{ vipId, transition: 'reinstatement', cause: 'restarted', expectedEpoch: 4, to },
      from: { nodeId: 'fs-a', coreUuid: 'uuid-1' },
    }),
    twoVips(),
    decidedAtMs,
  );
const failover = (vipId: string): Transition =>
  journalOf(
    aMove({
      ...{ vipId, transition: 'failover', cause: 'conclusive-death', expectedEpoch: 4, to },
      from: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' },
    }),
    twoVips(),
    decidedAtMs,
  );
const tooOften = (journal: Transition): Transition => ({
  ...journal,
  chain: { ...journal.chain, retargets: policy.maxRetargets },
});

function judge(vips: VipState[], journals: Transition[], overrides: Partial<ClusterSnapshot> = {}): Decision[] {
  const nodes = [nodeState('fs-a', { claims: ['main', 'second'] }), nodeState('fs-b'), nodeState('fs-c')];
  return decide(healthyPair({ vips, nodes, observations: [...restarted, ...fit], ...overrides }), journals, NOW);
}

const again = { kind: 'change', cause: 'candidate-died', to: { nodeId: 'fs-a', coreUuid: 'uuid-3' } };
const goesTo = (nodeId: string): object => ({ kind: 'change', cause: 'candidate-died', to: { nodeId } });

describe('a target that restarted', () => {
  it('of a reinstatement is left for a standby that is fit, where no block runs', () => {
    expect(judge([moving('main'), elsewhere], [reinstatement('main')])[0]).toMatchObject({
      ...goesTo('fs-b'),
      transition: 'failover',
    });
  });

  it('of a reinstatement is taken again inside the block period, also where a standby is fit', () => {
    const [main] = judge([moving('main', inItsBlock), elsewhere], [reinstatement('main')]);

    expect(main).toMatchObject({ ...again, transition: 'reinstatement', startsBlock: false });
    expect(main?.reasons.join('; ')).toContain('restarted, seen from');
    expect(main?.reasons.join('; ')).toContain('the block period of main runs');
  });

  it('of a failover is left inside the block period that its own chain started', () => {
    expect(judge([moving('main', inItsBlock), elsewhere], [failover('main')])[0]).toMatchObject(goesTo('fs-b'));
  });

  it('is taken again as often as candidates may fail, and then a human looks', () => {
    const [main] = judge([moving('main', inItsBlock), elsewhere], [tooOften(reinstatement('main'))]);

    expect(main).toMatchObject({ kind: 'incident', incident: { kind: 'retargets-exhausted' } });
  });

  it.each([
    ['apart from it', null],
    ['of its group', 'lobby'],
  ])('is taken again where it holds another VIP, %s, which stays with it', (_words, group) => {
    const decisions = judge([moving('main'), held()], [failover('main')], { topology: twoVips({}, group) });

    expect(decisions).toMatchObject([
      { ...again, transition: 'failover' },
      { transition: 'reinstatement', to: { nodeId: 'fs-a', coreUuid: 'uuid-3' } },
    ]);
    expect(decisions[0]?.reasons.join('; ')).toContain('second is held there');
  });

  it('is left by all that were on their way to it', () => {
    const both = judge([moving('main'), moving('second')], [failover('main'), failover('second')]);

    expect(both).toMatchObject([goesTo('fs-b'), goesTo('fs-b')]);
  });

  it.each<[string, Partial<VipState>, Transition[]]>([
    ['is paused', { paused: true }, [failover('second')]],
    ['is inside its block period', inItsBlock, [reinstatement('second')]],
    ['is stuck', {}, [{ ...failover('second'), status: 'stuck', closedAtMs: NOW - 500 }]],
    ['has no journal', {}, []],
    ['has the journal of another epoch alone', {}, [{ ...failover('second'), epoch: 4 }]],
    ['was sent on too often', {}, [tooOften(failover('second'))]],
    ['is on its way to the new process', { holder: { nodeId: 'fs-a', coreUuid: 'uuid-3' } }, [failover('second')]],
  ])('is taken again where another VIP that is on its way there stays, because it %s', (_words, second, journals) => {
    const [main] = judge([moving('main'), moving('second', second)], [failover('main'), ...journals]);

    expect(main).toMatchObject(again);
    expect(main?.reasons.join('; ')).toMatch(/second/);
  });

  it('is taken again by all where one of them has nowhere else to go', () => {
    const base = twoVips();
    const vips = base.vips.map((vip) => (vip.id === 'second' ? { ...vip, candidates: ['fs-a', 'fs-b'] } : vip));
    const observations = [...restarted, ...dead('fs-b'), ...seen('fs-c', 'standby')];
    const overrides = { topology: { ...base, vips }, observations };

    expect(judge([moving('main'), elsewhere], [failover('main')], overrides)[0]).toMatchObject(goesTo('fs-c'));
    expect(judge([moving('main'), moving('second')], [failover('main'), failover('second')], overrides)).toMatchObject([
      again,
      again,
    ]);
  });
});
