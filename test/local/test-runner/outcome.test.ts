import { failed, fromJest, lastLine, passed, sum, type JestReport } from '../../../local/test-runner/outcome';

const report = (statuses: string[], message = ''): JestReport => ({
  numPassedTests: statuses.filter((status) => status === 'passed').length,
  testResults: [
    { name: 'a.test.ts', message, assertionResults: statuses.map((status, n) => ({ fullName: `test ${n}`, status })) },
  ],
});

describe('what npm test counts', () => {
  test('the last line sums all stages', () => {
    const total = sum([passed(), passed(41), failed('lint')]);

    expect(lastLine(total)).toBe('42 passed, 1 failed');
  });

  test('each failed test is named', () => {
    const outcome = fromJest(report(['passed', 'failed']), 1);

    expect(outcome).toEqual({ passed: 1, failed: 1, failures: ['test 1 (failed) in a.test.ts'], notRunHere: [] });
  });

  test('a skipped test is a failure: it proves nothing', () => {
    expect(fromJest(report(['passed', 'pending', 'todo']), 0)).toMatchObject({ passed: 1, failed: 2 });
  });

  test('a skipped test that names what it needs is listed, and no failure', () => {
    const skipped = { fullName: 'the units are taken by systemd (needs systemd-analyze)', status: 'pending' };
    const given = report(['passed']);
    given.testResults[0]?.assertionResults.push(skipped);
    expect(fromJest(given, 0)).toEqual({ passed: 1, failed: 0, failures: [], notRunHere: [skipped.fullName] });
  });

  test('a file that could not be loaded is a failure', () => {
    expect(fromJest(report([], 'Cannot find module'), 1).failures).toEqual(['a.test.ts could not run']);
  });

  test('an exit code that no test explains is a failure', () => {
    expect(fromJest(report(['passed']), 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  test('no test at all is a failure', () => {
    expect(fromJest({ numPassedTests: 0, testResults: [] }, 0)).toMatchObject({ passed: 0, failed: 1 });
  });
});
