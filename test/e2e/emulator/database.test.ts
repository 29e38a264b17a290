/** The data stack with a real PostgreSQL behind it: tables and logins are there, and a rotation harms nobody. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Client } from 'pg';
import { runCdk } from '../../../local/demo/cdk';
import { bootstrap } from '../../../local/demo/deploy';
import { startEmulator, type Emulator } from '../../../local/emulator/emulator';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { startPostgres, type LocalPostgres } from '../../../local/postgres/start';
import { ROTATION_STEPS } from '../../../lib/operations/database-rotation';
import { PROJECT_DIR } from './support';

const STACK = 'Understudy-pbx-Data';
const INSTANCE = 'test-database';
const DEPLOY_TIMEOUT_MS = 240_000;

interface Login {
  username: string;
  password: string;
}

let postgres: LocalPostgres;
let emulator: Emulator;
let ids: Map<string, string>;
let secrets: SecretsManagerClient;

beforeAll(async () => {
  postgres = await startPostgres({ projectDir: PROJECT_DIR, instanceName: INSTANCE });
  emulator = await startEmulator({
    projectDir: PROJECT_DIR,
    instanceName: INSTANCE,
    env: {
      UNDERSTUDY_POSTGRES_ENDPOINT: `${postgres.host}:${postgres.port}`,
      UNDERSTUDY_POSTGRES_ADMIN: `${postgres.adminUser}:${postgres.adminPassword}`,
    },
  });
  await deployDataStack();
  ids = await physicalIds();
  secrets = new SecretsManagerClient(awsClientConfig(emulator));
}, DEPLOY_TIMEOUT_MS);

afterAll(async () => {
  secrets.destroy();
  await emulator.stop();
  await postgres.stop();
});

/** The example that a user copies, with a laptop's settings; what the Data stack needs is deployed before it. */
async function deployDataStack(): Promise<void> {
  const workDir = join(PROJECT_DIR, '.understudy', INSTANCE);
  mkdirSync(workDir, { recursive: true });
  const config = 'examples/primary-standby.yaml';
  const networkCidr = '127.64.0.0/16';
  const run = { projectDir: PROJECT_DIR, env: emulator.env, timeoutMs: DEPLOY_TIMEOUT_MS };
  await bootstrap({ ...run, workDir, config, networkCidr });
  const context = Object.entries({ config, networkCidr, databaseTls: 'false', serviceAddresses: 'none' });
  const output = join(workDir, 'cdk.out');
  await runCdk({
    ...run,
    args: ['synth', '--quiet', ...context.flatMap(([key, value]) => ['-c', `${key}=${value}`]), '--output', output],
    logFile: join(workDir, 'cdk-synth.log'),
  });
  await runCdk({
    ...run,
    args: ['deploy', STACK, '--app', output, '--require-approval', 'never', '--concurrency', '8'],
    logFile: join(workDir, 'cdk-deploy.log'),
  });
}

/** Type and logical id -> physical id, of the stack's resources. */
async function physicalIds(): Promise<Map<string, string>> {
  const client = new CloudFormationClient(awsClientConfig(emulator));
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: STACK }));
  client.destroy();
  return new Map(
    StackResources.map((each) => [`${each.ResourceType} ${each.LogicalResourceId}`, each.PhysicalResourceId ?? '']),
  );
}

function physicalId(type: string, part: string): string {
  const found = [...ids]
    .filter(([id]) => id.startsWith(`${type} `) && id.includes(part))
    .map(([, physical]) => physical);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} resources ${type} with ${part}`);
  return found[0];
}

const secretOf = (node: string): string => physicalId('AWS::SecretsManager::Secret', `DatabaseNode${node}`);

async function loginOf(node: string): Promise<Login> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretOf(node) }));
  return JSON.parse(SecretString ?? '') as Login;
}

async function signIn({ username, password }: Login, database = 'freeswitch'): Promise<Client> {
  const { host, port } = postgres;
  const client = new Client({ host, port, database, user: username, password, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** What Secrets Manager does when a rotation is due. */
async function rotate(node: string): Promise<void> {
  const { VersionId } = await secrets.send(new RotateSecretCommand({ SecretId: secretOf(node) }));
  const lambda = new LambdaClient(awsClientConfig(emulator));
  const FunctionName = physicalId('AWS::Lambda::Function', 'Rotator');
  for (const Step of ROTATION_STEPS) {
    const event = { Step, SecretId: secretOf(node), ClientRequestToken: VersionId };
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    if (answer.FunctionError !== undefined) throw new Error(Buffer.from(answer.Payload ?? []).toString('utf8'));
  }
  lambda.destroy();
}

const admin = (): Promise<Client> => signIn({ username: postgres.adminUser, password: postgres.adminPassword });

const canSignIn = (login: Login): Promise<boolean> =>
  signIn(login).then(
    (client) => client.end().then(() => true),
    () => false,
  );

test('the deployment has made the tables, and each node signs in with its own secret and uses them', async () => {
  const client = await signIn(await loginOf('Alice'));
  const { rows } = await client.query<{ who: string; calls: string }>(
    'select current_user as who, count(*) as calls from recovery',
  );
  expect(rows).toEqual([{ who: 'node_alice', calls: '0' }]);
  await expect(client.query('drop table recovery')).rejects.toThrow(/owner/);
  await client.end();
});

test('a rotation makes the new password current and the old one useless, and ends no session', async () => {
  const before = await loginOf('Alice');
  const session = await signIn(before);

  await rotate('Alice');

  const after = await loginOf('Alice');
  expect(after.username).toBe(before.username);
  expect(after.password).toMatch(/^[A-Za-z0-9]{40}$/);
  expect(await canSignIn(before)).toBe(false);
  expect(await canSignIn(after)).toBe(true);
  await expect(session.query('select 1')).resolves.toMatchObject({ rowCount: 1 });
  await session.end();
});

test('a node that is locked out gets its new password too, and stays locked out', async () => {
  const superuser = await admin();
  await superuser.query('alter role node_bob nologin');

  await rotate('Bob');

  const login = await loginOf('Bob');
  expect(await canSignIn(login)).toBe(false);
  await superuser.query('alter role node_bob login');
  expect(await canSignIn(login)).toBe(true);
  await superuser.end();
});
