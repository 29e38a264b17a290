import { allCases, explore, wordsOf, type Case } from '../../lib/simulation/explorer/explore';
import { FAULTS } from '../../lib/simulation/explorer/faults';
import { PRELUDES, type Prelude } from '../../lib/simulation/explorer/preludes';
import type { Observation } from '../../lib/domain/model';
import { VIP_MACHINE } from '../../lib/domain/state-machine/vip';
import type { Fault, FaultKind } from '../../lib/simulation/faults/fault';
import { RATES } from '../../lib/simulation/faults/rates';
import type { ChangeOfHolder } from '../../lib/simulation/results';
import type { RunOptions } from '../../lib/simulation/run';
import { runCluster } from '../../lib/simulation/run';
import { writtenBeside, type Written } from '../../lib/simulation/world/ends';
import type { World } from '../../lib/simulation/world/world';
import { failover, quietYear, VIOLATION } from './made-up-run';
import { MINUTE_MS, pair, worldAfter, worldAfterEdge } from './scenarios';

const SEEDS = [1, 2, 3, 4];
const SETTLED_MS = 45_000;

/** Beside its steps. Where no call is moved, none is written. */
const besideOf = ({ steps, withoutCalls }: Prelude): Written[] =>
  writtenBeside(steps).filter((written) => !(withoutCalls && written === 'calls'));

/** The pair, in a state that it comes into at a fixed time. */
const isPlain = ({ shape, strikes }: Prelude): boolean => shape === undefined && 'atMs' in strikes;

describe('the cases of the explorer', () => {
  const cases = allCases();
  const words = new Set(cases.map(wordsOf));

  it('are all different', () => {
    expect(words.size).toBe(cases.length);
  });

  it('have every fault, and none, in every state', () => {
    const missing = PRELUDES.flatMap((prelude) =>
      [null, ...FAULTS].map((fault) => wordsOf({ prelude, fault, crash: null })).filter((each) => !words.has(each)),
    );

    expect(missing).toEqual([]);
  });

  it('have what a larger shape has besides the pair, without an end', () => {
    const beside = PRELUDES.flatMap((prelude) =>
      (prelude.faultsBeside ?? []).map((fault) => wordsOf({ prelude, fault, crash: null })),
    );

    expect(beside.filter((each) => !words.has(each))).toEqual([]);
    expect(beside.filter((each) => /fs-3/.test(each)).length).toBeGreaterThan(40);
    expect(beside.filter((each) => /vip-2/.test(each)).length).toBeGreaterThan(2);
  });

  it('have every kind of fault that a year can draw', () => {
    const tried = new Set(FAULTS.map(({ kind }) => kind));

    expect(Object.keys(RATES).filter((kind) => !tried.has(kind as FaultKind))).toEqual([]);
  });

  it('begin in every status that the state machine of a VIP has', () => {
    const begun = new Set(PRELUDES.map(({ state }) => /^[a-z]+/.exec(state)?.[0]));

    expect([...begun].sort()).toEqual(Object.keys(VIP_MACHINE.states).sort());
  });

  // About eight minutes of two cores: what else is written beside the steps, and maintenance, are worth one of them.
  it('are few enough for every run of the tests', () => {
    expect(cases.length).toBeLessThan(11_500);
  });

  it('have an observer whose clock goes back by more than a look is fresh, and one that goes ahead', () => {
    const steps = FAULTS.flatMap((fault) => (fault.kind === 'clock-stepped' ? [fault.byMs] : []));

    expect(Math.min(...steps)).toBeLessThan(-pair().policy.freshForMs);
    expect(Math.max(...steps)).toBeGreaterThan(0);
  });

  it('end the failover function at each step of what is under way: before with every fault of a pair, after with none', () => {
    const missing = PRELUDES.flatMap((prelude) =>
      prelude.steps
        .flatMap((written) => [
          wordsOf({ prelude, fault: null, crash: { written, moment: 'after' } }),
          ...[null, ...(isPlain(prelude) ? FAULTS : [])].map((fault) =>
            wordsOf({ prelude, fault, crash: { written, moment: 'before' } }),
          ),
        ])
        .filter((each) => !words.has(each)),
    );

    expect(missing).toEqual([]);
  });

  it('end it at what is written beside the steps, too: before with every fault in a failover and in a switchover', () => {
    const missing = PRELUDES.flatMap((prelude) =>
      besideOf(prelude)
        .flatMap((written) => [
          wordsOf({ prelude, fault: null, crash: { written, moment: 'after' } }),
          ...[null, ...(prelude.crossesAll === true ? FAULTS : [])].map((fault) =>
            wordsOf({ prelude, fault, crash: { written, moment: 'before' } }),
          ),
        ])
        .filter((each) => !words.has(each)),
    );

    expect(missing).toEqual([]);
    expect(PRELUDES.filter(({ crossesAll }) => crossesAll).map(({ state }) => state)).toEqual([
      'moving: failover of a frozen process',
      'moving: switchover with its calls',
    ]);
  });
});

