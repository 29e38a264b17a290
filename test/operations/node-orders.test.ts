/** What node-control makes of the database's word on who is signed in from a node. */
import { DatabaseAway, DatabaseRefused } from '../../lib/domain/errors';
import type { CallDatabase, Inspection, LockedRole, RoleSessions } from '../../lib/domain/ports';
import { NodeOrders, type EslOrders } from '../../lib/operations/node-orders';
import { topologyOf } from '../support/cluster';

const OWN = { role: 'node_fs_b', sessions: 3, writes: true };
const OTHER = { role: 'freeswitch', sessions: 2, writes: true };
const READER = { role: 'metrics', sessions: 1, writes: false };

const [, node] = topologyOf(2, { database: { host: 'db.internal', port: 5432, name: 'freeswitch' } }).nodes;
if (node === undefined) throw new Error('no node');

function ordersWith(database: Partial<CallDatabase> | null, seen: Partial<Inspection> = {}): NodeOrders {
  const inspection: Inspection = { nodeId: 'fs-b', level: 3, missing: [], conflicts: [], ...seen };
  const esl = { inspect: () => Promise.resolve(inspection) } as unknown as EslOrders;
  const clock = { monotonicMs: () => 0, sleep: () => Promise.resolve() };
  return new NodeOrders(esl, { switches: {} as never, database: database as CallDatabase | null, clock });
}

describe('a check of the way from a node to the database', () => {
  const SILENT = { serving: false, reason: '503', coreUuid: 'uuid', unfit: null, withoutDatabase: 'it is silent' };
  const checked = (verdict: 'ok' | 'slow' | 'away' | null, asksDatabase = true) => {
    const probe = () => Promise.resolve({ verdict });
    const esl = { check: () => Promise.resolve(SILENT) } as unknown as EslOrders;
    const clock = { monotonicMs: () => 0, sleep: () => Promise.resolve() };
    const database = verdict === null ? null : ({ probe } as unknown as CallDatabase);
    const orders = new NodeOrders(esl, { switches: {} as never, database, clock });
    return orders.check(node, {} as never, 3_000, asksDatabase);
  };

  it('blames the node where the database answers us', async () => {
    expect(await checked('ok')).toEqual(SILENT);
  });

  it.each(['slow', 'away', null] as const)('blames no node for a database that is %s', async (verdict) => {
    expect(await checked(verdict)).not.toHaveProperty('withoutDatabase');
  });

  it('says nothing of it where nobody asked', async () => {
    expect(await checked('ok', false)).not.toHaveProperty('withoutDatabase');
  });
});

describe('the level of a node', () => {
  const inspect = (sessions: RoleSessions[] | null, seen: Partial<Inspection> = {}): Promise<Inspection> =>
    ordersWith({ sessionsFrom: () => Promise.resolve(sessions) }, seen).inspect(node, [], 3_000);

  it.each([
    ['signed in as itself', [OWN, READER]],
    ['not signed in', []],
    ['of which nobody may see who is signed in', null],
  ])('%s is what ESL says', async (_, sessions) => {
    expect(await inspect(sessions)).toEqual({ nodeId: 'fs-b', level: 3, missing: [], conflicts: [] });
  });

  it('whose sessions no lock reaches is 1 at most, whatever its files say', async () => {
    expect(await inspect([OWN, OTHER])).toEqual({
      nodeId: 'fs-b',
      level: 1,
      missing: [expect.stringMatching(/10\.0\.1\.10 is signed in as freeswitch \(2 session\(s\)\).* as node_fs_b/)],
      conflicts: [],
    });
  });

  it('that is lower anyway hears of it beside the rest', async () => {
    const { level, missing } = await inspect([OTHER], { level: 0, missing: ['profile external: add'] });
    expect(level).toBe(0);
    expect(missing).toEqual(['profile external: add', expect.stringContaining('freeswitch')]);
  });

  it('that nobody could tell stays unknown, and the gap is told', async () => {
    expect(await inspect([OTHER], { level: null })).toMatchObject({ level: null, missing: [expect.any(String)] });
  });

  it('that nobody could tell from here may be told from elsewhere, with a gap or without', async () => {
    const seen: Partial<Inspection> = { level: null, unreached: true };
    expect(await inspect([OTHER], seen)).toMatchObject({ missing: [expect.any(String)], unreached: true });
    expect(await inspect([OWN], seen)).toMatchObject({ missing: [], unreached: true });
  });

  it('without a role of its own has no lock that could miss anything', async () => {
    const orders = ordersWith({ sessionsFrom: () => Promise.resolve([OTHER]) });
    expect(await orders.inspect({ ...node, databaseRole: null }, [], 3_000)).toMatchObject({ level: 3, missing: [] });
  });

  it('is what ESL says while the database is away', async () => {
    const orders = ordersWith({ sessionsFrom: () => Promise.reject(new DatabaseAway('no answer')) });
    expect(await orders.inspect(node, [], 3_000)).toMatchObject({ level: 3, missing: [] });
  });
});

describe('the lock of a node', () => {
  const asked: unknown[] = [];
  const lock = (answer: () => Promise<LockedRole>) =>
    ordersWith({
      lockRole: (...order) => {
        asked.push(order);
        return answer();
      },
    }).lockRole(node, 2_000);

  it.each<[LockedRole['otherSessions'] & string, RegExp]>([
    ['none', /3 sessions are ended, and nobody else at 10\.0\.1\.10 may write$/],
    ['unknown', /3 sessions are ended; whether its node signs in as another role cannot be seen/],
  ])('says in its proof what it knows of other roles: %s', async (otherSessions, words) => {
    const result = await lock(() => Promise.resolve({ sessionsEnded: 3, otherSessions }));
    expect(result).toMatchObject({ locked: true, proof: expect.stringMatching(words) });
    expect(asked.at(-1)).toEqual(['node_fs_b', 2_000, '10.0.1.10']);
  });

  it('is none where the node is signed in as another role', async () => {
    const result = await lock(() => Promise.reject(new DatabaseRefused('locked, but signed in as freeswitch')));
    expect(result).toEqual({ locked: false, away: false, reason: expect.stringContaining('freeswitch') });
  });

  it('is to be tried again where the database is away, from another zone too', async () => {
    expect(await lock(() => Promise.reject(new DatabaseAway('no answer')))).toEqual({
      ...{ locked: false, away: true, unreached: true },
      reason: expect.stringContaining('no answer'),
    });
  });

  it.each([
    ['does not answer, which it may elsewhere', new DatabaseAway('no answer'), { unreached: true }],
    ['says no, which it does elsewhere too', new DatabaseRefused('not allowed'), {}],
  ])('is taken back, or said to be there still where the database %s', async (_, failure, told) => {
    const unlock = (answer: () => Promise<void>) => ordersWith({ unlockRole: answer }).unlockRole(node, 2_000);
    expect(await unlock(() => Promise.resolve())).toMatchObject({ unlocked: true });
    expect(await unlock(() => Promise.reject(failure))).toEqual({
      ...{ unlocked: false, ...told },
      reason: expect.stringContaining(failure.message),
    });
  });

  it.each([
    ['without a database', null, node],
    ['of a node without a role', {}, { ...node, databaseRole: null }],
  ])('%s is neither made nor taken back', async (_, database, which) => {
    const orders = ordersWith(database);
    expect(await orders.lockRole(which, 2_000)).toMatchObject({ locked: false, away: false });
    expect(await orders.unlockRole(which, 2_000)).toMatchObject({ unlocked: false });
  });
});
