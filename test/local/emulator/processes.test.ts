import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { membersOfGroup, startTimeOf } from '../../../local/emulator/process-table';
import { cleanUpLeftovers, runDirectory, spawnTracked, stopAll } from '../../../local/emulator/processes';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'understudy-processes-'));
});
afterEach(async () => {
  await stopAll(100);
  rmSync(project, { recursive: true, force: true });
});

/** A shell with a child of its own, so that there is a group. */
const start = (script = 'sleep 600 & wait') =>
  spawnTracked(project, {
    name: 'sleeper',
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: String(process.env['PATH']) },
    cwd: project,
    logFile: join(project, 'log'),
  });

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 5_000; !condition(); await sleep(10)) {
    if (Date.now() > deadline) {
      throw new Error('the condition did not come');
    }
  }
}

const groupOfTwo = async (script?: string) => {
  const sleeper = start(script);
  await until(() => membersOfGroup(sleeper.pid).length === 2);
  return sleeper;
};

/** Changes the record on disk, as if it had been written in another life. */
function rewrite(pid: number, change: object): void {
  const file = join(runDirectory(project), `${pid}.json`);
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }));
}
const DEAD_OWNER = { owner: { pid: process.pid, startTime: 'long ago' } };

test('a process has a start time that a later one with its pid would not have; a dead one has none', async () => {
  const sleeper = await groupOfTwo();
  expect(startTimeOf(sleeper.pid)).toBe(startTimeOf(sleeper.pid));
  expect(startTimeOf(sleeper.pid)).not.toBe(startTimeOf(process.pid));
  await sleeper.stop();
  expect(startTimeOf(sleeper.pid)).toBeNull();
});

test('stop ends the whole group and forgets it', async () => {
  const sleeper = await groupOfTwo();
  await sleeper.stop();
  expect(membersOfGroup(sleeper.pid)).toEqual([]);
  expect(readdirSync(runDirectory(project))).toEqual([]);
  expect(await sleeper.exited).toBe('signal SIGTERM');
});

test('a process that ends by itself is forgotten, so that its number may become another one', async () => {
  const brief = start('exit 3');
  expect(await brief.exited).toBe('exit code 3');
  await until(() => readdirSync(runDirectory(project)).length === 0);
});

test('what ignores SIGTERM, or is frozen, is ended all the same', async () => {
  const deaf = await groupOfTwo(`trap '' TERM; sleep 600 & wait`);
  const frozen = await groupOfTwo();
  process.kill(frozen.pid, 'SIGSTOP');
  await Promise.all([deaf.stop(100), frozen.stop(100)]);
  expect([...membersOfGroup(deaf.pid), ...membersOfGroup(frozen.pid)]).toEqual([]);
});

describe('cleanUpLeftovers', () => {
  test('leaves the processes of a living tool alone', async () => {
    const sleeper = await groupOfTwo();
    expect(await cleanUpLeftovers(project)).toEqual([]);
    expect(membersOfGroup(sleeper.pid)).toHaveLength(2);
  });

  test('ends those of a dead one', async () => {
    const sleeper = await groupOfTwo();
    rewrite(sleeper.pid, DEAD_OWNER);
    expect(await cleanUpLeftovers(project)).toEqual(['sleeper']);
    expect(membersOfGroup(sleeper.pid)).toEqual([]);
  });

  test('ends children that outlived the process that was written down', async () => {
    const sleeper = await groupOfTwo();
    rewrite(sleeper.pid, DEAD_OWNER);
    process.kill(sleeper.pid, 'SIGKILL');
    await until(() => startTimeOf(sleeper.pid) === null);
    expect(membersOfGroup(sleeper.pid)).toHaveLength(1);
    expect(await cleanUpLeftovers(project)).toEqual(['sleeper']);
    expect(membersOfGroup(sleeper.pid)).toEqual([]);
  });

  test('never touches a process that has the pid by now but is another', async () => {
    const sleeper = await groupOfTwo();
    rewrite(sleeper.pid, { ...DEAD_OWNER, startTime: 'before', token: 'of another process' });
    expect(await cleanUpLeftovers(project)).toEqual([]);
    expect(membersOfGroup(sleeper.pid)).toHaveLength(2);
    expect(existsSync(join(runDirectory(project), `${sleeper.pid}.json`))).toBe(false);
  });

  test('forgets a record that was half written', async () => {
    await start('exit 0').exited;
    writeFileSync(join(runDirectory(project), '1.json'), '{"pid":');
    await cleanUpLeftovers(project);
    expect(existsSync(join(runDirectory(project), '1.json'))).toBe(false);
  });
});

test('a command that does not exist is named', () => {
  const missing = () =>
    spawnTracked(project, {
      name: 'nothing',
      command: '/no/such/command',
      args: [],
      env: {},
      cwd: project,
      logFile: join(project, 'log'),
    });
  expect(missing).toThrow('nothing could not be started: is /no/such/command installed?');
});
