import type { Command } from 'commander';
import { allCases, wordsOf } from '../../../lib/simulation/explorer/explore';
import { casesOf } from '../../../local/simulate/explore-cases';
import { parseExploreOptions, replayOf } from '../../../local/simulate/explore-options';

const quiet = (command: Command): Command => command.exitOverride().configureOutput({ writeErr: () => undefined });
const parse = (...argv: string[]) => parseExploreOptions(argv, quiet);

describe('the arguments of npm run explore', () => {
  test('without any: every single fault, with seed 1', () => {
    expect(parse()).toMatchObject({ seed: 1, state: '', thorough: false, pairs: false });
    expect(casesOf(parse()).every(({ each, number }) => each.second === undefined && number === null)).toBe(true);
  });

  test.each([
    [['--cases', '0', '--pairs']],
    [['--cases', '10']],
    [['--case', '10']],
    [['--pairs', '--case', 'first']],
    [['--pairs', '--thorough']],
    [['--shifted']],
    [['--pairs', '--shifted']],
    [['--seed', '-1']],
    [['--jobs', '0']],
  ])('%s is refused', (argv) => {
    expect(() => parse(...argv)).toThrow();
  });

  test('a thousand pairs where nobody says how many, and all of the thorough cases', () => {
    expect(casesOf(parse('--pairs'))).toHaveLength(1_000);
    expect(casesOf(parse('--thorough')).map(({ each }) => each)).toEqual(allCases(true));
  });

  test('so many thorough cases by a seed, each once, and other ones by another', () => {
    const drawn = (seed: string) => casesOf(parse('--thorough', '--cases', '300', '--seed', seed));
    const numbers = new Set(drawn('3').map(({ number }) => number));

    expect(numbers.size).toBe(300);
    expect(drawn('3').map(({ number }) => number)).toEqual([...numbers]);
    expect(drawn('4').every(({ number }) => numbers.has(number))).toBe(false);
  });

  test('so many pairs of those states alone that are asked for', () => {
    const cases = casesOf(parse('--pairs', '--cases', '30', '--state', 'drained'));

    expect(cases).toHaveLength(30);
    expect(cases.filter(({ each }) => !each.prelude.state.includes('drained'))).toEqual([]);
  });

  test('shifted ones strike up to 0.6 s sooner or 6 s later than thorough ones, each at another moment by another seed', () => {
    const shifted = (seed: string) => casesOf(parse('--thorough', '--shifted', '--cases', '300', '--seed', seed));
    const laterMs = shifted('3').map(({ each }) => each.laterMs ?? Infinity);

    expect([Math.min(...laterMs) < -400, Math.min(...laterMs) >= -600]).toEqual([true, true]);
    expect([Math.max(...laterMs) > 5_800, Math.max(...laterMs) <= 6_000]).toEqual([true, true]);
    expect(new Set(laterMs).size).toBeGreaterThan(250);
    const [first] = shifted('3');
    const again = casesOf(parse('--thorough', '--shifted', '--seed', '4', '--case', String(first?.number)));
    expect(again.map(({ number }) => number)).toEqual([first?.number]);
    expect(again[0]?.each.laterMs).not.toBe(laterMs[0]);
  });

  test('shifted ones are all that have a fault', () => {
    const shifted = casesOf(parse('--thorough', '--shifted')).map(({ each: { laterMs: _, ...each } }) => each);

    expect(shifted).toEqual(allCases(true).filter(({ fault }) => fault !== null));
  });

  test.each(['--pairs', '--thorough', '--thorough --shifted'])(
    'one of %s is tried again by its number, whatever it was drawn among',
    (kind) => {
      const drawn = casesOf(parse(...kind.split(' '), '--cases', '5', '--seed', '7', '--state', 'drained'));

      expect(drawn).toHaveLength(5);
      for (const { each, number } of drawn) {
        const asked = { seed: 7, pairs: kind === '--pairs', shifted: kind.endsWith('--shifted') };
        const [, , , ...argv] = replayOf(asked, number ?? -1).split(' ');
        expect(casesOf(parse(...argv.slice(1))).map((again) => wordsOf(again.each))).toEqual([wordsOf(each)]);
      }
    },
  );

  test.each(['--pairs', '--thorough'])('none of %s has a number beyond the last', (kind) => {
    expect(casesOf(parse(kind, '--case', '100000000'))).toEqual([]);
  });
});
