import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureEmulatorInstalled } from '../../../local/emulator/setup';

/** Stands for python3: knows its version, makes a venv whose python is itself, and "installs" into a file. */
const PYTHON = `#!/bin/sh
case "$1 $2" in
  '-c '*) echo "$FAKE_VERSION" ;;
  '-m venv') [ -z "$FAKE_NO_VENV" ] || { echo 'ensurepip is not available' >&2; exit 1; }
             mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  '-m pip') [ -z "$FAKE_NO_NETWORK" ] || { echo 'Could not find a version' >&2; exit 1; }
            echo installed >> "$FAKE_INSTALLATIONS" ;;
esac
`;

let project: string;
let messages: string[];
let env: Record<string, string>;
const install = () => ensureEmulatorInstalled(project, (message) => messages.push(message), env);
const installations = () => {
  const file = String(env['FAKE_INSTALLATIONS']);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0;
};

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'understudy-setup-'));
  messages = [];
  const bin = join(project, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'python3'), PYTHON);
  chmodSync(join(bin, 'python3'), 0o755);
  env = {
    PATH: `${bin}:/usr/bin:/bin`,
    FAKE_VERSION: '3.11',
    FAKE_INSTALLATIONS: join(project, 'installations'),
  };
});
afterEach(() => {
  rmSync(project, { recursive: true, force: true });
});

test('installs once, says so, and finds it the next time', async () => {
  const { python } = await install();
  expect(await install()).toEqual({ python });
  expect(python).toBe(join(project, '.understudy/venv/bin/python'));
  expect(installations()).toBe(1);
  expect(messages).toHaveLength(1);
});

test('an interrupted installation, and one of other versions, is redone', async () => {
  const { python } = await install();
  const stamp = join(project, '.understudy/venv/understudy-stamp');
  rmSync(stamp);
  await install();
  writeFileSync(stamp, 'of other requirements');
  await install();
  expect(installations()).toBe(3);
  expect(existsSync(python)).toBe(true);
});

describe('says what is missing and how to get it', () => {
  test('no python3', async () => {
    env['PATH'] = join(project, 'nothing-here');
    await expect(install()).rejects.toThrow(/python3 was not found.*apt install python3/);
  });

  test('an old python3', async () => {
    env['FAKE_VERSION'] = '3.9';
    await expect(install()).rejects.toThrow('python3 is 3.9, the embedded AWS needs 3.10 or later');
  });

  test('no venv module', async () => {
    env['FAKE_NO_VENV'] = '1';
    await expect(install()).rejects.toThrow(/apt install python3-venv.*ensurepip is not available/);
  });

  test('no network: and nothing half made is taken for whole', async () => {
    env['FAKE_NO_NETWORK'] = '1';
    await expect(install()).rejects.toThrow(/Is the Python package index reachable/);
    delete env['FAKE_NO_NETWORK'];
    await install();
    expect(installations()).toBe(1);
  });
});
