/** Journals by their names, and those of one chain of retargetings. */
import { describeError, MalformedItem } from '../domain/errors';
import type { Ordered, Transition } from '../domain/model';
import type { Log, StateStore } from '../domain/ports';

/** Those before this one that are still kept, oldest first. Throws what the store throws. */
export async function earlierInChain(
  store: Pick<StateStore, 'readTransition'>,
  { vipId, epoch, chain }: Transition,
): Promise<Transition[]> {
  const epochs = Array.from({ length: epoch - chain.rootEpoch }, (_, index) => chain.rootEpoch + index);
  const journals = await Promise.all(epochs.map((each) => store.readTransition(vipId, each)));
  return journals.filter((each) => each !== null);
}

/**
 * Those right before it that went to the very process that it goes to: stuck ones, which somebody acknowledged. Before
 * one that went elsewhere nothing counts: what was there moved on with it.
 */
export function towardsTheSame(earlier: readonly Transition[], { to }: Transition): Transition[] {
  const isSame = (each: Transition): boolean =>
    to.coreUuid !== null && each.to.nodeId === to.nodeId && each.to.coreUuid === to.coreUuid;
  return earlier.slice(earlier.findLastIndex((each) => !isSame(each)) + 1);
}

/** What the newest of these told that process to rebuild, or may have; null: nothing. */
export function orderedBefore(earlier: readonly Transition[], transition: Transition): Ordered | null {
  const told = towardsTheSame(earlier, transition).map(({ steps }) => steps.recover.ordered);
  return told.findLast((each) => each !== undefined) ?? null;
}

/** The journal `vip#epoch`; null where nobody has it any more. Throws what the store throws. */
export async function journalNamed(store: Pick<StateStore, 'readTransition'>, id: string): Promise<Transition | null> {
  const at = id.lastIndexOf('#');
  return store.readTransition(id.slice(0, at), Number(id.slice(at + 1)));
}

/**
 * One that this version cannot read is as one that is missing, so that it holds up no VIP but its own. Throws what else
 * the store throws.
 */
export async function journalIfReadable(
  { store, log }: { store: Pick<StateStore, 'readTransition'>; log: Pick<Log, 'error'> },
  vipId: string,
  epoch: number,
  onUnreadable: () => void = () => undefined,
): Promise<Transition | null> {
  try {
    return await store.readTransition(vipId, epoch);
  } catch (error) {
    if (!(error instanceof MalformedItem)) throw error;
    log.error(`the journal ${vipId}#${epoch} cannot be read`, { error: describeError(error) });
    onUnreadable();
    return null;
  }
}
