/**
 * Elastic IPs as conditional as EC2 lets them be: an association is ended by the exact id that was read, and made
 * with AllowReassociation=false (EC2 API reference, AssociateAddress, DisassociateAddress, DescribeAddresses).
 * EC2's reads are eventually consistent: whoever moves an address reads back until it agrees.
 */
import {
  AssociateAddressCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAddressesCommand,
  DisassociateAddressCommand,
  type Address,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { ResourceGone, OutsideRefused } from '../domain/errors';
import type { EipAssociation, ElasticIps } from '../domain/ports';
import { answer, CONTROL_POLICY, type OutsideCalls } from './call';
import { EPOCH_TAG, epochOf, OWNER_TAG, refuseForeignOwner, tagValue } from './tags';

/** EC2's words for "that association does not exist (any more)". */
const ASSOCIATION_GONE = ['InvalidAssociationID.NotFound'];

/** EC2's words for "this address is associated already", on either side. */
const TAKEN = ['Resource.AlreadyAssociated', 'InvalidIPAddress.InUse'];

export class Ec2ElasticIps implements ElasticIps {
  /** @param owner value of the ownership tag of this deployment */
  constructor(
    private readonly client: EC2Client,
    private readonly calls: OutsideCalls,
    private readonly owner: string,
  ) {}

  async read(
    allocationId: string,
  ): Promise<{ association: EipAssociation | null; owner: string | null; epoch: number | null }> {
    const address = await this.describe(allocationId);
    const owner = tagValue(address.Tags, OWNER_TAG);
    refuseForeignOwner(`Elastic IP ${allocationId}`, owner, this.owner);
    return { association: associationOf(address), owner, epoch: epochOf(address.Tags) };
  }

  async readByPrivateAddress(
    networkInterfaceId: string,
    privateAddress: string,
  ): Promise<{ allocationId: string } | null> {
    const command = new DescribeAddressesCommand({
      Filters: [
        { Name: 'network-interface-id', Values: [networkInterfaceId] },
        { Name: 'private-ip-address', Values: [privateAddress] },
      ],
    });
    const where = `private address ${privateAddress} of ${networkInterfaceId}`;
    const result = await this.run('DescribeAddresses', where, (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
    const found = result.Addresses?.find(
      (each) => each.NetworkInterfaceId === networkInterfaceId && each.PrivateIpAddress === privateAddress,
    );
    return found?.AllocationId === undefined ? null : { allocationId: found.AllocationId };
  }

  async detach(associationId: string): Promise<'detached' | 'already-gone'> {
    const command = new DisassociateAddressCommand({ AssociationId: associationId });
    try {
      return await this.run('DisassociateAddress', `association ${associationId}`, (signal) =>
        answer(
          this.client.send(command, { abortSignal: signal }).then(() => 'detached' as const),
          ASSOCIATION_GONE,
          () => 'already-gone' as const,
        ),
      );
    } catch (error) {
      // Our role may touch only addresses that carry our tag: of an association that is gone it may be told that it is
      // not allowed, not that there is none. So it is after an answer that was lost.
      if (error instanceof OutsideRefused && !(await this.isAssociated(associationId))) return 'already-gone';
      throw error;
    }
  }

  async attach(target: {
    allocationId: string;
    networkInterfaceId: string;
    privateAddress: string;
  }): Promise<'attached' | 'taken'> {
    const command = new AssociateAddressCommand({
      AllocationId: target.allocationId,
      NetworkInterfaceId: target.networkInterfaceId,
      PrivateIpAddress: target.privateAddress,
      AllowReassociation: false,
    });
    const outcome = await this.run('AssociateAddress', `Elastic IP ${target.allocationId}`, (signal) =>
      answer(
        this.client.send(command, { abortSignal: signal }).then(() => 'attached' as const),
        TAKEN,
        () => 'taken' as const,
      ),
    );
    if (outcome === 'attached') return outcome;
    // Taken by ourselves when an earlier attempt was applied and its answer lost.
    const { association } = await this.read(target.allocationId);
    const ours =
      association?.networkInterfaceId === target.networkInterfaceId &&
      association.privateAddress === target.privateAddress;
    return ours ? 'attached' : 'taken';
  }

  async tag(allocationId: string, tags: { owner: string; epoch: number }): Promise<void> {
    const command = new CreateTagsCommand({
      Resources: [allocationId],
      Tags: [
        { Key: OWNER_TAG, Value: tags.owner },
        { Key: EPOCH_TAG, Value: String(tags.epoch) },
      ],
    });
    await this.run('CreateTags', `Elastic IP ${allocationId}`, (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
  }

  /** Only tags of ours: an address that another deployment claimed keeps its tags. */
  async release(allocationId: string): Promise<void> {
    if (tagValue((await this.describe(allocationId)).Tags, OWNER_TAG) !== this.owner) return;
    const command = new DeleteTagsCommand({
      Resources: [allocationId],
      Tags: [{ Key: OWNER_TAG }, { Key: EPOCH_TAG }],
    });
    await this.run('DeleteTags', `Elastic IP ${allocationId}`, (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
  }

  private async isAssociated(associationId: string): Promise<boolean> {
    const command = new DescribeAddressesCommand({
      Filters: [{ Name: 'association-id', Values: [associationId] }],
    });
    const result = await this.run('DescribeAddresses', `association ${associationId}`, (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
    return result.Addresses?.some((each) => each.AssociationId === associationId) === true;
  }

  private async describe(allocationId: string): Promise<Address> {
    const command = new DescribeAddressesCommand({ AllocationIds: [allocationId] });
    const result = await this.run('DescribeAddresses', `Elastic IP ${allocationId}`, (signal) =>
      answer(this.client.send(command, { abortSignal: signal }), ['InvalidAllocationID.NotFound'], () => null),
    );
    const address = result?.Addresses?.find((each) => each.AllocationId === allocationId);
    if (address !== undefined) return address;
    throw new ResourceGone(`Elastic IP ${allocationId} does not exist; restore it, or deploy with another one`);
  }

  private run<T>(action: string, resource: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.calls.run({ service: 'ec2', action, resource }, CONTROL_POLICY, attempt);
  }
}

/** null when the address is free. */
export function associationOf(address: Address): EipAssociation | null {
  const { AssociationId: associationId, NetworkInterfaceId: networkInterfaceId } = address;
  if (associationId === undefined || associationId === '' || networkInterfaceId === undefined) return null;
  return {
    associationId,
    networkInterfaceId,
    privateAddress: address.PrivateIpAddress ?? '',
    instanceId: address.InstanceId ?? null,
  };
}
