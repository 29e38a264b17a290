import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { EmulatorSetupError } from './errors';

const run = promisify(execFile);
const REQUIREMENTS = join(__dirname, 'requirements.txt');
/** The oldest Python that MiniStack 1.5.33 declares on PyPI. */
const OLDEST_PYTHON = [3, 10] as const;
const VENV_TIMEOUT_MS = 120_000;
const PIP_TIMEOUT_MS = 600_000;
const PROBE_TIMEOUT_MS = 15_000;

/**
 * Makes `<project>/.understudy/venv` with the pinned emulator in it, unless it is there already. The stamp file is
 * written last and holds a hash of the requirements: an interrupted installation, or one of other versions, is redone.
 *
 * @throws EmulatorSetupError naming what the machine lacks and how to get it
 */
export async function ensureEmulatorInstalled(
  projectDir: string,
  log: (message: string) => void,
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): Promise<{ python: string }> {
  const venv = join(projectDir, '.understudy', 'venv');
  const python = join(venv, 'bin', 'python');
  const stamp = join(venv, 'understudy-stamp');
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return { python };
  }
  await requirePython(env);
  log('Installing the embedded AWS into .understudy/venv (90 MB, once)');
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(join(projectDir, '.understudy'), { recursive: true });
  await makeVenv(venv, env);
  await install(python, env);
  writeFileSync(stamp, wanted);
  return { python };
}

async function requirePython(env: NodeJS.ProcessEnv): Promise<void> {
  const found = await run('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    timeout: PROBE_TIMEOUT_MS,
    env,
  }).catch((cause: unknown) => {
    throw new EmulatorSetupError(
      'python3 was not found. The embedded AWS needs Python 3.10 or later: install it ' +
        '(Debian/Ubuntu: apt install python3 python3-venv; macOS: brew install python).',
      { cause },
    );
  });
  const [major = 0, minor = 0] = found.stdout.trim().split('.').map(Number);
  if (major !== OLDEST_PYTHON[0] || minor < OLDEST_PYTHON[1]) {
    throw new EmulatorSetupError(
      `python3 is ${found.stdout.trim()}, the embedded AWS needs ${OLDEST_PYTHON.join('.')} or later: ` +
        'install a newer Python and put it first on the PATH.',
    );
  }
}

async function makeVenv(venv: string, env: NodeJS.ProcessEnv): Promise<void> {
  await run('python3', ['-m', 'venv', venv], { timeout: VENV_TIMEOUT_MS, env }).catch((cause: unknown) => {
    rmSync(venv, { recursive: true, force: true });
    throw new EmulatorSetupError(
      'python3 cannot make a virtual environment: its venv module is missing or the disk is full ' +
        `(Debian/Ubuntu: apt install python3-venv). ${lastLines(cause)}`,
      { cause },
    );
  });
}

async function install(python: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', REQUIREMENTS];
  await run(python, args, { timeout: PIP_TIMEOUT_MS, env }).catch((cause: unknown) => {
    throw new EmulatorSetupError(
      'pip could not install the embedded AWS. Is the Python package index reachable (a proxy is set by PIP_PROXY, ' +
        `a mirror by PIP_INDEX_URL)? Start again afterwards, the installation is redone. ${lastLines(cause)}`,
      { cause },
    );
  });
}

function lastLines(cause: unknown): string {
  const stderr = typeof cause === 'object' && cause !== null && 'stderr' in cause ? String(cause.stderr) : '';
  return stderr.trim().split('\n').slice(-5).join('\n');
}
