/** Elastic IPs of the lab: associations that the router's rules follow. */
import type { Topology } from '../../lib/domain/model';
import type { EipAssociation, ElasticIps } from '../../lib/domain/ports';
import { setMappings } from './network';

interface Address {
  publicIp: string;
  association: EipAssociation | null;
  owner: string | null;
  epoch: number | null;
}

export class LabElasticIps implements ElasticIps {
  private readonly addresses = new Map<string, Address>();
  private associations = 0;
  /** Rules are loaded one after another: the last state wins. */
  private loading: Promise<void> = Promise.resolve();

  constructor({ vips, owner }: Topology) {
    for (const { elasticIp } of vips) {
      if (elasticIp === null) continue;
      this.addresses.set(elasticIp.allocationId, {
        publicIp: elasticIp.publicIp,
        association: null,
        owner,
        epoch: null,
      });
    }
  }

  read: ElasticIps['read'] = async (allocationId) => {
    const { association, owner, epoch } = this.address(allocationId);
    return { association: association === null ? null : { ...association }, owner, epoch };
  };

  readByPrivateAddress: ElasticIps['readByPrivateAddress'] = async (_networkInterfaceId, privateAddress) => {
    const found = [...this.addresses].find(([, each]) => each.association?.privateAddress === privateAddress);
    return found === undefined ? null : { allocationId: found[0] };
  };

  detach: ElasticIps['detach'] = async (associationId) => {
    const found = [...this.addresses.values()].find((each) => each.association?.associationId === associationId);
    if (found === undefined) return 'already-gone';
    found.association = null;
    await this.load();
    return 'detached';
  };

  attach: ElasticIps['attach'] = async ({ allocationId, networkInterfaceId, privateAddress }) => {
    const address = this.address(allocationId);
    if (address.association !== null) return 'taken';
    this.associations += 1;
    const associationId = `eipassoc-${this.associations}`;
    address.association = { associationId, networkInterfaceId, privateAddress, instanceId: null };
    await this.load();
    return 'attached';
  };

  tag: ElasticIps['tag'] = async (allocationId, tags) => {
    Object.assign(this.address(allocationId), tags);
  };

  release: ElasticIps['release'] = async (allocationId) => {
    Object.assign(this.address(allocationId), { owner: null, epoch: null });
  };

  private load(): Promise<void> {
    const mappings = [...this.addresses.values()].flatMap(({ publicIp, association }) =>
      association === null ? [] : [{ publicIp, privateIp: association.privateAddress }],
    );
    const next = this.loading.catch(() => undefined).then(() => setMappings(mappings));
    this.loading = next;
    return next;
  }

  private address(allocationId: string): Address {
    const address = this.addresses.get(allocationId);
    if (address === undefined) throw new RangeError(`the lab has no Elastic IP ${allocationId}`);
    return address;
  }
}
