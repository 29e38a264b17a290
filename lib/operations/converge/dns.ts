/** Repoints the VIP's private name: A record and epoch TXT in one compare-and-swap batch. */
import { ForeignOwner } from '../../domain/errors';
import type { DnsRecord } from '../../domain/ports';
import { Superseded, done, notYet, type Step, type StepContext } from './context';

export function pointsAtTarget(context: StepContext, record: DnsRecord | null): boolean {
  return (
    record !== null &&
    record.addresses.length === 1 &&
    record.addresses[0] === context.targetAddress &&
    record.epoch === context.transition.epoch
  );
}

/** What the name resolves to, in words. */
export function addressesOf(record: DnsRecord | null): string {
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
  if (old !== null && (old.epoch ?? 0) > context.transition.epoch) {
    throw new Superseded(`${dns.name} already carries epoch ${old.epoch}`);
  }
  await context.guard();
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
