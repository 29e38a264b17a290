/** One process of several that explore: every so many-th case, told as it goes. */
import { effectivePolicy } from '../../lib/config/effective-policy';
import { allCases, explore, type Explored } from '../../lib/simulation/explorer/explore';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { runCluster } from '../../lib/simulation/run';
import { PAIR } from '../../lib/simulation/scenario';

export interface Part {
  seed: number;
  first: number;
  step: number;
  isThorough: boolean;
  /** In the names of the states. */
  words: string;
}

/** One case was tried. */
export type Message = Explored;

const BASE = {
  shape: PAIR,
  policy: effectivePolicy({}),
  loss: { share: 0, meanBurstMs: 500 },
  faultScale: 0,
  everySecond: false,
};

async function explorePart(
  { seed, first, step, isThorough, words }: Part,
  tell: (message: Message) => void,
): Promise<void> {
  const cases = allCases(isThorough, words);
  for (let index = first; index < cases.length; index += step) {
    const each = cases[index];
    if (each === undefined) break;
    tell(await explore(BASE, each, seed, runCluster));
  }
}

async function main(): Promise<void> {
  useLightAbort();
  // Also where the parent went away: nobody waits for the rest.
  process.on('disconnect', () => process.exit());
  await explorePart(JSON.parse(process.argv[2] ?? '') as Part, (message) => process.send?.(message));
  process.disconnect();
}

main().catch((error: unknown) => {
  process.stderr.write(`explore: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
