import type { Change } from '../../lib/domain/decision';
import type { ClusterSnapshot } from '../../lib/domain/model';
import { OutsideTimeout } from '../../lib/domain/errors';
import { requestSwitchover } from '../../lib/operations/switchover';
import { forecastSwitchover } from '../../lib/operations/switchover-forecast';
import { planSwitchover, type SwitchoverRequest } from '../../lib/operations/switchover-plan';
import { NOW, nodeState, policy } from '../support/cluster';
import { DATABASE_AWAY, drainedMain, healthyPair, heldVip, seen, stageOf, twoVips } from '../support/two-vips';

const MAIN: SwitchoverRequest = { vipId: 'main', toNodeId: null, drained: false, abandonCalls: false };
const plan = (snapshot: ClusterSnapshot, over: Partial<SwitchoverRequest> = {}) =>
  planSwitchover(snapshot, { ...MAIN, ...over }, NOW);
const movesOf = (snapshot: ClusterSnapshot, over: Partial<SwitchoverRequest> = {}): Record<string, string> => {
  const made = plan(snapshot, over);
  if (made.kind === 'refused') throw new Error(made.reasons.join('; '));
  return Object.fromEntries(made.changes.map((change) => [change.vipId, change.to.nodeId]));
};
const refusal = (snapshot: ClusterSnapshot, over: Partial<SwitchoverRequest> = {}): string => {
  const made = plan(snapshot, over);
  return made.kind === 'refused' ? made.reasons.join('\n') : 'not refused';
};

