/**
 * Makes sure the old holder can do no more harm, cheapest proof first (DESIGN section 4): (a) conclusive death,
 * (b) `fsctl shutdown now` where ESL still answers, (d) the address taken away and read back, (e) the instance stopped.
 */
import type { Cause, Holder, NodeTopology, Transition } from '../../domain/model';
import { assertNever } from '../../domain/model';
import { isPaused } from '../../domain/maintenance';
import { REFUSED_ALREADY } from '../../domain/node-control';
import { isServedOn } from '../../domain/second-server';
import { isPlanned } from './begin';
import { done, notYet, whyUnknown, type Step, type StepContext, type StepResult } from './context';
import { whoElseMayBeServed } from './same-process';
import { stoppedForAnother } from './stop';

export const fenceOldHolder: Step = async (context) => {
  const results = await Promise.all(unfenced(context).map((journal) => fenceOne(context, journal)));
  const open = results.find((result) => !result.done);
  if (open !== undefined) return open;
  return done(results.map((result) => (result.done ? result.proof : '')).join('; '));
};

/** A retargeting inherits what its predecessors had not fenced yet; never the node that takes over. */
function unfenced(context: StepContext): Transition[] {
  const inherited = context.earlier.filter(
    ({ steps, from }) => steps.fence.status === 'pending' && from?.nodeId !== context.to.id,
  );
  return [...inherited, context.transition];
}

async function fenceOne(context: StepContext, journal: Transition): Promise<StepResult> {
  const old = journal.from;
  if (old === null) return done('there was no holder before');
  switch (journal.cause) {
    case 'first-assignment':
      return done('there was no holder before');
    case 'restarted':
      return onceAlone(
        context,
        `(a) ${old.nodeId} runs ${journal.to.coreUuid ?? 'a new process'}: the process ${old.coreUuid ?? 'before'} is gone`,
      );
    case 'holder-in-standby':
      return onceAlone(context, `${old.nodeId} stays the holder: the same process goes on`);
    case 'conclusive-death':
      return done(`(a) conclusive death: ${journal.reasons[0] ?? journal.cause}`);
    case 'suspected-death':
    case 'operator-drained':
    case 'sip-stuck':
    case 'candidate-died':
    case 'operator':
    case 'preferred-node-back':
      return fenceLiving(context, old, journal.cause);
    default:
      return assertNever(journal.cause);
  }
}

/**
 * Somebody may have moved the VIP by hand, or a restored table has forgotten a move, which ended or drained the process
 * here and promoted another node: without a public address two would act. The calls over there go on, where new ones are
 * refused.
 */
async function onceAlone(context: StepContext, proof: string): Promise<StepResult> {
  const { deps, vip, topology, to } = context;
  if (vip.elasticIp !== null) return done(proof);
  const snapshot = await deps.store.readCluster();
  const others = topology.nodes.filter(
    ({ id }) => id !== to.id && isServedOn(snapshot, id, vip.id, deps.clock.wallMs()),
  );
  const paused = others.find(({ id }) =>
    snapshot.nodes.some((node) => node.nodeId === id && isPaused(node, deps.clock.wallMs())),
  );
  if (paused !== undefined) return notYet(`${paused.id} is paused (maintenance), and answers for ${vip.id}`);
  const results = await Promise.all(others.map((node) => intoStandby(context, node)));
  const proofs = results.map((result) => (result.done ? result.proof : ''));
  return results.find((result) => !result.done) ?? done([proof, ...proofs].join('; '));
}

type LivingCause = Exclude<Cause, 'first-assignment' | 'restarted' | 'holder-in-standby' | 'conclusive-death'>;

/** Its process may act still. One that nobody can reach is no proof of anything: it may run on without us. */
async function fenceLiving(context: StepContext, old: Holder, cause: LivingCause): Promise<StepResult> {
  const node = context.topology.nodes.find((each) => each.id === old.nodeId);
  if (node === undefined)
    return byAddress(context, old.nodeId, whyUnknown(old.nodeId)) ?? notYet(whyUnknown(old.nodeId));
  switch (cause) {
    case 'suspected-death':
      return byAddressOrStop(context, node, 'it does not answer');
    case 'operator-drained':
      return leaveDrained(context, node);
    default:
      return orderShutdown(context, node, old, cause);
  }
}

