import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** Code, and the file in which it is pretended to stand; that file must exist. */
interface Case {
  as: string;
  code: string;
  typed?: boolean;
}

const DIRECTION = 'boundaries/dependencies';

const FORBIDDEN: Record<string, Case> = {
  'domain imports operations': {
    as: 'lib/domain/ports.ts',
    code: "export type { RegistrationRequest } from '../operations/registration-request';",
  },
  'domain imports a package': { as: 'lib/domain/ports.ts', code: "export { z } from 'zod';" },
  'domain imports a module of Node': { as: 'lib/domain/ports.ts', code: "export { join } from 'node:path';" },
  'config imports operations': {
    as: 'lib/config/model.ts',
    code: "export type { RegistrationRequest } from '../operations/registration-request';",
  },
  'aws imports infra': { as: 'lib/aws/call.ts', code: "export { TAGS } from '../infra/naming';" },
  'operations imports the local tools': {
    as: 'lib/operations/registration-request.ts',
    code: "export { judge } from '../../local/demo/judge';",
  },
  'the local tools import a test': {
    as: 'local/demo/judge.ts',
    code: "export { doneStep } from '../../test/local/demo/facts-fixture';",
  },
};

const ALLOWED: Record<string, Case> = {
  'operations imports domain': {
    as: 'lib/operations/registration-request.ts',
    code: "export type { Policy } from '../domain/model';",
  },
  'a test imports the local tools': {
    as: 'test/local/demo/judge.test.ts',
    code: "export { judge } from '../../../local/demo/judge';",
  },
};

const OTHER: Record<string, Case> = {
  console: { as: 'lib/domain/errors.ts', code: "console.log('here');" },
  promise: { as: 'lib/domain/errors.ts', code: 'Promise.resolve(1);', typed: true },
};

/**
 * All cases in one process: the linter is a module that Jest cannot load, and starting it takes longer than the rest.
 * The program that type-checks is made only for the case that needs it.
 */
const LINT_ALL = `
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
let input = '';
for await (const chunk of process.stdin) input += chunk;
const untyped = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });
const typed = new ESLint();
const broken = {};
for (const [name, { as, code, typed: needsTypes }] of Object.entries(JSON.parse(input))) {
  const [file] = await (needsTypes ? typed : untyped).lintText(code + '\\n', { filePath: as });
  broken[name] = file.messages.map((message) => message.ruleId ?? message.message);
}
process.stdout.write(JSON.stringify(broken));
`;

function rulesBroken(cases: Record<string, Case>): Record<string, string[]> {
  const args = ['--input-type=module', '-e', LINT_ALL];
  const options = { cwd: root, input: JSON.stringify(cases), encoding: 'utf8', timeout: 120_000 } as const;
  const result = spawnSync(process.execPath, args, options);
  if (result.status !== 0) throw new Error(`the linter did not run: ${result.stderr}`);
  return JSON.parse(result.stdout) as Record<string, string[]>;
}

describe('the linter', () => {
  let broken: Record<string, string[]> = {};
  beforeAll(() => {
    broken = rulesBroken({ ...FORBIDDEN, ...ALLOWED, ...OTHER });
  }, 130_000);

  test.each(Object.keys(FORBIDDEN))('refuses: %s', (name) => {
    expect(broken[name]).toEqual([DIRECTION]);
  });

  test.each(Object.keys(ALLOWED))('admits: %s', (name) => {
    expect(broken[name]).toEqual([]);
  });

  test('refuses console in lib, and a promise that nobody waits for', () => {
    expect(broken['console']).toEqual(['no-console']);
    expect(broken['promise']).toEqual(['@typescript-eslint/no-floating-promises']);
  });
});
