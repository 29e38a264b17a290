import { Progress } from '../../../local/simulate/progress';

describe('progress', () => {
  let nowMs = 0;
  const lines: string[] = [];
  beforeEach(() => {
    nowMs = 0;
    lines.length = 0;
  });
  const progressOver = (runs: number): Progress =>
    new Progress(
      runs,
      () => nowMs,
      (line) => lines.push(line),
    );
  const standing = { failovers: 3, violations: 0, lost: 0 };

  test('is told every five seconds, with the pace and what is left', () => {
    const progress = progressOver(100);

    for (let second = 1; second <= 10; second += 1) {
      nowMs = second * 1_000;
      progress.step(standing);
    }

    expect(lines).toEqual([
      '5 of 100 years, 3 failovers, 0 violations, 60 a minute, 2 min left',
      '10 of 100 years, 3 failovers, 0 violations, 60 a minute, 2 min left',
    ]);
  });

  test('is told at the end, however soon that is', () => {
    nowMs = 0;
    const progress = progressOver(1);
    nowMs = 30_000;
    progress.step(standing);

    expect(lines).toEqual(['1 of 1 years, 3 failovers, 0 violations, 2.0 a minute']);
  });

  test('says aloud that years are lost', () => {
    progressOver(1).step({ ...standing, lost: 1 });

    expect(lines[0]).toContain(', 1 LOST, ');
  });
});
