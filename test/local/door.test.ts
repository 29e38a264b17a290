/** What the door of every command says where npm, or a hurried hand, gave it something else than was meant. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

function door(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { status: number | null; says: string } {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'local/run.mjs'), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
    timeout: 20_000,
  });
  return { status, says: stderr };
}

describe('the door', () => {
  it.each([
    ['--fault', 'demo', { npm_config_fault: 'freeze' }, 'npm run demo -- --fault'],
    ['-c, which is npm --call', 'synth', { npm_config_call: 'config=understudy.yaml' }, 'npm run synth -- -c'],
  ])('says that npm took %s, and what to write', (_option, command, env, remedy) => {
    const { status, says } = door([command], env);
    expect(status).toBe(1);
    expect(says).toContain(remedy);
  });

  it.each([['config=understudy.yaml'], ['understudy.yaml']])('says that %s is no name of a stack', (argument) => {
    const { status, says } = door(['synth', '--', argument]);
    expect(status).toBe(1);
    expect(says).toContain('npm run synth -- -c config=understudy.yaml');
  });

  it.each([[['--config', 'no/such.yaml']], [['--config=no/such.yaml']], [['-c', 'config=no/such.yaml']]])(
    'takes a configuration by %j',
    (args) => {
      const { status, says } = door(['synth', ...args]);
      expect(status).toBe(1);
      expect(says).toContain('no/such.yaml');
      expect(says).toContain('does not exist');
    },
    30_000,
  );

  it('says that --config names no file', () => {
    expect(door(['synth', '--config'])).toMatchObject({ status: 1, says: expect.stringContaining('names no file') });
  });

  it('takes what npx runs for no option of ours', () => {
    expect(door(['deploy'], { npm_config_call: 'npm run synth' }).says).toContain('unknown command');
  });

  it('names the commands that there are', () => {
    expect(door(['deploy']).says).toContain('Known: demo, test,');
  });
});
