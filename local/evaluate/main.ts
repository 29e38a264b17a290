/** `npm run evaluate -- --set SET --years N --seed S --json FILE --svg FILE`: strategies, as table and picture. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describeError } from '../../lib/domain/errors';
import { writeJson, writeText } from '../simulate/output-files';
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
  say(`${strategies.length} strategies, ${years} years of each, seed ${seed}, ${jobs} processes`);
  const runners = await workers(jobs, strategies.length * Math.ceil(years));
  const evaluation = await evaluate(options, { runners, say, nowMs: () => performance.now() });
  const { rows, violations, lostYears } = evaluation;
  process.stdout.write(`${terminalTable(SETS[set].columns, rows)}\n`);
  if (json !== undefined) writeJson(json, jsonOf(options, evaluation));
  if (svg !== undefined) writeText(svg, svgOf(options, rows));
  if (writeDocs) {
    writeText(join(DOCS, SETS[set].picture), svgOf(options, rows));
    await writePage(join(DOCS, SETS[set].page), set, markdownOf(options, rows));
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
