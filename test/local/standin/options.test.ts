import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { DEFAULTS, formatArguments, parseArguments, parseSipBinding } from '../../../local/standin/options';

describe('the command line of a stand-in', () => {
  it('says again what was said', () => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'standin-options-')), 'password');
    fs.writeFileSync(file, 'secret\n');
    const options = {
      ...DEFAULTS,
      name: 'node-1',
      management: '127.64.0.10',
      eslPort: 8021,
      sip: [
        { vip: 'main', address: '127.64.0.20', port: 5060, profiles: ['external-main', 'internal-main'] },
        { vip: 'x', address: '127.64.0.21', port: 5080, profiles: ['x'], publicAddress: '127.65.0.1' },
      ],
      timeScale: 0.5,
      sipAfterMs: 10,
      eslAfterMs: 20,
      heartbeatMs: 2_000,
      calls: 3,
    };

    const parsed = parseArguments(formatArguments(options, file));

    expect(parsed).toEqual({ ...options, password: 'secret' });
    expect(formatArguments(options, file).join(' ')).not.toContain('secret');
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
