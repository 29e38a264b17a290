/**
 * How many sessions a VIP had on its old holder. They are counted by node, when last seen: they are the VIP's own only
 * where the node carried no other VIP when it failed.
 */
import type { Transition } from '../../domain/model';
import type { StateStore } from '../../domain/ports';
import { endsByOrder, tookCalls } from '../../domain/transition';
import type { SessionsAtStake } from './calls-ledger';
import type { StepContext } from './context';
import { livesOn } from './lock';

/** Never throws: what cannot be read is not known. */
export async function sessionsAtStake(context: StepContext): Promise<SessionsAtStake> {
  const ofNode = context.transition.sessionsBefore;
  // The node that the chain left first goes on with its sessions.
  if (livesOn((context.earlier[0] ?? context.transition).cause)) return { ofVip: 0, ofNode };
  if (ofNode === null || areOfLongAgo(context)) return { ofVip: null, ofNode };
  const alone = !(await carriedOthers(context).catch(() => true));
  return { ofVip: alone ? ofNode : null, ofNode };
}

/**
 * Sessions are handed on in a chain of retargetings: they are those of its first holder. Once a stuck change has had them
 * rebuilt elsewhere, they go on and end there for as long as no human says to go on.
 */
function areOfLongAgo({ earlier, transition }: StepContext): boolean {
  const first = earlier[0]?.from ?? null;
  const { from } = transition;
  const isFirst = first === null || (from?.nodeId === first.nodeId && from.coreUuid === first.coreUuid);
  return !isFirst && earlier.some((each) => each.status === 'stuck' && tookCalls(each));
}

async function carriedOthers({ deps, vip, earlier, transition }: StepContext): Promise<boolean> {
  const first = earlier[0] ?? transition;
  const { vips } = await deps.store.readCluster();
  const others = vips.filter((other) => other.vipId !== vip.id && other.epoch > 0);
  const carried = others.map(async ({ vipId, epoch, holder, status }) => {
    if (status === 'held' && holder?.nodeId === first.from?.nodeId) return true;
    const journals = await journalsSince(deps.store, vipId, epoch, first.detectedAtMs);
    // On its way there it had calls of its own: they ended with the process that it was to go to.
    return journals === null || journals.some((each) => leftTheSameNode(each, first));
  });
  return (await Promise.all(carried)).some(Boolean);
}

/** Chains of changes in the minutes that a failover may take: more are not known of. */
const MOST_JOURNALS = 24;

/** Those of a VIP since then, and the chain that it was in; null: they cannot all be read. */
async function journalsSince(
  store: Pick<StateStore, 'readTransition'>,
  vipId: string,
  epoch: number,
  sinceMs: number,
): Promise<Transition[] | null> {
  const found: Transition[] = [];
  while (found.length < MOST_JOURNALS) {
    const journal = await store.readTransition(vipId, epoch - found.length);
    if (journal === null) return null;
    found.push(journal);
    const isRoot = journal.epoch === journal.chain.rootEpoch;
    if (isRoot && (journal.from === null || journal.decidedAtMs < sinceMs)) return found;
  }
  return null;
}

/**
 * What was decided before this failure began had left the node by then. Only a planned move ends its calls there: those
 * of a failover or a drain stay in the process, with its sessions.
 */
function leftTheSameNode(other: Transition, first: Transition): boolean {
  if (other.from === null || other.from.nodeId !== first.from?.nodeId) return false;
  const isSameProcess = other.from.coreUuid !== null && other.from.coreUuid === first.from.coreUuid;
  return other.decidedAtMs >= first.detectedAtMs || (isSameProcess && !endsByOrder(other.cause));
}
