/** cfn-lint in a place of its own inside the project: installed once, in the version that the tests were run with. */
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeError } from '../lib/domain/errors';

const run = promisify(execFile);

export const CFN_LINT_VERSION = '1.58.0';

/**
 * W3005: a dependency stands beside a reference that implies it. The CDK writes it for every role of a function, and
 * with reason: it means the role *and its policies*.
 */
const IGNORED = ['W3005'];

const INSTALL_TIMEOUT_MS = 180_000;
const LINT_TIMEOUT_MS = 120_000;

/**
 * Makes `<project>/.understudy/cfn-lint` unless it is there in the right version.
 *
 * @returns path of the program
 * @throws Error naming what is missing (python3, its venv module, the network) and the remedy
 */
export async function ensureCfnLint(projectDir: string): Promise<string> {
  const home = join(projectDir, '.understudy', 'cfn-lint');
  const stamp = join(home, 'understudy-version');
  const program = join(home, 'bin', 'cfn-lint');
  // The stamp is written last: a half-made environment has none.
  if ((await readFile(stamp, 'utf8').catch(() => '')) === CFN_LINT_VERSION) return program;
  try {
    await rm(home, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', home], { timeout: INSTALL_TIMEOUT_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `cfn-lint==${CFN_LINT_VERSION}`];
    await run(join(home, 'bin', 'python'), pip, { timeout: INSTALL_TIMEOUT_MS });
    await writeFile(stamp, CFN_LINT_VERSION);
  } catch (error) {
    throw new Error(
      `cfn-lint ${CFN_LINT_VERSION} could not be installed into ${home}. It needs python3 with its venv module ` +
        `(Debian: apt-get install python3-venv) and the package registry. ${describeError(error)}`,
      { cause: error },
    );
  }
  return program;
}

/** @returns one line per finding; none when the templates are clean */
export async function lintTemplates(program: string, templates: readonly string[]): Promise<string[]> {
  const args = ['--ignore-checks', ...IGNORED, '--format', 'parseable', '--', ...templates];
  try {
    const { stdout } = await run(program, args, { timeout: LINT_TIMEOUT_MS, maxBuffer: 16 * 2 ** 20 });
    return lines(stdout);
  } catch (error) {
    // It ends with a code other than 0 when it found something; without output it did not get as far.
    const found = lines((error as { stdout?: string }).stdout ?? '');
    if (found.length === 0) throw error;
    return found;
  }
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
