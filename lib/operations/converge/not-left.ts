/** VIPs that left nobody yet: their items name the node where they go, and callers may be served where they were. */
import { describeError, MalformedItem } from '../../domain/errors';
import type { ClusterSnapshot, Holder, Topology, Transition, VipState } from '../../domain/model';
import { isPlannedMove, takesNothing } from '../../domain/planned-move';
import type { StateStore } from '../../domain/ports';
import { isServedOn } from '../../domain/second-server';
import { endsByOrder } from '../../domain/transition';
import { earlierInChain } from '../chain';
import type { ConvergeDeps } from './context';

type Journals = Pick<StateStore, 'readTransition'>;

/**
 * Whom this change has not left yet, by the journals of its whole chain; stuck or not. null: it has, or was never
 * planned. One that was drained is served by nobody. Throws what the store throws.
 */
export async function holderNotLeft(store: Journals, topology: Topology, journal: Transition): Promise<Holder | null> {
  if (!isPlannedMove(journal) || journal.status === 'done') return null;
  const chain = [...(await earlierInChain(store, journal)), journal];
  const [first = journal] = chain;
  if (!endsByOrder(first.cause)) return null;
  const takesAddress = hasElasticIp(topology, journal);
  return chain.every(({ steps }) => takesNothing((step) => steps[step].status, takesAddress)) ? first.from : null;
}

/**
 * Whose address a failover never took off before it got stuck: a holder that was only cut off, or frozen, serves its
 * callers again, and a human is to look first. Throws what the store throws.
 */
async function holderWithAddress(store: Journals, topology: Topology, journal: Transition): Promise<Holder | null> {
  if (isPlannedMove(journal) || journal.status !== 'stuck' || !hasElasticIp(topology, journal)) return null;
  const chain = [...(await earlierInChain(store, journal)), journal];
  return chain.every(({ steps }) => steps.detach.status === 'pending') ? (chain[0] ?? journal).from : null;
}

const hasElasticIp = ({ vips }: Topology, { vipId }: Transition): boolean =>
  vips.find(({ id }) => id === vipId)?.elasticIp !== null;

/**
 * The VIPs that have not left this node, each with the holder that it has there. One whose journal cannot be read counts
 * where a majority finds it served there. Throws what else the store throws.
 */
export async function notLeftYet(
  { store, clock, log }: Pick<ConvergeDeps, 'store' | 'clock' | 'log'>,
  snapshot: ClusterSnapshot,
  nodeId: string,
): Promise<VipState[]> {
  const { topology, vips } = snapshot;
  const found = await Promise.all(
    vips
      .filter(({ status }) => status === 'moving')
      .map(async (state): Promise<VipState[]> => {
        const { vipId, epoch } = state;
        try {
          const journal = await store.readTransition(vipId, epoch);
          if (journal === null) return [];
          const holder =
            (await holderNotLeft(store, topology, journal)) ?? (await holderWithAddress(store, topology, journal));
          return holder?.nodeId === nodeId ? [{ ...state, holder }] : [];
        } catch (error) {
          if (!(error instanceof MalformedItem)) throw error;
          log.error(`whom ${vipId} leaves cannot be read`, { error: describeError(error) });
          const isServed = isServedOn(snapshot, nodeId, vipId, clock.wallMs());
          return isServed ? [{ ...state, holder: { nodeId, coreUuid: null } }] : [];
        }
      }),
  );
  return found.flat();
}
