/** Who may do what in the shared database, tried out by each of them. */
import { readFileSync, writeFileSync } from 'node:fs';

import { setUpDatabase } from '../../lib/database/schema/set-up';
import { asAdmin, setUpSharedDatabase } from '../../lib/database/schema/shared-database';
import { CONTROL_ROLE } from '../../lib/domain/database-names';
import { DatabaseRefused } from '../../lib/domain/errors';
import { checkSchema } from './check-schema';
import { DATABASE, NODE_1, NODE_2, OBSERVER, openLaboratory, type Laboratory } from './laboratory';

const TIMEOUT_MS = 3_000;
const REFUSED = { code: '42501' };

let lab: Laboratory;
beforeAll(async () => {
  lab = await openLaboratory();
}, 30_000);
afterAll(() => lab.close());

describe('the set-up', () => {
  test('leaves nothing missing, and every role may ask', async () => {
    const observer = await lab.login(OBSERVER);
    expect(await checkSchema(observer, [NODE_1.role, NODE_2.role])).toEqual({ version: 3, missing: [] });
  });

  test('says what is missing', async () => {
    await lab.superuser.query('alter table sip_dialogs rename to elsewhere');
    await lab.superuser.query('alter table channels rename column secure to insecure');
    const { missing } = await checkSchema(lab.superuser, ['node_node_9']);
    expect(missing).toEqual(['role node_node_9', 'column public.channels.secure', 'table public.sip_dialogs']);
    await lab.superuser.query('alter table channels rename column insecure to secure');
    await lab.superuser.query('alter table elsewhere rename to sip_dialogs');
  });

  test('done again changes a password, adds a node, keeps rows and other passwords', async () => {
    await lab.superuser.query(`insert into recovery (uuid) values ('kept')`);
    const nodes = [{ ...NODE_1, password: 'rotated' }, NODE_2, { role: 'node_node_3', password: 'third' }];
    await setUpSharedDatabase(lab.master, { database: DATABASE, nodes, iam: false }, TIMEOUT_MS);

    await expect(lab.login(NODE_1.role, NODE_1.password)).rejects.toMatchObject({ code: '28P01' });
    await lab.login(NODE_1.role, 'rotated');
    await lab.login(NODE_2.role, NODE_2.password);
    await lab.login('node_node_3', 'third');
    expect((await lab.superuser.query(`delete from recovery where uuid = 'kept'`)).rowCount).toBe(1);
    await setUpSharedDatabase(lab.master, { database: DATABASE, nodes: [NODE_1], iam: false }, TIMEOUT_MS);
  });

  test('never gives a locked node its login back', async () => {
    await lab.control.lockRole(NODE_2.role, TIMEOUT_MS);
    const options = { database: DATABASE, nodes: [NODE_1, NODE_2], iam: false };
    const { notes } = await setUpSharedDatabase(lab.master, options, TIMEOUT_MS);
    expect(notes).toEqual([`${NODE_2.role} may not log in, and stays so: its node is locked out`]);
    await expect(lab.login(NODE_2.role, NODE_2.password)).rejects.toMatchObject({ code: '28000' });
    await lab.control.unlockRole(NODE_2.role, TIMEOUT_MS);
  });

  test('two at once wait for each other', async () => {
    const once = () => setUpSharedDatabase(lab.master, { database: DATABASE, nodes: [NODE_1], iam: false }, TIMEOUT_MS);
    expect((await Promise.all([once(), once()])).map(({ version }) => version)).toEqual([3, 3]);
  });

  test('sends no password in a statement, where a log would keep it', async () => {
    const statements: string[] = [];
    const options = { database: DATABASE, nodes: [NODE_1, NODE_2], iam: false };
    await asAdmin(
      lab.master,
      DATABASE,
      () => TIMEOUT_MS,
      'be set up',
      (queries) =>
        setUpDatabase(
          {
            query: (sql, values) => {
              statements.push(sql);
              return queries.query(sql, values);
            },
          },
          options,
        ),
    );
    expect(statements.filter((sql) => sql.includes('SCRAM-SHA-256$'))).toHaveLength(2);
    expect(statements.filter((sql) => sql.includes('secret'))).toEqual([]);
  });

  test('with IAM tokens is refused by a server without the role of RDS, before anything is changed', async () => {
    const nodes = [{ role: 'node_never', password: 'x' }];
    const attempt = setUpSharedDatabase(lab.master, { database: DATABASE, nodes, iam: true }, TIMEOUT_MS);

    await expect(attempt).rejects.toThrow(DatabaseRefused);
    await expect(attempt).rejects.toThrow(
      /no role rds_iam: .* RDS or Aurora PostgreSQL with IAM authentication enabled/,
    );
    const { rows } = await lab.superuser.query(`select from pg_roles where rolname = 'node_never'`);
    expect(rows).toEqual([]);
  });

  test('with IAM tokens lets the services sign in by them', async () => {
    await lab.superuser.query('create role rds_iam nologin');
    await lab.superuser.query('grant rds_iam to master with admin option');

    await setUpSharedDatabase(lab.master, { database: DATABASE, nodes: [], iam: true }, TIMEOUT_MS);

    const { rows } = await lab.superuser.query(`select pg_has_role($1, 'rds_iam', 'member') as member`, [CONTROL_ROLE]);
    expect(rows).toEqual([{ member: true }]);
  });

  test('with IAM tokens that would lock its administrator out is undone, and says the remedy', async () => {
    const hba = (await lab.superuser.query<{ hba_file: string }>('show hba_file')).rows[0]?.hba_file ?? '';
    const before = readFileSync(hba, 'utf8');
    const setUp = () => setUpSharedDatabase(lab.master, { database: DATABASE, nodes: [NODE_1], iam: true }, TIMEOUT_MS);
    // Whoever makes the role is a member of it (PostgreSQL 16 and later), and may not use a password from then on.
    writeFileSync(hba, `host all +${CONTROL_ROLE} all reject\n${before}`);
    await lab.superuser.query('select pg_reload_conf()');
    const letIn = () => lab.login(CONTROL_ROLE).then(Boolean, () => false);
    while (await letIn()) await new Promise(setImmediate);
    await lab.superuser.query(`drop owned by ${CONTROL_ROLE}`);
    await lab.superuser.query(`drop role ${CONTROL_ROLE}`);

    const refused = await setUp().catch((error: unknown) => error);

    writeFileSync(hba, before);
    await lab.superuser.query('select pg_reload_conf()');
    expect(refused).toBeInstanceOf(DatabaseRefused);
    expect(String(refused)).toMatch(/master may not sign in with its password .* Let another administrator make/);
    const isMember = `select pg_has_role($1, 'rds_iam', 'member') as member`;
    expect((await lab.superuser.query(isMember, [CONTROL_ROLE])).rows).toEqual([{ member: false }]);
    while (!(await letIn())) await new Promise(setImmediate);
  });

  test('refuses a server that has a cluster in another database, before anything is made', async () => {
    const nodes = [{ ...NODE_1, password: 'theirs' }];
    const second = () => setUpSharedDatabase(lab.master, { database: 'second', nodes, iam: false }, TIMEOUT_MS);

    await expect(second()).rejects.toThrow(DatabaseRefused);
    await expect(second()).rejects.toThrow(
      /a cluster in "freeswitch" already, .* Name another server as database\.existing/,
    );
    expect((await lab.superuser.query(`select from pg_database where datname = 'second'`)).rows).toEqual([]);
    await lab.superuser.query('create database second owner master');
    await expect(second()).rejects.toThrow(DatabaseRefused);
    await lab.login(NODE_1.role, NODE_1.password);
  });

  test('takes the server once the other cluster was taken off it as the refusal says', async () => {
    await lab.superuser.query(`revoke connect on database ${DATABASE} from understudy_nodes`);

    await setUpSharedDatabase(lab.master, { database: 'second', nodes: [NODE_1], iam: false }, TIMEOUT_MS);

    await lab.superuser.query('drop database second');
    await setUpSharedDatabase(lab.master, { database: DATABASE, nodes: [NODE_1], iam: false }, TIMEOUT_MS);
  });

  test('refuses the name of a role that is not a node', async () => {
    const nodes = [{ role: 'master', password: 'x' }];
    const attempt = setUpSharedDatabase(lab.master, { database: DATABASE, nodes, iam: false }, TIMEOUT_MS);
    await expect(attempt).rejects.toThrow(DatabaseRefused);
  });
});

