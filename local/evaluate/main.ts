/** `npm run evaluate -- --years N --seed S --json FILE --svg FILE`: which strategy is worth what, as table and picture. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describeError } from '../../lib/domain/errors';
import { writeJson } from '../simulate/output-files';
import { workers } from '../simulate/worker-runner';
import { withFigures } from './docs';
import { evaluate } from './evaluate';
import { parseOptions, type EvaluateOptions } from './options';
import { pictureOf } from './picture';
import type { Ranked } from './ranking';
import { markdownTable, terminalTable } from './table';

const DOCS = join(__dirname, '../../docs');

const say = (text: string): void => void process.stderr.write(`evaluate: ${text}\n`);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const { only: strategies, years, seed, jobs, json, svg, writeDocs } = options;
  say(`${strategies.length} strategies, ${years} years of each, seed ${seed}, ${jobs} processes`);
  const runners = workers(jobs, strategies.length * years);
  const { rows, violations, lostYears } = await evaluate(options, strategies, {
    runners,
    say,
    nowMs: () => performance.now(),
  });
  process.stdout.write(`${terminalTable(rows)}\n`);
  if (json !== undefined) writeJson(json, asJson(options, rows, lostYears));
  if (svg !== undefined) writePicture(svg, options, rows);
  if (writeDocs) {
    writePicture(join(DOCS, 'strategies.svg'), options, rows);
    await writePage(join(DOCS, 'strategies.md'), options, rows);
  }
  if (lostYears > 0) say(`${lostYears} years came to no result and are in no figure`);
  process.exitCode = violations === 0 && lostYears === 0 ? 0 : 1;
}

/** Under what the figures hold. */
function conditionsOf({ years, fromYear, seed, loss, burst, faults }: EvaluateOptions): string {
  const lost = `${Number((loss * 100).toFixed(4))} % of probes lost in bursts of ${burst} ms`;
  return `${years} years from year ${fromYear} of seed ${seed}, ${lost}, faults × ${faults}`;
}

function writePicture(file: string, options: EvaluateOptions, rows: readonly Ranked[]): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, pictureOf(rows, `${conditionsOf(options)}; lines end at the upper 95 % bound`));
}

async function writePage(file: string, options: EvaluateOptions, rows: readonly Ranked[]): Promise<void> {
  const figures = `Each strategy over ${conditionsOf(options)}.\n\n${markdownTable(rows)}\n\n![The table as bars](strategies.svg)`;
  const page = withFigures(readFileSync(file, 'utf8'), figures);
  writeFileSync(file, await format(page, { ...(await resolveConfig(file)), filepath: file }));
}

function asJson(
  { seed, years, fromYear, loss, burst, faults }: EvaluateOptions,
  rows: readonly Ranked[],
  lostYears: number,
): object {
  return {
    seed,
    years,
    fromYear,
    under: { loss, burst, faults },
    lostYears,
    strategies: rows.map(({ rank, strategy, usd, moreMinutesLost, figures }) => ({
      rank,
      id: strategy.id,
      name: strategy.name,
      shape: strategy.shape,
      policy: strategy.policy,
      usdPerVipAndMonth: usd,
      moreMinutesLostThanYardstick: moreMinutesLost,
      figures,
    })),
  };
}

main().catch((error: unknown) => {
  say(describeError(error));
  process.exitCode = 1;
});
