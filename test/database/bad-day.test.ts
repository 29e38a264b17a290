/** The database frozen, stopped, in failover, without its tables: each method ends in time, and says which it was. */
import { inspect } from 'node:util';
import type { Client } from 'pg';

import type { PgCallDatabase } from '../../lib/database/pg-call-database';
import { PgCallDatabase as Database } from '../../lib/database/pg-call-database';
import { Session } from '../../lib/database/session';
import { CONTROL_ROLE } from '../../lib/domain/database-names';
import { DatabaseAway, DatabaseRefused } from '../../lib/domain/errors';
import type { CallDatabase } from '../../lib/domain/ports';
import { NODE_1, OBSERVER, openLaboratory, type Laboratory } from './laboratory';

const TIMEOUT_MS = 400;
/** Ending the connection, and a slow machine. */
const GRACE_MS = 600;

let lab: Laboratory;
beforeAll(async () => {
  lab = await openLaboratory();
}, 30_000);
afterAll(() => lab.close());

const ORDER = {
  ...{ transitionId: 'main#2', deadCoreUuids: ['d'], deadNodeIds: [] },
  profiles: ['external-a'],
};
const METHODS: Record<string, (database: CallDatabase) => Promise<unknown>> = {
  lockRole: (database) => database.lockRole(NODE_1.role, TIMEOUT_MS),
  unlockRole: (database) => database.unlockRole(NODE_1.role, TIMEOUT_MS),
  prepareRecovery: (database) =>
    database.prepareRecovery(
      { ...ORDER, vipId: 'main', nodeId: 'node-2', ownCoreUuid: 'o', rewriteTo: null, advertiseTo: null },
      TIMEOUT_MS,
    ),
  previewRecovery: (database) =>
    database.previewRecovery({ ...ORDER, ownCoreUuid: 'o', rewriteTo: '10.0.0.1', advertiseTo: null }, TIMEOUT_MS),
  countRecovered: (database) => database.countRecovered('main#2', 'o', TIMEOUT_MS),
  countCalls: (database) => database.countCalls(['external-a'], 'o', TIMEOUT_MS),
  takeOverRegistrations: (database) =>
    database.takeOverRegistrations({ profiles: ['external-a'], fromNodeIds: ['a'], toNodeId: 'b' }, TIMEOUT_MS),
};

async function failureOf(attempt: Promise<unknown>): Promise<{ error: unknown; tookMs: number }> {
  const startedAt = performance.now();
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, tookMs: performance.now() - startedAt };
}

describe.each(Object.entries(METHODS))('%s', (_, method) => {
  test('on a frozen database ends in time', async () => {
    lab.postgres.freeze();
    try {
      const { error, tookMs } = await failureOf(method(lab.control));
      expect(error).toBeInstanceOf(DatabaseAway);
      expect(tookMs).toBeLessThan(TIMEOUT_MS + GRACE_MS);
    } finally {
      lab.postgres.thaw();
    }
  });
});

test('a lock waited for is not waited for beyond the deadline', async () => {
  await lab.superuser.query('begin');
  await lab.superuser.query('lock table recovery in access exclusive mode');
  const { error, tookMs } = await failureOf(lab.control.countCalls(['external-a'], 'o', TIMEOUT_MS));
  await lab.superuser.query('rollback');
  expect(error).toBeInstanceOf(DatabaseAway);
  expect(tookMs).toBeLessThan(TIMEOUT_MS + GRACE_MS);
});

test('frozen in the middle of the work, with the connection open', async () => {
  await lab.superuser.query('begin');
  await lab.superuser.query('lock table sip_registrations in access exclusive mode');
  const attempt = failureOf(METHODS['takeOverRegistrations']!(lab.control));
  await untilSomebodyWaits();
  lab.postgres.freeze();
  const { error, tookMs } = await attempt;
  lab.postgres.thaw();
  await lab.superuser.query('rollback');
  expect(error).toBeInstanceOf(DatabaseAway);
  expect(tookMs).toBeLessThan(TIMEOUT_MS + GRACE_MS);
});

async function untilSomebodyWaits(): Promise<void> {
  for (let looks = 0; looks < 500; looks += 1) {
    const { rowCount } = await lab.superuser.query('select from pg_locks where not granted');
    if (rowCount !== 0) return;
  }
  throw new Error('nobody waited for the lock');
}

