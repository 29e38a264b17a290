/** Unit and property tests. End-to-end tests have their own configuration: they share one emulator. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/e2e/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2023' }, module: { type: 'commonjs' } },
    ],
  },
  maxWorkers: 2,
  // Some tests start processes; on a machine that is busy otherwise the usual 5 s say nothing about the code.
  testTimeout: 120_000,
};
