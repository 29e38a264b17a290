/** VIPs that leave one process, each by a planned move of its own: the order that ends it for one ends it for all. */
import type { Transition, VipTopology } from '../../domain/model';
import { isPlannedMove, takesNothing } from '../../domain/planned-move';
import { earlierInChain } from '../chain';
import type { StepContext } from './context';
import { livesOn } from './lock';
import { otherJournals } from './other-journals';
import { mayServe, whyNotThere } from './who-serves';

/**
 * Why the process on that node must not end yet: callers of another VIP are served by it still, and could not be where
 * that one is on its way to. null: there are none. Throws what store and node-control throw.
 */
export async function whyOthersStay(context: StepContext, nodeId: string): Promise<string | null> {
  const { deps, topology } = context;
  const { vips } = await deps.store.readCluster();
  // One that got stuck before it took anything is served there as well.
  const unfinished = (await otherJournals(context, vips)).filter(({ journal }) => journal.status !== 'done');
  const answers = await Promise.all(
    unfinished.map(async ({ journal }) => {
      const vip = topology.vips.find(({ id }) => id === journal.vipId);
      return vip !== undefined && (await isServedOn(context, vip, journal, nodeId))
        ? askFor(context, vip, journal)
        : null;
    }),
  );
  return answers.find((why) => why !== null) ?? null;
}

/** By the journals of its whole chain, and the observers. One that was drained is served by nobody. */
async function isServedOn(
  { deps }: StepContext,
  { elasticIp }: VipTopology,
  journal: Transition,
  nodeId: string,
): Promise<boolean> {
  if (!isPlannedMove(journal)) return false;
  const chain = [...(await earlierInChain(deps.store, journal)), journal];
  const [first = journal] = chain;
  if (first.from?.nodeId !== nodeId || livesOn(first.cause)) return false;
  if (!chain.every(({ steps }) => takesNothing((step) => steps[step].status, elasticIp !== null))) return false;
  return mayServe(deps.store, nodeId, journal.vipId, deps.clock.wallMs());
}

async function askFor(
  { deps, topology, timing }: StepContext,
  vip: VipTopology,
  { to }: Transition,
): Promise<string | null> {
  const node = topology.nodes.find(({ id }) => id === to.nodeId);
  if (node === undefined) return `${vip.id} is to go to ${to.nodeId}, which the deployed topology does not have`;
  const why = whyNotThere(await deps.nodeControl.check(node, vip, timing.nodeTimeoutMs), to.coreUuid);
  return why === null ? null : `${vip.id} ends with the same process, and ${node.id} cannot serve it: ${why}`;
}
