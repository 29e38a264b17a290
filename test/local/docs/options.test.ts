import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parseOptions as parseEvaluateOptions } from '../../../local/evaluate/options';
import { SET_NAMES, SETS } from '../../../local/evaluate/sets';
import { parseOptions } from '../../../local/simulate/options';

const page = (name: string): string => readFileSync(join(__dirname, '../../../docs', name), 'utf8');

/** As commander knows them: `--years <n>` is `--years`. */
function optionsOf(parse: (argv: string[], override: (command: Command) => Command) => unknown): string[] {
  const options: string[] = [];
  parse([], (command) => {
    options.push(...command.options.flatMap(({ long }) => long ?? []));
    return command;
  });
  return options;
}

describe('docs', () => {
  it.each(optionsOf(parseOptions))('have %s of npm run simulate', (option) => {
    const rows = page('simulation.md').split('\n');
    expect(rows.filter((line) => line.startsWith('| `--') && line.includes(`\`${option}`))).not.toEqual([]);
  });

  it.each(optionsOf(parseEvaluateOptions))('have %s of npm run evaluate', (option) => {
    const [, text = ''] = /^(`evaluate` has .*)$/m.exec(page('simulation.md')) ?? [];
    expect(text).toMatch(new RegExp(`\`${option}[ \`]`));
  });

  it.each(SET_NAMES)('have what --only takes of npm run evaluate -- --set %s', (set) => {
    const text = page(SETS[set].page);
    expect(SETS[set].strategies.filter(({ id }) => !text.includes(`\`${id}\``))).toEqual([]);
  });

  it.each(SET_NAMES)('have the command that made the figures of %s', (set) => {
    const [above = '', figures = ''] = page(SETS[set].page).split(`<!-- figures: npm run evaluate -- --set ${set} -->`);
    const [, years, seed] = /Each over (\d+) years from year 0 of seed (\d+)/.exec(figures) ?? [];
    const written = above.split('\n').filter((line) => line.startsWith('npm run evaluate'));
    expect(written.at(-1)).toContain(`--years ${years} --seed ${seed}`);
  });
});