describe('a switchover', () => {
  it('moves every VIP that the holder holds: the end of its process takes them all', () => {
    expect(movesOf(healthyPair())).toEqual({ main: 'fs-b', second: 'fs-b' });
  });

  it('is an operator’s change at the epoch that was read, and starts no block period', () => {
    const made = plan(healthyPair());
    expect(made).toMatchObject({
      kind: 'planned',
      changes: [
        {
          vipId: 'main',
          transition: 'switchover',
          cause: 'operator',
          from: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
          to: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' },
          expectedEpoch: 4,
          detectedAtMs: NOW,
          startsBlock: false,
          follows: null,
        },
        { vipId: 'second', cause: 'operator' },
      ],
    });
  });

  it('is called a failback where it goes to the most preferred node', () => {
    const onB = (vipId: string) => heldVip(vipId, { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } });
    const snapshot = healthyPair({
      nodes: [nodeState('fs-a'), nodeState('fs-b', { claims: ['main', 'second'] }), nodeState('fs-c')],
      vips: [onB('main'), onB('second')],
      observations: [...seen('fs-a', 'standby'), ...seen('fs-b', 'ok'), ...seen('fs-c', 'standby')],
    });
    const made = plan(snapshot);
    expect(made).toMatchObject({ changes: [{ transition: 'failback' }, { transition: 'failback' }] });
  });

  it('spreads them where a node takes one VIP only', () => {
    const topology = twoVips({ policy: { ...policy, maxVipsPerNode: 1 } });
    expect(movesOf(healthyPair({ topology }))).toEqual({ main: 'fs-b', second: 'fs-c' });
  });

  it('lets the named VIP look further where another one has only its first choice', () => {
    const topology = twoVips({ policy: { ...policy, maxVipsPerNode: 1 } });
    topology.vips = topology.vips.map((vip) => (vip.id === 'second' ? { ...vip, candidates: ['fs-a', 'fs-b'] } : vip));
    expect(movesOf(healthyPair({ topology }))).toEqual({ main: 'fs-c', second: 'fs-b' });
  });

  it('keeps a group on one node, and is refused where none has room for all of it', () => {
    const together = twoVips({}, 'trunk');
    expect(movesOf(healthyPair({ topology: together }), { toNodeId: 'fs-c' })).toEqual({
      main: 'fs-c',
      second: 'fs-c',
    });
    const narrow = twoVips({ policy: { ...policy, maxVipsPerNode: 1 } }, 'trunk');
    expect(refusal(healthyPair({ topology: narrow }))).toContain('maxVipsPerNode is 1');
  });

  it('sends the named VIP where the operator says, and the others where they prefer', () => {
    expect(movesOf(healthyPair(), { toNodeId: 'fs-c' })).toEqual({ main: 'fs-c', second: 'fs-b' });
  });

  it('passes a node by that is paused or out of service', () => {
    const nodes = [nodeState('fs-a', { claims: ['main', 'second'] }), nodeState('fs-b', { lockedBy: 'main#3' })];
    expect(movesOf(healthyPair({ nodes: [...nodes, nodeState('fs-c')] }))).toEqual({ main: 'fs-c', second: 'fs-c' });
    const pausedB = [nodes[0]!, nodeState('fs-b', { paused: true }), nodeState('fs-c')];
    expect(refusal(healthyPair({ nodes: pausedB }), { toNodeId: 'fs-b' })).toContain('it is paused (maintenance)');
  });

  it('leaves the VIPs of other nodes alone', () => {
    const vips = [heldVip('main'), heldVip('second', { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } })];
    expect(Object.keys(movesOf(healthyPair({ vips })))).toEqual(['main']);
  });

  it.each<[string, Partial<ClusterSnapshot>, Partial<SwitchoverRequest>, string]>([
    ['a VIP that is not there', {}, { vipId: 'mian' }, "no VIP 'mian': name one of main, second"],
    ['a VIP that nobody holds', { vips: [heldVip('main', { holder: null })] }, {}, 'nobody holds main yet'],
    ['a paused cluster', { control: pausedFor('maintenance') }, {}, 'paused (maintenance): `understudy resume`'],
    ['a paused VIP', { vips: [heldVip('main', { paused: true })] }, {}, '`understudy resume --vip main`'],
    ['a paused VIP that would go along', alsoPaused(), {}, '`understudy resume --vip second`'],
    ['a paused node that it would leave', pausedHolder(), {}, '`understudy resume --node fs-a`'],
    ['a VIP that moves', { vips: [heldVip('main', { status: 'moving' })] }, {}, 'on its way to fs-a (epoch 4)'],
    ['its own holder as the aim', {}, { toNodeId: 'fs-a' }, 'fs-a holds main already'],
    ['a node that is no candidate', {}, { toNodeId: 'fs-x' }, 'no candidate of main: name one of fs-a, fs-b, fs-c'],
    ['too many transitions', { control: { ...pausedFor(null), transitionsInFlight: 9 } }, {}, 'maxTransitionsInFlight'],
    ['a holder that nobody sees', { observations: [] }, {}, 'no majority of observers sees fs-a serving for main'],
    ['a VIP that is not drained, as drained', {}, { drained: true }, '`understudy drain --vip main` first'],
  ])('is refused in words for %s', (_what, over, request, words) => {
    expect(refusal(healthyPair(over), request)).toContain(words);
  });

  it('leaves a node whose maintenance window is over', () => {
    expect(movesOf(healthyPair(pausedHolder(NOW)))).toEqual({ main: 'fs-b', second: 'fs-b' });
  });

  it('fits into maxTransitionsInFlight to the last one', () => {
    const control = { ...pausedFor(null), transitionsInFlight: policy.maxTransitionsInFlight - 2 };
    expect(Object.keys(movesOf(healthyPair({ control })))).toEqual(['main', 'second']);
  });

  it.each([
    ['is seen paused', 3],
    ['is paused by the word of one observer', 1],
  ])('is refused where FreeSWITCH %s: its callers were told to stay away', (_, zones) => {
    const paused = seen('fs-a', 'ok').map((each, index) =>
      index < zones ? { ...each, esl: { ...each.esl, verdict: 'paused' as const } } : each,
    );
    const observations = [...paused, ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];
    expect(refusal(healthyPair({ observations }))).toContain('`fsctl resume` on it first');
  });
});