describe('the cases of a thorough exploration', () => {
  const cases = allCases(true);
  const words = new Set(cases.map(wordsOf));

  it('are all different, and those of each day among them', () => {
    expect(words.size).toBe(cases.length);
    expect(allCases().filter((each) => !words.has(wordsOf(each)))).toEqual([]);
  });

  it('end the failover function at each step, before and after, with every fault in every state', () => {
    const missing = PRELUDES.flatMap((prelude) =>
      [null, ...FAULTS, ...(prelude.faultsBeside ?? [])].flatMap((fault) =>
        [...prelude.steps, ...besideOf(prelude)]
          .flatMap((written) => (['before', 'after'] as const).map((moment) => ({ written, moment })))
          .map((crash) => wordsOf({ prelude, fault, crash }))
          .filter((each) => !words.has(each)),
      ),
    );

    expect(missing).toEqual([]);
  });
});

/** The present of the VIP as a prelude means it, in one line. */
function stateOf(world: World): string {
  const vip = world.table.vips.get('vip-1');
  const journal = world.table.transitions.get(`vip-1#${vip?.epoch}`);
  const why = journal === undefined ? 'nothing' : `${journal.kind} ${journal.cause} ${journal.status}`;
  return `${vip?.status} by ${vip?.holder?.nodeId ?? 'nobody'} after ${why}`;
}

const FIRST = 'held by fs-1 after assignment first-assignment done';

/** What a failover would be decided by. */
const saysDead = ({ nodeId, esl }: Observation): boolean => nodeId === 'fs-1' && esl.verdict === 'refused';

/** The old node is a standby again, while the name still leads to it. */
const isBackWithoutName = ({ table }: World): boolean =>
  table.transitions.get('vip-1#2')?.steps.dns.status === 'pending' && table.nodes.get('fs-1')?.lockedBy === null;

