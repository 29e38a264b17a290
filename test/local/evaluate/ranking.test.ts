import { rank } from '../../../local/evaluate/ranking';
import { failover, quietYear } from '../../simulation/made-up-run';
import { evaluated } from './evaluated';

describe('the ranking', () => {
  const orderOf = (...all: Parameters<typeof rank>[0]): string[] => rank(all, 1).map(({ strategy }) => strategy.id);

  test('puts the most available first', () => {
    expect(
      orderOf(
        evaluated('pair', quietYear({ unservedMs: 20 })),
        evaluated('aggressive', quietYear({ unservedMs: 10 })),
        evaluated('conservative', quietYear({ unservedMs: 30 })),
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

  test('of the equally good the cheaper one', () => {
    expect(orderOf(evaluated('pair', quietYear()), evaluated('n+1', quietYear()))).toEqual(['n+1', 'pair']);
  });

  test('puts last what came to nothing', () => {
    expect(orderOf(evaluated('pair'), evaluated('aggressive', quietYear({ unservedMs: 10 })))).toEqual([
      'aggressive',
      'pair',
    ]);
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
