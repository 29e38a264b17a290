/** The preparation of a recovery on the real PostgreSQL: whose rows FreeSWITCH gets to see, and what is counted. */
import type { PreparationOrder } from '../../lib/database/prepare-recovery';
import { DatabaseRefused, RecoveryNotPrepared, RecoverySuperseded } from '../../lib/domain/errors';
import { bridgedCall, openLaboratory, writeLegs, type Laboratory, type Leg } from './laboratory';

const TIMEOUT_MS = 5_000;
const DEAD = 'core-of-the-dead';
const OWN = 'core-of-the-heir';
const OTHER = 'core-of-another';

let lab: Laboratory;
beforeAll(async () => {
  lab = await openLaboratory();
}, 30_000);
afterAll(() => lab.close());
beforeEach(async () => {
  await lab.superuser.query('truncate recovery, understudy.recovery_orders cascade');
});

const order = (change: Partial<PreparationOrder> = {}): PreparationOrder => ({
  transitionId: 'main#2',
  deadCoreUuids: [DEAD],
  deadNodeIds: ['node-1'],
  vipId: 'main',
  nodeId: 'node-2',
  profiles: ['external-a', 'external-a-tls'],
  ownCoreUuid: OWN,
  rewriteTo: null,
  advertiseTo: null,
  ...change,
});
const prepare = (change: Partial<PreparationOrder> = {}) => lab.control.prepareRecovery(order(change), TIMEOUT_MS);

async function rowsLeft(): Promise<string[]> {
  const { rows } = await lab.superuser.query<{ leg: string }>(
    `select uuid || ' of ' || coalesce(runtime_uuid, 'nobody') as leg from recovery order by 1`,
  );
  return rows.map(({ leg }) => leg);
}

/** What FreeSWITCH does with a leg that it has rebuilt: a row of its own; and, once it is through, all others go. */
async function rebuilt(leg: Leg, coreUuid = OWN): Promise<void> {
  await writeLegs(lab.superuser, [{ ...leg, coreUuid }]);
}
async function freeSwitchIsThrough(coreUuid = OWN): Promise<void> {
  await lab.superuser.query('delete from recovery where runtime_uuid <> $1', [coreUuid]);
}

describe('counting', () => {
  test('two legs that name each other are one call; a leg alone is one too', async () => {
    await writeLegs(lab.superuser, [
      ...bridgedCall('one', DEAD),
      ...bridgedCall('two', DEAD),
      { uuid: 'echo', coreUuid: DEAD },
    ]);
    expect(await lab.control.countCalls(['external-a'], DEAD, TIMEOUT_MS)).toEqual({
      calls: 3,
      legs: 5,
      connectionOriented: 0,
    });
  });

  test('a call is over a connection when one of its legs is, whichever way it was set up', async () => {
    const [a, b] = bridgedCall('outbound-tcp', DEAD);
    await writeLegs(lab.superuser, [
      ...bridgedCall('udp', DEAD),
      ...bridgedCall('tcp', DEAD, { transport: 'tcp' }),
      ...bridgedCall('tls', DEAD, { transport: 'tls' }),
      ...bridgedCall('wss', DEAD, { transport: 'wss' }),
      ...[a, { ...b, transport: 'tcp' as const }],
    ]);
    const counted = await lab.control.countCalls(['external-a'], DEAD, TIMEOUT_MS);
    expect(counted).toEqual({ calls: 5, legs: 10, connectionOriented: 4 });
  });

  test('legs of other profiles, incarnations and technologies are not counted', async () => {
    await writeLegs(lab.superuser, [
      ...bridgedCall('mine', DEAD),
      { uuid: 'b', coreUuid: DEAD, profile: 'external-b' },
      { uuid: 'c', coreUuid: OTHER },
    ]);
    await lab.superuser.query(
      `insert into recovery (runtime_uuid, technology, profile_name, uuid, metadata)
       values ('${DEAD}', 'verto', 'external-a', 'v', '<cdr/>')`,
    );
    expect((await lab.control.countCalls(['external-a'], DEAD, TIMEOUT_MS)).legs).toBe(2);
  });

  test('rows that nobody could read do not stand in the way', async () => {
    await lab.superuser.query(
      `insert into recovery (runtime_uuid, technology, profile_name, uuid, metadata)
       values ('${DEAD}', 'sofia', 'external-a', 'x', null), ('${DEAD}', 'sofia', 'external-a', 'y', 'not xml')`,
    );
    expect(await prepare()).toMatchObject({ before: { calls: 2, legs: 2 }, connectionOriented: 0, legsWaiting: 2 });
  });
});

