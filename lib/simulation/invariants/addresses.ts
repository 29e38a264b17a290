/** What must hold of a public address in the moment in which somebody associates it. */
import type { World } from '../world/world';

/** A call that was sent under the epoch before has taken effect by then: the deadline of EC2's calls, and a retry's. */
export const ON_ITS_WAY_MS = 15_000;

export const ADDRESS_INVARIANT = {
  invariant: '4. an address lands on the holder of the present epoch, or on the one before who was just replaced',
  /** @param decidedMs when each transition was decided, in process time: the dates in the table are of many clocks */
  broken: (
    { topology, table, kernel, ec2 }: World,
    allocationId: string,
    decidedMs: ReadonlyMap<string, number>,
  ): string | null => {
    const vip = topology?.vips.find(({ elasticIp }) => elasticIp?.allocationId === allocationId);
    const address = ec2.elasticIps.get(allocationId)?.association?.privateAddress;
    const state = vip === undefined ? undefined : table.vips.get(vip.id);
    if (topology === null || vip === undefined || state === undefined || address === undefined) return null;
    const node = topology.nodes.find(({ vipAddresses }) => vipAddresses[vip.id] === address);
    if (node === undefined) return `${vip.id} landed on ${address}, which is no node's`;
    const mayBe = [state.holder?.nodeId];
    // A stale actor may delay: whose epoch ended a moment ago has a call under way.
    for (let { epoch } = state; epoch > 1; epoch -= 1) {
      const sinceMs = kernel.nowMs - (decidedMs.get(`${vip.id}#${epoch}`) ?? Number.NEGATIVE_INFINITY);
      if (sinceMs > ON_ITS_WAY_MS) break;
      mayBe.push(table.transitions.get(`${vip.id}#${epoch - 1}`)?.to.nodeId);
    }
    if (mayBe.includes(node.id)) return null;
    return `${vip.id} landed on ${node.id} under #${state.epoch}, whose holder is ${state.holder?.nodeId ?? 'nobody'}`;
  },
};