/** A prelude that does not bring the cluster into its state would let the explorer test nothing. */
const STATES: Record<string, { state: string; also?: (world: World) => boolean }> = {
  unassigned: { state: 'unassigned by nobody after nothing' },
  held: { state: FIRST, also: (world) => world.everybodyIsServed() },
  'moving: failover of a dead process': { state: 'moving by fs-2 after failover conclusive-death open' },
  'moving: failover of a frozen process': { state: 'moving by fs-2 after failover suspected-death open' },
  'moving: failover of a stuck SIP stack': { state: 'moving by fs-2 after failover sip-stuck open' },
  'moving: reinstatement of a restarted holder': { state: 'moving by fs-1 after reinstatement restarted open' },
  'moving: promotion of a holder in standby': { state: 'moving by fs-1 after reinstatement holder-in-standby open' },
  'moving: switchover with its calls': { state: 'moving by fs-2 after switchover operator open' },
  'held, and the failed node is being restored': {
    state: 'held by fs-2 after failover conclusive-death done',
    also: ({ table }) => table.nodes.get('fs-1')?.lockedBy === 'vip-1#2',
  },
  'held, and no standby is fit': { state: FIRST, also: (world) => world.switchOf('fs-2').state === 'dead' },
  'held, and the event socket of the holder is closed, without an Elastic IP': {
    state: FIRST,
    also: (world) => world.switchOf('fs-1').answersEsl() === 'refused' && world.everybodyIsServed(),
  },
  'held, and the event socket of the holder hangs': {
    state: FIRST,
    also: (world) => world.switchOf('fs-1').answersEsl() === 'silent' && world.everybodyIsServed(),
  },
  'stuck: no address could be moved for longer than a convergence is tried': {
    state: 'moving by fs-2 after failover conclusive-death stuck',
    also: (world) => world.weather.isAway('ec2'),
  },
  'stuck: a switchover that has taken nothing, and its old holder serves': {
    state: 'moving by fs-2 after switchover operator stuck',
    also: (world) => world.everybodyIsServed() && !world.weather.isAway('lambda'),
  },
  'moving: retargeted, because the node that was to take over died too': {
    state: 'moving by fs-3 after failover candidate-died open',
  },
  'moving: failover of one of two VIPs that share a spare': {
    state: 'moving by fs-3 after failover conclusive-death open',
    also: ({ table }) => table.vips.get('vip-2')?.holder?.nodeId === 'fs-2',
  },
  'moving: failover of a frozen holder that has no Elastic IP': {
    state: 'moving by fs-2 after failover suspected-death open',
  },
  'held, and its private name is not written yet': {
    state: 'held by fs-2 after failover conclusive-death done',
    also: isBackWithoutName,
  },
  'moving: failover without an Elastic IP, and the private name is not written yet': {
    state: 'moving by fs-2 after failover conclusive-death open',
    also: isBackWithoutName,
  },
  'held, and being drained': {
    state: FIRST,
    also: (world) =>
      world.table.vips.get('vip-1')?.paused === true && world.switchOf('fs-1').answersSip('vip-1') === 'standby',
  },
  'moving: switchover of what was drained': { state: 'moving by fs-2 after switchover operator-drained open' },
  'moving: automatic failback': { state: 'moving by fs-1 after failback preferred-node-back open' },
  'moving: automatic failback without an Elastic IP': {
    state: 'moving by fs-1 after failback preferred-node-back open',
  },
  'moving: retried after an acknowledgement': { state: 'moving by fs-2 after failover operator open' },
  'moving: failover of a failover group': {
    state: 'moving by fs-2 after failover conclusive-death open',
    also: ({ table }) => table.vips.get('vip-2')?.status === 'moving',
  },
  "moving: failover to the node that carries another VIP, each the other's standby": {
    state: 'moving by fs-2 after failover conclusive-death open',
    also: ({ table }) => table.vips.get('vip-2')?.holder?.nodeId === 'fs-2',
  },
  'held, and the profiles of one of two VIPs on a node are stuck, in the block period': {
    state: 'held by fs-2 after failover conclusive-death done',
    also: (world) => ['vip-1', 'vip-2'].map((id) => world.switchOf('fs-2').answersSip(id)).join() === 'silent,ok',
  },
  'held, and its VIP in maintenance': { state: FIRST, also: ({ table }) => table.vips.get('vip-1')?.paused === true },
  'held, and the cluster in maintenance': { state: FIRST, also: ({ table }) => table.control?.paused === true },
  'held, and its holder in maintenance': {
    state: FIRST,
    also: ({ table }) => table.nodes.get('fs-1')?.paused === true,
  },
  'held, and its standby in maintenance': {
    state: FIRST,
    also: ({ table }) => table.nodes.get('fs-2')?.paused === true,
  },
  'held, and a supervisor is given the time to restart the holder': {
    state: FIRST,
    also: (world) => [...world.table.observations.values()].filter(saysDead).length >= 2,
  },
  'held, and a stuck SIP stack is only paged': {
    state: FIRST,
    also: ({ table }) => table.incidents.has('sip-stuck#vip-1'),
  },
};

describe('the preludes of the explorer', () => {
  it.each(PRELUDES.flatMap((prelude) => SEEDS.map((seed) => ({ ...prelude, seed }))))(
    'bring the cluster into "$state" until the fault strikes, seed $seed',
    async ({ state, faults, strikes, seed, shape, policy }) => {
      const base = pair({ seed, stopMs: [20_000, 40_000], ...(shape && { shape }) });
      const scenario = { ...base, policy: { ...base.policy, ...policy } };
      const world =
        'edge' in strikes
          ? await worldAfterEdge(strikes, scenario, faults)
          : await worldAfter(strikes.atMs, scenario, faults);

      expect(stateOf(world)).toBe(STATES[state]?.state);
      expect(STATES[state]?.also?.(world) ?? true).toBe(true);
      world.end();
    },
    20_000,
  );

  it('have no steps where nothing is under way, and of a held VIP none but the late name', () => {
    const moves = ({ state }: { state: string }): boolean => state.startsWith('moving') || state === 'unassigned';
    const late = ({ steps }: Prelude): boolean => steps.join() === 'dns';

    expect(PRELUDES.filter((each) => moves(each) !== each.steps.length > 0)).toEqual(PRELUDES.filter(late));
    expect(PRELUDES.filter(late)).toHaveLength(1);
  });
});

