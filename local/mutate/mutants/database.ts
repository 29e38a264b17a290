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
