/** Start and end: no process is left, whatever the functions are doing. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startEmulator } from '../../../local/emulator/emulator';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { membersOfGroup } from '../../../local/emulator/process-table';
import { cleanUpLeftovers, runDirectory } from '../../../local/emulator/processes';
import { deploy, eventually, inlineFunction, PROJECT_DIR } from './support';

const LOOP = `exports.handler = async (event) => {
  process.on('SIGTERM', () => {}); // as a worker in the middle of something would
  const end = Date.now() + event.ms;
  while (Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  return { endpoint: process.env.AWS_ENDPOINT_URL, node: process.execPath };
};`;

const start = (log?: (message: string) => void) =>
  startEmulator({ projectDir: PROJECT_DIR, instanceName: 'test-lifecycle', ...(log ? { log } : {}) });

/** The record that this process wrote about the running emulator. */
function recordOf(instanceName: string): { file: string; pid: number; owner: { pid: number; startTime: string } } {
  const records = readdirSync(runDirectory(PROJECT_DIR)).map((name) => {
    const file = join(runDirectory(PROJECT_DIR), name);
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof recordOf> & { name: string }), file };
  });
  const found = records.find((record) => record.name.includes(instanceName) && record.owner.pid === process.pid);
  if (found === undefined) {
    throw new Error(`no record of ${instanceName}`);
  }
  return found;
}

async function withLoopingFunctions() {
  const emulator = await start();
  await deploy(emulator, 'loops', {
    Resources: { ...inlineFunction('loopA', LOOP, 900), ...inlineFunction('loopB', LOOP, 900) },
  });
  const lambda = new LambdaClient({ ...awsClientConfig(emulator), maxAttempts: 1 });
  const invoke = (FunctionName: string, ms: number) =>
    lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify({ ms })) }));
  const { pid } = recordOf('test-lifecycle');
  return { emulator, invoke, pid };
}

test('functions loop for minutes side by side, of one kind and of several, and stop ends every worker', async () => {
  const { emulator, invoke, pid } = await withLoopingFunctions();
  const loops = ['loopA', 'loopA', 'loopA', 'loopB'].map((name) => invoke(name, 600_000).catch(() => undefined));
  await eventually('four workers', async () => (membersOfGroup(pid).length >= 5 ? true : null));

  const beside = await invoke('loopB', 1);
  expect(JSON.parse(Buffer.from(beside.Payload ?? []).toString())).toEqual({
    endpoint: emulator.endpoint,
    node: process.execPath,
  });
  await emulator.stop();
  await Promise.all(loops);

  expect(membersOfGroup(pid)).toEqual([]);
});

test('what a crashed tool left is ended by the next start: the emulator and its workers', async () => {
  const { emulator, invoke, pid } = await withLoopingFunctions();
  const loop = invoke('loopA', 600_000).catch(() => undefined);
  await eventually('a worker', async () => (membersOfGroup(pid).length >= 2 ? true : null));
  expect(await cleanUpLeftovers(PROJECT_DIR)).toEqual([]);
  // As if the tool that started it were gone: nobody with that pid and start time lives.
  const { file, ...content } = recordOf('test-lifecycle');
  writeFileSync(file, JSON.stringify({ ...content, owner: { pid: process.pid, startTime: 'long ago' } }));

  expect(await cleanUpLeftovers(PROJECT_DIR)).toEqual(['embedded AWS (test-lifecycle)']);

  expect(membersOfGroup(pid)).toEqual([]);
  await emulator.stop();
  await loop;
});

test('nothing listens beyond loopback, and the environment is closed', async () => {
  process.env['AWS_PROFILE'] = 'production';
  const emulator = await start();
  try {
    const script = `import os; print(sorted(k for k in os.environ if k.startswith('AWS_')))`;
    const { stdout } = await promisify(execFile)('python3', ['-c', script], { env: emulator.env });
    expect(stdout).not.toContain('AWS_PROFILE');
    expect(emulator.env['HOME']).toContain('.understudy');
    expect(new URL(emulator.endpoint).hostname).toBe('127.0.0.1');
  } finally {
    delete process.env['AWS_PROFILE'];
    await emulator.stop();
  }
});

test('an emulator that cannot start says why, with the end of its log, and leaves nothing', async () => {
  const broken = startEmulator({
    projectDir: PROJECT_DIR,
    instanceName: 'test-broken',
    env: { EC2_TRANSITION_SECONDS: 'soon' },
  });
  await expect(broken).rejects.toThrow(/could not convert string to float: 'soon'/);
  expect(() => recordOf('test-broken')).toThrow('no record');
});

test('reset forgets resources, rules and calls', async () => {
  const emulator = await start();
  try {
    await deploy(emulator, 'once', { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } });
    emulator.faults.add({ service: 'sns', action: '*', effect: 'throttle' });
    await emulator.reset();
    await expect(
      deploy(emulator, 'once', { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } }),
    ).resolves.toBeDefined();
  } finally {
    await emulator.stop();
  }
});