test('read-only, as the old primary is in a failover of RDS: worth another attempt', async () => {
  await lab.superuser.query('alter role understudy_control set default_transaction_read_only = on');
  const { error } = await failureOf(METHODS['prepareRecovery']!(lab.control));
  await lab.superuser.query('alter role understudy_control reset default_transaction_read_only');
  expect(error).toBeInstanceOf(DatabaseAway);
});

test.each([
  ['a table is missing', 'alter table recovery rename to gone', 'alter table gone rename to recovery', 'countCalls'],
  [
    'a permission is missing',
    'revoke select on recovery from understudy_control',
    'grant select on recovery to understudy_control',
    'countCalls',
  ],
  [
    'a function is missing',
    'alter function understudy.lock_node rename to gone',
    'alter function understudy.gone rename to lock_node',
    'lockRole',
  ],
])('%s: refused, with the remedy', async (_, breakIt, mendIt, method) => {
  await lab.superuser.query(breakIt);
  const { error } = await failureOf(METHODS[method]!(lab.control));
  await lab.superuser.query(mendIt);
  expect(error).toBeInstanceOf(DatabaseRefused);
  expect(String(error)).toContain('Deploy again');
});

describe('refused at the door', () => {
  const attempt = async (change: object) => {
    const database = new Database({ ...lab.connection('understudy_control'), ...change });
    return String((await failureOf(database.countCalls([], 'x', TIMEOUT_MS))).error);
  };
  test('no such database', async () => {
    expect(await attempt({ name: 'nowhere' })).toMatch(/DatabaseRefused.*3D000.*database\.name/);
  });
  test('a role with a password, and none is had', async () => {
    expect(await attempt({ user: NODE_1.role })).toMatch(/DatabaseRefused.*password of node_node_1.*Deploy again/);
  });
  test('a wrong password or token is in no message', async () => {
    const { host, port } = lab.postgres;
    const password = () => Promise.resolve('wrong-and-secret');
    const target = { host, port, name: 'freeswitch', user: NODE_1.role, tls: false, password };
    const { error } = await failureOf(Session.open(target, TIMEOUT_MS));
    expect(error).toBeInstanceOf(DatabaseRefused);
    expect(inspect(error)).toContain(NODE_1.role);
    expect(inspect(error)).not.toContain('secret');
  });
  test('a token that cannot be had', async () => {
    const { host, port } = lab.postgres;
    const password = () => Promise.reject(new Error('no credentials'));
    const target = { host, port, name: 'freeswitch', user: NODE_1.role, tls: false, password };
    expect((await failureOf(Session.open(target, TIMEOUT_MS))).error).toBeInstanceOf(DatabaseAway);
  });
  test('a server without TLS is not spoken to in plain text', async () => {
    expect(await attempt({ tls: true })).toMatch(/DatabaseRefused.*does not speak TLS/);
  });
});

