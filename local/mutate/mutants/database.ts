/** The shared database belongs to one cluster. */
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
];
