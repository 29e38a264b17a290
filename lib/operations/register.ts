/**
 * What a deployment does besides making resources: finds what exists, claims it, writes the topology, makes missing
 * items, and wakes the observers. CloudFormation owns addresses and nodes; associations and VIP records are ours.
 */
import { ForeignOwner, NotRegistered, OutsideRefused, describeError } from '../domain/errors';
import type { NodeTopology, Topology, VipTopology } from '../domain/model';
import type {
  Clock,
  Dns,
  DnsRecord,
  ElasticIpFacts,
  ElasticIps,
  Instances,
  Inventory,
  Kicker,
  Log,
  ResourceSelector,
  StateStore,
} from '../domain/ports';
import { assignAddresses } from './addresses';
import { leftNodes, refuseLosses, takesAway } from './register-in-use';
import type { RegistrationRequest, ReplacementGuardRequest } from './registration-request';

export interface RegisterDeps {
  store: StateStore;
  inventory: Inventory;
  elasticIps: ElasticIps;
  instances: Instances;
  dns: Dns;
  kicker: Kicker;
  clock: Clock;
  log: Log;
}

/** Throws ForeignOwner or OutsideRefused before anything was changed, so that CloudFormation rolls back to what was. */
export async function register(deps: RegisterDeps, request: RegistrationRequest): Promise<Topology> {
  const previous = await previousTopology(deps.store);
  const [nodes, addresses, names] = await Promise.all([
    Promise.all(request.nodes.map((node) => describeNode(deps, request, node, previous))),
    Promise.all(request.vips.map((vip) => describeElasticIp(deps, request, vip))),
    Promise.all(request.vips.map((vip) => describeName(deps, request, vip))),
  ]);
  const vips = request.vips.map((vip, index) =>
    vipTopology(vip, { address: addresses[index] ?? null, name: names[index] ?? null }, nodes, previous),
  );
  const { version, cluster, region, owner, observers, policy, database, nodeControl } = request;
  const topology: Topology = {
    version,
    cluster,
    region,
    owner,
    observers,
    nodes,
    vips,
    policy,
    database,
    nodeControl,
  };
  if (previous !== null) await refuseLosses(deps, previous, topology);

  const epochs = worldEpochs(topology, addresses, names);
  await claim(deps, topology, addresses);
  await makeItems(deps, topology, epochs);
  // After the items: whoever reads a topology finds what it names, also when this ends here and is never repeated.
  await deps.store.putTopology(topology);
  if (previous !== null) await putBackWhatWasChosen(deps, previous, topology);
  await catchUp(deps, epochs);
  await deps.store.audit({
    atMs: deps.clock.wallMs(),
    actor: 'registrar',
    action: 'register',
    subject: cluster,
    detail: `version ${version}: ${nodes.length} nodes, ${vips.length} VIPs, ${observers.length} observers`,
  });
  await kickAll(deps, request);
  return topology;
}

/** So long a decision may follow from what was read before: the cluster, its journals and the write, each with its deadline. */
const DECISION_MS = 15_000;

/**
 * A decision that was made from the topology before this one may send a VIP to what this one takes away: the older one is
 * put back then, and the deployment refused. Throws OutsideRefused, and what the adapters throw.
 */
async function putBackWhatWasChosen(deps: RegisterDeps, previous: Topology, topology: Topology): Promise<void> {
  if (!takesAway(previous, topology)) return;
  await deps.clock.sleep(DECISION_MS);
  try {
    await refuseLosses(deps, previous, topology);
  } catch (error) {
    await deps.store.putTopology(previous);
    throw error;
  }
}

/** The schedule comes within the minute: what cannot be woken now is no reason to roll a deployment back. */
async function kickAll({ kicker, log }: RegisterDeps, { kick }: RegistrationRequest): Promise<void> {
  for (const { functionName, payload } of kick) {
    try {
      await kicker.kick(functionName, payload);
    } catch (error) {
      log.warn(`${functionName} was not woken: its schedule wakes it`, { error: describeError(error) });
    }
  }
}

/** null: nothing was registered yet. */
export async function previousTopology(store: StateStore): Promise<Topology | null> {
  try {
    return await store.readTopology();
  } catch (error) {
    if (error instanceof NotRegistered) return null;
    throw error;
  }
}

