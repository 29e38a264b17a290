/** What is read again before each mutation: whether the epoch is still this one, and whether a human has said stop. */
import { OutsideTimeout } from '../../domain/errors';
import type { NodeTopology } from '../../domain/model';
import { closingSteps } from '../../domain/transition';
import { firstHolder, isPlanned, nothingIsTaken, wasDrained } from './begin';
import { Paused, Superseded, type StepContext } from './context';

/** Throws Superseded when a newer decision exists, Paused when a human said stop. */
export async function mayGoOn(context: StepContext): Promise<void> {
  const { deps, vip, transition } = context;
  const takingOver = isComplete(context) ? [] : [context.to.id];
  const read = (nodeIds: readonly string[]) => deps.store.readStanding(vip.id, deps.clock.wallMs(), nodeIds);
  const left = holderToSpare(context);
  let standing = await read(left === null ? takingOver : [...takingOver, left.id]);
  // Its process ended for another of its VIPs, or by itself: to stay there would spare nobody.
  if (standing.paused !== null && left !== null && !(await serves(context, left))) standing = await read(takingOver);
  const { epoch, paused } = standing;
  if (epoch !== transition.epoch) throw new Superseded(`${vip.id} is at epoch ${epoch}, not ${transition.epoch}`);
  if (paused !== null) throw new Paused(paused, left !== null && (await read([left.id])).paused === null);
}

/** What is left to do then is about the old node, and reads the pause of that one. */
function isComplete(context: StepContext): boolean {
  return closingSteps(context.vip.elasticIp !== null).every((step) => context.statusOf(step) !== 'pending');
}

/**
 * The node whose pause stops a planned move that has taken nothing from it. Later its callers are on their way, and a
 * stop would leave them nowhere; so would one of a failover, whose holder is dead. A drained holder may be left for
 * the very maintenance, and no caller is there.
 */
function holderToSpare(context: StepContext): NodeTopology | null {
  if (!isPlanned(context) || wasDrained(context) || !nothingIsTaken(context)) return null;
  const left = firstHolder(context);
  return context.topology.nodes.find(({ id }) => id === left?.nodeId && id !== context.to.id) ?? null;
}

/** As far as anybody can tell: whom nobody can ask is spared. */
async function serves({ deps, vip, timing }: StepContext, node: NodeTopology): Promise<boolean> {
  try {
    return (await deps.nodeControl.check(node, vip, timing.nodeTimeoutMs)).serving;
  } catch (error) {
    if (error instanceof OutsideTimeout) return true;
    throw error;
  }
}
