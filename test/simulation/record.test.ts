/** The books are kept by what really is: runs of an hour in which one thing befalls a cluster. */
import type { Transition } from '../../lib/domain/model';
import type { ScheduledFault } from '../../lib/simulation/faults/fault';
import { strike } from '../../lib/simulation/faults/strike';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { Record } from '../../lib/simulation/record';
import type { ChangeOfHolder, RunResult } from '../../lib/simulation/results';
import { runCluster } from '../../lib/simulation/run';
import { PAIR, type Scenario } from '../../lib/simulation/scenario';
import type { World } from '../../lib/simulation/world/world';
import { decidedMove, MINUTE_MS, pair, worldAfter } from './scenarios';

beforeAll(useLightAbort);

const NO_DATABASE = { ...PAIR, database: false };
const N_PLUS_1 = { ...PAIR, nodeZones: ['a', 'b', 'c'], vips: 2 };
const HOUR = pair({ durationMs: 60 * MINUTE_MS });
const AT_MS = 10 * MINUTE_MS;

const struckBy = (fault: ScheduledFault['fault'], change: Partial<Scenario> = {}): Promise<RunResult> =>
  runCluster({ ...HOUR, ...change }, { faults: [{ atMs: AT_MS, fault }] });

const minutes = (ms: number): number => ms / MINUTE_MS;

describe('calls', () => {
  const callsOf = ({ changes }: RunResult): Partial<ChangeOfHolder>[] =>
    changes.slice(1).map(({ kind, callsBefore, callsLost }) => ({ kind, callsBefore, callsLost }));

  test.each([
    ['crashes', { kind: 'crash', nodeId: 'fs-1' }],
    ['freezes', { kind: 'freeze', nodeId: 'fs-1', forMs: 5 * MINUTE_MS }],
    ['loses its host', { kind: 'host', nodeId: 'fs-1', forMs: 5 * MINUTE_MS }],
  ] as const)(
    'of a holder that %s are all lost without a database',
    async (_words, fault) => {
      expect(callsOf(await struckBy(fault, { shape: NO_DATABASE }))).toEqual([
        { kind: 'failover', callsBefore: 10, callsLost: 10 },
      ]);
    },
    30_000,
  );

  test('are what the ledger says with one', async () => {
    expect(callsOf(await struckBy({ kind: 'crash', nodeId: 'fs-1' }))).toEqual([
      { kind: 'failover', callsBefore: 10, callsLost: 0 },
    ]);
  }, 30_000);

  test('are what the ledger said, also where a restored table does not have it any more', async () => {
    const faults: ScheduledFault[] = [
      { atMs: AT_MS, fault: { kind: 'crash', nodeId: 'fs-1' } },
      { atMs: AT_MS + 10 * MINUTE_MS, fault: { kind: 'table-restored', olderByMs: 15 * MINUTE_MS } },
    ];

    const { changes } = await runCluster(HOUR, { faults });

    expect(changes[1]).toMatchObject({ kind: 'failover', callsBefore: 10, callsLost: 0 });
  }, 30_000);

  test('that ended in a drain are not lost where the drained holder is promoted again, because nobody could move it', async () => {
    const faults: ScheduledFault[] = [
      { atMs: AT_MS, fault: { kind: 'drain', vipId: 'vip-1', forMs: 25_000 } },
      { atMs: AT_MS + 10_000, fault: { kind: 'observer-frozen', zone: 'us-east-1b', forMs: 5_000 } },
      { atMs: AT_MS + 13_000, fault: { kind: 'observer-frozen', zone: 'us-east-1a', forMs: 6 * MINUTE_MS } },
    ];

    expect(callsOf(await runCluster(HOUR, { faults }))).toEqual([
      { kind: 'reinstatement', callsBefore: 0, callsLost: 0 },
    ]);
  }, 30_000);

  test('are lost without a database where the holder is another process when it is promoted again', async () => {
    const change = { shape: NO_DATABASE, policy: { ...HOUR.policy, crashAction: 'restart-in-place' as const } };

    const result = await struckBy({ kind: 'crash', nodeId: 'fs-1' }, change);

    expect(callsOf(result)).toEqual([{ kind: 'reinstatement', callsBefore: 10, callsLost: 10 }]);
  }, 30_000);

  test('go on where the process that has them is only promoted again', async () => {
    expect(callsOf(await struckBy({ kind: 'fall-into-standby', nodeId: 'fs-1' }, { shape: NO_DATABASE }))).toEqual([
      { kind: 'reinstatement', callsBefore: 0, callsLost: 0 },
    ]);
  }, 30_000);

  test('are lost once by a chain of changes: to the last of it', async () => {
    const world = await worldAfter(45_000, pair({ shape: NO_DATABASE }));
    const record = new Record(world);
    record.instant();
    world.switchOf('fs-1').crash();

    moves(world, record, 'fs-1', 'fs-2', 'conclusive-death');
    moves(world, record, 'fs-2', 'fs-1', 'candidate-died');

    expect(record.finished().map((change) => change.callsLost)).toEqual([0, 10]);
  });
});