async function describeNode(
  deps: RegisterDeps,
  request: RegistrationRequest,
  node: RegistrationRequest['nodes'][number],
  previous: Topology | null,
): Promise<NodeTopology> {
  const instance = await deps.inventory.findInstance(node.instance);
  refuseForeign(`node ${node.id} (${instance.instanceId})`, instance.owner, request.owner);
  if (instance.zone !== node.zone) {
    throw new OutsideRefused(
      `node ${node.id} is ${instance.instanceId} in ${instance.zone}, the configuration says ${node.zone}: correct its zone`,
    );
  }
  const vipIds = request.vips.filter((vip) => vip.candidates.includes(node.id)).map((vip) => vip.id);
  const before = previous?.nodes.find((each) => each.id === node.id && each.instanceId === instance.instanceId);
  return {
    id: node.id,
    zone: node.zone,
    instanceId: instance.instanceId,
    managementAddress: instance.primaryAddress,
    eslPort: node.eslPort,
    fingerprint: node.fingerprint,
    networkInterfaceId: instance.networkInterfaceId,
    // A node that we made has its mapping in its user data, by the order of its VIPs: both must say the same.
    vipAddresses: assignAddresses(
      node.id,
      instance,
      vipIds,
      node.fingerprint === null ? (before?.vipAddresses ?? {}) : {},
    ),
    databaseRole: node.databaseRole,
  };
}

async function describeElasticIp(
  deps: RegisterDeps,
  request: RegistrationRequest,
  vip: RegistrationRequest['vips'][number],
): Promise<ElasticIpFacts | null> {
  if (vip.elasticIp === null) return null;
  const facts = await deps.inventory.findElasticIp(selectorOf(vip.elasticIp));
  refuseForeign(`Elastic IP ${facts.publicIp} of VIP ${vip.id}`, facts.owner, request.owner);
  return facts;
}

type WrittenElasticIp = NonNullable<RegistrationRequest['vips'][number]['elasticIp']>;

export const selectorOf = (elasticIp: WrittenElasticIp): ResourceSelector =>
  'tag' in elasticIp ? elasticIp : { id: elasticIp.allocationId };

function refuseForeign(what: string, actual: string | null, ours: string): void {
  if (actual === null || actual === ours) return;
  throw new ForeignOwner(
    `${what} carries the ownership tag of ${actual}; this deployment is ${ours}. ` +
      'Delete it from the other deployment first, or remove its understudy:owner tag if that deployment is gone',
  );
}

async function describeName(
  deps: RegisterDeps,
  request: RegistrationRequest,
  { privateDns }: RegistrationRequest['vips'][number],
): Promise<DnsRecord | null> {
  const record = privateDns === null ? null : await deps.dns.read(privateDns.zoneId, privateDns.name);
  refuseForeign(`DNS name ${privateDns?.name ?? ''}`, record?.owner ?? null, request.owner);
  return record;
}

/** What leads callers to a VIP now. */
interface WayThere {
  address: ElasticIpFacts | null;
  name: DnsRecord | null;
}

function vipTopology(
  vip: RegistrationRequest['vips'][number],
  { address, name }: WayThere,
  nodes: readonly NodeTopology[],
  previous: Topology | null,
): VipTopology {
  const carrier = nodes.find(({ instanceId, vipAddresses }) =>
    address === null
      ? name?.addresses.includes(vipAddresses[vip.id] ?? '') === true
      : instanceId === address.association?.instanceId,
  );
  return {
    id: vip.id,
    elasticIp: address === null ? null : { allocationId: address.allocationId, publicIp: address.publicIp },
    privateDns: vip.privateDns,
    profiles: vip.profiles,
    sipPort: vip.sipPort,
    candidates: vip.candidates,
    manualOnly: vip.manualOnly,
    firstHolder: carrier?.id ?? previous?.vips.find((each) => each.id === vip.id)?.firstHolder ?? null,
    serviceAddress: vip.serviceAddress,
    group: vip.group,
  };
}

