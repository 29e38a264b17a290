/**
 * Lint: what the compiler does not say. The heart is the direction of imports of docs/architecture.md, "Code layout":
 * bin, lambdas, local -> operations, infra -> domain, freeswitch, aws, config; `domain` imports nothing but itself.
 */
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/** Every folder with a place in the layout. A file outside of them is refused (boundaries/no-unknown-files). */
const ELEMENTS = [
  { type: 'bin', pattern: 'bin' },
  { type: 'lambdas', pattern: 'lambdas' },
  { type: 'local', pattern: 'local' },
  { type: 'bench', pattern: 'bench' },
  { type: 'test', pattern: 'test' },
  { type: 'operations', pattern: 'lib/operations' },
  { type: 'infra', pattern: 'lib/infra' },
  { type: 'simulation', pattern: 'lib/simulation' },
  { type: 'domain', pattern: 'lib/domain' },
  { type: 'freeswitch', pattern: 'lib/freeswitch' },
  { type: 'aws', pattern: 'lib/aws' },
  { type: 'database', pattern: 'lib/database' },
  { type: 'config', pattern: 'lib/config' },
  { type: 'package', pattern: 'lib' },
];

const FOUNDATION = ['domain', 'freeswitch', 'aws', 'database', 'config'];
const PRODUCT = [...FOUNDATION, 'operations', 'infra', 'simulation', 'package'];

/** Who may import whom, beside itself. */
const MAY_IMPORT = {
  domain: [],
  // The rendered configuration of a node is made of the cluster's configuration.
  freeswitch: ['domain', 'config'],
  aws: ['domain', 'config'],
  database: ['domain'],
  config: ['domain'],
  operations: FOUNDATION,
  // The stacks hand a request to the registrar: they share its shape, which belongs to the operation.
  infra: [...FOUNDATION, 'operations'],
  simulation: ['domain', 'operations', 'config'],
  package: PRODUCT,
  bin: PRODUCT,
  lambdas: PRODUCT,
  local: [...PRODUCT, 'bin', 'lambdas'],
  bench: [...PRODUCT, 'bin', 'lambdas', 'local'],
  test: [...PRODUCT, 'bin', 'lambdas', 'local', 'bench'],
};

const importDirection = Object.entries(MAY_IMPORT).map(([from, targets]) => ({
  from: { element: { type: from } },
  allow: { to: { element: { types: { anyOf: [from, ...targets] } } } },
}));

export default tseslint.config(
  { ignores: ['node_modules/', '.understudy/', 'cdk.out/', 'dist/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { boundaries },
    settings: {
      // Whole paths: `local` is not `test/local`.
      'boundaries/elements': ELEMENTS.map((element) => ({ ...element, partialMatch: false })),
      'boundaries/root-path': import.meta.dirname,
      'import/resolver': { node: { extensions: ['.ts', '.js', '.json'] } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          checkAllOrigins: true,
          policies: [
            ...importDirection,
            { allow: { to: { module: { origin: ['external', 'core'] } } } },
            {
              from: { element: { type: 'domain' } },
              disallow: { to: { module: { origin: ['external', 'core'] } } },
              message: 'lib/domain is pure: it imports nothing but its own types',
            },
          ],
        },
      ],
      'boundaries/no-unknown-files': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      // A port is asynchronous even where an implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      eqeqeq: ['error', 'always'],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
    },
  },
  { files: ['lib/**/*.ts', 'lambdas/**/*.ts'], rules: { 'no-console': 'error' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Jest's asymmetric matchers are typed `any`; what they guard is asserted, not used.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
