/** Ends the standby on the new holder, and proves that callers are served. */
import { done, notYet, type Step } from './context';
import { attachAddress } from './address';
import { pointsAtTarget, repointName } from './dns';

export const promoteTarget: Step = async (context) => {
  await context.guard();
  const result = await context.deps.nodeControl.promote(context.to, context.vip, context.timing.nodeTimeoutMs);
  return result.promoted ? done(result.proof) : notYet(result.reason);
};

/** Reads everything back once more, and puts right what a stale actor changed meanwhile before it looks again. */
export const verifyTarget: Step = async (context) => {
  const { vip, deps } = context;
  const [address, record, check] = await Promise.all([
    vip.elasticIp === null ? null : deps.elasticIps.read(vip.elasticIp.allocationId),
    vip.privateDns === null ? null : deps.dns.read(vip.privateDns.zoneId, vip.privateDns.name),
    deps.nodeControl.check(context.to, vip, context.timing.nodeTimeoutMs),
  ]);
  if (vip.elasticIp !== null && address?.association?.privateAddress !== context.targetAddress) {
    await attachAddress(context);
    return notYet(`${vip.elasticIp.publicIp} read ${address?.association?.privateAddress ?? 'free'} again: put back`);
  }
  if (vip.privateDns !== null && !pointsAtTarget(context, record)) {
    await repointName(context);
    return notYet(`${vip.privateDns.name} read ${record?.addresses.join(', ') ?? 'nothing'} again: put back`);
  }
  if (!check.serving) {
    await promoteTarget(context);
    return notYet(`${context.to.id} did not serve: ${check.reason}; promoted again`);
  }
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
