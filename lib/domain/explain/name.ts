/** A private name that could not be written yet, and so leads callers where they were before. Pure. */
import type { Transition, VipTopology } from '../model';
import { isSettled } from '../transition';
import type { Served } from './served';

/** In words; null where the name leads to the holder, as far as the journal of the present epoch says. */
export function nameInWords({ privateDns }: VipTopology, journal: Transition | undefined): string | null {
  if (privateDns === null || journal === undefined || isSettled(journal.steps.dns)) return null;
  const { from, to, id } = journal;
  if (from?.nodeId === to.nodeId) return null;
  return `${privateDns.name} is not written yet by ${id}: who calls it may still be led to ${from?.nodeId ?? 'nobody'}`;
}

/** A holder that answers serves nobody who is led elsewhere: without a public address that is everybody. */
export function servedByName(served: Served, { elasticIp }: VipTopology, nameBehind: string | null): Served {
  return served === 'yes' && elasticIp === null && nameBehind !== null ? 'unknown' : served;
}