async function claim(
  deps: RegisterDeps,
  topology: Topology,
  addresses: readonly (ElasticIpFacts | null)[],
): Promise<void> {
  await Promise.all([
    ...topology.nodes.map((node) => deps.instances.tagOwner(node.instanceId, topology.owner)),
    ...addresses.flatMap((facts) =>
      facts === null || facts.owner !== null
        ? []
        : [deps.elasticIps.tag(facts.allocationId, { owner: topology.owner, epoch: facts.epoch ?? 0 })],
    ),
  ]);
}

/** How far the world says the epochs have come: a new or restored table must not fall behind it. */
function worldEpochs(
  { vips }: Topology,
  addresses: readonly (ElasticIpFacts | null)[],
  names: readonly (DnsRecord | null)[],
): Record<string, number> {
  return Object.fromEntries(
    vips.map(({ id }, index) => [id, Math.max(names[index]?.epoch ?? 0, addresses[index]?.epoch ?? 0)]),
  );
}

const TABLE_IS_BEHIND =
  'the table is new or restored while addresses or DNS carry epochs: check the holders, then resume';

/**
 * A world without any epoch is a first deployment and starts at once. A table that is new or behind while the world
 * remembers epochs was lost or restored: it starts paused, one epoch ahead, and a human looks before it acts.
 */
async function makeItems(deps: RegisterDeps, topology: Topology, world: Record<string, number>): Promise<void> {
  const behind = Object.entries(world).filter(([, epoch]) => epoch > 0);
  const ahead = Object.fromEntries(behind.map(([vipId, epoch]) => [vipId, epoch + 1]));
  await deps.store.ensureItems(topology, {
    paused: behind.length > 0,
    reason: behind.length > 0 ? TABLE_IS_BEHIND : null,
    epochs: ahead,
    atMs: deps.clock.wallMs(),
  });
}

/** As `makeItems`, for items that were there and are behind the world. */
async function catchUp(deps: RegisterDeps, world: Record<string, number>): Promise<void> {
  const { vips } = await deps.store.readCluster();
  const stale = vips.filter((vip) => vip.epoch < (world[vip.vipId] ?? 0));
  if (stale.length === 0) return;
  await deps.store.setPaused({ kind: 'cluster' }, true, TABLE_IS_BEHIND);
  for (const { vipId } of stale) await deps.store.adoptEpoch(vipId, (world[vipId] ?? 0) + 1, deps.clock.wallMs());
  deps.log.warn('the table was behind the world: paused', { vips: stale.map((vip) => vip.vipId) });
}

/**
 * Throws OutsideRefused when a node that holds a VIP, or was left and is neither fenced nor locked, would be replaced or
 * removed by the deployment: its instance ends with an orderly shutdown, which sends BYEs and deletes rows. A fingerprint
 * that was registered before is always admitted: that is CloudFormation rolling a refused update back.
 */
export async function guardReplacement(
  store: StateStore,
  before: ReplacementGuardRequest,
  next: ReplacementGuardRequest,
): Promise<void> {
  const topology = await previousTopology(store);
  if (topology === null) return;
  const registered = new Map(topology.nodes.map((node) => [node.id, node.fingerprint]));
  const changed = Object.keys(before.nodes).filter((id) => {
    const fingerprint = next.nodes[id];
    return fingerprint !== before.nodes[id] && (fingerprint === undefined || fingerprint !== registered.get(id));
  });
  if (changed.length === 0) return;
  const { vips } = await store.readCluster();
  const held = vips.flatMap(({ vipId, holder }) =>
    holder !== null && changed.includes(holder.nodeId) ? [`${holder.nodeId} (holds ${vipId})`] : [],
  );
  if (held.length > 0) {
    throw new OutsideRefused(
      `this deployment would replace ${held.join(', ')}. Deploy the change to the standby first, move the VIP there, then deploy the rest`,
    );
  }
  const left = (await leftNodes(store, vips, ['fence', 'lock'])).filter(({ nodeId }) => changed.includes(nodeId));
  if (left.length === 0) return;
  const list = left.map(({ nodeId, transitionId, steps }) => `${nodeId} (${transitionId}: ${steps.join(', ')})`);
  throw new OutsideRefused(
    `this deployment would replace what was left and may act still: ${list.join(', ')}. ` +
      'Wait until `understudy status` shows none of these steps open, then deploy again',
  );
}
