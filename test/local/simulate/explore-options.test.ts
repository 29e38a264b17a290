import type { Command } from 'commander';
import { wordsOf } from '../../../lib/simulation/explorer/explore';
import { casesOf } from '../../../local/simulate/explore-cases';
import { parseExploreOptions, replayOfPair } from '../../../local/simulate/explore-options';

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
    [['--seed', '-1']],
    [['--jobs', '0']],
  ])('%s is refused', (argv) => {
    expect(() => parse(...argv)).toThrow();
  });

  test('so many pairs of those states alone that are asked for', () => {
    const cases = casesOf(parse('--pairs', '--cases', '30', '--state', 'drained'));

    expect(cases).toHaveLength(30);
    expect(cases.filter(({ each }) => !each.prelude.state.includes('drained'))).toEqual([]);
  });

  test('one pair is tried again by its number, whatever it was drawn among', () => {
    const drawn = casesOf(parse('--pairs', '--cases', '5', '--seed', '7', '--state', 'drained'));

    for (const { each, number } of drawn) {
      const [, , , ...argv] = replayOfPair(7, number ?? -1).split(' ');
      expect(casesOf(parse(...argv.slice(1))).map((again) => wordsOf(again.each))).toEqual([wordsOf(each)]);
    }
  });

  test('no pair has a number beyond the last', () => {
    expect(casesOf(parse('--pairs', '--case', '100000000'))).toEqual([]);
  });
});
