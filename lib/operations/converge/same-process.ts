/** VIPs that one process serves: the order that ends it for one ends it for all, for those that stay and those that leave. */
import type { ClusterSnapshot, Holder, Transition, VipState, VipTopology } from '../../domain/model';
import { judgeHolder } from '../../domain/votes';
import type { StepContext } from './context';
import { holderNotLeft } from './not-left';
import { otherJournals } from './other-journals';
import { mayServe, whyNotThere } from './who-serves';

/**
 * Why the process of that holder must not end yet: another VIP is on it, or on its way there, and does not leave it; or
 * its callers are served by it still, and could not be where it goes. null: there are none. Throws what store and
 * node-control throw.
 */
export async function whyOthersStay(context: StepContext, left: Holder): Promise<string | null> {
  const { deps, vip } = context;
  const snapshot = await deps.store.readCluster();
  const others = snapshot.vips.filter(({ vipId }) => vipId !== vip.id);
  const staying = others.find((state) => staysWith(snapshot, state, left, deps.clock.wallMs()));
  if (staying !== undefined) return stayingInWords(staying, left);
  return whyLeavingWait(context, others, left.nodeId);
}

/** An order leaves another process alone, and reaches nobody of whom a majority gets no answer at all. */
function staysWith({ topology, observations }: ClusterSnapshot, state: VipState, left: Holder, nowMs: number): boolean {
  const { holder } = state;
  if (holder === null || !isSameProcess(holder, left)) return false;
  const verdict = judgeHolder(topology, observations, state, holder, nowMs);
  return verdict.kind !== 'against' || verdict.cause === 'sip-stuck';
}

/** As far as is known. */
function isSameProcess(holder: Holder, left: Holder): boolean {
  if (holder.nodeId !== left.nodeId) return false;
  return holder.coreUuid === null || left.coreUuid === null || holder.coreUuid === left.coreUuid;
}

/**
 * Another VIP that the process holds and that may be served there, whatever is suspected: no failover ends it for that
 * one. null: there is none. Throws what the store throws.
 */
export async function whoElseMayBeServed({ deps, vip }: StepContext, left: Holder): Promise<string | null> {
  const { topology, observations, vips } = await deps.store.readCluster();
  const other = vips.find((state) => {
    const { vipId, holder } = state;
    if (vipId === vip.id || holder === null || !isSameProcess(holder, left)) return false;
    const verdict = judgeHolder(topology, observations, state, holder, deps.clock.wallMs());
    return verdict.kind !== 'against' || verdict.cause !== 'conclusive-death';
  });
  return other?.vipId ?? null;
}

function stayingInWords(state: VipState, { nodeId }: Holder): string {
  const { vipId, status } = state;
  if (status === 'moving') return `${vipId} is on its way to ${nodeId}, and would end with its process`;
  const move = `understudy switchover --vip ${vipId}`;
  return `${nodeId} holds ${vipId}, which would end with its process: move that one, too (\`${move}\`)`;
}

async function whyLeavingWait(
  context: StepContext,
  others: readonly VipState[],
  nodeId: string,
): Promise<string | null> {
  const { deps, topology } = context;
  const journals = await otherJournals(context, others);
  const isRead = (vipId: string): boolean => journals.some(({ journal }) => journal.vipId === vipId);
  for (const { vipId, epoch } of others.filter((each) => each.status === 'moving' && !isRead(each.vipId))) {
    if (!(await mayServe(deps.store, nodeId, vipId, deps.clock.wallMs()))) continue;
    return `${nodeId} may serve ${vipId}, and whether that leaves it cannot be read in ${vipId}#${epoch}`;
  }
  const answers = await Promise.all(
    journals.map(async ({ journal }) => {
      const vip = topology.vips.find(({ id }) => id === journal.vipId);
      const holder = await holderNotLeft(deps.store, topology, journal);
      if (vip === undefined || holder?.nodeId !== nodeId) return null;
      return (await mayServe(deps.store, nodeId, vip.id, deps.clock.wallMs())) ? askFor(context, vip, journal) : null;
    }),
  );
  return answers.find((why) => why !== null) ?? null;
}

async function askFor(
  { deps, topology, timing }: StepContext,
  vip: VipTopology,
  { to }: Transition,
): Promise<string | null> {
  const node = topology.nodes.find(({ id }) => id === to.nodeId);
  if (node === undefined) return `${vip.id} is to go to ${to.nodeId}, which the deployed topology does not have`;
  // It would be left with nobody until somebody resumes it.
  const { paused } = await deps.store.readStanding(vip.id, deps.clock.wallMs(), [node.id]);
  if (paused !== null) return `${vip.id} ends with the same process, and its own move waits: ${paused}`;
  const why = whyNotThere(await deps.nodeControl.check(node, vip, timing.nodeTimeoutMs), to.coreUuid);
  return why === null ? null : `${vip.id} ends with the same process, and ${node.id} cannot serve it: ${why}`;
}
