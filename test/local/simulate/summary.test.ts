import { Tally } from '../../../lib/simulation/figures';
import { summaryOf } from '../../../local/simulate/summary';
import { failover, quietYear } from '../../simulation/made-up-run';

describe('the summary', () => {
  const lineWith = (text: string, what: string): string =>
    text.split('\n').find((line) => line.includes(what)) ?? `no line with ${what}`;

  test('gives each rate with its bound', () => {
    const tally = new Tally();
    for (let year = 0; year < 1_000; year += 1)
      tally.add(quietYear({ changes: [failover()], unservedMs: year, fullMs: 90_000 }));

    const text = summaryOf(tally.figures(3));

    expect(lineWith(text, 'simulated')).toContain('1,000.00 cluster-years, seed 3');
    expect(lineWith(text, 'false failovers')).toContain(
      '0, 0 of them of a holder that had just recovered; in 1,000 years at most 3.00 (95 %)',
    );
    expect(text).toMatch(/0 of the state machines' \d+ were taken; not .*\n.*node\/claimed\/claim-returned/);
    expect(lineWith(text, 'full a VIP')).toContain('1.50 min in which no new call was taken');
    expect(lineWith(text, 'availability')).toMatch(/99\.99999 %, at least 99\.99999 % \(95 %\)/);
    expect(lineWith(text, 'crash')).toMatch(/1000 .* 1\.00 s .* 1\.00 s .* 2\.00 s .* 2\.00 s/);
  });

  test('says n/a where nothing is known', () => {
    expect(lineWith(summaryOf(new Tally().figures(3)), 'availability')).toContain('n/a, at least n/a');
  });
});
