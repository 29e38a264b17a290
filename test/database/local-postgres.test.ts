/** The laptop's own PostgreSQL: found, started, frozen and cleaned up wherever the checkout lies. */
import { mkdtempSync, readdirSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

import { findPostgresPrograms } from '../../local/postgres/programs';
import { serverProcesses } from '../../local/postgres/server-processes';
import { startPostgres, type LocalPostgres } from '../../local/postgres/start';

/** It takes two seconds, and several where initdb shares the machine with other tests. */
jest.setTimeout(60_000);

let projectDir: string;
const started: LocalPostgres[] = [];
const start = async (options: { host?: string } = {}) => {
  const postgres = await startPostgres({ projectDir, instanceName: 'test', ...options });
  started.push(postgres);
  return postgres;
};
const connect = async ({ host, port, adminUser: user, adminPassword: password }: LocalPostgres) => {
  const client = new Client({ host, port, user, password, database: 'postgres', connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

beforeEach(() => {
  projectDir = mkdtempSync(join(tmpdir(), 'understudy-postgres-test-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
  chmodSync(projectDir, 0o700);
  rmSync(projectDir, { recursive: true, force: true });
});

test('is reached with its password only, and leaves no data and no process record behind', async () => {
  const postgres = await start();
  await expect(connect({ ...postgres, adminPassword: 'guessed' })).rejects.toMatchObject({ code: '28P01' });
  await (await connect(postgres)).end();
  await postgres.stop();
  expect(readdirSync(join(projectDir, '.understudy', 'test'))).toEqual(['postgres.log']);
  expect(readdirSync(join(projectDir, '.understudy', 'run'))).toEqual([]);
});

test('starts below a folder that only its owner may enter', async () => {
  chmodSync(projectDir, 0o700);
  await (await connect(await start())).end();
});

test('a frozen one answers nobody, is ended all the same, and its processes with it', async () => {
  const postgres = await start();
  const client = await connect(postgres);
  const { rows } = await client.query<{ data_directory: string }>('show data_directory');
  const folder = rows[0]?.data_directory ?? '';
  const answered: string[] = [];
  postgres.freeze();
  const question = client.query('select 1').then(
    () => answered.push('answer'),
    () => answered.push('ended'),
  );
  await expect(connect(postgres)).rejects.toThrow('timeout');
  expect(answered).toEqual([]);

  await postgres.stop();

  await question;
  expect(serverProcesses(folder, null)).toEqual([]);
});

test('says what to do where there is no PostgreSQL', () => {
  expect(() => findPostgresPrograms({ UNDERSTUDY_POSTGRES: '/nowhere' })).toThrow(
    '/nowhere/initdb does not exist. Correct UNDERSTUDY_POSTGRES, or unset it.',
  );
});
