/** The shared database belongs to one cluster, and lets its nodes in. */
import { mutantsOf, type Mutant } from '../mutant';

export const DATABASE: Mutant[] = [
  ...mutantsOf(
    'lib/database/schema/one-cluster.ts',
    ['test/database/roles'],
    [
      {
        id: 'one-cluster-on-a-server',
        rule: 'a server that has a cluster in another database is refused',
        find: 'if (rows.length === 0) return;',
        replace: 'if (rows.length < 9) return;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/database/schema/shared-database.ts',
    ['test/database/roles'],
    [
      {
        id: 'no-database-for-a-second-cluster',
        rule: 'no database is made on a server that has a cluster',
        find: 'await assertNoOtherCluster(queries, options.database);',
        replace: '',
      },
      {
        id: 'administrator-still-let-in',
        rule: 'a set-up that locks its administrator out is undone',
        find: 'if (options.iam) await assertStillLetIn(queries, login, options.database, leftMs);',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/database/prepare-recovery.ts',
    ['test/database/recovery'],
    [
      {
        id: 'recovery-order-of-its-node',
        rule: 'what an order of the same id did on another node is no earlier attempt: its process may live',
        find: 'noted.node !== null && noted.node !== order.nodeId',
        replace: 'noted.node === ""',
      },
      {
        id: 'recovery-order-without-a-node',
        rule: 'an order of a version that noted no node is taken up again',
        find: 'noted.node !== null && noted.node',
        replace: 'noted.node',
      },
      {
        id: 'late-order-is-refused',
        rule: 'an order that comes after a younger one touches no row of the calls that live by that one',
        find: '  await refuseSuperseded(queries, order);\n',
        replace: '',
      },
      {
        id: 'orders-of-a-vip-take-turns',
        rule: 'nor one that comes while the younger one is at work',
        find: '  await takeTurn(queries, order);\n',
        replace: '',
      },
      {
        id: 'late-order-of-its-vip',
        rule: 'an order of another VIP has epochs of its own',
        find: 'where vip_id = $2 and ',
        replace: 'where $2::text is not null and ',
      },
      {
        id: 'late-order-by-number',
        rule: 'epochs are numbers',
        find: '::bigint`',
        replace: '`',
      },
      {
        id: 'restored-table-is-not-late',
        rule: 'a restored table that begins again below is not held back by what was begun before',
        find: 'and last_begun_at > to_timestamp($3::float8 / 1000)',
        replace: 'and coalesce($3::float8, 0) > 0',
      },
    ],
  ),
  ...mutantsOf(
    'lib/database/failures.ts',
    ['test/database/recovery'],
    [
      {
        id: 'late-order-is-told-as-such',
        rule: 'an order whose epoch is over is not taken for an absence of the database',
        find: 'if (error instanceof UnderstudyError) return error;',
        replace: "if (error instanceof UnderstudyError && error.name !== 'RecoverySuperseded') return error;",
      },
      {
        id: 'order-that-was-never-prepared-is-told-as-such',
        rule: 'nor is one that was never prepared, of which nobody was told to rebuild a call',
        find: 'if (error instanceof UnderstudyError) return error;',
        replace: "if (error instanceof UnderstudyError && error.name !== 'RecoveryNotPrepared') return error;",
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/freeswitch/recovery-orders.ts',
    ['test/simulation/freeswitch/database'],
    [
      {
        id: 'simulated-late-order-is-refused',
        rule: 'the simulated database refuses a late order as the real one does',
        find: '    this.refuseSuperseded(order);\n',
        replace: '',
      },
      {
        id: 'simulated-restored-table-is-not-late',
        rule: 'and none of a table that was restored',
        find: ' || noted.lastBegunWallMs <= decidedAtMs',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/database/probe.ts',
    ['test/database/bad-day'],
    [
      {
        id: 'waiting-nodes-are-trouble',
        rule: 'a database in which nodes wait is not well because it answers',
        find: 'if (waiting > 0) {',
        replace: 'if (waiting < 0) {',
      },
    ],
  ),
  ...mutantsOf(
    'lib/database/schema/lock-functions.ts',
    ['test/database/bad-day'],
    [
      {
        id: 'a-long-query-is-no-wait',
        rule: 'a query of a node that takes its time is no trouble of the database',
        find: "wait_event_type in ('Lock', 'LWLock', 'IO', 'IPC')",
        replace: 'wait_event_type is not null',
      },
      {
        id: 'only-nodes-wait',
        rule: 'a wait of somebody who is no node is no trouble of the nodes',
        find: 'and usesysid in (select member from pg_auth_members',
        replace: 'and usesysid not in (select -member::int from pg_auth_members',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/database-rotation.ts',
    ['test/operations/database-rotation'],
    [
      {
        id: 'failed-rotation-gives-back',
        rule: 'a rotation that fails leaves the role with the password that its node has',
        find: 'await giveCurrentPassword(deps, arn).catch(',
        replace: 'await Promise.resolve().catch(',
      },
      {
        id: 'finish-with-its-own-password',
        rule: 'no password becomes current that the role does not have',
        find: 'await deps.database.setPassword(pending.username, pending.password);',
        replace: '',
      },
      {
        id: 'finished-rotation-is-whole',
        rule: 'a rotation whose last answer was lost ends with the new password in the database',
        find: 'return giveCurrentPassword(deps, secretArn);',
        replace: 'return;',
      },
    ],
  ),
];
