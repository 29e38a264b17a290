/** `npm run fuzz -- --exchanges N --seed S --json FILE`: the product's ESL and SIP code against hostile peers. */
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type Failure, playOne, PRODUCT, runExchanges } from './run';
import { failureText } from './failure-text';
import { truncationPoints } from './exchanges/generate';
import { loadRecordings } from './recordings';

interface Options {
  exchanges: number;
  seed?: number;
  json?: string;
  failures: string;
  replay?: string;
  index?: number;
}

/** More files than this help nobody. */
const MAX_FILES = 20;

const program = new Command('fuzz')
  .description('Plays hostile FreeSWITCH nodes to the ESL and SIP code and judges each verdict by the bytes alone.')
  .option('--exchanges <n>', 'how many', whole, 20_000)
  .option('--seed <s>', 'the same seed gives the same exchanges; default: a random one, which is printed', whole)
  .option('--json <file>', 'writes {"exchanges", "failures", "peakRssMb", "seed"}')
  .option('--failures <folder>', 'where failing exchanges are written', '.understudy/fuzz')
  .option('--replay <file>', 'plays one failing exchange again, from its file')
  .option('--index <i>', 'plays one exchange again, by --seed and its number', whole);

program.action(async (options: Options) => {
  if (options.replay !== undefined || options.index !== undefined) await replay(options);
  else await fuzz(options);
});

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

async function fuzz(options: Options): Promise<void> {
  const { exchanges, seed = randomInt(2 ** 31) } = options;
  const recordings = loadRecordings();
  const points = truncationPoints(recordings);
  say(
    `${exchanges} exchanges, seed ${seed}; ${points} places where a recording can end, two of three exchanges end one`,
  );
  const startedMs = performance.now();
  let failures = 0;
  let shownMs = startedMs;
  await runExchanges({
    seed,
    exchanges,
    recordings,
    subject: PRODUCT,
    failed: (failure) => {
      failures += 1;
      say(`exchange ${failure.index} (${failure.title}): ${failure.problems[0] ?? ''}`);
      if (failures <= MAX_FILES) say(`  written to ${write(failure, options.failures)}`);
    },
    progress: (done) => {
      const nowMs = performance.now();
      if (nowMs - shownMs < 5_000 && done < exchanges) return;
      shownMs = nowMs;
      const perSecond = Math.round((done * 1_000) / (nowMs - startedMs));
      say(`${done} of ${exchanges}, ${failures} failures, ${perSecond} a second, ${peakRssMb()} MB`);
    },
  });
  const summary = { exchanges, failures, peakRssMb: peakRssMb(), seed };
  if (options.json !== undefined) {
    mkdirSync(dirname(options.json), { recursive: true });
    writeFileSync(options.json, `${JSON.stringify(summary)}\n`);
  }
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  process.exitCode = failures === 0 ? 0 : 1;
}

/** By seed and number, so that it fails again after a change of the product alone, or passes. */
async function replay({ replay: file, seed, index }: Options): Promise<void> {
  const named = file === undefined ? { seed, index } : (JSON.parse(firstLine(file)) as { seed: number; index: number });
  if (named.seed === undefined || named.index === undefined)
    throw new Error('a replay needs --seed and --index, or a file');
  const [failure] = await playOne(named.seed, named.index, loadRecordings(), PRODUCT);
  process.stdout.write(failure === undefined ? 'nothing is wrong with it (any more)\n' : failureText(failure));
  process.exitCode = failure === undefined ? 0 : 1;
}

function firstLine(file: string): string {
  return readFileSync(file, 'utf8').split('\n', 1)[0] ?? '';
}

function write(failure: Failure, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `seed-${failure.seed}-exchange-${failure.index}.txt`);
  writeFileSync(file, failureText(failure));
  return file;
}

function peakRssMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

function say(text: string): void {
  process.stderr.write(`fuzz: ${text}\n`);
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('a whole number is needed.');
}
