/** What a stage of `npm test` found. Every stage counts at least one test, so nothing is left out in silence. */
export interface Outcome {
  passed: number;
  failed: number;
  /** One line for each failure, for the summary at the end. */
  failures: string[];
  /** Tests that need a program or a right which this machine lacks, and say so in their names. */
  notRunHere: string[];
}

export const passed = (count = 1): Outcome => ({ passed: count, failed: 0, failures: [], notRunHere: [] });
export const failed = (reason: string): Outcome => ({ passed: 0, failed: 1, failures: [reason], notRunHere: [] });

export function sum(outcomes: readonly Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((total, outcome) => total + outcome.passed, 0),
    failed: outcomes.reduce((total, outcome) => total + outcome.failed, 0),
    failures: outcomes.flatMap((outcome) => outcome.failures),
    notRunHere: outcomes.flatMap((outcome) => outcome.notRunHere),
  };
}

/** The last line that `npm test` prints. */
export const lastLine = (total: Outcome): string => `${total.passed} passed, ${total.failed} failed`;

/** The part of Jest's JSON report that is counted here. */
export interface JestReport {
  numPassedTests: number;
  testResults: {
    name: string;
    message: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

/**
 * Jest's report as an outcome. A file that could not be loaded counts as one failure; so does a skipped test, because
 * a test that silently does not run proves nothing; so does an exit code that no failed test explains. Only a test that
 * names what it `needs` may be skipped, and is then listed.
 */
export function fromJest(report: JestReport, exitCode: number | null): Outcome {
  const failures = report.testResults.flatMap((file) => {
    const notPassed = file.assertionResults.filter((test) => test.status !== 'passed' && !isNotRunHere(test));
    const named = notPassed.map((test) => `${test.fullName} (${test.status}) in ${file.name}`);
    const broken = file.assertionResults.length === 0 && file.message !== '';
    return broken ? [`${file.name} could not run`] : named;
  });
  const ran = report.numPassedTests + failures.length;
  if (ran === 0) return failed('Jest found no test at all');
  if (exitCode !== 0 && failures.length === 0) failures.push(`Jest ended with ${exitCode ?? 'a signal'}`);
  const notRunHere = report.testResults.flatMap((file) =>
    file.assertionResults.filter(isNotRunHere).map((test) => test.fullName),
  );
  return { passed: report.numPassedTests, failed: failures.length, failures, notRunHere };
}

function isNotRunHere(test: { fullName: string; status: string }): boolean {
  return test.status === 'pending' && /\((SKIPPED: )?needs [^)]+\)/.test(test.fullName);
}
