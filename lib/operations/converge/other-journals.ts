import type { Transition, VipState } from '../../domain/model';
import { journalIfReadable } from '../chain';
import type { StepContext } from './context';

export interface OtherJournal {
  journal: Transition;
  isMoving: boolean;
}

/**
 * What those of the other VIPs that are `wanted` are at. One whose journal cannot be read is left out: a change of this
 * VIP does not wait for whoever mends that. Throws what else the store throws.
 */
export async function otherJournals(
  { vip, deps }: Pick<StepContext, 'vip' | 'deps'>,
  vips: readonly VipState[],
  wanted: (vipId: string) => boolean = () => true,
): Promise<OtherJournal[]> {
  const found = await Promise.all(
    vips
      .filter(({ vipId }) => vipId !== vip.id && wanted(vipId))
      .map(async ({ vipId, epoch, status }) => ({
        journal: await journalIfReadable(deps, vipId, epoch),
        isMoving: status === 'moving',
      })),
  );
  return found.filter((each): each is OtherJournal => each.journal !== null);
}
