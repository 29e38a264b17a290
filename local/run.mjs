/**
 * The door of every command: `node local/run.mjs <what> [arguments]`. Plain Node without a dependency, because it runs
 * before there are any: it checks the machine, installs what the lockfile names, says so, and hands over.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (path) => join(root, 'node_modules', path);
const tsx = ['--import', 'tsx'];

/** What each command runs once the machine is ready. `python`: it starts the local AWS or cfn-lint. */
const COMMANDS = {
  demo: { python: true, args: [...tsx, join(root, 'local/demo/demo.ts')] },
  test: { python: true, args: [...tsx, join(root, 'local/test-runner/main.ts')] },
  bench: { python: true, args: [...tsx, join(root, 'bench/bench.ts')] },
  synth: { python: false, args: [bin('aws-cdk/bin/cdk'), 'synth', '--quiet'], takesConfig: true },
  understudy: { python: false, args: [...tsx, join(root, 'bin/understudy.ts')] },
  render: { python: false, args: [...tsx, join(root, 'bin/render.ts')] },
  fuzz: { python: false, args: [...tsx, join(root, 'local/fuzz/fuzz.ts')] },
  simulate: { python: false, args: [...tsx, join(root, 'local/simulate/main.ts')] },
  evaluate: { python: false, args: [...tsx, join(root, 'local/evaluate/main.ts')] },
  mutate: { python: false, args: [...tsx, join(root, 'local/mutate/main.ts')] },
  diagrams: { python: false, args: [...tsx, join(root, 'local/docs/write-diagrams.ts')] },
  'test:freeswitch': { python: true, args: [...tsx, join(root, 'local/real/main.ts')] },
  explore: { python: false, args: [...tsx, join(root, 'local/simulate/explore.ts')] },
  typecheck: { python: false, args: [bin('typescript/bin/tsc'), '-p', join(root, 'tsconfig.json')] },
  lint: { python: false, args: [bin('eslint/bin/eslint.js'), root, '--max-warnings', '0'] },
  format: { python: false, args: [bin('prettier/bin/prettier.cjs'), '--write', root] },
};

const OWN_CONFIG = 'understudy.yaml';
const EXAMPLE = 'examples/primary-standby.yaml';
const OLDEST_NODE = 20;
const OLDEST_PYTHON = [3, 10];

function say(text) {
  process.stderr.write(`understudy: ${text}\n`);
}

function refuse(problem, remedy) {
  say(problem);
  say(remedy);
  process.exit(1);
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= OLDEST_NODE) return;
  refuse(`Node ${process.versions.node} is too old.`, `Install Node ${OLDEST_NODE} or later: https://nodejs.org`);
}

function checkPlatform() {
  if (process.platform !== 'win32') return;
  refuse('Windows cannot run the local AWS.', 'Use Linux, macOS or the Windows Subsystem for Linux.');
}

/** The local AWS is a Python package; Debian and Ubuntu ship Python without the module that makes environments. */
function checkPython() {
  const probe = spawnSync('python3', ['-c', 'import sys, venv, ensurepip; print(*sys.version_info[:2])'], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  const wanted = OLDEST_PYTHON.join('.');
  if (probe.error) refuse('python3 was not found.', `Install Python ${wanted} or later; the local AWS runs on it.`);
  if (probe.status !== 0)
    refuse('python3 cannot make a virtual environment.', 'On Debian and Ubuntu: apt-get install python3-venv');
  const [major = 0, minor = 0] = probe.stdout.trim().split(' ').map(Number);
  if (major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1])) return;
  refuse(`Python ${major}.${minor} is too old.`, `Install Python ${wanted} or later.`);
}

/**
 * The packages fit when the stamp has the lockfile's hash. npm writes its hidden lockfile with the last package: where
 * that one is not older than ours, somebody ran npm by hand and it ended well.
 */
function packagesFit(lockHash, stampFile) {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === lockHash) return true;
  const hidden = join(root, 'node_modules', '.package-lock.json');
  const writtenMs = (file) => statSync(file).mtimeMs;
  // `npm install` writes both files, in either order, within a second.
  return existsSync(hidden) && writtenMs(hidden) >= writtenMs(join(root, 'package-lock.json')) - 1_000;
}

