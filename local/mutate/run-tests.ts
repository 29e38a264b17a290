/** Runs chosen tests in a tree, and says whether one of them failed: an assertion, and not a file that did not load. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export type TestOutcome =
  | { kind: 'passed'; tests: number }
  | { kind: 'failed'; test: string }
  /** No test was run, or one could not be loaded: that says nothing about a guard. */
  | { kind: 'broken'; why: string }
  | { kind: 'timed-out' };

const JEST = join('node_modules', 'jest', 'bin', 'jest.js');

/** @param deadlineMs after it the tests and what they started are killed */
export async function runTests(folder: string, patterns: readonly string[], deadlineMs: number): Promise<TestOutcome> {
  // A group of its own, so that a test that never ends is ended with all that it started.
  const child = spawn(process.execPath, [JEST, '--bail', '--runInBand', ...patterns], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, deadlineMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearTimeout(timer);
  return timedOut ? { kind: 'timed-out' } : outcomeOf(code, output);
}

/** What jest said. It ends at the first failing file, where it writes no report but its words. */
export function outcomeOf(code: number | null, output: string): TestOutcome {
  if (output.includes('Test suite failed to run')) return { kind: 'broken', why: output.slice(0, 400) };
  const failed = /^ +● (.+)$/m.exec(output)?.[1];
  if (code !== 0 && failed !== undefined) return { kind: 'failed', test: failed };
  const passed = /^Tests: .*?(\d+) passed/m.exec(output)?.[1];
  if (code !== 0 || passed === undefined) return { kind: 'broken', why: output.slice(-400) };
  return { kind: 'passed', tests: Number(passed) };
}