describe('a first attempt', () => {
  test('leaves the order’s rows for FreeSWITCH and says what they are', async () => {
    await writeLegs(lab.superuser, [...bridgedCall('one', DEAD), ...bridgedCall('two', DEAD, { transport: 'tcp' })]);
    expect(await prepare()).toEqual({
      before: { calls: 2, legs: 4 },
      connectionOriented: 1,
      movedAside: 0,
      begunMsAgo: null,
      legsWaiting: 4,
    });
  });

  test('moves rows of an incarnation that is not proved dead aside, whole, and touches no other VIP’s', async () => {
    const foreign = bridgedCall('alive', OTHER);
    const ofAnotherVip: Leg = { uuid: 'b', coreUuid: OTHER, profile: 'external-b' };
    await writeLegs(lab.superuser, [...bridgedCall('one', DEAD), ...foreign, ofAnotherVip]);
    const before = await lab.superuser.query(`select metadata from recovery where uuid = 'alive-a'`);

    expect(await prepare()).toMatchObject({ before: { calls: 1, legs: 2 }, movedAside: 1, legsWaiting: 2 });

    expect(await rowsLeft()).toEqual([`b of ${OTHER}`, `one-a of ${DEAD}`, `one-b of ${DEAD}`]);
    const aside = await lab.superuser.query(
      `select uuid, runtime_uuid, hostname, metadata from understudy.recovery_aside where uuid = 'alive-a'`,
    );
    const [{ metadata }] = before.rows;
    expect(aside.rows).toEqual([{ uuid: 'alive-a', runtime_uuid: OTHER, hostname: 'node-1', metadata }]);
  });

  test('moves rows of nobody aside too', async () => {
    await lab.superuser.query(`insert into recovery (technology, profile_name) values ('sofia', 'external-a')`);
    expect(await prepare()).toMatchObject({ movedAside: 1, legsWaiting: 0 });
  });

  test('leaves the calls that the new holder has of its own', async () => {
    await writeLegs(lab.superuser, [...bridgedCall('own', OWN), ...bridgedCall('one', DEAD)]);
    expect(await prepare()).toMatchObject({ before: { calls: 1, legs: 2 }, movedAside: 0, legsWaiting: 2 });
    expect(await rowsLeft()).toHaveLength(4);
  });

  test('takes all incarnations of a chain of failures', async () => {
    await writeLegs(lab.superuser, [...bridgedCall('one', DEAD), ...bridgedCall('two', OTHER)]);
    const prepared = await prepare({ deadCoreUuids: [DEAD, OTHER] });
    expect(prepared).toMatchObject({ before: { calls: 2, legs: 4 }, movedAside: 0, legsWaiting: 4 });
  });

  test('with nothing to recover is an order all the same', async () => {
    expect(await prepare()).toMatchObject({ before: { calls: 0, legs: 0 }, legsWaiting: 0, begunMsAgo: null });
    const counted = await lab.control.countRecovered('main#2', OWN, TIMEOUT_MS);
    const none = { calls: 0, legs: 0 };
    expect(counted).toEqual({ planned: none, tracked: none, legsWaiting: 0 });
  });

  test('that fails in the middle has changed nothing', async () => {
    await writeLegs(lab.superuser, [...bridgedCall('one', DEAD), ...bridgedCall('alive', OTHER)]);
    await expect(prepare({ rewriteTo: '<b>' })).rejects.toThrow(DatabaseRefused);
    expect(await rowsLeft()).toHaveLength(4);
    expect(await prepare()).toMatchObject({ begunMsAgo: null });
  });
});

