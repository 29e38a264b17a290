#!/usr/bin/env node
/**
 * `npm run test:freeswitch`: the whole of Understudy with real FreeSWITCH processes, a real PostgreSQL and live calls.
 * The world it makes is a network, mount and process namespace of its own: it ends with this process, however that ends.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runInside } from './inside';
import { parseOptions } from './options';

const BINARY_VARIABLE = 'UNDERSTUDY_FREESWITCH';
const FOLDER_VARIABLE = 'UNDERSTUDY_LAB_FOLDER';
const ISOLATION = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const NEEDED = ['unshare', 'ip', 'nft', 'sysctl', 'mount'];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function refuse(problem: string, remedy: string): never {
  process.stderr.write(`${problem}\n${remedy}\n`);
  process.exit(1);
}

function checkMachine(binary: string, modules: string): void {
  if (!existsSync(binary)) refuse(`${BINARY_VARIABLE} names ${binary}, which does not exist.`, 'Name the program.');
  if (!existsSync(modules)) {
    refuse(`There are no modules in ${modules}.`, 'Name the program inside its prefix: PREFIX/bin/freeswitch.');
  }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    refuse('The lab makes network namespaces, which takes root on Linux.', 'Run it as root, for example in a VM.');
  }
  const missing = NEEDED.filter((program) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length > 0) {
    refuse(
      `Not found: ${missing.join(', ')}.`,
      'On Debian and Ubuntu: apt-get install util-linux iproute2 nftables procps',
    );
  }
  const tried = spawnSync('unshare', [...ISOLATION, 'true'], { encoding: 'utf8' });
  if (tried.status !== 0) {
    refuse(`No namespaces can be made here: ${tried.stderr.trim()}`, 'A container needs --privileged for it.');
  }
}

async function outside(binary: string, modules: string): Promise<number> {
  checkMachine(binary, modules);
  const folder = mkdtempSync(join(tmpdir(), 'understudy-real-'));
  // PostgreSQL runs as another user and must get in; what is secret in there has its own mode.
  chmodSync(folder, 0o711);
  const env = { ...process.env, [FOLDER_VARIABLE]: folder };
  const args = [...ISOLATION, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', args, { stdio: 'inherit', env });
  // From a terminal it reaches the child too, which ends tidily; then we do.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGKILL'));
  const code = await new Promise<number>((resolve) => child.on('exit', (status) => resolve(status ?? 1)));
  if (process.argv.includes('--keep')) say(`Logs and configurations are kept in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  return code;
}

async function main(): Promise<number> {
  const binary = process.env[BINARY_VARIABLE];
  const options = parseOptions(process.argv.slice(2));
  if (binary === undefined || binary === '') {
    say(`SKIPPED: ${BINARY_VARIABLE} names no FreeSWITCH (PREFIX/bin/freeswitch), so nothing was run.`);
    return 0;
  }
  const modules = join(dirname(binary), '..', 'lib', 'freeswitch', 'mod');
  const folder = process.env[FOLDER_VARIABLE];
  return folder === undefined ? outside(binary, modules) : runInside({ binary, modules, folder, options, say });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
