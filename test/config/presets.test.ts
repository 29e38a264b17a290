import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durationMs } from '../../lib/config/duration';
import { effectivePolicy } from '../../lib/config/effective-policy';
import { PRESET_NAMES, PRESETS, type Preset } from '../../lib/config/presets';
import { BASE, load, problemsOf, replaceOnce, ROOT } from './fixture';
import { RTP } from './mistakes';

const withPolicy = (lines: string): string => replaceOnce(BASE, RTP, `    policy:\n${lines}${RTP}`);

describe('a preset', () => {
  it('is balanced where none is named', () => {
    expect(effectivePolicy()).toEqual(effectivePolicy({ preset: 'balanced' }));
    expect(load(BASE).clusters[0]?.policy).toEqual(effectivePolicy({ preset: 'balanced' }));
  });

  it.each(PRESET_NAMES)('%s keeps all rules, and its numbers are the policy', (preset) => {
    const text = withPolicy(`      preset: ${preset}\n`);

    expect(problemsOf(text)).toEqual([]);
    expect(load(text).warnings).toEqual([]);
    expect(load(text).clusters[0]?.policy).toMatchObject({
      suspectAfterMisses: PRESETS[preset].suspectAfterMisses,
      sipStuckAfterMisses: PRESETS[preset].sipStuckAfterMisses,
      dissentHoldMs: durationMs(PRESETS[preset].dissentHold),
      holdDownMs: durationMs(PRESETS[preset].holdDown),
      blockPeriodMs: durationMs(PRESETS[preset].blockPeriod),
      failoverWindowMs: durationMs(PRESETS[preset].failoverWindow),
      maxFailoversPerWindow: PRESETS[preset].maxFailoversPerWindow,
      crashAction: PRESETS[preset].crashAction,
    });
  });

  it('gives way to every key that is written', () => {
    const text = withPolicy('      preset: conservative\n      suspectAfterMisses: 4\n      dissentHold: 3s\n');

    expect(load(text).clusters[0]?.policy).toMatchObject({
      suspectAfterMisses: 4,
      dissentHoldMs: 3_000,
      sipStuckAfterMisses: 10,
      crashAction: 'restart-in-place',
    });
  });

  it('waits the longer for evidence, the more conservative it is', () => {
    const inOrder = (value: (preset: Preset) => number): number[] =>
      (['aggressive', 'balanced', 'conservative'] as const).map((name) => value(PRESETS[name]));
    const rises = (values: number[]): boolean => values.every((value, at) => at === 0 || value > (values[at - 1] ?? 0));

    expect(rises(inOrder((each) => each.suspectAfterMisses))).toBe(true);
    expect(rises(inOrder((each) => each.sipStuckAfterMisses))).toBe(true);
    expect(rises(inOrder((each) => durationMs(each.dissentHold)))).toBe(true);
    expect(rises(inOrder((each) => durationMs(each.holdDown)))).toBe(true);
    expect(rises(inOrder((each) => -each.maxFailoversPerWindow))).toBe(true);
  });
});

describe('the table of presets in docs/configuration.md', () => {
  const documentation = readFileSync(join(ROOT, 'docs', 'configuration.md'), 'utf8');

  it('has every key in which they differ, with its three values, and no other', () => {
    const keys = (Object.keys(PRESETS.balanced) as (keyof Preset)[]).filter(
      (key) => new Set(PRESET_NAMES.map((name) => PRESETS[name][key])).size > 1,
    );
    const expected = keys.map((key) => ['', key, ...PRESET_NAMES.map((name) => String(PRESETS[name][key])), '']);

    const [, section = ''] = documentation.split('### Presets');
    const [table = ''] = section.split('<!-- prettier-ignore-end -->');
    const rows = table
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));

    expect(rows.sort()).toEqual(expected.sort());
  });
});
