/** Ends the standby on the new holder, and proves that callers are served. */
import { done, notYet, type Step, type StepContext, type StepResult } from './context';
import { attachAddress } from './address';
import { nameElsewhere, repointName } from './dns';

export const promoteTarget: Step = async (context) => {
  const { to, vip, timing, transition } = context;
  await context.guard();
  // Nothing but its name leads callers to it: an order that comes late must not find the next process of a node that
  // was left meanwhile. With a public address it may: callers are where that is, and serve they must at once.
  const meant = vip.elasticIp === null ? transition.to.coreUuid : null;
  const result = await context.deps.nodeControl.promote(to, vip, timing.nodeTimeoutMs, meant);
  if (!result.promoted) return notYet(result.reason);
  return callsLeftBehind(context, result.coreUuid) ?? done(result.proof);
};

/**
 * The new holder was restarted after it had recovered the calls, or was the one that had them all the time: they died
 * with that process, and their rows are its. The observers see the new core_uuid and decide anew; that transition
 * recovers them. Callers are served by then: what waits is the end of this one.
 */
function callsLeftBehind(context: StepContext, coreUuid: string | null): StepResult | null {
  const meant = context.transition.to.coreUuid;
  const how = howTheyCame(context);
  if (how === null || coreUuid === null || meant === null || coreUuid === meant) return null;
  return notYet(`${context.to.id} runs ${coreUuid} now, and the calls ${how} ${meant}: the judgement follows`);
}

/** How the calls that the process was chosen for are on it; null where it has none, or nothing could bring them back. */
function howTheyCame(context: StepContext): string | null {
  const { transition, topology } = context;
  if (topology.database === null) return null;
  if (transition.cause === 'holder-in-standby') return 'never left';
  return context.statusOf('recover') === 'done' && transition.calls !== null ? 'were recovered on' : null;
}

/** Reads everything back once more, and puts right what a stale actor changed meanwhile before it looks again. */
export const verifyTarget: Step = async (context) => {
  const { vip, deps } = context;
  const [address, elsewhere, check] = await Promise.all([
    vip.elasticIp === null ? null : deps.elasticIps.read(vip.elasticIp.allocationId),
    nameElsewhere(context),
    deps.nodeControl.check(context.to, vip, context.timing.nodeTimeoutMs, false, 'outside'),
  ]);
  if (vip.elasticIp !== null && address?.association?.privateAddress !== context.targetAddress) {
    await attachAddress(context);
    return notYet(`${vip.elasticIp.publicIp} read ${address?.association?.privateAddress ?? 'free'} again: put back`);
  }
  if (elsewhere !== null) {
    await repointName(context);
    return notYet(`${elsewhere} again: put back`);
  }
  if (!check.serving) {
    await promoteTarget(context);
    return notYet(`${context.to.id} did not serve: ${check.reason}; promoted again`);
  }
  const restarted = callsLeftBehind(context, check.coreUuid);
  if (restarted !== null) return restarted;
  context.servingCoreUuid = check.coreUuid;
  if (vip.elasticIp !== null) {
    await context.guard();
    // The tag lets a restored or new table find out how far the epochs had come.
    await deps.elasticIps.tag(vip.elasticIp.allocationId, {
      owner: context.topology.owner,
      epoch: context.transition.epoch,
    });
  }
  return done(check.proof);
};
