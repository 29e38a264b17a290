/** A planned move leaves a holder that is well: it begins when the function that finishes it answers. */
import { OutsideRefused, OutsideTimeout } from '../../lib/domain/errors';
import type { Change } from '../../lib/domain/decision';
import type { Topology, Transition } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { looks, topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const MOVES = [
  ['failback', 'preferred-node-back'],
  ['switchover', 'operator'],
  ['switchover', 'operator-drained'],
] as const;

interface Setting {
  kind?: Transition['kind'];
  cause?: Transition['cause'];
  topology?: Topology;
  /** Whether node-control answers, by what was called so far, this call among it; left out: never. */
  answers?: (calls: readonly string[]) => boolean;
}

const DATABASE = { host: 'db.internal', port: 5432, name: 'freeswitch' };
const withoutElasticIp = (topology: Topology): Topology => ({
  ...topology,
  vips: topology.vips.map((vip) => ({ ...vip, elasticIp: null })),
});

/** A change from fs-a, which serves, to fs-b is decided, and nothing is done yet. */
async function decidedAs({
  kind = 'failback',
  cause = 'preferred-node-back',
  topology = topologyOf(3, { database: DATABASE }),
  answers = () => false,
}: Setting): Promise<Stage> {
  const stage: Stage = await decided(
    'suspected-death',
    {
      before: (call) => {
        if (call.startsWith('node.') && !answers(stage.world.calls))
          throw new OutsideTimeout('no node-control function answered');
      },
    },
    topology,
  );
  stage.world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: true });
  const change: Change = {
    ...{ kind: 'change', vipId: 'main', transition: kind, cause, expectedEpoch: 1, detectedAtMs: 0 },
    ...{ from: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' }, to: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } },
    ...{ startsBlock: false, follows: null, reasons: [] },
  };
  const { transition } = decisionWrite(change, topology, [], stage.clock.wallMs(), 'test');
  stage.store.transitions.set(transition.id, transition);
  return stage;
}

/** The journal of a stuck first attempt, which the decided one goes on from. */
function goesOnFrom(stage: Stage, steps: Partial<Transition['steps']>): void {
  const journal = stage.journal();
  const before = { ...structuredClone(journal), id: 'main#1', epoch: 1, status: 'stuck' as const };
  Object.assign(before.steps, steps);
  stage.store.transitions.set(before.id, before);
  journal.chain = { rootEpoch: 1, retargets: 1 };
}

const DONE = {
  status: 'done',
  attempts: 1,
  startedAtMs: 0,
  finishedAtMs: 0,
  proof: 'done before',
  error: null,
} as const;
const TAKES = /eip\.(detach|attach)|shutdown|demote|lockRole|ec2\.stop|dns\./;
const taken = ({ world }: Stage): string[] => world.calls.filter((call) => TAKES.test(call));

describe('while node-control is away', () => {
  it.each(MOVES)('a %s (%s) takes nothing from callers, and says what it waits for', async (kind, cause) => {
    const stage = await decidedAs({ kind, cause });

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });

    expect(taken(stage)).toEqual([]);
    expect(stage.world.switches.get('fs-a')?.serving).toBe(true);
    expect(stage.journal().steps.detach.error).toMatch(/nothing is taken .* no node-control function answered/);
    expect(stage.world.metrics.filter((name) => name === 'ConvergenceErrors')).toEqual([]);
  });

  it.each(MOVES)('a %s (%s) goes on by itself once it answers', async (kind, cause) => {
    const stage = await decidedAs({ kind, cause, answers: (calls) => calls.length > 3 });

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
    expect(stage.world.switches.get('fs-b')?.serving).toBe(true);
  });

  it('a move without a public address stops no instance, though its step `detach`, which takes nothing, is done', async () => {
    const stage = await decidedAs({ topology: withoutElasticIp(topologyOf(3)) });
    stage.journal().steps.detach = { ...DONE };

    await stage.converge();

    expect(taken(stage)).toEqual([]);
    expect(stage.journal().steps.stop.error).toContain('no node-control function answered');
  });

  it('a move that a human paused meanwhile is no error, and waits for them', async () => {
    const stage = await decidedAs({});
    await stage.store.setPaused({ kind: 'vip', id: 'main' }, true, 'maintenance');
    Object.assign(stage.journal(), { decidedAtMs: stage.clock.wallMs() - 2 * DEFAULT_TIMING.stuckAfterMs });

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });
  });

  it.each([
    ['a failover', { kind: 'failover', cause: 'suspected-death' }],
    ['a stuck failover that a human acknowledged', { kind: 'failover', cause: 'operator' }],
  ] as const)('%s moves the address all the same', async (_words, change) => {
    const stage = await decidedAs(change);

    await stage.converge();

    expect(stage.world.calls).toContain('eip.attach');
  });

  it.each(['fence', 'detach'] as const)('a planned move whose %s is done goes on', async (step) => {
    const stage = await decidedAs({});
    stage.journal().steps[step] = { ...DONE };

    await stage.converge();

    expect(taken(stage).length).toBeGreaterThan(0);
  });

  it.each([
    ['goes on where the one before took the address', { detach: { ...DONE } }, true],
    ['waits where the one before took nothing', {}, false],
  ])('a planned move that was stuck and is tried again %s', async (_words, steps, goesOn) => {
    const stage = await decidedAs({ cause: 'operator', kind: 'switchover' });
    goesOnFrom(stage, steps);

    await stage.converge();

    expect(taken(stage).length > 0).toBe(goesOn);
  });
});

