/** AWS::RDS::DBInstance, as the data stack hangs on it. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { deploy, errorOf, useEmulator } from './support';

const emulator = useEmulator('rds', {
  env: { UNDERSTUDY_POSTGRES_ENDPOINT: '127.0.0.1:15432', UNDERSTUDY_POSTGRES_ADMIN: 'admin:with:colon' },
});

const TEMPLATE = {
  Resources: {
    Database: {
      Type: 'AWS::RDS::DBInstance',
      DeletionPolicy: 'Snapshot',
      Properties: {
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.micro',
        AllocatedStorage: '20',
        MasterUsername: 'understudy_admin',
        ManageMasterUserPassword: true,
      },
    },
  },
  Outputs: {
    Address: { Value: { 'Fn::GetAtt': ['Database', 'Endpoint.Address'] } },
    Port: { Value: { 'Fn::GetAtt': ['Database', 'Endpoint.Port'] } },
    ResourceId: { Value: { 'Fn::GetAtt': ['Database', 'DbiResourceId'] } },
    Secret: { Value: { 'Fn::GetAtt': ['Database', 'MasterUserSecret.SecretArn'] } },
  },
};

test('aws-resource-rds-dbinstance: the endpoint is the real server, and RDS keeps its password in a secret', async () => {
  const secrets = new SecretsManagerClient(awsClientConfig(emulator()));
  const stack = await deploy(emulator(), 'database', TEMPLATE);
  const out = await stack.outputs();
  expect(out).toMatchObject({ Address: '127.0.0.1', Port: '15432' });
  expect(out['ResourceId']).toMatch(/^db-[A-Z0-9]+$/);

  const read = new GetSecretValueCommand({ SecretId: String(out['Secret']) });
  const { SecretString } = await secrets.send(read);
  expect(JSON.parse(SecretString ?? '')).toEqual({ username: 'admin', password: 'with:colon' });

  await stack.delete();
  expect(await errorOf(secrets.send(read))).toBe('ResourceNotFoundException');
});