async function orderShutdown(context: StepContext, node: NodeTopology, old: Holder, cause: Cause): Promise<StepResult> {
  if (node.id === context.to.id) return done(`${node.id} takes the VIP back: it is promoted, not fenced`);
  // Of the holder that a planned move leaves it was asked before that began; of a candidate that died on the way it was not.
  const isAsked = isPlanned(context) && cause !== 'candidate-died';
  const other = isAsked ? null : await whoElseMayBeServed(context, old);
  if (other !== null) return byAddressOrStop(context, node, `it may serve ${other}, too, which an order would end`);
  await context.guard();
  const order = await context.deps.nodeControl.shutdownNow(node, context.timing.nodeTimeoutMs, old.coreUuid);
  const reason = order.fenced ? await whyAlive(context, node, order.proof) : order.reason;
  if (order.fenced && reason === null) return done(`(b) ${order.proof}`);
  return byAddressOrStop(context, node, `${cause}, and the order to shut down gave no proof: ${reason}`);
}

/**
 * A port that refused before any order was sent may be the event socket's alone (unloaded, or closed by a rule): a
 * process that answers callers has not ended. null: nothing says so.
 */
async function whyAlive({ deps, vip, timing }: StepContext, node: NodeTopology, proof: string): Promise<string | null> {
  if (!proof.includes(REFUSED_ALREADY)) return null;
  const look = await deps.nodeControl.check(node, vip, timing.nodeTimeoutMs);
  if (look.serving) return `${proof}, and SIP answers: ${look.proof}`;
  // A way that was cut since the port refused says nothing of SIP. A port that refuses is an answer of the host.
  return look.unreached === true ? `${proof}, and SIP could not be asked: ${look.reason}` : null;
}

/**
 * The VIP was drained: its old holder goes on with its other VIPs, and only this one's profiles stay in standby. One that
 * died since can never prove that. No row is at stake, and it is not stopped for this: it may serve others unseen by us.
 */
async function leaveDrained(context: StepContext, node: NodeTopology): Promise<StepResult> {
  const standby = await intoStandby(context, node);
  if (standby.done || (await answers(context, node))) return standby;
  return byAddressOrStop(context, node, 'it does not answer');
}

/** Whom an order can reach still, or callers can. */
async function answers({ deps, vip, timing }: StepContext, node: NodeTopology): Promise<boolean> {
  const { coreUuid, serving } = await deps.nodeControl.check(node, vip, timing.nodeTimeoutMs);
  return coreUuid !== null || serving;
}

async function intoStandby(context: StepContext, node: NodeTopology): Promise<StepResult> {
  await context.guard();
  const answer = await context.deps.nodeControl.demote(node, context.vip, context.timing.nodeTimeoutMs);
  return answer.demoted ? done(`(b) ${answer.proof}`) : notYet(`${node.id}: ${answer.reason}`);
}

/** null: the VIP has no public address that could be taken away. */
function byAddress(context: StepContext, nodeId: string, why: string): StepResult | null {
  if (context.vip.elasticIp === null) return null;
  const moved = context.proofOf('attach');
  return moved === null
    ? notYet(`${nodeId}: ${why}; waiting for the proof that its address is gone`)
    : done(`(d) ${nodeId}: ${why}; no caller reaches it: ${moved}`);
}

async function byAddressOrStop(context: StepContext, node: NodeTopology, why: string): Promise<StepResult> {
  const address = byAddress(context, node.id, why);
  if (address !== null) return address;
  const [view] = await context.deps.instances.describe([node.instanceId]);
  if (view === undefined || view.state === 'stopped' || view.state === 'terminated') {
    return done(`(e) the instance of ${node.id} is ${view?.state ?? 'gone'}`);
  }
  const seen = await stoppedForAnother(context, (await context.deps.store.readCluster()).vips, node.id);
  if (seen !== null) return done(`(e) ${seen}`);
  return notYet(
    `${node.id}: ${why}; a VIP without a public address waits until its instance is stopped (${view.state})`,
  );
}