describe('a switchover with the database in trouble', () => {
  const oneSeesIt = healthyPair({
    observations: healthyPair().observations.map((each) =>
      each.nodeId === 'fs-a' && each.zone === 'us-east-1b' ? { ...each, database: DATABASE_AWAY } : each,
    ),
  });

  it('is refused by the word of one observer: the calls end before the database is asked for them', () => {
    const why = refusal(oneSeesIt);
    expect(why).toContain('does not answer well (us-east-1b: away (no answer within 800 ms))');
    expect(why).toContain('--abandon-calls');
  });

  it('goes on where the operator says that the calls may be lost', () => {
    expect(movesOf(oneSeesIt, { abandonCalls: true })).toEqual({ main: 'fs-b', second: 'fs-b' });
  });

  it('asks for no database of a cluster that has none', () => {
    expect(movesOf({ ...oneSeesIt, topology: twoVips({ database: null }) })).toEqual({ main: 'fs-b', second: 'fs-b' });
  });

  it('moves a drained VIP, which has no calls to hand over', () => {
    const observations = drainedMain().observations.map((each) => ({ ...each, database: DATABASE_AWAY }));
    expect(movesOf(drainedMain({ observations }), { drained: true })).toEqual({ main: 'fs-b' });
  });
});

describe('the switchover of a drained VIP', () => {
  it('moves that one alone, and its old holder goes on', () => {
    const made = plan(drainedMain(), { drained: true });
    expect(made).toMatchObject({ changes: [{ vipId: 'main', cause: 'operator-drained', to: { nodeId: 'fs-b' } }] });
  });

  it('is refused while observers still see it serving', () => {
    const snapshot = healthyPair({ vips: [heldVip('main', { paused: true }), heldVip('second')] });
    expect(refusal(snapshot, { drained: true })).toContain('sees fs-a in standby for main');
  });

  it('is refused where it would tear a group apart', () => {
    const snapshot = drainedMain({ topology: twoVips({}, 'trunk') });
    expect(refusal(snapshot, { drained: true })).toContain('main is of one group with second');
  });

  it('is not held up by a partner of no group of its own', () => {
    const topology = twoVips();
    topology.vips = topology.vips.map((vip) => ({ ...vip, group: `of ${vip.id}` }));
    expect(movesOf(drainedMain({ topology }), { drained: true })).toEqual({ main: 'fs-b' });
  });

  it('is not held up by the pause of its node, which may be meant for the very work', () => {
    expect(movesOf(drainedMain(pausedHolder()), { drained: true })).toEqual({ main: 'fs-b' });
  });

  it('is not held up by a pause inside its node, which goes on', () => {
    const esl = { ...seen('fs-a', 'standby')[0]!.esl, verdict: 'paused' as const };
    const paused = seen('fs-a', 'standby', 'ok', { esl });
    const observations = [...paused, ...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')];
    expect(movesOf(drainedMain({ observations }), { drained: true })).toEqual({ main: 'fs-b' });
  });
});

describe('asking for a switchover', () => {
  it('decides each move as any decision, and leaves an audit trail', async () => {
    const { deps, store } = stageOf(healthyPair());
    const outcome = await requestSwitchover(deps, MAIN, null);
    expect(outcome).toEqual({
      kind: 'decided',
      moves: [
        { transitionId: 'main#5', vipId: 'main', toNodeId: 'fs-b' },
        { transitionId: 'second#5', vipId: 'second', toNodeId: 'fs-b' },
      ],
      notDecided: [],
    });
    expect(store.transitions.get('main#5')).toMatchObject({ status: 'open', cause: 'operator' });
    expect(store.transitions.get('main#5')?.decidedBy).toMatch(/^operator\/eva\//);
    expect(store.transitions.get('main#5')?.steps.recover.status).toBe('pending');
    expect(store.transitions.get('main#5')?.steps.stop.status).toBe('skipped');
    expect(store.vips.get('main')?.lastAutomaticFailoverAtMs).toBeNull();
    expect(store.audits.map((event) => [event.actor, event.action, event.subject])).toEqual([
      ['operator/eva', 'switchover', 'main#5'],
      ['operator/eva', 'switchover', 'second#5'],
    ]);
  });

  it('touches nothing where the first is refused, and says why', async () => {
    const { deps, store } = stageOf(healthyPair(), {
      onCall: (method) => void (method === 'decide' && (store.vips.get('main')!.epoch = 9)),
    });
    expect(await requestSwitchover(deps, MAIN, null)).toEqual({
      kind: 'refused',
      reasons: ['main: its holder changed meanwhile: look at the status'],
    });
    expect(store.transitions.size).toBe(0);
    expect(store.audits).toEqual([]);
  });

  it('tells what was decided and what was not where it is refused half-way', async () => {
    let decisions = 0;
    const { deps, store } = stageOf(healthyPair(), {
      onCall: (method) => {
        if (method === 'decide' && ++decisions === 2) store.vips.get('second')!.paused = true;
      },
    });
    expect(await requestSwitchover(deps, MAIN, null)).toEqual({
      kind: 'decided',
      moves: [{ transitionId: 'main#5', vipId: 'main', toNodeId: 'fs-b' }],
      notDecided: [{ vipId: 'second', reasons: ['the VIP was paused meanwhile: `understudy resume --vip`'] }],
    });
  });

  it('tries every VIP of the process that is to end, whatever became of the one before', async () => {
    let decisions = 0;
    const { deps } = stageOf(threeVips(), {
      onCall: (method) => {
        if (method === 'decide' && ++decisions === 2) throw new OutsideTimeout('throttled');
      },
    });

    const outcome = await requestSwitchover(deps, MAIN, null);

    expect(outcome).toMatchObject({
      moves: [{ vipId: 'main' }, { vipId: 'third' }],
      notDecided: [{ vipId: 'second' }],
    });
  });

  it('throws where the answer to the first is lost: whether it was decided is not known', async () => {
    const { deps } = stageOf(healthyPair(), {
      onAnswer: (method) => {
        if (method === 'decide') throw new OutsideTimeout('no answer');
      },
    });
    await expect(requestSwitchover(deps, MAIN, null)).rejects.toBeInstanceOf(OutsideTimeout);
  });

  it('tells of a lost answer half-way instead of throwing the first decision away', async () => {
    let decisions = 0;
    const { deps } = stageOf(healthyPair(), {
      onAnswer: (method) => {
        if (method === 'decide' && ++decisions === 2) throw new OutsideTimeout('no answer');
      },
    });
    const outcome = await requestSwitchover(deps, MAIN, null);
    expect(outcome).toMatchObject({ kind: 'decided', moves: [{ vipId: 'main' }], notDecided: [{ vipId: 'second' }] });
  });

  it('does not call a decision a failure because its audit event could not be written', async () => {
    const { deps } = stageOf(healthyPair(), {
      onCall: (method) => {
        if (method === 'audit') throw new OutsideTimeout('no answer');
      },
    });
    expect(await requestSwitchover(deps, MAIN, null)).toMatchObject({ kind: 'decided', notDecided: [] });
  });

  it('is refused where the plan is not the one that was said yes to', async () => {
    const { deps, store } = stageOf(healthyPair());
    const made = plan(healthyPair());
    store.nodes.get('fs-b')!.paused = true;
    const outcome = await requestSwitchover(deps, MAIN, made.kind === 'planned' ? made.changes : null);
    expect(outcome).toEqual({
      kind: 'refused',
      reasons: ['the cluster changed while you were asked; now it would be main to fs-c, second to fs-c: ask again'],
    });
  });
});

describe('a yes to a plan', () => {
  const askedWith = async (over: Partial<Change>) => {
    const made = plan(healthyPair());
    if (made.kind === 'refused') throw new Error(made.reasons.join('; '));
    const confirmed = made.changes.map((change) => (change.vipId === 'second' ? { ...change, ...over } : change));
    return requestSwitchover(stageOf(healthyPair()).deps, MAIN, confirmed);
  };

  it('is enough where nothing changed', async () => {
    expect(await askedWith({})).toMatchObject({ kind: 'decided' });
  });

  it.each<[string, Partial<Change>]>([
    ['another VIP', { vipId: 'third' }],
    ['another node', { to: { nodeId: 'fs-c', coreUuid: null } }],
    ['another epoch', { expectedEpoch: 3 }],
  ])('is none for %s', async (_, over) => {
    expect(await askedWith(over)).toMatchObject({ kind: 'refused', reasons: [expect.stringContaining('ask again')] });
  });
});

describe('the forecast', () => {
  const ask = async (answer: object, over: Partial<ClusterSnapshot> = {}, away = false) => {
    const snapshot = healthyPair(over);
    const { world, deps } = stageOf(
      snapshot,
      {},
      away ? { before: () => Promise.reject(new OutsideTimeout('away')) } : {},
    );
    Object.assign(world.forecastAnswer, answer);
    const made = plan(snapshot);
    if (made.kind === 'refused') throw new Error(made.reasons.join('; '));
    return forecastSwitchover(deps.nodeControl, snapshot, made.holder, made.changes);
  };

  it('counts the calls, those that cannot be kept, names every VIP that moves, and the other choice', async () => {
    const vips = [
      { vipId: 'main', calls: 10, connectionOriented: 1 },
      { vipId: 'second', calls: 2, connectionOriented: 0 },
    ];
    const shown = await ask({ sessions: 26, vips, unanswered: 2 });
    expect(shown).toMatchObject({ calls: 12, lost: 3 });
    const text = shown.lines.join('\n');
    expect(text).toContain('every VIP of that node moves: main, second');
    expect(text).toContain('12 established calls (main 10, second 2)');
    expect(text).toContain('cannot be kept: 2 sessions that are not answered yet, 1 calls over TCP');
    expect(text).toContain('understudy drain');
  });

  it.each([
    ['says which calls its numbers do not know', twoVips(), true],
    ['says no more than that all calls end, without a database', twoVips({ database: null }), false],
  ])('of a node that another change has locked out %s', async (_words, topology, says) => {
    const nodes = ['fs-a', 'fs-b', 'fs-c'].map((id) => nodeState(id, id === 'fs-a' ? { lockedBy: 'third#7' } : {}));

    const { lines } = await ask({}, { topology, nodes });

    const told = 'fs-a is locked out of the database since third#7: calls answered since then have no row';
    expect(lines.join('\n').includes(told)).toBe(says);
  });

  it('says that all calls end where there is no database', async () => {
    const shown = await ask({ sessions: 7, vips: [], unanswered: null }, { topology: twoVips({ database: null }) });
    expect(shown).toMatchObject({ calls: 0, lost: 7 });
    expect(shown.lines.join('\n')).toContain('no call is kept without a database: all 7 sessions end');
  });

  it('is of the VIPs that the node holds', async () => {
    const vips = [heldVip('main'), heldVip('second', { holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } })];
    const shown = await ask({}, { vips });
    expect(shown.forecast?.vips.map(({ vipId }) => vipId)).toEqual(['main']);
  });

  it('does not take an unknown number of unanswered sessions for none', async () => {
    const vips = [{ vipId: 'main', calls: 10, connectionOriented: 1 }];
    expect(await ask({ vips, unanswered: null })).toMatchObject({ calls: 10, lost: null });
  });

  it('says what is not known instead of a number', async () => {
    const partly = await ask({ sessions: 7, vips: [], unanswered: null, unknown: ['rows: DatabaseAway'] });
    expect(partly).toMatchObject({ calls: null, lost: null });
    expect(partly.lines.join('\n')).toContain('not known: rows: DatabaseAway');
    const away = await ask({}, {}, true);
    expect(away).toMatchObject({ forecast: null, calls: null, lost: null });
    expect(away.lines.join('\n')).toContain('how many calls it has is not known: OutsideTimeout: away');
  });
});

function pausedFor(pausedReason: string | null) {
  return { paused: pausedReason !== null, pausedReason, pausedUntilMs: null, transitionsInFlight: 0 };
}

/** fs-a holds and serves a third one, too. */
function threeVips(): ClusterSnapshot {
  const base = healthyPair();
  const topology = twoVips({ policy: { ...policy, maxVipsPerNode: 3 } });
  topology.vips = [...topology.vips, { ...topology.vips[1]!, id: 'third' }];
  const observations = base.observations.map((each) => ({
    ...each,
    sip: { ...each.sip, third: each.sip['main']! },
    sipMisses: { ...each.sipMisses, third: 0 },
    sipStandbys: { ...each.sipStandbys, third: each.sipStandbys['main']! },
  }));
  return { ...base, topology, observations, vips: [...base.vips, heldVip('third')] };
}

function pausedHolder(pausedUntilMs: number | null = null): Partial<ClusterSnapshot> {
  const paused = nodeState('fs-a', { paused: true, pausedUntilMs, claims: ['main', 'second'] });
  return { nodes: [paused, nodeState('fs-b'), nodeState('fs-c')] };
}

function alsoPaused(): Partial<ClusterSnapshot> {
  return { vips: [heldVip('main'), heldVip('second', { paused: true })] };
}
