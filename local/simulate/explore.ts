/**
 * `npm run explore`: every state of the machine, every single fault in it, a crash of the failover function at every
 * step. On all cores: each process takes every so many-th case.
 */
import { join } from 'node:path';
import { describeError } from '../../lib/domain/errors';
import type { Finding } from '../../lib/simulation/explorer/explore';
import { PRELUDES } from '../../lib/simulation/explorer/preludes';
import { edgesMissed } from '../../lib/simulation/figures';
import { whyTooLittle } from './covered';
import { casesOf } from './explore-cases';
import { parseExploreOptions, replayOf } from './explore-options';
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
  const { jobs, ...wanted } = parseExploreOptions(process.argv.slice(2));
  const { seed, pairs, shifted, state: words, cases, case: only } = wanted;
  const total = casesOf(wanted).length;
  if (total === 0) {
    if (only !== undefined) throw new Error(`there is no case ${only}`);
    const states = PRELUDES.map(({ state }) => `  ${state}`).join('\n');
    throw new Error(`no state has "${words}" in its name; there are\n${states}`);
  }
  const findings: Finding[] = [];
  let tried = 0;
  const progress = setInterval(() => say(`${tried} of ${total} cases, ${findings.length} findings`), PROGRESS_EVERY_MS);
  const ends = { wanted: 0, met: 0 };
  const edges = new Set<string>();
  const tell = ({ finding, ended, edges: taken, number }: Message): void => {
    tried += 1;
    for (const edge of taken) edges.add(edge);
    if (ended !== null) ends.wanted += 1;
    if (ended === true) ends.met += 1;
    if (finding === null) return;
    findings.push(finding);
    const { what, violations, trace } = finding;
    const shown = only === undefined ? trace.slice(-LAST_LINES) : trace;
    const again = number === null ? [] : ['try it again, with its whole trace, with', `  ${replayOf(wanted, number)}`];
    say([what, ...violations, ...shown, ...again].join('\n  '));
  };
  const program = await bundled(join(__dirname, 'explore-part.ts'));
  const step = Math.min(jobs, total);
  const parts = Array.from({ length: step }, (_, first): Part => ({ wanted, first, step }));
  try {
    await Promise.all(parts.map((part) => inProcess(program, part, tell)));
  } finally {
    clearInterval(progress);
  }
  const missed = edgesMissed(edges);
  process.stdout.write(
    `${JSON.stringify({ cases: total, tried, ends, edgesMissed: missed, findings: findings.length, seed })}\n`,
  );
  // A fault that strikes later than its state lets more of the ends be over by then.
  const isWhole = words === '' && !pairs && !shifted && cases === undefined && only === undefined;
  const tooLittle = isWhole ? whyTooLittle({ ends, edgesMissed: missed }) : [];
  for (const why of tooLittle) say(why);
  process.exitCode = findings.length === 0 && tried === total && tooLittle.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  say(describeError(error));
  process.exitCode = 1;
});
