/**
 * What a deployment must leave as it is: whoever holds a VIP, and whoever was left and is not proved harmless yet. A node
 * that vanishes, or whose id another instance gets, can be neither ended nor locked: its process would live on unfenced.
 */
import { OutsideRefused } from '../domain/errors';
import type { ClusterSnapshot, NodeTopology, StepName, Topology, VipState } from '../domain/model';
import type { Instances, StateStore } from '../domain/ports';
import { isSettled } from '../domain/transition';
import { earlierInChain } from './chain';

export interface InUseDeps {
  store: Pick<StateStore, 'readCluster' | 'readTransition'>;
  instances: Pick<Instances, 'describe'>;
}

/** A node that the transition left, and what that has not settled yet of the steps that were asked for. */
export interface LeftNode {
  nodeId: string;
  transitionId: string;
  steps: StepName[];
}

/**
 * The nodes that VIPs were moved away from while one of `steps` is not settled, of the whole chain: a retargeting
 * inherits what its predecessors owe. Also of a stuck one, which is begun anew.
 * Throws what the store throws.
 */
export async function leftNodes(
  store: Pick<StateStore, 'readTransition'>,
  vips: readonly VipState[],
  steps: readonly StepName[],
): Promise<LeftNode[]> {
  const left = await Promise.all(
    vips.map(async ({ vipId, epoch }) => {
      const journal = await store.readTransition(vipId, epoch);
      const open = journal === null ? [] : steps.filter((step) => !isSettled(journal.steps[step]));
      if (journal === null || open.length === 0) return [];
      return [...(await earlierInChain(store, journal)), journal].flatMap(({ from }) =>
        from === null || from.nodeId === journal.to.nodeId
          ? []
          : [{ nodeId: from.nodeId, transitionId: journal.id, steps: open }],
      );
    }),
  );
  return left.flat();
}

/** Whether `next` lacks anything that could be in use: a VIP, a candidate of one, or the instance of a node. */
export function takesAway(previous: Topology, next: Topology): boolean {
  const lessVips = previous.vips.some(({ id, candidates }) => {
    const now = next.vips.find((each) => each.id === id);
    return now === undefined || candidates.some((nodeId) => !now.candidates.includes(nodeId));
  });
  return lessVips || previous.nodes.some((node) => instanceOf(next, node) !== node.instanceId);
}

const instanceOf = ({ nodes }: Topology, { id }: NodeTopology): string | null =>
  nodes.find((each) => each.id === id)?.instanceId ?? null;

/**
 * A VIP, a holder, or a node that was left a moment ago must not vanish from the topology while it is in use.
 * Throws OutsideRefused with the remedy, and what the adapters throw.
 */
export async function refuseLosses({ store, instances }: InUseDeps, previous: Topology, next: Topology): Promise<void> {
  const snapshot = await store.readCluster();
  refuseLostHolders(snapshot.vips, next);
  const removed = previous.nodes.filter((node) => instanceOf(next, node) === null);
  const renewed = previous.nodes.filter((node) => ![null, node.instanceId].includes(instanceOf(next, node)));
  if (removed.length + renewed.length === 0) return;
  const left = await leftNodes(store, snapshot.vips, ['fence', 'lock', 'stop']);
  for (const node of removed) {
    const why = whyInUse(snapshot, left, node);
    if (why !== null) throw new OutsideRefused(`${node.id} cannot be left out of the configuration: ${why}`);
    const out = whyOut(snapshot, node);
    if (out !== null) await refuseLiving(instances, node, 'be left out of the configuration', out);
  }
  for (const node of renewed) {
    const why = whyInUse(snapshot, left, node) ?? whyOut(snapshot, node);
    if (why !== null) await refuseLiving(instances, node, `become ${instanceOf(next, node)}`, why);
  }
}

function refuseLostHolders(vips: readonly VipState[], next: Topology): void {
  for (const { vipId, holder } of vips) {
    if (holder === null) continue;
    const vip = next.vips.find((each) => each.id === vipId);
    if (vip === undefined) {
      throw new OutsideRefused(
        `${vipId} is held by ${holder.nodeId} and cannot be left out of the configuration: this version removes VIPs only with their cluster`,
      );
    }
    if (!vip.candidates.includes(holder.nodeId)) {
      throw new OutsideRefused(
        `${holder.nodeId} holds ${vipId} and is no candidate of it any more: move the VIP to another node first`,
      );
    }
  }
}

/** With the remedy; null: nobody needs it. */
function whyInUse({ vips }: ClusterSnapshot, left: readonly LeftNode[], { id }: NodeTopology): string | null {
  const held = vips.find(({ holder }) => holder?.nodeId === id);
  if (held !== undefined) {
    return `it holds ${held.vipId}: move the VIP away first (\`understudy switchover --vip ${held.vipId} --to NODE\`)`;
  }
  const owing = left.find(({ nodeId }) => nodeId === id);
  if (owing === undefined) return null;
  const { transitionId, steps } = owing;
  return `${transitionId} leaves it and has not settled ${steps.join(', ')}: wait until \`understudy status\` shows no open step of ${transitionId}`;
}

/** Whoever has its id next would be let into the database in its place, and with it the old process, by the same role. */
function whyOut({ nodes }: ClusterSnapshot, { id }: NodeTopology): string | null {
  const lockedBy = nodes.find(({ nodeId }) => nodeId === id)?.lockedBy ?? null;
  return lockedBy === null ? null : `${lockedBy} took it out of service: wait until it is back as a standby`;
}

/** An instance that ended proves that its process did; then another may have its id. */
async function refuseLiving(
  instances: InUseDeps['instances'],
  { id, instanceId }: NodeTopology,
  what: string,
  why: string,
): Promise<void> {
  const [view] = await instances.describe([instanceId]);
  if (view === undefined || view.state === 'stopped' || view.state === 'terminated') return;
  throw new OutsideRefused(
    `${id} cannot ${what} while ${instanceId} is ${view.state}, whose process nobody would end any more: ${why}. ` +
      `Where its FreeSWITCH is dead, stop ${instanceId} by force and deploy again`,
  );
}
