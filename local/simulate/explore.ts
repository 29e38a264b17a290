/**
 * `npm run explore`: every state of the machine, every single fault in it, a crash of the failover function at every
 * step. On all cores: each process takes every so many-th case.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describeError } from '../../lib/domain/errors';
import { allCases, type Finding } from '../../lib/simulation/explorer/explore';
import { PRELUDES } from '../../lib/simulation/explorer/preludes';
import { edgesMissed } from '../../lib/simulation/figures';
import { atLeastOne, seedNumber } from './arguments';
import { whyTooLittle } from './covered';
import type { Message, Part } from './explore-part';
import { bundled, forkProgram } from './program';

const say = (text: string): void => void process.stderr.write(`explore: ${text}\n`);
const LAST_LINES = 30;
const PROGRESS_EVERY_MS = 15_000;

/** Resolves when the process has been through its part; rejects when it ended before. */
function inProcess(program: string, part: Part, tell: (message: Message) => void): Promise<void> {
  const child = forkProgram(program, [JSON.stringify(part)]);
  child.on('message', tell);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`a part ended ${signal === null ? `with ${code}` : `by ${signal}`}`)),
    );
  });
}

async function main(): Promise<void> {
  const options = new Command('npm run explore --')
    .description('Every state of a VIP, every single fault, and an end of the failover function at every step.')
    .option('--seed <s>', 'of latencies and ties', seedNumber, 1)
    .option('--jobs <n>', 'processes at once', atLeastOne, availableParallelism())
    .option('--state <words>', 'only states whose name has these words', '')
    .option('--thorough', 'each of these ends under each fault, in every state: half an hour or more', false)
    .parse()
    .opts<{ seed: number; jobs: number; thorough: boolean; state: string }>();
  const { seed, thorough: isThorough, state: words } = options;
  const total = allCases(isThorough, words).length;
  if (total === 0) {
    const states = PRELUDES.map(({ state }) => `  ${state}`).join('\n');
    throw new Error(`no state has "${words}" in its name; there are\n${states}`);
  }
  const findings: Finding[] = [];
  let tried = 0;
  const progress = setInterval(() => say(`${tried} of ${total} cases, ${findings.length} findings`), PROGRESS_EVERY_MS);
  const ends = { wanted: 0, met: 0 };
  const edges = new Set<string>();
  const tell = ({ finding, ended, edges: taken }: Message): void => {
    tried += 1;
    for (const edge of taken) edges.add(edge);
    if (ended !== null) ends.wanted += 1;
    if (ended === true) ends.met += 1;
    if (finding === null) return;
    findings.push(finding);
    const { what, violations, trace } = finding;
    say([what, ...violations, ...trace.slice(-LAST_LINES)].join('\n  '));
  };
  const program = await bundled(join(__dirname, 'explore-part.ts'));
  const step = options.jobs;
  const parts = Array.from({ length: step }, (_, first) => ({ seed, first, step, isThorough, words }));
  try {
    await Promise.all(parts.map((part) => inProcess(program, part, tell)));
  } finally {
    clearInterval(progress);
  }
  const missed = edgesMissed(edges);
  process.stdout.write(
    `${JSON.stringify({ cases: total, tried, ends, edgesMissed: missed, findings: findings.length, seed })}\n`,
  );
  const tooLittle = words === '' ? whyTooLittle({ ends, edgesMissed: missed }) : [];
  for (const why of tooLittle) say(why);
  process.exitCode = findings.length === 0 && tried === total && tooLittle.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  say(describeError(error));
  process.exitCode = 1;
});