/** The table says so, and the record hears of it. */
function moves(world: World, record: Record, from: string, to: string, cause: Transition['cause']): void {
  const { transition, before } = decidedMove(world, from, to, { kind: 'failover', cause });
  record.decided(transition, before);
}

describe('what a node that was to take over is left for', () => {
  async function left(befalls: (world: World) => void): Promise<ChangeOfHolder[]> {
    const world = await worldAfter(45_000);
    const record = new Record(world);
    record.instant();
    world.switchOf('fs-1').freeze();
    record.instant();
    moves(world, record, 'fs-1', 'fs-2', 'suspected-death');
    record.instant();
    befalls(world);
    record.instant();
    moves(world, record, 'fs-2', 'fs-1', 'candidate-died');
    return record.finished();
  }

  test.each<[string, (world: World) => void]>([
    ['is paused', (world) => world.switchOf('fs-2').setPaused(true)],
    ['rejects the control plane', (world) => world.switchOf('fs-2').rejectEsl(true)],
  ])('is that it %s, where nothing else ails it', async (_, befalls) => {
    const changes = await left(befalls);

    expect(changes.map(({ struckBy: by }) => by)).toEqual(['freeze', 'unpromotable']);
  });

  test('is nothing where it was well, whatever struck the first holder', async () => {
    const changes = await left(() => undefined);

    expect(changes.map(({ struckBy, detectMs }) => [struckBy, detectMs])).toEqual([
      ['freeze', 0],
      ['nothing', null],
    ]);
  });

  test('is what struck that node', async () => {
    const changes = await left((world) => world.switchOf('fs-2').crash());

    expect(changes.map((change) => change.struckBy)).toEqual(['freeze', 'crash']);
  });
});

describe('a false failover', () => {
  async function leftWell(wellAgainForMs: number | null): Promise<ChangeOfHolder | undefined> {
    const world = await worldAfter(45_000);
    const record = new Record(world);
    record.instant();
    if (wellAgainForMs !== null) {
      world.switchOf('fs-1').freeze();
      record.instant();
      world.switchOf('fs-1').thaw();
      record.instant();
      await world.kernel.run(45_000 + wellAgainForMs, () => record.instant());
    }
    moves(world, record, 'fs-1', 'fs-2', 'suspected-death');
    return record.finished()[0];
  }

  test.each([
    ['that nothing had struck', null, null],
    ['that was well again a moment before', 300, 300],
    ['that was well again for longer than a look is a vote', 13_000, null],
  ] as const)('is one of a holder %s', async (_words, wellAgainForMs, recoveredAgoMs) => {
    const change = await leftWell(wellAgainForMs);

    expect(change).toMatchObject({ struckBy: 'nothing', detectMs: null, recoveredAgoMs });
  });
});

describe('the time until callers are served again', () => {
  test('ends with the change where they were served all along, and not with a later outage', async () => {
    const world = await worldAfter(45_000);
    const record = new Record(world);
    record.instant();
    for (const zone of ['us-east-1b', 'us-east-1c']) world.network.cutPath(zone, 'fs-1');
    record.instant();
    moves(world, record, 'fs-1', 'fs-2', 'suspected-death');
    world.table.vips.get('vip-1')!.status = 'held';

    await world.kernel.run(45_500, () => record.instant());

    expect(record.finished()).toMatchObject([{ struckBy: 'isolation' }]);
    expect(record.finished()[0]?.recoverMs).toBeLessThan(500);
  });
});

describe('time without a standby', () => {
  test('is that in which the only spare is gone: a holder of another VIP has no room', async () => {
    const lost = await struckBy({ kind: 'host', nodeId: 'fs-3', forMs: 40 * MINUTE_MS }, { shape: N_PLUS_1 });

    // And until it has booted and is promoted nowhere; EC2 may have given it another host before.
    expect(lost.changes).toHaveLength(2);
    expect(minutes(lost.withoutStandbyMs)).toBeGreaterThan(40);
    expect(minutes(lost.withoutStandbyMs)).toBeLessThan(43);
  }, 60_000);

  test('is none where a holder may take a second VIP', async () => {
    const policy = { ...HOUR.policy, maxVipsPerNode: 2 };
    const lost = await struckBy({ kind: 'host', nodeId: 'fs-3', forMs: 40 * MINUTE_MS }, { shape: N_PLUS_1, policy });

    expect(minutes(lost.withoutStandbyMs)).toBeLessThan(1);
  }, 60_000);

  test('is also that in which only a node is left that an operator has to choose', async () => {
    const shape = { ...PAIR, nodeZones: ['a', 'b', 'c'], manualOnly: 1 };
    const lost = await struckBy({ kind: 'host', nodeId: 'fs-2', forMs: 40 * MINUTE_MS }, { shape });

    expect(minutes(lost.withoutStandbyMs)).toBeGreaterThan(40);
  }, 60_000);

  test('goes with a pause, and ends with its window though nobody resumes', async () => {
    const world = await worldAfter(45_000);
    const record = new Record(world);
    const standby = world.table.nodes.get('fs-2')!;
    record.instant();
    Object.assign(standby, { paused: true, pausedUntilMs: world.table.vips.get('vip-1')!.changedAtMs + 5 * MINUTE_MS });
    record.instant();

    await world.kernel.run(20 * MINUTE_MS, () => record.instant());

    expect(minutes(record.withoutStandbyMs)).toBeGreaterThan(3);
    expect(minutes(record.withoutStandbyMs)).toBeLessThan(5.1);
  }, 30_000);
});

