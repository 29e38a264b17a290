import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { membersOfGroup } from '../../../local/emulator/process-table';
import { runDirectory } from '../../../local/emulator/processes';

const ROOT = join(__dirname, '..', '..', '..');

/** A local command in a process of its own: starts a sleeper, says its pid, and does what `then` says. */
const command = (project: string, then: string) => `
  const { spawnTracked, stopAllOnExit } = require(${JSON.stringify(join(ROOT, 'local/emulator/processes.ts'))});
  stopAllOnExit((message) => process.stderr.write(message));
  const { pid } = spawnTracked(${JSON.stringify(project)}, {
    name: 'sleeper', command: '/bin/sh', args: ['-c', 'sleep 600 & wait'], env: { PATH: process.env.PATH },
    cwd: ${JSON.stringify(project)}, logFile: ${JSON.stringify(join(project, 'log'))} });
  process.stdout.write(String(pid));
  ${then}`;

test.each([
  ['Ctrl-C', `setInterval(() => {}, 1000)`, 'SIGINT', 130],
  ['SIGTERM', `setInterval(() => {}, 1000)`, 'SIGTERM', 143],
  ['an uncaught exception', `setTimeout(() => { throw new Error('bug'); }, 50)`, null, 1],
  ['its own exit', `setTimeout(() => process.exit(0), 50)`, null, 0],
] as const)(
  'after %s no process is left',
  async (_, then, signal, expectedCode) => {
    const project = mkdtempSync(join(tmpdir(), 'understudy-exit-'));
    const tool = spawn(process.execPath, ['--import', 'tsx', '-e', command(project, then)], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exit = new Promise<number | null>((resolve) => tool.once('exit', resolve));
    const sleeper = await new Promise<number>((resolve) => tool.stdout.once('data', (pid) => resolve(Number(pid))));
    if (signal !== null) {
      tool.kill(signal);
    }

    expect(await exit).toBe(expectedCode);

    // SIGKILL at the very end is not waited for: the kernel takes its moment.
    for (const deadline = Date.now() + 2_000; membersOfGroup(sleeper).length > 0 && Date.now() < deadline;) {
      await sleep(10);
    }
    expect(membersOfGroup(sleeper)).toEqual([]);
    expect(readdirSync(runDirectory(project))).toEqual([]);
    rmSync(project, { recursive: true, force: true });
  },
  20_000,
);