/** Two commands started at once must not install over each other: the second waits until the first has ended. */
function withLock(action) {
  const lock = join(root, '.understudy', 'install.lock');
  mkdirSync(dirname(lock), { recursive: true });
  const deadline = Date.now() + 10 * 60_000;
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!ownerLives(lock)) rmSync(lock, { force: true });
      else if (Date.now() > deadline) refuse(`${lock} is still held.`, 'End the other command, or delete that file.');
      else if (!told) say('another command installs the packages; waiting for it.');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    action();
  } finally {
    rmSync(lock, { force: true });
  }
}

function ownerLives(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function ensurePackages() {
  const lockHash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stampFile = join(root, 'node_modules', '.understudy-lockfile');
  if (packagesFit(lockHash, stampFile)) return;
  withLock(() => {
    if (packagesFit(lockHash, stampFile)) return;
    say('installing the packages of package-lock.json (npm ci, 20 to 60 seconds) ...');
    const startedAt = Date.now();
    const npm = process.env.npm_execpath;
    const ci = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, ...ci]] : ['npm', ci];
    const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    if (result.status !== 0)
      refuse(
        'npm ci failed; its own message is above.',
        'Check the network and the registry (npm config get registry).',
      );
    writeFileSync(`${stampFile}.new`, lockHash);
    renameSync(`${stampFile}.new`, stampFile);
    say(`packages installed in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
  });
}

/** Runs the command in the foreground. A Ctrl-C reaches the child from the terminal: we only wait for its clean-up. */
function handOver(args) {
  // Node 20 is supported here on purpose; the SDK's reminder at every start would hide what matters.
  const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...process.env };
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => refuse(`could not start: ${error.message}`, 'Is Node itself still there?'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

/** Options of ours that npm takes for its own where `--` was forgotten. */
const TAKEN_BY_NPM = ['config', 'fault', 'calls', 'level', 'years', 'seed', 'table', 'vip'];

function refuseWhatNpmTook() {
  // `-c` is npm's `--call`, and stands in the environment of whatever `npx -c` runs: it is ours by its value alone.
  const context = process.env.npm_config_call ?? '';
  const taken = context.startsWith('config=') ? '-c' : TAKEN_BY_NPM.find((key) => process.env[`npm_config_${key}`]);
  if (taken === undefined) return;
  const option = taken === '-c' ? taken : `--${taken}`;
  refuse(`npm took ${option} for an option of its own.`, `Write -- before it: npm run ${what} -- ${option} ...`);
}

/** For `cdk` a configuration is context; for all else of ours it is `--config`, and so it may be here. */
function asContext(given) {
  const isBare = (argument, index) =>
    /^(config=|[^-].*\.ya?ml$)/.test(argument) && !(given[index - 1] ?? '').startsWith('-');
  const bare = given.find(isBare);
  if (bare !== undefined) {
    const file = bare.replace('config=', '');
    refuse(`${bare} is no name of a stack.`, `For a configuration: npm run synth -- -c config=${file}`);
  }
  if (given.at(-1) === '--config') refuse('--config names no file.', 'For a configuration: -- -c config=FILE');
  return given.flatMap((argument, index) => {
    if (argument.startsWith('--config=')) return ['-c', argument.slice(2)];
    if (argument === '--config') return [];
    return given[index - 1] === '--config' ? ['-c', `config=${argument}`] : [argument];
  });
}

/** A checkout without a configuration of its own can be tried all the same. */
function exampleUnlessConfigured(given) {
  if (given.some((argument) => argument.startsWith('config=')) || existsSync(join(root, OWN_CONFIG))) return [];
  say(`there is no ${OWN_CONFIG} here: this is ${EXAMPLE}. Another: -- -c config=FILE`);
  return ['-c', `config=${EXAMPLE}`];
}

const [what, ...rest] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, what ?? '') ? COMMANDS[what] : null;
if (command === null) refuse(`unknown command "${what ?? ''}".`, `Known: ${Object.keys(COMMANDS).join(', ')}.`);
refuseWhatNpmTook();
const words = rest[0] === '--' ? rest.slice(1) : rest;
const given = command.takesConfig ? asContext(words) : words;

checkPlatform();
checkNode();
if (command.python) checkPython();
ensurePackages();
handOver([...command.args, ...(command.takesConfig ? exampleUnlessConfigured(given) : []), ...given]);
