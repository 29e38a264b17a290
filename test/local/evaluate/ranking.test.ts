import type { ChangeOfHolder } from '../../../lib/simulation/results';
import { rank } from '../../../local/evaluate/ranking';
import { failover, quietYear } from '../../simulation/made-up-run';
import { evaluated } from './evaluated';

describe('the ranking', () => {
  const orderOf = (...all: Parameters<typeof rank>[0]): string[] => rank(all, 1).map(({ strategy }) => strategy.id);

  test('puts the most available first', () => {
    expect(
      orderOf(
        evaluated('pair', quietYear({ unservedMs: 20_000 })),
        evaluated('aggressive', quietYear({ unservedMs: 10_000 })),
        evaluated('conservative', quietYear({ unservedMs: 30_000 })),
      ),
    ).toEqual(['aggressive', 'pair', 'conservative']);
  });

  test('of the equally available the one that loses fewer calls, then the one with fewer false failovers', () => {
    const falsely = failover({ struckBy: 'nothing', callsLost: 0 });

    expect(
      orderOf(
        evaluated('pair', quietYear({ changes: [failover({ callsLost: 9 })] })),
        evaluated('aggressive', quietYear({ changes: [falsely] })),
        evaluated('conservative', quietYear()),
      ),
    ).toEqual(['conservative', 'aggressive', 'pair']);
  });

  test('counts as equal what the table shows as equal: a tenth of a minute, a call, a cent', () => {
    const lost = (unservedMs: number, callsLost: number): Parameters<typeof quietYear>[0] => ({
      ...{ unservedMs, changes: [failover({ callsLost, struckBy: 'crash' })] },
    });

    expect(
      orderOf(
        evaluated('pair', quietYear(lost(60_001, 9))),
        evaluated('aggressive', quietYear(lost(60_002, 8))),
        evaluated('conservative', quietYear(lost(67_000, 0))),
      ),
    ).toEqual(['aggressive', 'pair', 'conservative']);
    const years = (callsLost: number) => [
      ...Array.from({ length: 9 }, () => quietYear()),
      quietYear(lost(60_000, callsLost)),
    ];
    expect(orderOf(evaluated('pair', ...years(3)), evaluated('n+1', ...years(4)))).toEqual(['n+1', 'pair']);
  });

  test('of the equally good the cheaper one', () => {
    expect(orderOf(evaluated('pair', quietYear()), evaluated('n+1', quietYear()))).toEqual(['n+1', 'pair']);
  });

  test('puts last what came to nothing', () => {
    expect(orderOf(evaluated('pair'), evaluated('aggressive', quietYear({ unservedMs: 10 })))).toEqual([
      'aggressive',
      'pair',
    ]);
  });

  describe('of those that cannot be told apart', () => {
    /** So many minutes more or less in each year than the yardstick lost: nothing is the same but their mean. */
    const ragged = (mean: number, swing: number) =>
      Array.from({ length: 10 }, (_, year) =>
        quietYear({ unservedMs: 60_000 * (30 + mean + (year % 2 === 0 ? swing : -swing)) }),
      );
    const ranksOf = (...all: Parameters<typeof rank>[0]) =>
      rank(all, 1).map(({ rank: own, sharesRank, strategy }) => [strategy.id, own, sharesRank]);

    test('is one rank: their differences lie within their intervals; those after them begin behind all of them', () => {
      expect(
        ranksOf(
          evaluated('pair', ...ragged(1, 0)),
          evaluated('aggressive', ...ragged(0, 5)),
          evaluated('probe-5s', ...ragged(20, 0)),
          evaluated('conservative', ...ragged(21, 5)),
        ),
      ).toEqual([
        ['aggressive', 1, true],
        ['pair', 1, true],
        ['probe-5s', 3, true],
        ['conservative', 3, true],
      ]);
    });

    test('is also one whose years differ much, behind one that is surely worse', () => {
      expect(
        ranksOf(
          evaluated('pair', ...ragged(0, 0)),
          evaluated('conservative', ...ragged(5, 0)),
          evaluated('active', ...ragged(10, 40)),
        ),
      ).toEqual([
        ['active', 1, false],
        ['pair', 2, false],
        ['conservative', 3, false],
      ]);
    });

    describe('by their minutes', () => {
      const after = (count: number, change: Partial<ChangeOfHolder>) => (_: unknown, year: number) =>
        quietYear({
          unservedMs: 60_000 * (year % 2 === 0 ? 10 : 20),
          changes: Array.from({ length: count }, () => failover(change)),
        });
      const years = (year: ReturnType<typeof after>) => Array.from({ length: 10 }, year);
      const asGood = years(after(0, {}));

      test('the one that loses fewer calls comes first, though it is a little less available', () => {
        const better = asGood.map((year, index) => ({ ...year, unservedMs: index === 0 ? 0 : year.unservedMs }));
        const losing = years(after(1, { callsLost: 20 })).map((year, index) => ({
          ...year,
          unservedMs: better[index]?.unservedMs ?? 0,
        }));

        expect(ranksOf(evaluated('no-database', ...losing), evaluated('pair', ...asGood))).toEqual([
          ['pair', 1, false],
          ['no-database', 2, false],
        ]);
      });

      test('and by their calls, the one with fewer false failovers, where there are enough to tell', () => {
        const falsely = years(after(1, { struckBy: 'nothing', callsLost: 0 }));
        const seldom = asGood.map((year, index) => (index < 3 ? (falsely[index] ?? year) : year));

        expect(ranksOf(evaluated('two-observers', ...falsely), evaluated('pair', ...asGood))).toEqual([
          ['pair', 1, false],
          ['two-observers', 2, false],
        ]);
        expect(ranksOf(evaluated('two-observers', ...seldom), evaluated('pair', ...asGood))).toEqual([
          ['two-observers', 1, false],
          ['pair', 2, false],
        ]);
      });

      test('and by those, the cheaper one; what costs the same shares its rank', () => {
        expect(
          ranksOf(
            evaluated('pair', ...asGood),
            evaluated('conservative', ...asGood),
            evaluated('two-observers', ...asGood),
          ),
        ).toEqual([
          ['two-observers', 1, false],
          ['pair', 2, true],
          ['conservative', 2, true],
        ]);
      });
    });

    test('is no rank with one that is worse year by year, however the years differ', () => {
      expect(ranksOf(evaluated('pair', ...ragged(0, 20)), evaluated('conservative', ...ragged(2, 20)))).toEqual([
        ['pair', 1, false],
        ['conservative', 2, false],
      ]);
    });

    test('is all of them, where there are too few years to tell anything apart', () => {
      const short = (unservedMs: number) => [quietYear({ unservedMs }), quietYear({ unservedMs })];

      expect(ranksOf(evaluated('pair', ...short(1_000)), evaluated('n+1', ...short(900_000)))).toEqual([
        ['pair', 1, true],
        ['n+1', 1, true],
      ]);
    });

    test('is none that came to nothing', () => {
      expect(ranksOf(evaluated('pair'), evaluated('n+1', ...ragged(0, 1)))).toEqual([
        ['n+1', 1, false],
        ['pair', 2, false],
      ]);
    });
  });

  test('says by how many minutes each year was worse than with the yardstick', () => {
    const years = (more: number) =>
      Array.from({ length: 10 }, (_, year) => quietYear({ unservedMs: year * 60_000 + more }));

    const rows = rank([evaluated('pair', ...years(0)), evaluated('probe-5s', ...years(120_000))], 1);

    const [yardstick, slower] = rows.map(({ moreMinutesLost }) => moreMinutesLost);
    expect(yardstick).toBeNull();
    expect(slower?.mean).toBeCloseTo(2);
    expect(slower?.within95).toBeCloseTo(0);
  });
});