describe('exploring a case', () => {
  const caseOf = (state: string, kind: string, crash: Case['crash'] = null): Case => {
    const prelude = PRELUDES.find((each) => each.state === state);
    const fault = FAULTS.find((each) => each.kind === kind);
    if (prelude === undefined || fault === undefined) throw new Error(`there is no case of ${kind} in "${state}"`);
    return { prelude, fault, crash };
  };

  it.each([
    caseOf('held', 'host'),
    caseOf('moving: failover of a dead process', 'deploy', { written: 'attach', moment: 'before' }),
    caseOf('moving: reinstatement of a restarted holder', 'service-away', { written: 'promote', moment: 'before' }),
  ])(
    'finds nothing in a sample: $prelude.state; $fault.kind',
    async (each) => {
      expect((await explore(pair(), each, 1, runCluster)).finding).toBeNull();
    },
    30_000,
  );

  it('strikes in the state, after what leads to it, and ends the function where the case says', async () => {
    const each = caseOf('moving: failover of a frozen process', 'deploy', { written: 'dns', moment: 'after' });
    const asked: RunOptions[] = [];

    await explore(pair(), each, 1, (_scenario, options) => {
      asked.push(options);
      return Promise.resolve(quietYear());
    });

    expect(asked).toEqual([
      {
        faults: [...each.prelude.faults, { atMs: SETTLED_MS + 3_200, fault: each.fault }],
        crash: { written: 'dns', moment: 'after' },
        untilRest: true,
      },
    ]);
  });

  it.each([
    ['moving: failover of a frozen process', 4_321, { atMs: SETTLED_MS + 3_200 + 4_321 }],
    ['moving: switchover of what was drained', 4_321, { afterMs: 500 + 4_321 }],
    ['moving: automatic failback without an Elastic IP', -600, { afterMs: 0 }],
  ])('strikes later, or sooner, where the case says so: in "%s" by %s ms', async (state, laterMs, when) => {
    const each = { ...caseOf(state, 'deploy'), laterMs };
    let asked: RunOptions | null = null;

    const { finding } = await explore(pair(), each, 1, (_scenario, options) => {
      asked = options;
      return Promise.resolve(
        quietYear({ edges: ['vip/held/switchover', 'vip/held/automatic-failback'], atRest: false }),
      );
    });

    const { strikes, faults } = each.prelude;
    expect(asked).toMatchObject(
      'atMs' in strikes ? { faults: [...faults, { ...when, fault: each.fault }] } : { cue: when },
    );
    expect(finding?.what).toBe(`${state}; {"kind":"deploy"} (${laterMs} ms later)`);
  });

  it.each([50_000, null])('says whether the function ended where it was to: %s', async (crashedAtMs) => {
    const each = caseOf('moving: failover of a frozen process', 'deploy', { written: 'dns', moment: 'before' });

    const { finding, ended } = await explore(pair(), each, 1, () => Promise.resolve(quietYear({ crashedAtMs })));

    expect({ finding, ended }).toEqual({ finding: null, ended: crashedAtMs !== null });
  });

  it('finds a world that does not come to rest, though every invariant holds', async () => {
    const restless = quietYear({ ranForMs: 45 * MINUTE_MS, atRest: false });

    const { finding } = await explore(pair(), caseOf('held', 'host'), 1, () => Promise.resolve(restless));

    expect(finding?.violations).toEqual(['not at rest after 45 minutes']);
  });

  it.each([
    [
      'a failover of a holder that was well',
      failover({ struckBy: 'nothing', callsLost: 0 }),
      'nothing ailed the old holder',
    ],
    ['calls lost where nothing more befell it', failover({ callsLost: 1 }), '1 of 20 calls lost'],
  ])('finds %s, which no invariant forbids', async (_, change, why) => {
    const each = { ...caseOf('held', 'host'), fault: null };

    const { finding } = await explore(pair(), each, 1, () => Promise.resolve(quietYear({ changes: [change] })));

    expect(finding?.violations).toEqual([`vip-1#2 (failover, conclusive-death): ${why}`]);
  });

  const ISOLATED: Fault = { kind: 'isolation', zone: 'us-east-1a', forMs: 1 };
  const LOST = failover({ callsLost: 1 });
  const CUT_OFF = { ...LOST, struckBy: 'isolation', cause: 'suspected-death' } as const;
  it.each<[string, Fault, ChangeOfHolder, boolean]>([
    ['a cut path', { kind: 'path-cut', zone: 'us-east-1b', nodeId: 'fs-2', forMs: 1 }, LOST, true],
    ['a slow path', { kind: 'delay', zone: 'us-east-1b', nodeId: 'fs-2', byMs: 700, forMs: 1 }, LOST, true],
    ['an observer whose clock is set', { kind: 'clock-stepped', zone: 'us-east-1a', byMs: 1 }, LOST, true],
    ['a deployment', { kind: 'deploy' }, LOST, true],
    ['a holder whose zone is cut off', ISOLATED, CUT_OFF, true],
    ['a zone that is cut off beside a holder', ISOLATED, { ...CUT_OFF, struckBy: 'freeze' }, false],
    ['a target whose zone is cut off', ISOLATED, { ...CUT_OFF, cause: 'candidate-died' }, false],
    ['a zone in the dark', { kind: 'zone', zone: 'us-east-1a', forMs: 1 }, { ...LOST, struckBy: 'zone' }, false],
    ['a database that is away', { kind: 'database-away', forMs: 1, silencesSip: false }, LOST, false],
    ['a table that is away', { kind: 'service-away', service: 'dynamodb', forMs: 1 }, LOST, false],
  ])('finds calls lost under what costs none: %s', async (_words, fault, change, isFound) => {
    const each = { ...caseOf('held', 'host'), fault };

    const { finding } = await explore(pair(), each, 1, () => Promise.resolve(quietYear({ changes: [change] })));

    expect(finding?.violations ?? []).toEqual(
      isFound ? [`vip-1#2 (failover, ${change.cause}): 1 of 20 calls lost`] : [],
    );
  });

  it('finds a case that tests nothing, because the step of its end is never written', async () => {
    const crash = { written: 'restore', moment: 'after' } as const;
    const each = { ...caseOf('moving: switchover with its calls', 'host', crash), fault: null };

    expect((await explore(pair(), each, 1, runCluster)).finding?.violations).toEqual([
      'the failover function never came to write "restore": this case tested nothing',
    ]);
  }, 30_000);

  it('finds a case that tests another state, because the function ended long before its own began', async () => {
    const crash = { written: 'dns', moment: 'before' } as const;
    const each = { ...caseOf('held, and its private name is not written yet', 'host', crash), fault: null };
    const early = quietYear({ crashedAtMs: SETTLED_MS + 13_000 });

    const { finding } = await explore(pair(), each, 1, () => Promise.resolve(early));

    expect(finding?.violations).toEqual([
      'the failover function ended at "dns" before the state began: this case tested another one',
    ]);
  });

  it('finds a node that nobody brings back', async () => {
    const base = pair({ policy: { ...pair().policy, restoreFailedNode: false } });

    const { finding } = await explore(base, caseOf('held', 'host'), 1, runCluster);

    expect(finding?.violations).toEqual([
      expect.stringContaining('comes to rest'),
      // And not after 45: what never rests ends the run.
      'not at rest after 31 minutes',
    ]);
  }, 60_000);

  it('restores the oldest backup where none is as old as asked for', async () => {
    const world = await worldAfter(2_000, pair());
    world.backUp();
    await world.kernel.run(SETTLED_MS, () => undefined);
    world.backUp();

    expect(world.restoreTable(10 * MINUTE_MS)).toBe(true);
    expect(world.table.vips.get('vip-1')?.status).not.toBe('held');
    world.end();
  });

  it('tells what it found in words, with the trace', async () => {
    const each = caseOf('held', 'deploy');
    const broken = quietYear({ violations: [VIOLATION], trace: ['000d 00:00:01.000 fault deploy'] });

    expect(await explore(pair(), each, 1, () => Promise.resolve(broken))).toEqual({
      edges: [],
      finding: {
        what: 'held; {"kind":"deploy"}',
        violations: [`${VIOLATION.invariant}: ${VIOLATION.detail}`],
        trace: broken.trace,
      },
      ended: null,
    });
  });
});
