import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  controlPlaneOf,
  databaseOf,
  monthlyUsdPerVip,
  nodesOf,
  type Bill,
  type Item,
} from '../../../local/evaluate/cost';

/** `examples/primary-standby.yaml`, which docs/cost.md is about. */
const EXAMPLE: Bill = { nodes: 2, vips: 1, observers: 3, database: true, elasticIps: true, heartbeatMs: 5_000 };

const PAGE = readFileSync(join(__dirname, '../../../docs/cost.md'), 'utf8');

interface Row {
  what: string;
  usd: number;
}

/** The table under a heading of the page: its first column, and the one called `a month`. The last row is the sum. */
function tableUnder(heading: string): Row[] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const lines =
    section
      .split('\n## ')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('|')) ?? [];
  const [head = [], , ...rows] = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const month = head.indexOf('a month');
  return rows.map((row) => ({ what: row[0] ?? '', usd: Number(row[month]?.replaceAll('*', '')) }));
}

/** Digits of `toBeCloseTo` that let 0.045 be 0.05, and nothing else. */
const TO_THE_CENT = 1.9;

const sum = (items: readonly Item[]): number => items.reduce((total, { usd }) => total + usd, 0);

describe.each([
  ['Watching and deciding', controlPlaneOf(EXAMPLE)],
  ['The shared database', databaseOf(EXAMPLE)],
  ['Nodes and their addresses', nodesOf(EXAMPLE)],
])('docs/cost.md, %s', (heading, items) => {
  const rows = tableUnder(heading);
  const [total, ...parts] = rows.toReversed();

  test('each line costs what is computed', () => {
    for (const { what, usd } of items) {
      const row = parts.find((each) => each.what.startsWith(what));
      expect({ what, usd: row?.usd }).toEqual({ what, usd: expect.closeTo(usd, TO_THE_CENT) });
    }
  });

  test('no line that costs something is missing', () => {
    const costing = parts.filter(({ usd }) => usd > 0).map(({ what }) => what);

    expect(costing).toHaveLength(items.length);
    for (const line of costing) expect(items.some(({ what }) => line.startsWith(what))).toBe(true);
  });

  test('the sum is the sum', () => {
    expect(sum(items)).toBeCloseTo(total?.usd ?? Number.NaN, TO_THE_CENT);
  });
});

describe('docs/cost.md, what a choice costs', () => {
  const priceOf = (bill: Partial<Bill>): number => {
    const all = { ...EXAMPLE, ...bill };
    return all.vips * monthlyUsdPerVip(all);
  };
  const saving = (choice: string): number => Number(/\| (\d+\.\d+) less/.exec(lineOf(choice))?.[1]);
  const lineOf = (choice: string): string => PAGE.split('\n').find((line) => line.startsWith(`| ${choice}`)) ?? '';

  test('two observers instead of three', () => {
    expect(priceOf({}) - priceOf({ observers: 2 })).toBeCloseTo(saving('two observers'), 1);
  });

  test('no database', () => {
    expect(priceOf({}) - priceOf({ database: false })).toBeCloseTo(saving('`database: none`'), 1);
  });

  test('another VIP is another address', () => {
    expect(priceOf({ vips: 2 }) - priceOf({})).toBeCloseTo(3.65, 2);
    expect(lineOf('another VIP')).toContain('| 3.65 ');
  });
});

test('a spare that two VIPs share costs each of them less', () => {
  expect(monthlyUsdPerVip({ ...EXAMPLE, nodes: 3, vips: 2 })).toBeLessThan(0.65 * monthlyUsdPerVip(EXAMPLE));
});
