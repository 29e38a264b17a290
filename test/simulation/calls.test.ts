/** The established calls of a change of holder, by name: what a ledger may say of them, and what a planned move may cost. */
import type { CallsLedger } from '../../lib/domain/model';
import { CallBook } from '../../lib/simulation/call-book';
import type { Fault } from '../../lib/simulation/faults/fault';
import { LEDGER_INVARIANT, PLANNED_MOVE_INVARIANT, type PlannedMove } from '../../lib/simulation/invariants/calls';
import { strikeOf } from '../../lib/simulation/invariants/struck';
import { Process } from '../../lib/simulation/kernel/process';
import { PAIR } from '../../lib/simulation/scenario';
import { Watcher } from '../../lib/simulation/watcher';
import type { World } from '../../lib/simulation/world/world';
import { decidedMove, MINUTE_MS, pair, worldAfter } from './scenarios';

const SETTLED_MS = 45_000;
const VIP = 'vip-1';

function ledger(lost: CallsLedger['lost'], before = 10): CallsLedger {
  return {
    ...{ before, legsBefore: 2 * before, resurrected: null, aliveAfter5s: null, aliveAfter30s: null, confirmed: 0 },
    ...{ beingWritten: 0, ownSessions: 0, lost, recoveredAtMs: 1, notes: [] },
  };
}