describe('while node-control says that the new holder could not serve', () => {
  const PAUSED = 'it is paused: `fsctl resume` there ends that';

  it.each(MOVES)('a %s (%s) takes nothing from callers, and says why', async (kind, cause) => {
    const stage = await decidedAs({ kind, cause, answers: () => true });
    stage.world.unfit.set('fs-b', PAUSED);

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });

    expect(taken(stage)).toEqual([]);
    expect(stage.world.switches.get('fs-a')?.serving).toBe(true);
    expect(stage.journal().steps.detach.error).toBe(
      `nothing is taken from main's callers before fs-b can serve them: ${PAUSED}`,
    );
  });

  it('a planned move goes on by itself once it could', async () => {
    const stage = await decidedAs({ answers: () => true });
    stage.world.unfit.set('fs-b', PAUSED);
    const over = stage.converge();
    await stage.clock.advance(5_000);
    stage.world.unfit.clear();

    expect(await over).toMatchObject({ outcome: 'done' });
  });

  it('a failover leaves its dead holder all the same', async () => {
    const stage = await decidedAs({ kind: 'failover', cause: 'suspected-death', answers: () => true });
    stage.world.unfit.set('fs-b', PAUSED);

    await stage.converge();

    expect(stage.world.calls).toContain('eip.attach');
  });
});

describe('while a node does not reach the database through which the calls move', () => {
  const SILENT = 'its database does not answer it';
  async function staged(without: string, setting: Setting = {}, verdict: 'ok' | 'busy' = 'ok') {
    const stage = await decidedAs({ answers: () => true, ...setting });
    stage.world.withoutDatabase.set(without, SILENT);
    const nowMs = stage.clock.wallMs();
    for (const seen of looks('fs-a', 'ok', verdict, { observedAtMs: nowMs }))
      stage.store.observations.set(`fs-a#${seen.zone}`, seen);
    return stage;
  }

  it.each([
    ['fs-b', `nothing is taken from main's callers before fs-b can serve them: ${SILENT}`],
    [
      'fs-a',
      `nothing is taken from main's callers before fs-b can serve them: fs-a may not have written their rows: ${SILENT}`,
    ],
  ])('a planned move takes nothing, and says why: %s', async (nodeId, why) => {
    const stage = await staged(nodeId);

    const over = stage.converge();
    await stage.clock.advance(2_000);

    expect(taken(stage)).toEqual([]);
    expect(stage.journal().steps.fence.error).toBe(why);
    stage.world.withoutDatabase.clear();
    expect(await over).toMatchObject({ outcome: 'done' });
  });

  it('a planned move from a node that another change has locked out begins: to wait would write no row', async () => {
    const stage = await staged('fs-a');
    await stage.store.setLockedOut('fs-a', 'second#7');

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });

    expect(stage.world.askedForDatabase).toEqual(['fs-b']);
  });

  it.each([
    ['the node where it goes does not reach it, though that holder is locked out', 'fs-b', 'fs-a'],
    ['another node than its holder is locked out', 'fs-a', 'fs-c'],
  ])('a planned move takes nothing where %s', async (_words, without, locked) => {
    const stage = await staged(without);
    await stage.store.setLockedOut(locked, 'second#7');

    await stage.converge();

    expect(taken(stage)).toEqual([]);
  });

  it('a planned move takes nothing from a full holder either: it serves the calls that it has', async () => {
    const stage = await staged('fs-b', {}, 'busy');

    await stage.converge();

    expect(taken(stage)).toEqual([]);
  });

  it('a planned move goes on where its old holder serves nobody any more', async () => {
    const stage = await decidedAs({ answers: () => true });
    stage.world.withoutDatabase.set('fs-b', SILENT);

    await stage.converge();

    expect(stage.world.calls).toContain('eip.attach');
  });

  it.each([
    ['drained: it has no call to bring along', { kind: 'switchover', cause: 'operator-drained' }],
    ['of a cluster without a database', { topology: topologyOf(3, { database: null }) }],
  ] as [string, Setting][])('nobody is asked for it by a move that is %s', async (_words, setting) => {
    const stage = await staged('fs-b', setting);

    await stage.converge();

    expect(stage.world.askedForDatabase).toEqual([]);
    expect(stage.world.calls).toContain('eip.attach');
  });
});