describe('a node', () => {
  test('reads and writes rows of every table of FreeSWITCH, and of its views', async () => {
    const node = await lab.login(NODE_1.role, NODE_1.password);
    await node.query(`insert into channels (uuid, hostname) values ('u', 'node-1')`);
    await node.query(`update channels set state = 'CS_EXECUTE' where uuid = 'u'`);
    const { rows } = await node.query<{ uuid: string; b_uuid: string | null }>('select uuid, b_uuid from basic_calls');
    expect(rows).toEqual([{ uuid: 'u', b_uuid: null }]);
    await node.query(`delete from channels where uuid = 'u'`);
  });

  test.each([
    ['makes no table', 'create table mine (a int)'],
    ['drops no table', 'drop table recovery'],
    ['adds no column', 'alter table recovery add column a int'],
    ['empties no table at a stroke', 'truncate recovery'],
    ['sees nothing of ours', 'select * from understudy.recovery_orders'],
    ['locks nobody out', `select understudy.lock_node('${NODE_2.role}')`],
    ['ends nobody else’s sessions', `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'master'`],
    ['alters no role', `alter role ${NODE_2.role} nologin`],
    ['takes nobody else’s part', 'set role understudy_owner'],
  ])('%s', async (_, statement) => {
    const master = await lab.login(lab.master.user, lab.master.password);
    const node = await lab.login(NODE_1.role, NODE_1.password);
    await expect(node.query(statement)).rejects.toMatchObject({ code: '42501' });
    await master.query('select 1');
  });
});

