import { databaseRoleOf } from '../../../lib/domain/database-names';
import { nodeDsn } from '../../../lib/freeswitch/configuration/dsn';
import { userOfDsn } from '../../../lib/freeswitch/inspect/dsn-user';

it.each([
  ['pgsql://host=db user=node_fs1 passfile=/run/pgpass', 'node_fs1'],
  ["pgsql://host=db user = 'it\\'s me' options='-c user=x'", "it's me"],
  ["pgsql://options='-c user=x' host=db", null],
  ['pgsql://user=a user=b', 'b'],
  ['pgsql://host=db superuser=a', null],
  ['pgsql://host=db', null],
  ['pgsql://user=', null],
  ['postgresql://node_fs1:hush@db:5432/calls', 'node_fs1'],
  ['postgres://node%5Ffs1@db', 'node_fs1'],
  ['postgresql://db/calls?user=node_fs1', 'node_fs1'],
  ['postgresql://db/calls', null],
  ['pgsql://postgresql://node_fs1@db', 'node_fs1'],
  ['postgresql://%zz@db', null],
  ['odbc://user=x', null],
  ['', null],
])('%s signs in as %s', (dsn, user) => {
  expect(userOfDsn(dsn)).toBe(user);
});

it('the DSN of a node that we configure names the role that we lock', () => {
  const dsn = nodeDsn({ host: 'db', port: '5432', database: 'calls', nodeId: 'fs-1', tls: true });

  expect(userOfDsn(dsn)).toBe(databaseRoleOf('fs-1'));
});
