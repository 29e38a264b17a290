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
