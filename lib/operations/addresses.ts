/** Which of a node's private addresses belongs to which VIP. Pure. */
import { OutsideRefused } from '../domain/errors';
import type { InstanceFacts } from '../domain/ports';

/**
 * Keeps what an earlier deployment chose (callers and DNS know it), gives free secondary addresses to new VIPs, and
 * falls back to the primary address only for an adopted node without secondary ones that carries a single VIP.
 * Throws OutsideRefused when a node has too few addresses.
 */
export function assignAddresses(
  nodeId: string,
  instance: InstanceFacts,
  vipIds: readonly string[],
  previous: Record<string, string>,
): Record<string, string> {
  const usable = instance.secondaryAddresses.length > 0 ? instance.secondaryAddresses : [instance.primaryAddress];
  const kept = vipIds.flatMap((vipId) => {
    const address = previous[vipId];
    return address !== undefined && usable.includes(address) ? ([[vipId, address]] as const) : [];
  });
  const taken = new Set(kept.map(([, address]) => address));
  const free = usable.filter((address) => !taken.has(address));
  const added = vipIds
    .filter((vipId) => !kept.some(([keptId]) => keptId === vipId))
    .map((vipId): readonly [string, string] => {
      const address = free.shift();
      if (address === undefined) {
        throw new OutsideRefused(
          `${nodeId} (${instance.instanceId}) has ${usable.length} address(es) for ${vipIds.length} VIP(s): ` +
            `assign one secondary private address per VIP to ${instance.networkInterfaceId}`,
        );
      }
      return [vipId, address];
    });
  return Object.fromEntries([...kept, ...added]);
}
