import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { formatArguments, parseArguments, parseSipBinding } from '../../../local/standin/arguments';
import { DEFAULTS } from '../../../local/standin/options';

describe('the command line of a stand-in', () => {
  it('says again what was said', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'standin-options-'));
    const files = { password: path.join(folder, 'password'), databasePassword: path.join(folder, 'database') };
    fs.writeFileSync(files.password, 'secret\n');
    fs.writeFileSync(files.databasePassword, 'other\n');
    const options = {
      ...DEFAULTS,
      name: 'node-1',
      switchName: 'pool',
      management: '127.64.0.10',
      eslPort: 8021,
      sip: [
        { vip: 'main', address: '127.64.0.20', port: 5060, profiles: ['external-main', 'internal-main'] },
        { vip: 'x', address: '127.64.0.21', port: 5080, profiles: ['x'], publicAddress: '127.65.0.1' },
        { vip: 'y', address: '127.64.0.22', port: 5060, profiles: ['y'], serviceAddress: '10.255.0.10' },
      ],
      timeScale: 0.5,
      sipAfterMs: 10,
      eslAfterMs: 20,
      heartbeatMs: 2_000,
      calls: 3,
      database: { host: '127.0.0.1', port: 5432, name: 'fs', user: 'node_1', password: 'other' },
      gateways: [{ profile: 'x', name: 'carrier' }],
      regThreads: false,
      clockBehindMs: 300_000,
    };

    const parsed = parseArguments(formatArguments(options, files));

    expect(parsed).toEqual({ ...options, password: 'secret' });
    expect(formatArguments(options, files).join(' ')).not.toMatch(/secret|other/);
    fs.rmSync(folder, { recursive: true });
  });

  it.each([
    ['main=127.64.0.20:5060', /write VIP=ADDR:PORT/],
    ['127.64.0.20:5060/external', /write VIP=ADDR:PORT/],
    ['main=10.0.0.1:5060/external', /10\.0\.0\.1 is not in 127\.0\.0\.0\/8/],
  ])('refuses %s', (text, message) => {
    expect(() => parseSipBinding(text)).toThrow(message);
  });

  it('refuses a management address that others could reach', () => {
    const argv = ['--name', 'n', '--management', '0.0.0.0', '--password-file', '/dev/null'];

    expect(() => parseArguments(argv)).toThrow(/0\.0\.0\.0 is not in 127\.0\.0\.0\/8/);
  });

  it('names what is missing', () => {
    expect(() => parseArguments([])).toThrow(/--management is missing; usage/);
  });
});
