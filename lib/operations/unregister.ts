/** The end of a deployment: what it claimed is let go, before its nodes are. */
import { ForeignOwner, NotRegistered, OutsideRefused, ResourceGone, describeError } from '../domain/errors';
import type { Topology, VipTopology } from '../domain/model';
import type { StateStore } from '../domain/ports';
import { previousTopology, selectorOf, type RegisterDeps } from './register';
import type { RegistrationRequest } from './registration-request';

/**
 * Whether what is deleted is no longer what was registered last. A construct that got another id, or another stack, is
 * made and registers before the old one is deleted: that deletion must not end the service of the new one. Function
 * names tell them apart: they are the same through all updates of one deployment.
 */
export async function isRegisteredByAnother(
  store: StateStore,
  { nodeControl }: Pick<RegistrationRequest, 'nodeControl'>,
): Promise<boolean> {
  const topology = await previousTopology(store);
  if (topology === null) return false;
  const registered = new Set(Object.values(topology.nodeControl));
  const deleted = Object.values(nodeControl);
  return registered.size > 0 && deleted.length > 0 && !deleted.some((name) => registered.has(name));
}

/**
 * Before nodes go: paused, so that nothing moves back; then our associations and records off, our marks too.
 * Idempotent. A cluster whose registration never came to its end has marks alone: they are taken off what `request`
 * names. One thing's trouble keeps no other from being released.
 * @throws OutsideRefused with all that could not be released
 */
export async function unregister(deps: RegisterDeps, request: RegistrationRequest): Promise<void> {
  const topology = await previousTopology(deps.store);
  if (topology === null) return releaseClaims(deps, request);
  await deps.store.setPaused({ kind: 'cluster' }, true, 'the deployment was deleted').catch((error: unknown) => {
    if (!(error instanceof NotRegistered)) throw error;
  });
  await doAll([
    ...topology.vips.flatMap(({ elasticIp, privateDns }) => [
      async () => elasticIp !== null && (await releaseAddress(deps, topology, elasticIp.allocationId)),
      async () => privateDns !== null && (await removeName(deps, topology, privateDns)),
    ]),
    ...topology.nodes.map((node) => () => deps.instances.releaseOwner(node.instanceId)),
  ]);
  await deps.store.audit({
    atMs: deps.clock.wallMs(),
    actor: 'registrar',
    action: 'unregister',
    subject: topology.cluster,
    detail: 'paused, addresses disassociated, private records removed',
  });
}

async function releaseClaims(deps: RegisterDeps, { owner, nodes, vips }: RegistrationRequest): Promise<void> {
  const { inventory, instances, elasticIps } = deps;
  await doAll([
    ...nodes.map(({ id, instance }) => async () => {
      const found = await findUnlessGone(deps, `node ${id}`, () => inventory.findInstance(instance));
      if (found?.owner === owner) await instances.releaseOwner(found.instanceId);
    }),
    ...vips.map(({ id, elasticIp }) => async () => {
      if (elasticIp === null) return;
      const selector = selectorOf(elasticIp);
      const found = await findUnlessGone(deps, `Elastic IP of ${id}`, () => inventory.findElasticIp(selector));
      if (found?.owner === owner) await elasticIps.release(found.allocationId);
    }),
  ]);
}

/** What the request names and nobody finds cannot have been claimed. */
async function findUnlessGone<T>({ log }: RegisterDeps, what: string, find: () => Promise<T>): Promise<T | null> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof OutsideRefused || error instanceof ResourceGone)) throw error;
    log.warn(`${what} is left alone`, { why: error.message });
    return null;
  }
}

/** One after another, each tried whatever became of the others. */
async function doAll(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: string[] = [];
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      failures.push(describeError(error));
    }
  }
  if (failures.length > 0) throw new OutsideRefused(`${failures.join('; ')}: delete the stack again`);
}

async function releaseAddress(deps: RegisterDeps, topology: Topology, allocationId: string): Promise<void> {
  const found = await readUnlessNotOurs(deps, allocationId, () => deps.elasticIps.read(allocationId));
  if (found === null || (found.owner !== null && found.owner !== topology.owner)) return;
  const { association } = found;
  if (association !== null) await deps.elasticIps.detach(association.associationId);
  await deps.elasticIps.release(allocationId);
}

/** What another deployment has claimed, or that is gone, must not keep a cluster from being deleted. */
async function readUnlessNotOurs<T>({ log }: RegisterDeps, what: string, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ForeignOwner || error instanceof ResourceGone)) throw error;
    log.warn(`${what} is left alone`, { why: error.message });
    return null;
  }
}

async function removeName(
  deps: RegisterDeps,
  topology: Topology,
  dns: NonNullable<VipTopology['privateDns']>,
): Promise<void> {
  const record = await readUnlessNotOurs(deps, dns.name, () => deps.dns.read(dns.zoneId, dns.name));
  if (record === null || record.owner !== topology.owner) return;
  const answer = await deps.dns.remove(dns.zoneId, dns.name, record);
  if (answer === 'stale')
    throw new OutsideRefused(`${dns.name} changed while it was being removed: delete the stack again`);
}
