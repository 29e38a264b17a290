/** One process of several that explore: every so many-th case, told as it goes. */
import { effectivePolicy } from '../../lib/config/effective-policy';
import { explore, type Explored } from '../../lib/simulation/explorer/explore';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { runCluster } from '../../lib/simulation/run';
import { PAIR } from '../../lib/simulation/scenario';
import { casesOf, type NumberedCase, type Wanted } from './explore-cases';

export interface Part {
  wanted: Wanted;
  first: number;
  step: number;
}

/** One case was tried. */
export type Message = Explored & Pick<NumberedCase, 'number'>;

const BASE = {
  shape: PAIR,
  policy: effectivePolicy({}),
  loss: { share: 0, meanBurstMs: 500 },
  faultScale: 0,
  everySecond: false,
};

async function explorePart({ wanted, first, step }: Part, tell: (message: Message) => void): Promise<void> {
  const cases = casesOf(wanted);
  for (let index = first; index < cases.length; index += step) {
    const next = cases[index];
    if (next === undefined) break;
    tell({ ...(await explore(BASE, next.each, wanted.seed, runCluster)), number: next.number });
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
