/** The journals of one chain of retargetings. */
import type { Transition } from '../domain/model';
import type { StateStore } from '../domain/ports';

/** Those before this one that are still kept, oldest first. Throws what the store throws. */
export async function earlierInChain(
  store: Pick<StateStore, 'readTransition'>,
  { vipId, epoch, chain }: Transition,
): Promise<Transition[]> {
  const epochs = Array.from({ length: epoch - chain.rootEpoch }, (_, index) => chain.rootEpoch + index);
  const journals = await Promise.all(epochs.map((each) => store.readTransition(vipId, each)));
  return journals.filter((each) => each !== null);
}
