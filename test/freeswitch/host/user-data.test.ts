import { spawnSync } from 'node:child_process';
import { BOOT_SCRIPT, MAX_USER_DATA_BYTES, userData } from '../../../lib/freeswitch/host/user-data';
import { CORE_TABLES } from '../../../lib/database/schema/freeswitch-core';
import { SOFIA_TABLES } from '../../../lib/database/schema/freeswitch-sofia';
import { AWAITED_TABLES, nodeEnvironment, vipLines } from '../../../lib/freeswitch/host/settings';
import { installed, settings } from './node-folder';

const identity = { cluster: 'pbx', node: 'alice' };
const text = userData(settings, identity);

describe('user data', () => {
  it('runs at every boot, so that a changed deployment takes effect', () => {
    expect(text.startsWith('#cloud-boothook\n#!/bin/sh\n')).toBe(true);
  });

  it('fits into what EC2 takes, with thirty VIPs too', () => {
    const vips = Array.from({ length: 30 }, (_, index) => ({ ...settings.vips[0]!, id: `line-${index}` }));
    expect(Buffer.byteLength(userData({ ...settings, vips }, identity))).toBeLessThan(MAX_USER_DATA_BYTES);
  });

  it('is refused before the deployment where EC2 would not take it, with what to do', () => {
    const profiles = Array.from({ length: 10 }, (_, index) => `${'long-name-'.repeat(6)}${index}`);
    const vips = Array.from({ length: 20 }, (_, index) => ({ id: `line-${index}`, profiles, sipPort: 5060 }));
    expect(() => userData(settings, { ...identity, vips })).toThrow(
      /^node alice: .* \d+ bytes, and EC2 takes 16384: .*fewer VIPs/,
    );
  });

  it('names secrets and holds none', () => {
    expect(text).toContain(settings.eslSecretArn);
    expect(text).not.toMatch(/password|BEGIN [A-Z ]*KEY|AKIA/i);
  });

  it('makes the boot wait for nothing', () => {
    expect(text).toContain('systemctl start --no-block understudy-boot.service');
  });

  it('goes on with the archive of an earlier boot when S3 is away', () => {
    expect(BOOT_SCRIPT).toMatch(/elif \[ -d "\$home\/archive" \]/);
    expect(BOOT_SCRIPT).toContain('timeout 120 aws s3 cp');
  });

  it('is a script that sh and bash understand', () => {
    expect(spawnSync('sh', ['-n'], { input: text }).status).toBe(0);
    expect(spawnSync('bash', ['-n'], { input: BOOT_SCRIPT }).status).toBe(0);
  });

  (installed('shellcheck') ? it : it.skip)('has nothing that shellcheck warns of (needs shellcheck)', () => {
    const checked = [
      ['sh', text.replace('#cloud-boothook\n', '')],
      ['bash', BOOT_SCRIPT],
    ].map(([shell = '', input]) => {
      // SC1091: the settings that the script reads are not on this machine.
      return spawnSync('shellcheck', ['-s', shell, '-e', 'SC1091,SC2154', '-S', 'warning', '-'], {
        input,
        encoding: 'utf8',
      });
    });
    expect(checked.map(({ stdout }) => stdout)).toEqual(['', '']);
  });
});

describe('the settings', () => {
  it('wait for tables that the deployment makes', () => {
    const made = [...CORE_TABLES, ...SOFIA_TABLES].map(({ name }) => name);
    expect(AWAITED_TABLES.filter((table) => !made.includes(table))).toEqual([]);
  });

  it('are read by a shell as they were meant', () => {
    const { stdout } = spawnSync('bash', ['-c', `${nodeEnvironment(settings)}echo "$DB_ROLE $DB_TLS_OPTIONS"`], {
      encoding: 'utf8',
    });
    expect(stdout.trim()).toBe('node_alice sslmode=verify-full sslrootcert=/etc/understudy/rds-ca.pem');
  });

  it('refuse what would end a quotation', () => {
    expect(() => nodeEnvironment({ ...settings, logGroup: "a'; reboot; '" })).toThrow('cannot stand in the settings');
  });

  it('say of each VIP where it is bound, mapped, known and certified', () => {
    const [vip] = settings.vips;
    const vips = [
      vip!,
      { ...vip!, id: 'adopted', publicAddress: { kind: 'tagged', key: 'Name', value: 'carrier' } as const },
      {
        ...vip!,
        id: 'inside',
        serviceAddress: null,
        publicAddress: { kind: 'none' } as const,
        tlsSecretArn: 'arn:tls',
      },
    ];
    expect(vipLines(vips).split('\n').slice(1)).toEqual([
      'main-line 10.255.0.10 10.99.1.21 198.51.100.10 -',
      'adopted 10.255.0.10 10.99.1.21 tag:Name=carrier -',
      'inside - 10.99.1.21 - arn:tls',
      '',
    ]);
  });
});
