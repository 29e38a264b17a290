/** End-to-end tests: each file starts an emulator of its own (a second), one file after another. */
const { transform } = require('./jest.config.js');

module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['**/*.test.ts'],
  transform,
  maxWorkers: 1,
  testTimeout: 180_000,
};
