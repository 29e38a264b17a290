import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BASE } from '../config/fixture';

const ROOT = join(__dirname, '..', '..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-render-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Writes the file and runs the command as `npm run render` does, behind the door. */
function render(yaml: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  writeFileSync(join(folder, 'understudy.yaml'), yaml);
  const given = ['--config', join(folder, 'understudy.yaml'), '--out', join(folder, 'out'), ...args];
  return spawnSync(process.execPath, ['--import', 'tsx', join(ROOT, 'bin/render.ts'), ...given], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

const written = (...path: string[]): string => readFileSync(join(folder, 'out', ...path), 'utf8');

test('writes all files and says what is left to fill in, and how', () => {
  const { status, stdout, stderr } = render(BASE, '--node', 'alice');

  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toContain('sip_profiles/external.xml');
  expect(stdout).toMatch(/@@PRIMARY_ADDRESS@@ +--management-address IP/);
  expect(stdout).toMatch(/@@PUBLIC:main@@ +--public-address main=IP/);
  expect(stdout).toContain('--esl-password-file FILE');
  expect(written('freeswitch.xml')).toContain('data="autoload_configs/sofia.conf.xml"');
  expect(written('node.xml')).toContain('node_id=alice');
}, 60_000);

test('with all that is known, nothing is left, and the password is in a file of its own', () => {
  writeFileSync(join(folder, 'password'), 's3cret&\n');
  const known = ['--management-address', '127.0.0.2', '--public-address', 'main=198.51.100.10'];

  const { stdout } = render(BASE, '--node', 'alice', ...known, '--esl-password-file', join(folder, 'password'));

  expect(stdout).not.toContain('@@');
  expect(stdout).not.toContain('s3cret');
  expect(written('esl.xml')).toContain('esl_password=s3cret&amp;');
  expect(statSync(join(folder, 'out', 'esl.xml')).mode & 0o777).toBe(0o600);
  expect(written('node.xml')).toContain('data="esl.xml"');
}, 60_000);

test('the files of users come along as they are', () => {
  mkdirSync(join(folder, 'mine', 'dialplan'), { recursive: true });
  writeFileSync(join(folder, 'mine', 'dialplan', 'echo.xml'), '<context name="public"/>');
  const yaml = BASE.replace('    callers:', '    freeswitch: { userFiles: { folder: ./mine } }\n    callers:');

  const { status } = render(yaml, '--node', 'alice');

  expect(status).toBe(0);
  expect(written('user', 'dialplan', 'echo.xml')).toBe('<context name="public"/>');
}, 60_000);

test('a folder with something in it is left alone unless told otherwise', () => {
  mkdirSync(join(folder, 'out'));
  writeFileSync(join(folder, 'out', 'precious'), 'mine');

  const refused = render(BASE, '--node', 'alice');
  const before = readdirSync(join(folder, 'out'));
  const forced = render(BASE, '--node', 'alice', '--force');

  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('is not empty');
  expect(before).toEqual(['precious']);
  expect(forced.status).toBe(0);
  expect(written('precious')).toBe('mine');
}, 60_000);

test('a node that is not there is named, with those that are', () => {
  const { status, stderr } = render(BASE, '--node', 'zoe');

  expect(status).toBe(1);
  expect(stderr).toContain('"zoe"');
  expect(stderr).toContain('pbx (alice, bob)');
}, 60_000);
