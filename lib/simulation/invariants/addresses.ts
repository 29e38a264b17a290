/** What must hold of a public address and of a private name in the moment in which somebody moves it. */
import type { Topology, VipTopology } from '../../domain/model';
import type { World } from '../world/world';

/** A call that was sent under the epoch before has taken effect by then: the deadline of EC2's calls, and a retry's. */
export const ON_ITS_WAY_MS = 15_000;

export const ADDRESS_INVARIANT = {
  invariant: '4. an address lands on the holder of the present epoch, or on the one before who was just replaced',
  /** @param decidedMs when each transition was decided, in process time: the dates in the table are of many clocks */
  broken: (world: World, allocationId: string, decidedMs: ReadonlyMap<string, number>): string | null => {
    const { topology, ec2 } = world;
    const vip = topology?.vips.find(({ elasticIp }) => elasticIp?.allocationId === allocationId);
    const address = ec2.elasticIps.get(allocationId)?.association?.privateAddress;
    if (topology === null || vip === undefined || address === undefined) return null;
    return landedWrongly(world, topology, vip, address, decidedMs);
  },
};

export const NAME_INVARIANT = {
  invariant: '4. a name is pointed to the holder of the present epoch, or to the one before who was just replaced',
  /** @param decidedMs as above */
  broken: (world: World, name: string, decidedMs: ReadonlyMap<string, number>): string | null => {
    const { topology, names } = world;
    const vip = topology?.vips.find(({ privateDns }) => privateDns?.name === name);
    const address = names.records.get(name)?.addresses[0];
    if (topology === null || vip === undefined || address === undefined) return null;
    const wrong = landedWrongly(world, topology, vip, address, decidedMs);
    return wrong === null ? null : `${name}: ${wrong}`;
  },
};

function landedWrongly(
  { table, kernel }: World,
  topology: Topology,
  vip: VipTopology,
  address: string,
  decidedMs: ReadonlyMap<string, number>,
): string | null {
  const state = table.vips.get(vip.id);
  if (state === undefined) return null;
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
}
