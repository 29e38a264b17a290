import { create } from 'xmlbuilder2';

import { STRATEGY_COLUMNS } from '../../../local/evaluate/columns';
import { beginOf, END, withFigures } from '../../../local/evaluate/docs';
import { parseOptions } from '../../../local/evaluate/options';
import { STRATEGY_PANELS } from '../../../local/evaluate/panels';
import { pictureOf } from '../../../local/evaluate/picture';
import { asListed, rank } from '../../../local/evaluate/ranking';
import { jsonOf, markdownOf, svgOf } from '../../../local/evaluate/report';
import { SET_NAMES, SETS } from '../../../local/evaluate/sets';
import { markdownTable, terminalTable } from '../../../local/evaluate/table';
import { failover, quietYear } from '../../simulation/made-up-run';
import { evaluated } from './evaluated';

const years = (unservedMs: number) =>
  Array.from({ length: 12 }, (_, year) => quietYear({ unservedMs: unservedMs + year * 6_000, changes: [failover()] }));

const rows = rank([evaluated('pair', ...years(60_000)), evaluated('probe-5s', ...years(300_000))], 1);

describe('the table', () => {
  const [head = '', rule = '', best = '', second = ''] = markdownTable(STRATEGY_COLUMNS, rows).split('\n');

  test('has the ranks in order, each rate with its bound', () => {
    expect(best).toContain('| 1 | primary and standby, balanced |');
    expect(best).toMatch(/\| 1\.6, ≤ 1\.7 \|/);
    expect(second).toContain('| 2 | probing every 5 s |');
    expect(second).toContain('| +4.0, ± 0.0 |');
  });

  test('marks a rank that is shared', () => {
    const two = rank([evaluated('pair', quietYear()), evaluated('probe-5s', quietYear())], 1);

    expect(markdownTable(STRATEGY_COLUMNS, two)).toContain('| 1 = | primary and standby, balanced |');
    expect(pictureOf(STRATEGY_PANELS, two, 'a year')).toContain('(1 =) primary and standby, balanced');
    expect(pictureOf(STRATEGY_PANELS, rows, 'twelve years')).toContain('(2) probing every 5 s');
  });

  test('has as many cells in each row', () => {
    const cells = [head, rule, best, second].map((line) => line.split('|').length);

    expect(new Set(cells).size).toBe(1);
  });

  test('says the same on a terminal, in lines that fit', () => {
    const text = terminalTable(STRATEGY_COLUMNS, rows);

    expect(text).toContain('probing every');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(130);
  });
});

describe.each(SET_NAMES)('the set "%s"', (name) => {
  const { columns, panels } = SETS[name];
  const byKind = { unservedMs: 1, changes: [failover({ struckBy: 'freeze' as const, detectMs: 2_600 })] };
  const told = asListed([evaluated('pair', ...Array.from({ length: 12 }, () => quietYear(byKind)))], 1);

  test('fits on a terminal, and tells what was measured', () => {
    const lines = terminalTable(columns, told).split('\n');

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(130);
    expect(lines.join('\n')).toContain({ strategies: '290.55', detection: '2.6 s', loss: ' 12 ' }[name]);
  });

  test('is drawn with a column of bars for each thing that it asks', () => {
    const svg = pictureOf(panels, told, 'twelve years');

    for (const { title } of panels) expect(svg).toContain(title);
  });
});

describe('the picture', () => {
  const svg = pictureOf(STRATEGY_PANELS, rows, 'years 0 to 11 of seed 1 & more');
  const root = create(svg).root();
  const bars = (color: string): number[] =>
    [...root.toString().matchAll(new RegExp(`width="([0-9.]+)" height="16" fill="${color}"`, 'g'))].map((match) =>
      Number(match[1]),
    );

  test('is well-formed, and names every strategy and what the figures are about', () => {
    const text = root.toString();

    for (const { strategy } of rows) expect(text).toContain(strategy.name);
    expect(text).toContain('years 0 to 11 of seed 1 &amp; more');
  });

  test('has one bar a strategy and column, as long as its value', () => {
    const [short = 0, long = 0] = bars('#0072b2');
    const [best, worst] = rows.map(({ figures }) => figures.minutesLostPerVipYear ?? 0);

    expect(bars('#d55e00')).toHaveLength(2);
    expect(bars('#009e73')).toHaveLength(2);
    expect(short / long).toBeCloseTo(best! / worst!, 2);
  });
});

describe('what is written down', () => {
  const options = parseOptions(['--years', '12', '--seed', '5', '--loss', '0.07']);

  test('says under what it holds', () => {
    const conditions = '12 years from year 0 of seed 5, 7 % of probes lost in bursts of 500 ms, faults × 1';

    expect(markdownOf(options, rows)).toContain(`Each over ${conditions}.`);
    expect(svgOf(options, rows)).toContain(conditions);
  });

  test('has in its JSON each strategy with rank, policy, price and figures', () => {
    expect(jsonOf(options, { rows, years: 12, violations: 0, lostYears: 0 })).toMatchObject({
      seed: 5,
      under: { loss: 0.07 },
      strategies: [
        {
          rank: 1,
          sharesRank: false,
          id: 'pair',
          usdPerVipAndMonth: expect.closeTo(290.55, 1),
          figures: { clusterYears: 12 },
        },
        { rank: 2, sharesRank: false, id: 'probe-5s', policy: { probeInterval: '5s' } },
      ],
    });
  });
});

describe('the figures in a page', () => {
  const BEGIN = beginOf('strategies');
  const page = `# Strategies\n\n${BEGIN}\n\nold\n\n${END}\n\nWhat to choose.\n`;

  test('take the place of the old ones, and nothing else changes', () => {
    expect(withFigures(page, 'strategies', 'new\n')).toBe(
      `# Strategies\n\n${BEGIN}\n\nnew\n\n${END}\n\nWhat to choose.\n`,
    );
  });

  test('can be put there again and again', () => {
    expect(withFigures(withFigures(page, 'strategies', 'new'), 'strategies', 'new')).toBe(
      withFigures(page, 'strategies', 'new'),
    );
  });

  test('of one set leave those of another on the same page', () => {
    const both = `${beginOf('detection')}\n\nold\n\n${END}\n\n${beginOf('loss')}\n\nold\n\n${END}\n`;

    expect(withFigures(both, 'loss', 'new')).toBe(
      `${beginOf('detection')}\n\nold\n\n${END}\n\n${beginOf('loss')}\n\nnew\n\n${END}\n`,
    );
  });

  test('never take what belongs to another set, where their own end was lost', () => {
    const broken = `${beginOf('detection')}\n\nold\n\n${beginOf('loss')}\n\nold\n\n${END}\n`;

    expect(() => withFigures(broken, 'detection', 'new')).toThrow(beginOf('detection'));
  });

  test('have no place in a page without markers', () => {
    expect(() => withFigures('# Strategies\n', 'strategies', 'new')).toThrow(BEGIN);
  });
});
