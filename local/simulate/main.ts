/** `npm run simulate -- --years N --seed S --json FILE --trace FILE`: the shipped code over simulated years. */
import { describeError } from '../../lib/domain/errors';
import { runCluster } from '../../lib/simulation/run';
import { shrink } from '../../lib/simulation/shrink';
import { World } from '../../lib/simulation/world/world';
import { parseOptions } from './options';
import { refuseImpossible } from './output-files';
import { policyText } from './policy-argument';
import { simulate, type Shrink } from './simulate';
import { stopOnSignal } from './stop';
import { summaryOf } from './summary';
import { whyTooManyFalse } from './too-many-false';
import { workers } from './worker-runner';

const say = (text: string): void => void process.stderr.write(`simulate: ${text}\n`);

const shrinkHere: Shrink = (scenario, violation) =>
  shrink(scenario, new World(scenario).drawFaults(), violation, runCluster);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const { years, seed, preset, shape, policy, jobs } = options;
  refuseImpossible(options.json, options.trace);
  const how = policy === undefined ? preset : `${preset} with ${policyText(policy)}`;
  say(`${years} years of ${shape}, ${how}, seed ${seed}, ${jobs} processes`);
  const runners = await workers(jobs, Math.ceil(years));
  const surroundings = { runners, say, nowMs: () => performance.now(), stop: stopOnSignal(say) };
  const { figures, lostYears } = await simulate(options, surroundings, shrinkHere);
  process.stdout.write(`${summaryOf(figures)}\n`);
  if (lostYears.length > 0) say(`${lostYears.length} years came to no result and are in no figure`);
  const tooManyFalse = whyTooManyFalse(figures, options.maxFalse);
  if (tooManyFalse !== null) say(tooManyFalse);
  process.exitCode = figures.violations === 0 && lostYears.length === 0 && tooManyFalse === null ? 0 : 1;
}

main().catch((error: unknown) => {
  say(describeError(error));
  process.exitCode = 1;
});