describe('the observer', () => {
  test('asks whether anybody is there, and reads no row', async () => {
    const observer = await lab.login(OBSERVER);
    await observer.query(`select understudy.nodes_waiting('1 second')`);
    await expect(observer.query('select uuid from recovery')).rejects.toMatchObject(REFUSED);
    await expect(observer.query(`select understudy.lock_node('${NODE_1.role}')`)).rejects.toMatchObject(REFUSED);
  });
});

describe('node-control', () => {
  test('locks no role that is not a node: not itself, not the administrator, not the group', async () => {
    for (const role of [
      CONTROL_ROLE,
      'master',
      lab.postgres.adminUser,
      'understudy_nodes',
      'understudy_locker',
      'nobody"x',
    ]) {
      await expect(lab.control.lockRole(role, TIMEOUT_MS)).rejects.toThrow('is not the role of a node');
    }
    await lab.login(lab.master.user, lab.master.password);
  });

  test('alters no role by itself, and ends no session of a node that may come back', async () => {
    const control = await lab.login(CONTROL_ROLE);
    await expect(control.query(`alter role ${NODE_1.role} nologin`)).rejects.toMatchObject(REFUSED);
    await expect(control.query(`select understudy.end_node_sessions('${NODE_1.role}')`)).rejects.toMatchObject(REFUSED);
    await expect(control.query('insert into recovery (uuid) values (null)')).rejects.toMatchObject(REFUSED);
  });
});

