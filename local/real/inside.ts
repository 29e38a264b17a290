/** The lab inside its namespaces: network, database and parties once, then scenario after scenario. */
import { writeFileSync } from 'node:fs';
import { describeError, UnderstudyError } from '../../lib/domain/errors';
import { startDatabase } from './database';
import type { Ground } from './lab';
import { makeNetwork } from './network';
import type { LabOptions } from './options';
import { Parties } from './parties';
import { medians, tableOf } from './report';
import { Findings, type ScenarioResult } from './result';
import { SCENARIOS } from './scenarios';
import type { Scenario } from './scenarios/scenario';

export interface InsideOptions {
  binary: string;
  modules: string;
  folder: string;
  options: LabOptions;
  say: (line: string) => void;
}

const NODES = 3;

/** @returns the exit code: 0 when every scenario passed */
export async function runInside({ binary, modules, folder, options, say }: InsideOptions): Promise<number> {
  const chosen = chooseScenarios(options.only);
  process.on('SIGINT', () => process.exit(130));
  await makeNetwork(NODES);
  const postgres = await startDatabase(folder);
  const parties = await Parties.start();
  const ground: Ground = { folder, postgres, parties, binary, modules, say, verbose: options.verbose };
  const results: ScenarioResult[] = [];
  try {
    for (const scenario of chosen) {
      for (let time = 1; time <= options.times; time += 1) {
        say(`${scenario.name}: ${scenario.title}${options.times > 1 ? ` (${time} of ${options.times})` : ''}`);
        results.push(await runOne(scenario, ground, options));
      }
    }
  } finally {
    parties.stop();
    await postgres.stop();
  }
  const summary = medians(results);
  say(tableOf(summary));
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify({ results, medians: summary }, null, 2)}\n`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}

/** @throws UnderstudyError for a name that there is none of */
function chooseScenarios(only: readonly string[] | null): readonly Scenario[] {
  if (only === null) return SCENARIOS;
  return only.map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found !== undefined) return found;
    throw new UnderstudyError(`no scenario "${name}": there are ${SCENARIOS.map((each) => each.name).join(', ')}`);
  });
}

async function runOne(scenario: Scenario, ground: Ground, { calls }: LabOptions): Promise<ScenarioResult> {
  const findings = new Findings(ground.say);
  try {
    await scenario.run(ground, findings, { calls });
    return findings.result(scenario.name, null);
  } catch (error) {
    ground.say(`  FAIL ${describeError(error)}`);
    return findings.result(scenario.name, describeError(error));
  }
}
