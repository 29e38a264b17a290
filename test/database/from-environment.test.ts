import { databaseFromEnvironment, parseConnection } from '../../lib/database/from-environment';
import { PgCallDatabase } from '../../lib/database/pg-call-database';

const CONNECTION = {
  host: 'calls.abc.us-east-1.rds.amazonaws.com',
  port: 5432,
  name: 'freeswitch',
  user: 'understudy_control',
  tls: true,
  auth: 'iam',
  region: 'us-east-1',
};

describe('the database in the environment of a function', () => {
  it('is none where the deployment set none', () => {
    expect(databaseFromEnvironment({})).toBeNull();
    expect(databaseFromEnvironment({ UNDERSTUDY_DATABASE: '' })).toBeNull();
  });

  it('is what the deployment wrote', () => {
    expect(parseConnection(JSON.stringify(CONNECTION))).toEqual(CONNECTION);
    const database = databaseFromEnvironment({ UNDERSTUDY_DATABASE: JSON.stringify(CONNECTION) });
    expect(database).toBeInstanceOf(PgCallDatabase);
  });

  it.each([
    'nonsense',
    '{}',
    JSON.stringify({ ...CONNECTION, port: '5432' }),
    JSON.stringify({ ...CONNECTION, auth: 1 }),
  ])('is never guessed from %s', (text) => {
    expect(() => databaseFromEnvironment({ UNDERSTUDY_DATABASE: text })).toThrow(/names no database/);
  });
});
