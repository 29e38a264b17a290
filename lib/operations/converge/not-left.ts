/** VIPs whose planned move has taken nothing yet: their items name the node where they go, and callers are where they were. */
import type { ClusterSnapshot, Holder, Topology, Transition, VipState } from '../../domain/model';
import { isPlannedMove, takesNothing } from '../../domain/planned-move';
import type { StateStore } from '../../domain/ports';
import { endsByOrder } from '../../domain/transition';
import { earlierInChain } from '../chain';

type Journals = Pick<StateStore, 'readTransition'>;

/**
 * Whom this change has not left yet, by the journals of its whole chain; stuck or not. null: it has, or was never
 * planned. One that was drained is served by nobody. Throws what the store throws.
 */
export async function holderNotLeft(store: Journals, { vips }: Topology, journal: Transition): Promise<Holder | null> {
  if (!isPlannedMove(journal) || journal.status === 'done') return null;
  const hasElasticIp = vips.find(({ id }) => id === journal.vipId)?.elasticIp !== null;
  const chain = [...(await earlierInChain(store, journal)), journal];
  const [first = journal] = chain;
  if (!endsByOrder(first.cause)) return null;
  return chain.every(({ steps }) => takesNothing((step) => steps[step].status, hasElasticIp)) ? first.from : null;
}

/** The VIPs that leave this node so, each with the holder that it has there. Throws what the store throws. */
export async function notLeftYet(
  store: Journals,
  { topology, vips }: ClusterSnapshot,
  nodeId: string,
): Promise<VipState[]> {
  const found = await Promise.all(
    vips
      .filter(({ status }) => status === 'moving')
      .map(async (state) => {
        const journal = await store.readTransition(state.vipId, state.epoch);
        const holder = journal === null ? null : await holderNotLeft(store, topology, journal);
        return holder?.nodeId === nodeId ? [{ ...state, holder }] : [];
      }),
  );
  return found.flat();
}