describe('a lock', () => {
  afterEach(() => lab.control.unlockRole(NODE_1.role, TIMEOUT_MS));

  test('ends the node’s sessions, others stay, and the node cannot come back until it is unlocked', async () => {
    const sessions = await Promise.all([1, 2, 3].map(() => lab.login(NODE_1.role, NODE_1.password)));
    const neighbour = await lab.login(NODE_2.role, NODE_2.password);
    const here = await lab.superuser.query('select from pg_stat_activity where usename = $1', [NODE_1.role]);

    const { sessionsEnded } = await lab.control.lockRole(NODE_1.role, TIMEOUT_MS);

    expect(sessionsEnded).toBe(here.rowCount);
    for (const session of sessions) await expect(session.query('select 1')).rejects.toThrow();
    await neighbour.query('select 1');
    await expect(lab.login(NODE_1.role, NODE_1.password)).rejects.toMatchObject({ code: '28000' });
    await lab.control.unlockRole(NODE_1.role, TIMEOUT_MS);
    await lab.login(NODE_1.role, NODE_1.password);
  });

  test('again is the same', async () => {
    await lab.control.lockRole(NODE_1.role, TIMEOUT_MS);
    expect(await lab.control.lockRole(NODE_1.role, TIMEOUT_MS)).toEqual({ sessionsEnded: 0 });
  });

  test('holds against a writer that reconnects as fast as it can', async () => {
    let stop = false;
    const written: number[] = [];
    const writer = (async () => {
      while (!stop) {
        try {
          const node = await lab.login(NODE_1.role, NODE_1.password);
          for (;;) written.push((await node.query(`insert into tasks (task_id) values (1)`)).rowCount ?? 0);
        } catch {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    })();
    while (written.length < 20) await new Promise((resolve) => setImmediate(resolve));

    await lab.control.lockRole(NODE_1.role, TIMEOUT_MS);
    const atLock = written.length;
    const rows = async () => Number((await lab.superuser.query('select count(*) from tasks')).rows[0].count);
    const rowsAtLock = await rows();
    for (let looks = 0; looks < 50; looks += 1) await lab.superuser.query('select 1');

    stop = true;
    await writer;
    expect(await rows()).toBe(rowsAtLock);
    expect(written.length - atLock).toBeLessThanOrEqual(1); // an answer that was on its way
  });
});

describe('the lock of a node, asked with its address', () => {
  const ADDRESS = '127.0.0.9';
  const lock = () => lab.control.lockRole(NODE_1.role, TIMEOUT_MS, ADDRESS);
  const fromNode = (user: string, password: string) => lab.login(user, password, ADDRESS);
  /** Locked, so that what is left is to wait for the others who are signed in from there. */
  const untilItMayNotSignIn = async (): Promise<void> => {
    const ask = `select from pg_roles where rolname = '${NODE_1.role}' and not rolcanlogin`;
    while ((await lab.superuser.query(ask)).rowCount === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  beforeAll(async () => {
    await lab.superuser.query(`create role somebody login password 'x'`);
    await lab.superuser.query('grant update on public.recovery to somebody');
    await lab.superuser.query(`create role reader login password 'x'`);
    await lab.superuser.query('grant select on public.recovery to reader');
  });
  afterEach(async () => {
    await lab.superuser.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where client_addr = '${ADDRESS}' or usename = 'somebody'`,
    );
    await lab.superuser.query('grant pg_monitor to understudy_locker granted by master');
    await lab.control.unlockRole(NODE_1.role, TIMEOUT_MS);
  });

  test('proves that nobody there may write any more', async () => {
    await fromNode(NODE_1.role, NODE_1.password);
    await fromNode('reader', 'x');
    // Whoever writes from elsewhere is no matter of this node.
    await lab.login('somebody', 'x');

    expect(await lock()).toEqual({ sessionsEnded: 1, otherSessions: 'none' });
  });

  test('proves nothing while the node is signed in as another role too, and says which, and the remedy', async () => {
    await fromNode(NODE_1.role, NODE_1.password);
    await fromNode('somebody', 'x');

    await expect(lock()).rejects.toThrow(DatabaseRefused);
    await expect(lock()).rejects.toThrow(
      /node_node_1 is locked, but 127\.0\.0\.9 is signed in as somebody \(1 session\(s\)\).*sign in as node_node_1/,
    );
    // As much of the fence as there can be.
    await expect(lab.login(NODE_1.role, NODE_1.password)).rejects.toMatchObject({ code: '28000' });
  });

  test('is not deceived by the role of another node', async () => {
    await fromNode(NODE_2.role, NODE_2.password);

    await expect(lock()).rejects.toThrow(/signed in as node_node_2/);
  });

  test('waits for the sessions of a process that has just been killed', async () => {
    const dying = await fromNode('somebody', 'x');
    const locking = lock();
    await untilItMayNotSignIn();
    await dying.end();

    expect(await locking).toMatchObject({ otherSessions: 'none' });
  });

  test('says that it cannot tell where nobody may see where sessions come from', async () => {
    await lab.superuser.query('revoke pg_monitor from understudy_locker granted by master');
    await fromNode('somebody', 'x');

    expect(await lock()).toMatchObject({ otherSessions: 'unknown' });
    expect(await lab.control.sessionsFrom(ADDRESS, TIMEOUT_MS)).toBeNull();
  });

  test('holds with a schema of the version before, which cannot tell either', async () => {
    await lab.superuser.query('alter function understudy.sessions_from(inet) rename to not_yet');
    try {
      expect(await lock()).toMatchObject({ otherSessions: 'unknown' });
    } finally {
      await lab.superuser.query('alter function understudy.not_yet(inet) rename to sessions_from');
    }
  });

  test('as whom the node has signed in is told with the number of sessions, and whether they may write', async () => {
    await fromNode(NODE_1.role, NODE_1.password);
    await fromNode('reader', 'x');
    await fromNode('reader', 'x');

    expect(await lab.control.sessionsFrom(ADDRESS, TIMEOUT_MS)).toEqual([
      { role: NODE_1.role, sessions: 1, writes: true },
      { role: 'reader', sessions: 2, writes: false },
    ]);
    await expect(
      (await lab.login(OBSERVER)).query(`select understudy.sessions_from('${ADDRESS}')`),
    ).rejects.toMatchObject(REFUSED);
  });
});

test('an administrator who may not grant pg_monitor sets up all the same, and hears what is not seen', async () => {
  await lab.superuser.query('revoke pg_monitor from master cascade');

  const { notes } = await setUpSharedDatabase(
    lab.master,
    { database: DATABASE, nodes: [NODE_1], iam: false },
    TIMEOUT_MS,
  );

  expect(notes).toEqual([
    expect.stringMatching(/pg_monitor, and understudy_locker does not have it: .* goes unnoticed/),
  ]);
});
