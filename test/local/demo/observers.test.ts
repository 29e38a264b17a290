import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { workersOf } from '../../../local/demo/observers';
import { notYet, ready, until } from '../../../local/demo/until';

/** A process on a file where the emulator would have put it; it lives until it is killed. */
function startWorker(stateDir: string, functionName: string) {
  const folder = join(stateDir, 'tmp', `ministack-lambda-${functionName}-a1b2c3`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '_worker.js'), 'setInterval(() => {}, 1000);');
  return spawn(process.execPath, [join(folder, '_worker.js')], { stdio: 'ignore' });
}

test("finds a function's workers, and neither another function's nor another emulator's", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'understudy-workers-'));
  const elsewhere = mkdtempSync(join(tmpdir(), 'understudy-elsewhere-'));
  const own = startWorker(stateDir, 'observer-a');
  const others = [startWorker(stateDir, 'observer-a-second/x'), startWorker(elsewhere, 'observer-a')];
  try {
    const found = await until('the worker shows in the list of processes', { timeoutMs: 5_000 }, () => {
      const pids = workersOf('observer-a', stateDir);
      return Promise.resolve(pids.length > 0 ? ready(pids) : notYet('none'));
    });

    expect(found).toEqual([own.pid]);
    expect(workersOf('observer-b', stateDir)).toEqual([]);
  } finally {
    for (const child of [own, ...others]) child.kill('SIGKILL');
    for (const folder of [stateDir, elsewhere]) rmSync(folder, { recursive: true, force: true });
  }
});