describe('a second attempt', () => {
  test('knows that there was a first, and when', async () => {
    await prepare();
    const { begunMsAgo } = await prepare();
    expect(begunMsAgo).toBeGreaterThanOrEqual(0);
    expect(begunMsAgo).toBeLessThan(5_000);
  });

  test('recovers no leg twice and forgets none', async () => {
    const [a, b] = bridgedCall('back', DEAD);
    await writeLegs(lab.superuser, [a, b, ...bridgedCall('waiting', DEAD)]);
    await prepare();
    await rebuilt(a);
    await rebuilt(b);

    expect(await prepare()).toMatchObject({ before: { calls: 2, legs: 4 }, legsWaiting: 2 });

    const left = [`back-a of ${OWN}`, `back-b of ${OWN}`, `waiting-a of ${DEAD}`, `waiting-b of ${DEAD}`];
    expect(await rowsLeft()).toEqual(left);
  });

  test('counts what was moved aside once', async () => {
    await writeLegs(lab.superuser, bridgedCall('alive', OTHER));
    await prepare();
    expect(await prepare()).toMatchObject({ movedAside: 1 });
  });

  test('on a new incarnation of the same node recovers what the first had rebuilt', async () => {
    const [a, b] = bridgedCall('twice', DEAD);
    await writeLegs(lab.superuser, [a, b, ...bridgedCall('waiting', DEAD)]);
    await prepare();
    await rebuilt(a);
    await rebuilt(b);

    const prepared = await prepare({ ownCoreUuid: 'core-after-restart' });

    expect(prepared).toMatchObject({ before: { calls: 2, legs: 4 }, movedAside: 0, legsWaiting: 4 });
    const left = [`twice-a of ${OWN}`, `twice-b of ${OWN}`, `waiting-a of ${DEAD}`, `waiting-b of ${DEAD}`];
    expect(await rowsLeft()).toEqual(left);
  });

  test('on another node is none: a restored table gave the same epoch to another decision, and both processes live', async () => {
    const [a, b] = bridgedCall('moved', DEAD);
    await writeLegs(lab.superuser, [a, b, ...bridgedCall('waiting', DEAD)]);
    await prepare();
    await rebuilt(a);
    await rebuilt(b);

    const prepared = await prepare({ nodeId: 'node-3', ownCoreUuid: 'core-on-another-node' });

    expect(prepared).toMatchObject({ begunMsAgo: null, movedAside: 1, legsWaiting: 4 });
    // Its next incarnation is a second attempt, though, and the first node's is as alive as before.
    await rebuilt(a, 'core-on-another-node');
    expect(await prepare({ nodeId: 'node-3', ownCoreUuid: 'its-next-core' })).toMatchObject({ legsWaiting: 4 });
    expect(await rowsLeft()).toContain('moved-a of core-on-another-node');
  });

  test('of a version that noted no node is a second one', async () => {
    await writeLegs(lab.superuser, bridgedCall('one', DEAD));
    await prepare();
    await lab.superuser.query('update understudy.recovery_orders set node_id = null');

    expect((await prepare()).begunMsAgo).not.toBeNull();
  });

  test('at the same moment as the first: one of them is the second', async () => {
    await writeLegs(lab.superuser, bridgedCall('one', DEAD));
    const both = await Promise.all([prepare(), prepare()]);
    expect(both.map(({ begunMsAgo }) => begunMsAgo === null).sort()).toEqual([false, true]);
    expect(both.map(({ legsWaiting }) => legsWaiting)).toEqual([2, 2]);
  });
});

