/** What happened last to each VIP, for the commands that show it. */
import { describeError, MalformedItem } from '../../lib/domain/errors';
import type { ClusterSnapshot, Transition } from '../../lib/domain/model';
import type { StateStore } from '../../lib/domain/ports';
import type { CliContext } from './context';

/** One that this version cannot read is told and left out: at 3 a.m. the rest has to be seen all the same. */
export async function presentJournals(
  { log }: Pick<CliContext, 'log'>,
  store: Pick<StateStore, 'readTransition'>,
  { vips }: Pick<ClusterSnapshot, 'vips'>,
): Promise<Transition[]> {
  const journals = await Promise.all(
    vips.map(async ({ vipId, epoch }) => {
      try {
        return await store.readTransition(vipId, epoch);
      } catch (error) {
        if (!(error instanceof MalformedItem)) throw error;
        log.warn(`what is said of ${vipId} is without its journal: ${describeError(error)}`);
        return null;
      }
    }),
  );
  return journals.filter((journal) => journal !== null);
}
