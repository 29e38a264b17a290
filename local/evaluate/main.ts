/** `npm run evaluate -- --set SET --years N --seed S --json FILE --svg FILE`: strategies, as table and picture. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describeError } from '../../lib/domain/errors';
import { refuseImpossible, writeJson, writeText } from '../simulate/output-files';
import { stopOnSignal } from '../simulate/stop';
import { workers } from '../simulate/worker-runner';
import { withFigures } from './docs';
import { evaluate } from './evaluate';
import { parseOptions } from './options';
import { jsonOf, markdownOf, svgOf } from './report';
import { SETS, type SetName } from './sets';
import { terminalTable } from './table';

const DOCS = join(__dirname, '../../docs');

const say = (text: string): void => void process.stderr.write(`evaluate: ${text}\n`);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const { set, strategies, years, seed, jobs, json, svg, writeDocs } = options;
  refuseImpossible(json, svg);
  say(`${strategies.length} strategies, ${years} years of each, seed ${seed}, ${jobs} processes`);
  const runners = await workers(jobs, strategies.length * Math.ceil(years));
  const surroundings = { runners, say, nowMs: () => performance.now(), stop: stopOnSignal(say) };
  const evaluation = await evaluate(options, surroundings);
  const { rows, violations, lostYears } = evaluation;
  /** Not what was asked for, where it was stopped. */
  const ran = { ...options, years: evaluation.years };
  process.stdout.write(`${terminalTable(SETS[set].columns, rows)}\n`);
  if (json !== undefined) writeJson(json, jsonOf(ran, evaluation));
  if (svg !== undefined) writeText(svg, svgOf(ran, rows));
  if (writeDocs && evaluation.years === 0) say('no year was run for every strategy: docs/ stays as it is');
  else if (writeDocs) {
    writeText(join(DOCS, SETS[set].picture), svgOf(ran, rows));
    await writePage(join(DOCS, SETS[set].page), set, markdownOf(ran, rows));
  }
  if (lostYears > 0) say(`${lostYears} years came to no result and are in no figure`);
  process.exitCode = violations === 0 && lostYears === 0 ? 0 : 1;
}

/** In the format that the repository demands of every page. */
async function writePage(file: string, set: SetName, figures: string): Promise<void> {
  const page = withFigures(readFileSync(file, 'utf8'), set, figures);
  writeText(file, await format(page, { ...(await resolveConfig(file)), filepath: file }));
}

main().catch((error: unknown) => {
  say(describeError(error));
  process.exitCode = 1;
});
