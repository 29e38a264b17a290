import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BOOT_UNIT } from '../../../lib/freeswitch/host/user-data';
import { FILES, installed } from './node-folder';

const UNITS = join(FILES, 'units');
const unit = (name: string): string => readFileSync(join(UNITS, name), 'utf8');
/** Values of one setting of a unit, in order. */
const valuesOf = (text: string, key: string): string[] =>
  [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((match) => match[1] ?? '');

describe('the unit of FreeSWITCH', () => {
  const freeswitch = unit('understudy-freeswitch.service');
  const one = (key: string): string | undefined => valuesOf(freeswitch, key)[0];

  it('never says SIGTERM: a stop is a kill, which leaves calls and their rows as they are', () => {
    expect(valuesOf(freeswitch, 'KillSignal')).toEqual(['SIGKILL']);
    expect(valuesOf(freeswitch, 'RestartKillSignal')).toEqual(['SIGKILL']);
    expect(one('KillMode')).toBe('control-group');
    expect(valuesOf(freeswitch, 'ExecStop')).toEqual([]);
    const directives = freeswitch.split('\n').filter((line) => !line.startsWith('#'));
    expect(directives.join('\n')).not.toMatch(/SIGTERM|SIGINT|-stop/);
  });

  it('starts again for ever, with a pause', () => {
    expect(one('Restart')).toBe('always');
    expect(one('RestartSec')).toBe('2');
    expect(one('StartLimitIntervalSec')).toBe('0');
    const backOff = readFileSync(join(FILES, 'drop-ins', 'back-off.conf'), 'utf8');
    expect(backOff).toMatch(/RestartSteps=5\nRestartMaxDelaySec=30/);
  });

  it('starts only with addresses, secrets, a right clock and the tables, asked at every start', () => {
    expect(valuesOf(freeswitch, 'ExecStartPre')).toEqual([
      '+/usr/local/lib/understudy/addresses',
      '+/usr/local/lib/understudy/secrets --if-missing',
      '+/usr/local/lib/understudy/wait-for-time',
      '+/usr/local/lib/understudy/wait-for-database',
    ]);
  });

  it('stays in the foreground, without a watchdog of its own', () => {
    expect(freeswitch).toMatch(/ExecStart=.*freeswitch -nf -nc -nonat -np -conf \S+ -log \S+ \\\n\s+-run \S+ -db \S+/);
    expect(freeswitch).not.toContain('-reincarnate');
  });

  it('records each incarnation, and does not fall with the record', () => {
    expect(valuesOf(freeswitch, 'ExecStartPost')).toEqual(['-+/usr/local/lib/understudy/incarnation']);
  });

  it('has room for the sockets that a locked role leaks', () => {
    expect(Number(one('LimitNOFILE'))).toBeGreaterThan(20_000);
  });
});

describe('all that runs on a node', () => {
  const scripts = readdirSync(join(FILES, 'bin')).map((name) => readFileSync(join(FILES, 'bin', name), 'utf8'));
  const everything = [...readdirSync(UNITS).map(unit), ...scripts].join('\n');

  it('promotes nothing: no promotion variable, no recovery, no rescan, no standby', () => {
    const commands = everything.split('\n').filter((line) => !line.trim().startsWith('#'));
    expect(commands.join('\n')).not.toMatch(/promoted_|setvar|\brecover\b|rescan|standby o/);
  });

  it('asks FreeSWITCH nothing that needs the database', () => {
    expect(everything).not.toMatch(/-x '(show|sofia)/);
  });

  it('is enabled nowhere: the boot starts it when its configuration is new', () => {
    expect(everything).not.toContain('[Install]');
  });

  it('puts no password on a command line', () => {
    expect(everything).not.toMatch(/fs_cli[^\n]* -p |PGPASSWORD|:\$token@/);
  });

  (installed('systemd-analyze') ? it : it.skip)('is taken by systemd (needs systemd-analyze)', () => {
    // A root of its own, where the commands that the units name exist.
    const root = mkdtempSync(join(tmpdir(), 'understudy-units-'));
    try {
      const units = join(root, 'etc/systemd/system');
      const commands = ['usr/bin/env', 'usr/bin/journalctl', 'usr/local/lib/understudy/boot'];
      cpSync(join(FILES, 'bin'), join(root, 'usr/local/lib/understudy'), { recursive: true });
      cpSync(UNITS, units, { recursive: true });
      writeFileSync(join(units, 'understudy-boot.service'), BOOT_UNIT);
      mkdirSync(join(root, 'usr/bin'), { recursive: true });
      for (const command of commands) writeFileSync(join(root, command), '');
      for (const command of readdirSync(join(root, 'usr/local/lib/understudy')))
        commands.push(`usr/local/lib/understudy/${command}`);
      for (const command of commands) chmodSync(join(root, command), 0o755);
      // The targets that every unit hangs on are systemd's own.
      cpSync('/usr/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true });
      const names = readdirSync(units);
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', `--root=${root}`, '--man=no', ...names], {
        encoding: 'utf8',
        timeout: 30_000,
      });
      const ours = stderr.split('\n').filter((line) => line.includes('understudy'));
      expect({ status, ours }).toEqual({ status: 0, ours: [] });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