describe('an order that comes late', () => {
  const HEIR_OF_THE_HEIR = 'core-of-the-next';
  const SECONDS_AGO = () => Date.now() - 5_000;
  const younger = { nodeId: 'node-3', deadCoreUuids: [DEAD, OWN], ownCoreUuid: HEIR_OF_THE_HEIR };

  test('when the next one has rebuilt the calls elsewhere touches no row, and says which took its place', async () => {
    const [a, b] = bridgedCall('moved', DEAD);
    await writeLegs(lab.superuser, [a, b]);
    await prepare({ transitionId: 'main#3', ...younger });
    for (const leg of [a, b]) await rebuilt(leg, HEIR_OF_THE_HEIR);
    await freeSwitchIsThrough(HEIR_OF_THE_HEIR);

    const late = prepare({ transitionId: 'main#2', decidedAtMs: SECONDS_AGO() });

    await expect(late).rejects.toThrow(RecoverySuperseded);
    await expect(late).rejects.toThrow(/main#2 comes too late: main#3 took its place/);
    expect(await rowsLeft()).toEqual([`moved-a of ${HEIR_OF_THE_HEIR}`, `moved-b of ${HEIR_OF_THE_HEIR}`]);
    await expect(lab.control.countRecovered('main#2', OWN, TIMEOUT_MS)).rejects.toThrow('main#2');
  });

  test('by number and not by letter: 9 before 10', async () => {
    await prepare({ transitionId: 'main#10', ...younger });
    await expect(prepare({ transitionId: 'main#9', decidedAtMs: SECONDS_AGO() })).rejects.toThrow('main#10 took');
    await prepare({ transitionId: 'main#100', decidedAtMs: SECONDS_AGO() });
  });

  test('while the next one is at work waits for its end, and then touches nothing', async () => {
    await writeLegs(lab.superuser, [...bridgedCall('one', DEAD), ...bridgedCall('new', HEIR_OF_THE_HEIR)]);
    await lab.superuser.query('begin');
    await lab.superuser.query('lock table recovery in access exclusive mode');
    const next = prepare({ transitionId: 'main#3', ...younger });
    await untilWaiting(1);
    const late = prepare({ transitionId: 'main#2', decidedAtMs: SECONDS_AGO() });
    // Seen as waiting before anybody goes on: it must not have read the orders yet.
    const refused = expect(late).rejects.toThrow(RecoverySuperseded);
    await untilWaiting(2);
    await lab.superuser.query('commit');

    expect(await next).toMatchObject({ legsWaiting: 2, movedAside: 0 });
    await refused;
    expect(await rowsLeft()).toContain(`new-a of ${HEIR_OF_THE_HEIR}`);
  });

  test.each([
    ['of another VIP', { vipId: 'other', transitionId: 'other#2', decidedAtMs: 1 }],
    ['whose own epoch is the same', { transitionId: 'main#3', decidedAtMs: 1 }],
    ['of a later epoch', { transitionId: 'main#4', decidedAtMs: 1 }],
    ['of a version that did not say when it was decided', { transitionId: 'main#2' }],
  ])('is not what one is %s', async (_, change) => {
    await prepare({ transitionId: 'main#3', ...younger });
    await expect(prepare(change)).resolves.toMatchObject({ legsWaiting: 0 });
  });

  test('is not what a restored table decides below the epochs that stand here: those were begun before', async () => {
    await writeLegs(lab.superuser, bridgedCall('one', DEAD));
    await prepare({ transitionId: 'main#7', ...younger });
    await lab.superuser.query(`update understudy.recovery_orders set last_begun_at = now() - interval '10 seconds'`);

    expect(await prepare({ transitionId: 'main#4', decidedAtMs: SECONDS_AGO() })).toMatchObject({ legsWaiting: 2 });
  });

  async function untilWaiting(count: number): Promise<void> {
    for (let looks = 0; looks < 500; looks += 1) {
      const { rowCount } = await lab.superuser.query('select distinct pid from pg_locks where not granted');
      if (rowCount === count) return;
    }
    throw new Error(`${count} did not wait for a lock`);
  }
});

describe('what became of the calls', () => {
  test('a call lives when each of its legs is tracked by the new holder', async () => {
    const whole = bridgedCall('whole', DEAD);
    const half = bridgedCall('half', DEAD);
    await writeLegs(lab.superuser, [...whole, ...half, ...bridgedCall('lost', DEAD)]);
    await prepare();
    for (const leg of [...whole, half[0]]) await rebuilt(leg);

    const during = await lab.control.countRecovered('main#2', OWN, TIMEOUT_MS);
    await freeSwitchIsThrough();
    const after = await lab.control.countRecovered('main#2', OWN, TIMEOUT_MS);

    const counts = { planned: { calls: 3, legs: 6 }, tracked: { calls: 1, legs: 3 } };
    expect(during).toEqual({ ...counts, legsWaiting: 6 });
    expect(after).toEqual({ ...counts, legsWaiting: 0 });
  });

  test('new calls of the new holder are not taken for recovered ones', async () => {
    await writeLegs(lab.superuser, bridgedCall('one', DEAD));
    await prepare();
    await freeSwitchIsThrough();
    await writeLegs(lab.superuser, bridgedCall('new', OWN));
    const counted = await lab.control.countRecovered('main#2', OWN, TIMEOUT_MS);
    expect(counted.tracked).toEqual({ calls: 0, legs: 0 });
  });

  test('an order that was never prepared is not "none survived"', async () => {
    const counting = lab.control.countRecovered('main#99', OWN, TIMEOUT_MS);

    // By its class whoever asks tells it from a database that does not answer.
    await expect(counting).rejects.toThrow(RecoveryNotPrepared);
    await expect(counting).rejects.toThrow('main#99');
  });
});

describe('way B, each node with an address of its own', () => {
  const rewrite = { rewriteTo: '10.0.2.22' };
  const addresses = async () => {
    const { rows } = await lab.superuser.query<{ line: string }>(
      `select uuid || ' ' || substring(metadata from '<local_media_ip>([^<]*)') as line from recovery order by 1`,
    );
    return rows.map(({ line }) => line);
  };
  beforeEach(() =>
    writeLegs(lab.superuser, [
      { uuid: 'a', coreUuid: DEAD, mediaAddress: '10.0.1.11' },
      { uuid: 'b', coreUuid: DEAD, mediaAddress: '10.0.3.33' },
      { uuid: 'c', coreUuid: DEAD, mediaAddress: '10.0.2.22' },
      { uuid: 'own', coreUuid: OWN, mediaAddress: '10.0.1.11' },
      { uuid: 'other-vip', coreUuid: DEAD, profile: 'external-b', mediaAddress: '10.0.1.11' },
    ]),
  );

  test('rewrites the order’s rows, whatever address each had, and nothing else in them', async () => {
    const text = async () =>
      (await lab.superuser.query<{ metadata: string }>(`select metadata from recovery where uuid = 'a'`)).rows[0]
        ?.metadata;
    const before = await text();

    await prepare(rewrite);

    expect(await addresses()).toEqual([
      'a 10.0.2.22',
      'b 10.0.2.22',
      'c 10.0.2.22',
      'other-vip 10.0.1.11',
      'own 10.0.1.11',
    ]);
    expect(await text()).toBe(before?.replace('10.0.1.11', '10.0.2.22'));
  });

  test('of a VIP without an Elastic IP tells the peers the new address too, and binds where it bound', async () => {
    await prepare({ advertiseTo: '10.0.2.22' });
    const { rows } = await lab.superuser.query<{ line: string }>(
      `select uuid || ' ' || substring(metadata from '<advertised_media_ip>([^<]*)') as line from recovery order by 1`,
    );
    expect(rows.map(({ line }) => line)).toEqual([
      'a 10.0.2.22',
      'b 10.0.2.22',
      'c 10.0.2.22',
      'other-vip 198.51.100.10',
      'own 198.51.100.10',
    ]);
    expect(await addresses()).toContain('a 10.0.1.11');
  });

  test.each(['', '10.0.2', '10.0.2.22</local_media_ip>', 'host.example'])(
    'refuses "%s" as an address',
    async (rewriteTo) => {
      await expect(prepare({ rewriteTo })).rejects.toThrow(DatabaseRefused);
    },
  );
});

test('200 calls are prepared and counted whole', async () => {
  const legs = Array.from({ length: 200 }, (_, index) => bridgedCall(`call-${index}`, DEAD)).flat();
  await writeLegs(lab.superuser, legs);
  const prepared = await prepare({ rewriteTo: '10.0.2.22' });
  expect(prepared).toMatchObject({ before: { calls: 200, legs: 400 }, legsWaiting: 400 });
  await lab.superuser.query('update recovery set runtime_uuid = $1', [OWN]);
  const counted = await lab.control.countRecovered('main#2', OWN, TIMEOUT_MS);
  expect(counted.tracked).toEqual({ calls: 200, legs: 400 });
});