describe('the probe', () => {
  let database: PgCallDatabase;
  beforeEach(() => {
    database = new Database(lab.connection(OBSERVER));
  });
  afterEach(() => database.close());
  const sessions = async () =>
    (await lab.superuser.query<{ pid: number }>('select pid from pg_stat_activity where usename = $1', [OBSERVER]))
      .rows;

  test('answers on one connection that it keeps', async () => {
    expect(await database.probe(TIMEOUT_MS)).toMatchObject({ verdict: 'ok', latencyMs: expect.any(Number) });
    const first = await sessions();
    expect(await database.probe(TIMEOUT_MS)).toMatchObject({ verdict: 'ok' });
    expect(first).toHaveLength(1);
    expect(await sessions()).toEqual(first);
  });

  test('a connection lost since the last look is no trouble of the database', async () => {
    await database.probe(TIMEOUT_MS);
    await lab.superuser.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [OBSERVER]);
    expect(await database.probe(TIMEOUT_MS)).toMatchObject({ verdict: 'ok' });
  });

  test('frozen is away within the deadline, and well again after the thaw', async () => {
    await database.probe(TIMEOUT_MS);
    lab.postgres.freeze();
    const startedAt = performance.now();
    const frozen = await database.probe(TIMEOUT_MS);
    const tookMs = performance.now() - startedAt;
    lab.postgres.thaw();
    expect(frozen).toMatchObject({ verdict: 'away', latencyMs: null });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + GRACE_MS);
    expect(await database.probe(2_000)).toMatchObject({ verdict: 'ok' });
  });

  describe('with the registrations locked', () => {
    let blocker: Client;
    const asked: Promise<unknown>[] = [];
    /** A REGISTER, as the database sees it, that has waited for longer than is well. */
    const waitingFor = async (role: string, password?: string) => {
      const session = await lab.login(role, password);
      asked.push(session.query('delete from sip_registrations').catch(() => undefined));
      const long = `select from pg_stat_activity where usename = $1 and wait_event_type = 'Lock'
        and query_start < clock_timestamp() - interval '600 milliseconds'`;
      while ((await lab.superuser.query(long, [role])).rowCount === 0) await new Promise(setImmediate);
    };
    beforeEach(async () => {
      blocker = await lab.login(lab.postgres.adminUser, lab.postgres.adminPassword);
      await blocker.query('begin');
      await blocker.query('lock table sip_registrations in access exclusive mode');
    });
    afterEach(async () => {
      await blocker.query('rollback');
      await Promise.all(asked.splice(0));
    });

    test('is slow while a node waits, and well when the node has got through', async () => {
      await waitingFor(NODE_1.role, NODE_1.password);

      expect(await database.probe(TIMEOUT_MS)).toMatchObject({
        verdict: 'slow',
        detail: expect.stringMatching(/answered in \d+ ms, and 1 session\(s\) of nodes have waited there/),
      });
      await blocker.query('rollback');
      await Promise.all(asked);
      expect(await database.probe(TIMEOUT_MS)).toMatchObject({ verdict: 'ok' });
    });

    test('is well while somebody waits who is no node', async () => {
      await waitingFor(CONTROL_ROLE);
      expect(await database.probe(TIMEOUT_MS)).toMatchObject({ verdict: 'ok' });
    });

    test('is slow also where nobody may see where sessions come from', async () => {
      await waitingFor(NODE_1.role, NODE_1.password);
      await lab.superuser.query('revoke pg_monitor from understudy_locker granted by master');
      expect(await database.probe(TIMEOUT_MS)).toMatchObject({ verdict: 'slow' });
      await lab.superuser.query('grant pg_monitor to understudy_locker granted by master');
    });
  });

  test('a node that takes its time for something of its own is no trouble of the database', async () => {
    const node = await lab.login(NODE_1.role, NODE_1.password);
    const resting = node.query('select pg_sleep(0.8)');
    const long = `select from pg_stat_activity where query like '%pg_sleep(0.8)' and pid <> pg_backend_pid()
      and query_start < clock_timestamp() - interval '600 milliseconds'`;
    while ((await lab.superuser.query(long)).rowCount === 0) await new Promise(setImmediate);
    expect(await database.probe(TIMEOUT_MS)).toMatchObject({ verdict: 'ok' });
    await resting;
  });

  test('a schema of the version before, which cannot tell who waits, has answered', async () => {
    await lab.superuser.query('alter function understudy.nodes_waiting rename to not_yet');
    expect(await database.probe(TIMEOUT_MS)).toMatchObject({ verdict: 'ok' });
    await lab.superuser.query('alter function understudy.not_yet rename to nodes_waiting');
  });

  test('a refusal is evidence with its reason', async () => {
    await database.close();
    database = new Database(lab.connection('nobody_of_that_name'));
    expect(await database.probe(TIMEOUT_MS)).toMatchObject({
      verdict: 'away',
      detail: expect.stringContaining('nobody_of_that_name'),
    });
  });
});

test('stopped: away at once; started again: there, with its rows', async () => {
  await lab.superuser.query(`insert into recovery (uuid) values ('kept')`);
  await lab.postgres.stopServer();
  const { error, tookMs } = await failureOf(METHODS['countCalls']!(lab.control));
  await lab.postgres.startServer();
  expect(error).toBeInstanceOf(DatabaseAway);
  expect(tookMs).toBeLessThan(TIMEOUT_MS);
  const again = await lab.login(lab.postgres.adminUser, lab.postgres.adminPassword);
  expect((await again.query(`select from recovery where uuid = 'kept'`)).rowCount).toBe(1);
});
