/** Size and start of each deployed function, measured on the very code that the local AWS runs. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { World } from '../local/demo/world';
import { quantile } from './statistics';

const run = promisify(execFile);

export interface FunctionStart {
  /** What it is for, as the deployment describes it. */
  name: string;
  bundleBytes: number;
  /** Median time to load the bundle, without Node's own start. */
  initMs: number;
}

const LOADS = 7;
const LOAD_TIMEOUT_MS = 20_000;
/** Loads the bundle as the runtime does, and prints how long that took. */
const LOADER = `const t = process.hrtime.bigint(); require(process.argv[1]);
process.stdout.write(String(Number(process.hrtime.bigint() - t) / 1e6)); process.exit(0);`;

/** Functions that have run: the emulator unpacks a function's code when it is first called. */
export async function measureFunctions(world: World): Promise<FunctionStart[]> {
  const measured: FunctionStart[] = [];
  for (const { name, description, environment } of world.deployment.functions) {
    const bundle = bundleOf(name, world.temporaryDir);
    if (bundle === null) continue;
    const loads: number[] = [];
    for (let load = 0; load < LOADS; load++) {
      const env = { ...world.emulator.env, ...environment, AWS_LAMBDA_FUNCTION_NAME: name };
      const { stdout } = await run(process.execPath, ['-e', LOADER, bundle], { env, timeout: LOAD_TIMEOUT_MS });
      loads.push(Number(stdout));
    }
    const initMs = Math.round(
      quantile(
        loads.toSorted((a, b) => a - b),
        0.5,
      ),
    );
    measured.push({
      name: description.replace(/^Understudy \S+: /, '') || name,
      bundleBytes: statSync(bundle).size,
      initMs,
    });
  }
  return measured.toSorted((a, b) => a.name.localeCompare(b.name));
}

function bundleOf(name: string, temporaryDir: string): string | null {
  const folders = readdirSync(temporaryDir).filter((folder) => folder.startsWith(`ministack-lambda-${name}-`));
  const bundles = folders.map((folder) => join(temporaryDir, folder, 'code', 'index.js'));
  return bundles.find((bundle) => existsSync(bundle)) ?? null;
}
