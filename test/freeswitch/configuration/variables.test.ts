import {
  knownVariables,
  overriddenVariables,
  placeholdersIn,
  renderNodeVariables,
  renderSecrets,
} from '../../../lib/freeswitch/configuration';
import { cluster, find, parseXml, vip, type Cluster } from './fixture';

const input = (change: Partial<Cluster> = {}, nodeId = 'node-1') => ({ cluster: cluster(change), nodeId });
const setsOf = (content: string): Record<string, string> =>
  Object.fromEntries(
    find(parseXml(content), 'X-PRE-PROCESS')
      .filter(({ attributes }) => attributes['cmd'] === 'set')
      .map(({ attributes }) => {
        const data = attributes['data'] ?? '';
        return [data.slice(0, data.indexOf('=')), data.slice(data.indexOf('=') + 1)];
      }),
  );
const known = (change: Partial<Cluster> = {}, nodeId = 'node-1') =>
  setsOf(renderNodeVariables(knownVariables(input(change, nodeId))).content);

describe('the variables of a node', () => {
  test('are its own name and addresses, and a service address that is the same everywhere', () => {
    expect(known()).toMatchObject({
      node_id: 'node-1',
      node_ip: '@@PRIMARY_ADDRESS@@',
      esl_port: '8021',
      service_ip_a: '10.255.0.10',
      service_ip_blue_b: '10.255.0.20',
      public_ip_a: '@@PUBLIC:a@@',
    });
    expect(known({}, 'node-2')['service_ip_a']).toBe(known()['service_ip_a']);
  });

  test("without a service address they name the node's own (way B)", () => {
    expect(known({ vips: [vip('a', { serviceAddress: null })] })['service_ip_a']).toBe('@@PRIVATE:a@@');
  });

  test('the password of the database is in a file of its own; time-outs and verification are in the DSN', () => {
    expect(known()['db_dsn']).toBe(
      'pgsql://host=@@DB_HOST@@ port=@@DB_PORT@@ dbname=freeswitch user=node_node_1 passfile=/run/understudy/pgpass ' +
        'sslmode=verify-full sslrootcert=/etc/understudy/rds-ca.pem connect_timeout=3 tcp_user_timeout=4000 ' +
        "keepalives_idle=2 keepalives_interval=1 keepalives_count=3 options='-c client_min_messages=NOTICE'",
    );
    expect(known({ database: { source: 'none' } })).not.toHaveProperty('db_dsn');
  });

  test('of a database that exists, host and port are known', () => {
    const database = {
      source: 'existing' as const,
      host: 'db.example.com',
      port: 6432,
      name: 'switch',
      adminSecretArn: 'arn',
      securityGroupId: null,
      tls: false,
    };

    expect(known({ database })['db_dsn']).toContain('host=db.example.com port=6432 dbname=switch user=node_node_1 ');
    expect(known({ database })['db_dsn']).toContain(' sslmode=disable ');
  });

  test('a value that the preprocessor would cut is refused', () => {
    const values = { ...knownVariables(input()), databaseDsn: `pgsql://host=${'x'.repeat(1_000)}` };

    expect(() => renderNodeVariables(values)).toThrow('db_dsn has 1013 characters');
  });

  test('a password of any printable letters survives two readings: by the preprocessor and by the XML parser', () => {
    const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join('');

    const { content } = renderSecrets('esl.xml', printable);

    // The preprocessor takes what stands between the quotes, as it is.
    const [, raw = ''] = /data="([^"]*)"\/>/.exec(content) ?? [];
    expect(raw).not.toContain('/>');
    expect(setsOf(content)['esl_password']).toBe(printable);
  });
});

describe('what an engineer gives by hand', () => {
  test('leaves no placeholder when all is given', () => {
    const values = overriddenVariables(
      input({ vips: [vip('a'), vip('p', { elasticIp: { source: 'none' }, serviceAddress: null })] }),
      {
        managementAddress: '10.99.1.11',
        publicAddresses: { a: '198.51.100.10' },
        vipAddresses: { p: '10.99.1.31' },
        serviceAddresses: { a: '127.0.0.9' },
        databaseDsn: 'pgsql://host=127.0.0.1',
        secretsFile: 'esl.xml',
      },
    );

    const { content } = renderNodeVariables(values);

    expect(placeholdersIn(content)).toEqual([]);
    expect(setsOf(content)).toMatchObject({
      service_ip_a: '127.0.0.9',
      // Without an Elastic IP peers see the address that the node has for the VIP.
      service_ip_p: '10.99.1.31',
      public_ip_p: '10.99.1.31',
      db_dsn: 'pgsql://host=127.0.0.1',
    });
  });

  test('a VIP that the node does not carry, and an address that is none, are named', () => {
    expect(() => overriddenVariables(input(), { publicAddresses: { z: '1.2.3.4' } })).toThrow('carries no VIP "z"');
    expect(() => overriddenVariables(input(), { managementAddress: 'x' })).toThrow('the management address is not');
  });
});
