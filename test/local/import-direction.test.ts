import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

interface LintMessage {
  ruleId: string | null;
  message: string;
}

/** Lints `code` as if it stood in the file `as`, which must exist so that the compiler knows its project. */
function lint(as: string, code: string): LintMessage[] {
  const eslint = join(root, 'node_modules/eslint/bin/eslint.js');
  const args = [eslint, '--stdin', '--stdin-filename', join(root, as), '--format', 'json'];
  const result = spawnSync(process.execPath, args, { cwd: root, input: code, encoding: 'utf8' });
  if (result.status === 2) throw new Error(result.stderr);
  const [file] = JSON.parse(result.stdout) as { messages: LintMessage[] }[];
  return file?.messages ?? [];
}

const rulesBroken = (as: string, code: string): (string | null)[] => lint(as, code).map((message) => message.ruleId);

describe('the linter holds the direction of imports', () => {
  test('domain may not import operations', () => {
    const code =
      "import { type RegistrationRequest } from '../operations/registration-request';\nexport type X = RegistrationRequest;\n";
    expect(rulesBroken('lib/domain/ports.ts', code)).toContain('boundaries/dependencies');
  });

  test('domain may not import a package or a module of Node', () => {
    expect(rulesBroken('lib/domain/ports.ts', "export { z } from 'zod';\n")).toContain('boundaries/dependencies');
    expect(rulesBroken('lib/domain/ports.ts', "export { join } from 'node:path';\n")).toContain(
      'boundaries/dependencies',
    );
  });

  test('config may not import operations, nor operations the local tools', () => {
    const up = "export type { RegistrationRequest } from '../operations/registration-request';\n";
    expect(rulesBroken('lib/config/model.ts', up)).toContain('boundaries/dependencies');
    const out = "export { judge } from '../../local/demo/judge';\n";
    expect(rulesBroken('lib/operations/registration-request.ts', out)).toContain('boundaries/dependencies');
  });

  test('operations may import domain', () => {
    const code = "export type { Policy } from '../domain/model';\n";
    expect(rulesBroken('lib/operations/registration-request.ts', code)).toEqual([]);
  });

  test('console is refused in lib', () => {
    expect(rulesBroken('lib/domain/errors.ts', "console.log('here');\n")).toContain('no-console');
  });

  test('a promise left alone is refused', () => {
    expect(rulesBroken('lib/domain/errors.ts', 'Promise.resolve(1);\n')).toContain(
      '@typescript-eslint/no-floating-promises',
    );
  });
});