describe('callers are', () => {
  test('not served by a switch that was paused, and no invariant takes it for one that is gone', async () => {
    const result = await struckBy({ kind: 'switch-paused', nodeId: 'fs-1', forMs: 10 * MINUTE_MS });

    expect([minutes(result.unservedMs), result.fullMs]).toEqual([10, 0]);
    expect(result.violations).toEqual([]);
  }, 30_000);

  test('answered by it all the same, which is what the invariants of patience ask', async () => {
    const world = await worldAfter(45_000);
    const record = new Record(world);
    record.instant();
    world.switchOf('fs-1').setPaused(true);
    record.instant();

    await world.kernel.run(MINUTE_MS, () => record.instant());

    expect(record.unservedMs).toBeGreaterThan(14_000);
    expect([...record.unservedForMs()]).toEqual([]);
  });

  test('served by a full one, in a time that is told apart', async () => {
    const result = await struckBy({ kind: 'busy', nodeId: 'fs-1', forMs: 10 * MINUTE_MS });

    expect([result.unservedMs, minutes(result.fullMs)]).toEqual([0, 10]);
  }, 30_000);
});

describe('faults that found nothing to strike are not counted', () => {
  test.each([
    ['the database of a cluster without one', { kind: 'database-away', forMs: 60_000 }, { shape: NO_DATABASE }],
    [
      'an address that is no Elastic IP',
      { kind: 'address-moved', vipId: 'vip-1', toNodeId: 'fs-2' },
      { shape: { ...PAIR, elasticIps: false } },
    ],
    ['an address that is there already', { kind: 'address-moved', vipId: 'vip-1', toNodeId: 'fs-1' }, {}],
    ['functions that do not run', { kind: 'functions-killed', name: 'failover', times: 2 }, {}],
    ['a table that is as its backup', { kind: 'table-restored', olderByMs: 1_000 }, {}],
  ] as const)('%s', async (_words, fault, change) => {
    expect(await counted(fault, change)).toBe(0);
  });

  test.each([
    [{ kind: 'database-away', forMs: 60_000 }],
    [{ kind: 'address-moved', vipId: 'vip-1', toNodeId: 'fs-2' }],
    [{ kind: 'functions-killed', name: 'observer', times: 3 }],
    [{ kind: 'table-restored', olderByMs: 120 * MINUTE_MS }],
    [{ kind: 'crash', nodeId: 'fs-1' }],
  ] as const)('and once those that did: %j', async (fault) => {
    expect(await counted(fault)).toBe(1);
  });

  test('a crash of what is dead', async () => {
    const world = await worldAfter(45_000);
    let times = 0;

    for (let crash = 0; crash < 2; crash += 1) strike(world, { kind: 'crash', nodeId: 'fs-1' }, () => (times += 1));

    expect(times).toBe(1);
  });

  async function counted(fault: ScheduledFault['fault'], change: Partial<Scenario> = {}): Promise<number> {
    const { faults } = await runCluster(pair({ durationMs: 1.9 * MINUTE_MS, ...change }), {
      // Between two ticks of the schedule, whose functions are over by then.
      faults: [{ atMs: 1.4 * MINUTE_MS, fault }],
    });
    return faults[fault.kind] ?? 0;
  }
});

test('a VIP that goes along with a stuck one of its node was struck by that, and no invariant objects', async () => {
  const faults: ScheduledFault[] = [
    { atMs: AT_MS, fault: { kind: 'crash', nodeId: 'fs-2' } },
    // Both are on fs-1, and the block of the second is over.
    { atMs: 3 * AT_MS, fault: { kind: 'sip-stuck', nodeId: 'fs-1', vipId: 'vip-1', forMs: 5 * MINUTE_MS } },
  ];
  const policy = { ...HOUR.policy, maxVipsPerNode: 2 };

  const { changes, violations } = await runCluster({ ...HOUR, shape: { ...PAIR, vips: 2 }, policy }, { faults });

  expect(violations).toEqual([]);
  const moves = changes.slice(3).map(({ vipId, kind, struckBy: by }) => [vipId, kind, by]);
  expect(moves.sort()).toEqual([
    ['vip-1', 'failover', 'sip-stuck'],
    ['vip-2', 'failover', 'sip-stuck'],
  ]);
}, 30_000);