describe('a planned move whose old node a human pauses', () => {
  const OLD = { kind: 'node', id: 'fs-a' } as const;
  const answers = (): boolean => true;

  it('takes nothing from it until it is resumed, is not called stuck for that, and goes on then', async () => {
    const stage = await decidedAs({ answers });
    await stage.store.setPaused(OLD, true, 'new disk');
    Object.assign(stage.journal(), { decidedAtMs: stage.clock.wallMs() - 2 * DEFAULT_TIMING.stuckAfterMs });

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });
    expect(taken(stage)).toEqual([]);
    expect(stage.journal().steps.fence.error).toBe('fs-a is paused, until it is resumed');

    await stage.store.setPaused(OLD, false, null);
    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
  });

  it('is stopped between its first question and its first effect, too', async () => {
    const stage = await decidedAs({ answers });
    const { check } = stage.deps.nodeControl;
    stage.deps.nodeControl.check = async (...order) => {
      await stage.store.setPaused(OLD, true, 'new disk');
      return check(...order);
    };

    await stage.converge();

    expect(taken(stage)).toEqual([]);
  });

  it.each<[string, Setting, (stage: Stage) => void]>([
    ['its process has ended', {}, ({ world }) => void world.switches.set('fs-a', null)],
    ['its address is off', {}, (stage) => void (stage.journal().steps.detach = { ...DONE })],
    ['it was drained', { kind: 'switchover', cause: 'operator-drained' }, () => undefined],
    ['it is failed over', { kind: 'failover', cause: 'suspected-death' }, () => undefined],
  ])('goes on all the same where %s', async (_, setting, arrange) => {
    const stage = await decidedAs({ ...setting, answers });
    arrange(stage);
    await stage.store.setPaused(OLD, true, 'new disk');

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
  });

  it('stays on it where nobody can say whether it serves', async () => {
    const stage = await decidedAs({ answers });
    const { check } = stage.deps.nodeControl;
    stage.deps.nodeControl.check = (to, ...order) =>
      to.id === 'fs-a' ? Promise.reject(new OutsideTimeout('no node-control function answered')) : check(to, ...order);
    await stage.store.setPaused(OLD, true, 'new disk');

    await stage.converge();

    expect(taken(stage)).toEqual([]);
    expect(stage.journal().steps.fence.error).toBe('fs-a is paused, until it is resumed');
  });

  it('is stopped for the one that serves, not for a candidate that died on the way', async () => {
    const stage = await decidedAs({ answers });
    goesOnFrom(stage, {});
    Object.assign(stage.journal(), { from: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' }, cause: 'candidate-died' });
    await stage.store.setPaused({ kind: 'node', id: 'fs-c' }, true, 'repair');
    await stage.store.setPaused(OLD, true, 'new disk');

    await stage.converge();
    expect(taken(stage)).toEqual([]);

    await stage.store.setPaused(OLD, false, null);
    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
  });
});

