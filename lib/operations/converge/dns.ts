/** Repoints the VIP's private name: A record and epoch TXT in one compare-and-swap batch. */
import { ForeignOwner, OutsideRefused, describeError } from '../../domain/errors';
import type { Transition } from '../../domain/model';
import type { DnsRecord } from '../../domain/ports';
import { isSettled } from '../../domain/transition';
import { done, notYet, type Step, type StepContext } from './context';

function pointsAtTarget(context: StepContext, record: DnsRecord | null): boolean {
  return (
    record !== null &&
    record.addresses.length === 1 &&
    record.addresses[0] === context.targetAddress &&
    record.epoch === context.transition.epoch
  );
}

/** What the name resolves to, in words. */
function addressesOf(record: DnsRecord | null): string {
  return record === null || record.addresses.length === 0 ? 'nothing' : record.addresses.join(', ');
}

export const repointName: Step = async (context) => {
  const dns = context.vip.privateDns;
  if (dns === null) return done('the VIP has no private name');
  const old = await context.deps.dns.read(dns.zoneId, dns.name);
  if (pointsAtTarget(context, old)) return done(`${dns.name} reads ${context.targetAddress}`);
  if (old !== null && old.owner !== null && old.owner !== context.topology.owner) {
    throw new ForeignOwner(`${dns.name} carries the mark of ${old.owner}: choose another name or remove that record`);
  }
  await context.guard();
  // The guard has just read that no newer epoch was decided: by this table, nobody could have written that mark.
  if (old !== null && (old.epoch ?? 0) > context.transition.epoch) {
    throw new OutsideRefused(
      `the TXT record of ${dns.name} carries epoch ${old.epoch}, and ${context.vip.id} is at ${context.transition.epoch}: ` +
        'it was edited by hand, or another cluster of the same name writes it. Delete that TXT record, or choose another name',
    );
  }
  const next: DnsRecord = {
    addresses: [context.targetAddress],
    ttlS: dns.ttlS,
    epoch: context.transition.epoch,
    owner: context.topology.owner,
  };
  const answer = await context.deps.dns.swap(dns.zoneId, dns.name, old, next);
  if (answer === 'stale') return notYet(`${dns.name} changed between read and write`);
  return done(`${dns.name} swapped from ${addressesOf(old)} to ${context.targetAddress}`);
};

/**
 * What the private name reads where that is not what the step `dns` has left there, in words; null where it is. A name
 * that was not written yet is the step's own to write, and one that cannot be read now is looked at in a minute.
 */
export async function nameElsewhere(context: StepContext): Promise<string | null> {
  const { vip, deps, transition } = context;
  const name = vip.privateDns;
  if (name === null || context.statusOf('dns') !== 'done') return null;
  try {
    const record = await deps.dns.read(name.zoneId, name.name);
    return pointsAtTarget(context, record) ? null : `${name.name} reads ${addressesOf(record)}`;
  } catch (error) {
    deps.metrics.count('ConvergenceErrors', 1, { step: 'dns' });
    deps.log.warn(`the name of ${transition.id} could not be read back`, { error: describeError(error) });
    return null;
  }
}

/** A private name that still leads callers where they were before; null: nobody knows where that was. */
export interface NameBehind {
  name: string;
  nodeId: string | null;
}

/** So many journals back are looked at for the one that wrote the name last. */
const BACK_AT_MOST = 10;

/**
 * Where the private name leads callers while it cannot be written, by the journals; null where that is the new holder.
 * Throws what the store throws.
 */
export async function nameBehind({ deps, vip }: StepContext, transition: Transition): Promise<NameBehind | null> {
  if (vip.privateDns === null || isSettled(transition.steps.dns)) return null;
  const { name } = vip.privateDns;
  for (let back = 1; back <= BACK_AT_MOST && back < transition.epoch; back += 1) {
    const earlier = await deps.store.readTransition(vip.id, transition.epoch - back);
    if (earlier?.steps.dns.status !== 'done') continue;
    const { nodeId } = earlier.to;
    return nodeId === transition.to.nodeId ? null : { name, nodeId };
  }
  return { name, nodeId: null };
}