describe('a ledger', () => {
  const told = (calls: CallsLedger | null, atStake: number, alive: number): string | null =>
    LEDGER_INVARIANT.broken({ id: 'vip-1#2', calls }, { atStake, alive });

  it.each(['given-up', 'database-unreachable', 'not-rebuilt', 'connection-oriented'] as const)(
    'says of no call that it is lost (%s) which is alive',
    (reason) => {
      const calls = ledger([{ reason, count: 7 }]);

      expect(told(calls, 10, 3)).toBeNull();
      expect(told(calls, 10, 4)).toBe('vip-1#2: 7 of 10 are lost by the ledger, and 4 of 10 are alive');
    },
  );

  it.each(['ended', 'unfenced'] as const)('may say %s of whom nobody can name', (reason) => {
    expect(told(ledger([{ reason, count: 7 }]), 10, 10)).toBeNull();
  });

  it('says of no session that it had no row which is of a call that is alive', () => {
    expect(told(ledger([{ reason: 'no-row', count: 15 }], 0), 10, 3)).toBeNull();
    expect(told(ledger([{ reason: 'no-row', count: 20 }], 0), 0, 0)).toBeNull();
    expect(told(ledger([{ reason: 'no-row', count: 20 }], 0), 10, 10)).toMatch(/^vip-1#2: 10 of 0 are lost/);
  });

  it('counts calls that came after the decision, too', () => {
    expect(told(ledger([{ reason: 'not-rebuilt', count: 10 }], 12), 2, 2)).toBeNull();
  });

  it('that is not written yet says nothing', () => {
    expect(told(null, 10, 10)).toBeNull();
  });
});

describe('a planned move from fs-1 to fs-2', () => {
  const DECIDED_MS = 100_000;
  const TAKEN_MS = 102_000;
  const NOW_MS = 400_000;
  const LONG_MS = 60_000;
  const ONE = new Set(['one']);
  let world: World;
  beforeAll(async () => {
    world = await worldAfter(5_000);
  });
  const move = (change: Partial<PlannedMove> = {}): PlannedMove => ({
    ...{ id: 'vip-1#2', vipId: VIP, rootEpoch: 2, from: { nodeId: 'fs-1', coreUuid: 'fs-1:1' }, targets: ['fs-2'] },
    ...{ calls: new Set(['one', 'two']), decidedAtMs: DECIDED_MS, takenAtMs: TAKEN_MS, unwritten: [] },
    ...change,
  });
  const lostAfter = (fault: Fault, atMs: number, change: Partial<PlannedMove> = {}): boolean =>
    PLANNED_MOVE_INVARIANT.broken(move(change), ONE, [strikeOf(fault, world.topology!, atMs)], NOW_MS) !== null;

  it('loses no call', () => {
    expect(PLANNED_MOVE_INVARIANT.broken(move(), new Set(['one', 'two']), [], NOW_MS)).toBeNull();
    expect(PLANNED_MOVE_INVARIANT.broken(move(), ONE, [], NOW_MS)).toBe('vip-1#2: 1 of 2 calls lost');
  });

  const rejects = (nodeId: string, forMs = LONG_MS): Fault => ({ kind: 'rejects', nodeId, forMs });
  const away = (service: 'ec2' | 'dynamodb' | 'lambda' | 'route53' | 'sns', forMs = LONG_MS): Fault => ({
    ...{ kind: 'service-away', service, forMs },
  });
  const killed = (name: 'failover' | 'observer' | 'node-control'): Fault => ({
    kind: 'functions-killed',
    name,
    times: 1,
  });
  const frozen = (name: 'failover' | 'node-control'): Fault => ({ kind: 'functions-frozen', name, forMs: LONG_MS });
  const database: Fault = { kind: 'database-away', forMs: 5 * LONG_MS };

  it.each([
    ['its holder, before it took from it', rejects('fs-1'), DECIDED_MS + 100],
    ['its holder, from before it was decided', rejects('fs-1'), DECIDED_MS - 1_000],
    ['its target, after it took from the holder', rejects('fs-2'), TAKEN_MS + 100],
    ['its target, while the order to end the holder was on its way', rejects('fs-2'), TAKEN_MS - 400],
    ['its target, by its zone', { kind: 'zone', zone: 'us-east-1b', forMs: LONG_MS }, TAKEN_MS + 100],
    ['its target, by its isolation', { kind: 'isolation', zone: 'us-east-1b', forMs: LONG_MS }, TAKEN_MS + 100],
    [
      'the network of its target',
      { kind: 'one-way', zone: null, nodeId: 'fs-2', lost: 'back', forMs: LONG_MS },
      TAKEN_MS,
    ],
    ['the database, once it was decided', database, DECIDED_MS + 100],
    ['the database, too late to be known', database, DECIDED_MS - 4_000],
    ['EC2, whenever', away('ec2'), DECIDED_MS - 1_000],
    ['the table', { kind: 'storm', service: 'dynamodb', share: 0.5, forMs: LONG_MS }, DECIDED_MS],
    ['who converges', frozen('failover'), DECIDED_MS],
    ['who gives the orders', frozen('node-control'), DECIDED_MS],
    [
      'nobody, and a human said stop',
      { kind: 'paused', subject: 'vip', id: VIP, forMs: LONG_MS, withWindow: true },
      DECIDED_MS,
    ],
  ] as [string, Fault, number][])('may lose some where something struck %s', (_words, fault, atMs) => {
    expect(lostAfter(fault, atMs)).toBe(false);
  });

  it('may lose those that somebody hung up: of its holder before it took them, of its target after that', () => {
    const stopped = (nodeId: string): Fault => ({ kind: 'stopped-gracefully', nodeId });
    const losses = (nodeId: string, times: readonly number[]): boolean[] =>
      times.map((atMs) => lostAfter(stopped(nodeId), atMs));

    expect(losses('fs-1', [DECIDED_MS - 100, DECIDED_MS + 100, TAKEN_MS + 100])).toEqual([true, false, true]);
    expect(losses('fs-2', [DECIDED_MS + 100, TAKEN_MS + 100])).toEqual([true, false]);
  });

  const wrongClock = (kind: 'clock-ahead' | 'clock-behind', nodeId: string): Fault => ({
    ...{ kind, nodeId, byMs: 5_000, forMs: 1_000 },
  });

  it.each<[string, Fault, number, boolean]>([
    ['of its holder ahead, too late to be known', wrongClock('clock-ahead', 'fs-1'), DECIDED_MS - 4_000, false],
    ['of its holder ahead, before it took them', wrongClock('clock-ahead', 'fs-1'), TAKEN_MS - 100, false],
    ['of its holder ahead, known by then', wrongClock('clock-ahead', 'fs-1'), DECIDED_MS - 6_000, true],
    ['of its holder ahead, after it took them', wrongClock('clock-ahead', 'fs-1'), TAKEN_MS + 100, true],
    ['of its holder behind', wrongClock('clock-behind', 'fs-1'), DECIDED_MS + 100, true],
    ['of its target behind, while it takes them up', wrongClock('clock-behind', 'fs-2'), TAKEN_MS + 100, false],
    ['of its target behind, before that', wrongClock('clock-behind', 'fs-2'), TAKEN_MS - 600, true],
  ])('is judged by a clock that was wrong for a moment: %s', (_words, fault, atMs, isWrong) => {
    expect(lostAfter(fault, atMs)).toBe(isWrong);
  });

  it.each([
    ['its target, before it took from the holder', rejects('fs-2'), TAKEN_MS - 600],
    ['its target, for less than a recovery is tried', rejects('fs-2', 25_000), TAKEN_MS + 100],
    ['its target, whose process came back', { kind: 'crash', nodeId: 'fs-2' }, TAKEN_MS + 100],
    ['its holder, after it took from it', rejects('fs-1'), TAKEN_MS + 100],
    ['its holder, until just after it was decided', rejects('fs-1'), DECIDED_MS - LONG_MS + 1_000],
    ['another node', rejects('fs-3'), TAKEN_MS + 100],
    ['another zone', { kind: 'zone', zone: 'us-east-1c', forMs: LONG_MS }, TAKEN_MS + 100],
    [
      'one way to its target',
      { kind: 'delay', zone: 'us-east-1c', nodeId: 'fs-2', byMs: 700, forMs: LONG_MS },
      TAKEN_MS,
    ],
    ['the database, long before it was decided', database, DECIDED_MS - 6_000],
    ['EC2, until just after it was decided', away('ec2'), DECIDED_MS - LONG_MS + 1_000],
    ['names', away('route53'), DECIDED_MS],
    ['pages', away('sns'), DECIDED_MS],
    ['an observer', { kind: 'observer-frozen', zone: 'us-east-1a', forMs: LONG_MS }, DECIDED_MS],
    ['who converges, who is begun anew', killed('failover'), DECIDED_MS],
    ['who observes', killed('observer'), DECIDED_MS],
  ] as [string, Fault, number][])('loses none where something struck %s', (_words, fault, atMs) => {
    expect(lostAfter(fault, atMs)).toBe(true);
  });

  it('that took nothing is not excused by its target', () => {
    expect(lostAfter(rejects('fs-2'), TAKEN_MS + 100, { takenAtMs: null })).toBe(true);
    expect(lostAfter(rejects('fs-1'), TAKEN_MS + 100, { takenAtMs: null })).toBe(false);
  });
});

type Change = Parameters<typeof decidedMove>[3];

/** The book of a settled pair whose VIP leaves fs-1 for fs-2. */
async function stage(change: Change = { kind: 'switchover', cause: 'operator' }, shape = PAIR) {
  const world = await worldAfter(SETTLED_MS, pair({ shape }));
  let served = world.switchOf('fs-1').callIdsOf(VIP);
  const book = new CallBook(world, () => served);
  const decide = (from: string, to: string, what: Change) => {
    const { transition, before } = decidedMove(world, from, to, what);
    book.decided(transition, before);
    return transition;
  };
  const root = decide('fs-1', 'fs-2', change);
  /** Nobody has served since: the next change knows of no calls but by its chain. */
  served = new Set();
  const retarget = (from: string, to: string) =>
    decide(from, to, { kind: 'switchover', cause: 'candidate-died', chain: { rootEpoch: root.epoch, retargets: 1 } });
  return { world, book, root, decide, retarget };
}

describe('the book of calls', () => {
  const LOST = ledger([{ reason: 'given-up', count: 10 }]);

  it('finds a ledger wrong whose calls are alive where it ends, and none whose are not', async () => {
    const { book, root } = await stage();

    root.calls = LOST;
    expect(book.wrongLedgers()).toEqual([]);

    root.to.nodeId = 'fs-1';
    expect(book.wrongLedgers()).toEqual(['vip-1#2: 10 of 10 are lost by the ledger, and 10 of 10 are alive']);
  });

  it('remembers the calls of a chain when it is retargeted, and not those of another change', async () => {
    const chain = await stage();
    chain.retarget('fs-2', 'fs-1').calls = LOST;
    expect(chain.book.wrongLedgers()).toHaveLength(1);

    const another = await stage();
    another.decide('fs-2', 'fs-1', { kind: 'failover', cause: 'suspected-death', calls: LOST });
    expect(another.book.wrongLedgers()).toEqual([]);
  });

  it.each([
    { kind: 'switchover', cause: 'operator' },
    { kind: 'failback', cause: 'preferred-node-back' },
  ] as const)('tells of a $kind that has ended without its calls, once, and not while it is open', async (change) => {
    const { book, root } = await stage(change);
    expect(book.lostByPlan()).toEqual([]);

    root.status = 'done';

    expect(book.lostByPlan()).toEqual(['vip-1#2: 10 of 10 calls lost']);
    expect(book.lostByPlan()).toEqual([]);
  });

  it('tells of one that got stuck without them, too, and of none that left them, or came back to, where they are', async () => {
    const stuck = await stage();
    stuck.root.status = 'stuck';
    stuck.world.switchOf('fs-1').crash();
    expect(stuck.book.lostByPlan()).toHaveLength(1);

    const waited = await stage();
    waited.root.status = 'stuck';
    expect(waited.book.lostByPlan()).toEqual([]);

    const back = await stage();
    back.retarget('fs-2', 'fs-1').status = 'done';
    expect(back.book.lostByPlan()).toEqual([]);
  });

  it('excuses a move by what befell the node that it was retargeted to', async () => {
    const { world, book, retarget } = await stage(undefined, { ...PAIR, nodeZones: ['a', 'b', 'c'] });
    world.switchOf('fs-1').crash();
    book.instant();
    const second = retarget('fs-2', 'fs-3');
    book.struck({ kind: 'rejects', nodeId: 'fs-3', forMs: 5 * MINUTE_MS });
    world.kernel.skip(2 * MINUTE_MS);
    Object.assign(second, { status: 'done', to: { nodeId: 'fs-2', coreUuid: null } });

    expect(book.lostByPlan()).toEqual([]);
  });

  describe('of a target that is lost after it took the calls up', () => {
    /** The old process is gone, fs-2 has rebuilt all of its calls, and for so long it could write their rows. */
    async function takenUp(writesForMs: number, befallen: Fault | null = null) {
      const staged = await stage();
      const { world, book, root } = staged;
      if (befallen !== null) book.struck(befallen);
      const pass = (ms: number, isOver?: () => boolean) =>
        world.kernel.run(world.kernel.elapsedMs + ms, () => book.instant(), isOver);
      const [vip] = world.topology!.vips;
      const [oldHolder, target] = [world.switchOf('fs-1'), world.switchOf('fs-2')];
      world.nodeWorld.database!.orders.prepare({
        ...{ transitionId: root.id, vipId: VIP, profiles: vip!.profiles, nodeId: 'fs-2', deadNodeIds: ['fs-1'] },
        ...{ deadCoreUuids: [oldHolder.coreUuid!], ownCoreUuid: target.coreUuid! },
        ...{ rewriteTo: vip!.serviceAddress, advertiseTo: vip!.elasticIp!.publicIp },
      });
      // The control plane looks on: what it would do is another's specification.
      world.table.vips.get(VIP)!.paused = true;
      oldHolder.crash();
      target.process!.recover(vip!);
      await pass(1_000, () => target.callsOf(VIP) === 10);
      expect(target.callsOf(VIP)).toBe(10);
      await pass(writesForMs);
      return { ...staged, pass, target };
    }
    const CRASH: Fault = { kind: 'crash', nodeId: 'fs-2' };

    it.each([
      ['does not ask for those that had no row again yet', 0, CRASH, []],
      ['does not ask for those that had one: whoever follows it takes them up', 300, CRASH, []],
      ['asks for them where nothing struck it', 0, { ...CRASH, nodeId: 'fs-3' }, ['vip-1#2: 10 of 10 calls lost']],
    ] as [string, number, Fault, string[]][])('%s', async (_words, writesForMs, fault, told) => {
      const { book, root, target } = await takenUp(writesForMs);
      book.struck(fault);
      target.crash();
      book.instant();
      root.status = 'done';

      expect(book.lostByPlan()).toEqual(told);
    });

    const SLOW: Fault = { kind: 'delay', zone: null, nodeId: 'fs-2', byMs: 700, forMs: 25_000 };

    it.each([
      ['does not ask for those that it took up while it was struck, where it is left and ended for that', SLOW, 0, []],
      ['asks for them where another node was', { ...SLOW, nodeId: 'fs-3' }, 0, ['vip-1#2: 10 of 10 calls lost']],
      ['does not ask for those that it had written', SLOW, 300, []],
    ] as [string, Fault, number, string[]][])('%s', async (_words, fault, writesForMs, told) => {
      const { book, root, target } = await takenUp(writesForMs, fault);
      target.crash();
      book.instant();
      root.status = 'done';

      expect(book.lostByPlan()).toEqual(told);
    });

    it.each([
      ['does not ask for those that live on it locked out, where it was struck and left', SLOW, []],
      ['asks for them where nothing struck it', { ...SLOW, nodeId: 'fs-3' }, ['vip-1#2: 10 of 10 calls lost']],
    ] as [string, Fault, string[]][])('%s', async (_words, fault, told) => {
      const { book, retarget } = await takenUp(0, fault);
      Object.assign(retarget('fs-2', 'fs-1'), { status: 'done' });

      expect(book.lostByPlan()).toEqual(told);
    });

    it('asks for those that live on such a one and have a row: the next holder could have taken them up', async () => {
      const { world, book, retarget } = await takenUp(300, SLOW);
      const { table } = world.nodeWorld.database!;
      const written = table.of('fs-2:1');
      Object.assign(retarget('fs-2', 'fs-3'), { status: 'done', to: { nodeId: 'fs-1', coreUuid: null } });
      expect(written).toHaveLength(20);

      expect(book.lostByPlan()).toEqual(['vip-1#2: 10 of 10 calls lost']);
    });

    it('asks for those whose row it wrote after it was struck, and somebody deleted', async () => {
      const { world, book, root, pass, target } = await takenUp(0);
      book.struck(CRASH);
      await pass(300);
      target.crash();
      const { table } = world.nodeWorld.database!;
      for (const row of table.of('fs-2:1')) table.delete(row);
      root.status = 'done';

      expect(book.lostByPlan()).toEqual(['vip-1#2: 10 of 10 calls lost']);
    });

    it('asks for those whose row is that of the old process alone', async () => {
      const { world, book, root } = await stage();
      world.switchOf('fs-1').crash();
      Object.assign(root, { status: 'done', to: { nodeId: 'fs-1', coreUuid: null } });

      expect(world.nodeWorld.database!.table.of('fs-1:1')).toHaveLength(20);
      expect(book.lostByPlan()).toEqual(['vip-1#2: 10 of 10 calls lost']);
    });
  });

  it.each([
    ['not while its process and its address are there', () => undefined, 1],
    ['with its address', (world: World) => world.people.moveAddress(VIP, 'fs-2'), 0],
    ['with its process', (world: World) => world.switchOf('fs-1').crash(), 0],
  ] as [string, (world: World) => void, number][])(
    'takes a holder for left %s: what strikes the target then is an excuse',
    async (_words, befalls, told) => {
      const { world, book, root } = await stage();
      befalls(world);
      book.instant();
      book.struck({ kind: 'rejects', nodeId: 'fs-2', forMs: 5 * MINUTE_MS });
      world.kernel.skip(2 * MINUTE_MS);
      root.status = 'done';

      expect(book.lostByPlan()).toHaveLength(told);
    },
  );

  it('leaves a move that another change overtook to that one', async () => {
    const { book, decide } = await stage();

    decide('fs-2', 'fs-2', { kind: 'failover', cause: 'suspected-death', status: 'done' });

    expect(book.lostByPlan()).toEqual([]);
  });

  it.each([
    ['a failover', { kind: 'failover', cause: 'suspected-death' }, PAIR],
    ['what was drained', { kind: 'switchover', cause: 'operator-drained' }, PAIR],
    ['a cluster without a database', { kind: 'switchover', cause: 'operator' }, { ...PAIR, database: false }],
  ] as const)('does not ask for the calls of %s', async (_words, change, shape) => {
    const { book } = await stage({ ...change, status: 'done' }, shape);

    expect(book.lostByPlan()).toEqual([]);
  });

  it.each([
    ['not for the calls that the target of a drain had taken when it was lost', 'operator-drained', 0],
    ['for those that the target of a planned move had, which got stuck and went on', 'operator', 1],
  ] as const)('asks %s', async (_words, cause, told) => {
    const { book, decide } = await stage();
    const root = decide('fs-2', 'fs-1', { kind: 'switchover', cause, status: 'stuck' });
    book.lostByPlan();
    const chain = { rootEpoch: root.epoch, retargets: 1 };

    decide('fs-1', 'fs-2', { kind: 'switchover', cause: 'candidate-died', chain, status: 'done' });

    expect(book.lostByPlan()).toHaveLength(told);
  });

  it('asks for the calls of a holder that was locked out where they have a row, and for no others', async () => {
    const told = async (lockedBy: string | null, hasRows: boolean): Promise<number> => {
      const { world, book, decide } = await stage();
      const { table } = world.nodeWorld.database!;
      world.table.nodes.get('fs-1')!.lockedBy = lockedBy;
      if (!hasRows) for (const row of table.of('fs-1:1')) table.delete(row);
      decide('fs-2', 'fs-1', { kind: 'failover', cause: 'suspected-death' });
      decide('fs-1', 'fs-2', { kind: 'switchover', cause: 'operator', status: 'done' });
      return book.lostByPlan().length;
    };

    expect(await told('vip-2#7', true)).toBe(1);
    expect(await told('vip-2#7', false)).toBe(0);
    expect(await told(null, false)).toBe(1);
  });

  it('forgets what a restored table does not know of', async () => {
    const { book, root } = await stage();
    Object.assign(root, { calls: LOST, status: 'done', to: { nodeId: 'fs-1', coreUuid: null } });

    book.replaced();

    expect([book.wrongLedgers(), book.lostByPlan()]).toEqual([[], []]);
  });
});

describe('the watcher asks', () => {
  /** A switchover that it saw decided. */
  async function watched() {
    const world = await worldAfter(SETTLED_MS);
    const watcher = new Watcher(world);
    watcher.instant();
    const process = new Process(world.kernel, 'failover#1');
    const { transition } = decidedMove(world, 'fs-1', 'fs-2', { kind: 'switchover', cause: 'operator' });
    world.table.control!.transitionsInFlight += 1;
    world.listener.tableChanged('decide', process);
    const told = (): string[] => watcher.violations.map(({ detail }) => detail).filter((each) => each.includes('10'));
    return { world, watcher, process, transition, told };
  }

  it('for the calls of a ledger as soon as it is written', async () => {
    const { world, process, transition, told } = await watched();
    Object.assign(transition, { calls: ledger([{ reason: 'given-up', count: 10 }]), to: { nodeId: 'fs-1' } });
    expect(told()).toEqual([]);

    world.listener.tableChanged('recordCalls', process);

    expect(told()).toEqual(['vip-1#2: 10 of 10 are lost by the ledger, and 10 of 10 are alive']);
  });

  it.each([
    ['and what befell it is no excuse', 'fs-2', 1],
    ['and is told what excuses it', 'fs-1', 0],
  ] as const)('for the calls of a planned move that has ended, %s', async (_words, nodeId, times) => {
    const { world, watcher, transition, told } = await watched();
    watcher.struck({ kind: 'rejects', nodeId, forMs: 5 * MINUTE_MS });
    world.kernel.skip(2 * MINUTE_MS);
    watcher.instant();
    transition.status = 'done';

    watcher.instant();

    expect(told().filter((each) => each === 'vip-1#2: 10 of 10 calls lost')).toHaveLength(times);
  });

  it('for no calls of what a restored table does not know of', async () => {
    const { watcher, transition, told } = await watched();
    transition.status = 'done';

    watcher.replaced();
    watcher.instant();

    expect(told()).toEqual([]);
  });
});
