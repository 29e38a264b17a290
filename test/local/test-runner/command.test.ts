import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { endAll, runNode } from '../../../local/test-runner/command';

/** Writes a file when it no longer listens to SIGTERM. */
const stubborn = (upFile: string): string =>
  `process.on('SIGTERM', () => {}); fs.writeFileSync(${JSON.stringify(upFile)}, ''); setInterval(() => {}, 1000)`;
const options = { cwd: __dirname, timeoutMs: 60_000, show: false };

describe('a program of the test stages', () => {
  test('gives its exit code and what it wrote', async () => {
    const result = await runNode(['-e', `process.stdout.write('seen'); process.exitCode = 3`], options);

    expect(result).toEqual({ exitCode: 3, output: 'seen', timedOut: false });
  });

  // The last of the file: it ends the running of programs for good.
  test('is ended by a signal to the runner even if it does not listen, and no other one starts after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-runner-'));
    const running = runNode(['-e', stubborn(join(folder, 'up'))], options);
    for (const deadline = Date.now() + 10_000; !existsSync(join(folder, 'up')) && Date.now() < deadline;)
      await sleep(10);

    await endAll(100);

    expect(await running).toMatchObject({ exitCode: null, timedOut: false });
    expect(await runNode(['-e', ''], options)).toMatchObject({
      exitCode: null,
      output: expect.stringContaining('not started'),
    });
    rmSync(folder, { recursive: true, force: true });
  }, 20_000);
});