describe('a planned move whose new node a human pauses', () => {
  const OLD = { kind: 'node', id: 'fs-a' } as const;
  const NEW = { kind: 'node', id: 'fs-b' } as const;
  const late = async (setting: Setting = {}): Promise<Stage> => {
    const stage = await decidedAs({ ...setting, answers: () => true });
    await stage.store.setPaused(NEW, true, 'its database');
    Object.assign(stage.journal(), { decidedAtMs: stage.clock.wallMs() - 2 * DEFAULT_TIMING.stuckAfterMs });
    return stage;
  };
  const openAndUntold = { status: 'open', told: 0 };
  const ended = ({ journal, store }: Stage) => ({ status: journal().status, told: store.incidents.size });

  it.each([
    ['serves', () => undefined],
    ['serves nobody any more', ({ world }: Stage) => void world.switches.set('fs-a', null)],
  ])(
    'is closed as stuck, and told, when that lasts: its old holder, which %s, is not unwatched',
    async (_, arrange) => {
      const stage = await late();
      arrange(stage);

      expect(await stage.converge()).toMatchObject({ outcome: 'stuck' });

      expect(taken(stage)).toEqual([]);
      expect(ended(stage)).toEqual({ status: 'stuck', told: 1 });
      expect(stage.journal().steps.fence.error).toBe('fs-b is paused, until it is resumed');
    },
  );

  it('waits for as long as it is otherwise given', async () => {
    const stage = await late();
    Object.assign(stage.journal(), { decidedAtMs: stage.clock.wallMs() });

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });
    expect(ended(stage)).toEqual(openAndUntold);
  });

  it.each<[string, Parameters<Stage['store']['setPaused']>[0]]>([
    ['its old node', OLD],
    ['the VIP', { kind: 'vip', id: 'main' }],
    ['the cluster', { kind: 'cluster' }],
  ])('waits for the human where %s is paused as well: nobody would fail that one over', async (_, subject) => {
    const stage = await late();
    await stage.store.setPaused(subject, true, 'new disk');

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });
    expect(ended(stage)).toEqual(openAndUntold);
  });

  it.each<[string, Setting, Partial<Transition['steps']>]>([
    ['it has taken something: what is left of it goes on when they resume', {}, { detach: { ...DONE } }],
    ['its VIP was drained: nobody is served there', { kind: 'switchover', cause: 'operator-drained' }, {}],
    ['it is a failover', { kind: 'failover', cause: 'suspected-death' }, {}],
  ])('waits for the human where %s', async (_, setting, steps) => {
    const stage = await late(setting);
    Object.assign(stage.journal().steps, steps);

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });
    expect(ended(stage)).toEqual(openAndUntold);
  });
});

describe('a planned move to a node that runs another process than the chosen one', () => {
  it('takes nothing: the judgement sees it too, and sends the VIP elsewhere', async () => {
    const stage = await decidedAs({ answers: () => true });
    stage.world.switches.set('fs-b', { coreUuid: 'uuid-next', serving: false });

    await stage.converge();

    expect(taken(stage)).toEqual([]);
    expect(stage.journal().steps.fence.error).toContain('it runs uuid-next, and uuid-fs-b was chosen');
  });

  it('goes on where none was chosen by name', async () => {
    const stage = await decidedAs({ answers: () => true });
    stage.journal().to = { nodeId: 'fs-b', coreUuid: null };

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });
  });
});

it('a planned move goes on where a node-control of the version before says nothing of the process', async () => {
  const stage = await decidedAs({ answers: () => true });
  const { check } = stage.deps.nodeControl;
  stage.deps.nodeControl.check = async (...order) => {
    const answer = { ...(await check(...order)) };
    delete answer.unfit;
    return answer;
  };

  expect(await stage.converge()).toMatchObject({ outcome: 'done' });
});

it('a planned move asks once for all of its steps, so that none begins while another waits', async () => {
  // Of both nodes.
  const stage = await decidedAs({ answers: (calls) => calls.filter((call) => call === 'node.check').length < 3 });

  await stage.converge();

  expect(stage.world.calls.slice(0, 2)).toEqual(['node.check', 'node.check']);
  expect(stage.world.calls.slice(2, 6)).not.toContain('node.check');
  expect(stage.world.calls).toContain('eip.attach');
});

it('a planned move that is refused what it asks is no wait: the error is told', async () => {
  const stage = await decidedAs({ answers: () => true });
  const { nodeControl } = stage.deps;
  const refused = new OutsideRefused('node-control refused the order');
  stage.deps.nodeControl = { ...nodeControl, check: () => Promise.reject(refused) };

  await stage.converge();

  expect(stage.journal().steps.detach.error).toContain('node-control refused the order');
  expect(stage.world.metrics).toContain('ConvergenceErrors');
});
