/** What exists in the account, for registration: exactly one instance or Elastic IP per id or tag. */
import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  type Address,
  type EC2Client,
  type Filter,
  type Instance,
} from '@aws-sdk/client-ec2';
import { OutsideRefused } from '../domain/errors';
import type { ElasticIpFacts, InstanceFacts, Inventory, ResourceSelector } from '../domain/ports';
import { CONTROL_POLICY, type OutsideCalls } from './call';
import { associationOf } from './elastic-ips';
import { epochOf, OWNER_TAG, tagValue } from './tags';

/** Terminated instances keep their tags for about an hour: they are no match. */
const LIVING_STATES = ['pending', 'running', 'stopping', 'stopped'];

/** Pages of a thousand instances: more than a tag that should match one could ever find. */
const MAX_PAGES = 5;

export class Ec2Inventory implements Inventory {
  constructor(
    private readonly client: EC2Client,
    private readonly calls: OutsideCalls,
  ) {}

  async findInstance(selector: ResourceSelector): Promise<InstanceFacts> {
    const states: Filter = { Name: 'instance-state-name', Values: LIVING_STATES };
    const found: Instance[] = [];
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const command = new DescribeInstancesCommand({
        Filters: [states, filterOf(selector, 'instance-id')],
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const result = await this.run('DescribeInstances', 'instance', selector, (signal) =>
        this.client.send(command, { abortSignal: signal }),
      );
      found.push(...(result.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []));
      token = result.NextToken;
      if (token === undefined || token === '') break;
    }
    const instance = exactlyOne('instance', selector, found, (each) => each.InstanceId ?? '?');
    return instanceFacts(instance);
  }

  async findElasticIp(selector: ResourceSelector): Promise<ElasticIpFacts> {
    const command = new DescribeAddressesCommand({ Filters: [filterOf(selector, 'allocation-id')] });
    const result = await this.run('DescribeAddresses', 'Elastic IP', selector, (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
    const address = exactlyOne('Elastic IP', selector, result.Addresses ?? [], (each) => each.AllocationId ?? '?');
    return elasticIpFacts(address);
  }

  private run<T>(
    action: string,
    kind: string,
    selector: ResourceSelector,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.calls.run(
      { service: 'ec2', action, resource: `${kind} ${describe(selector)}` },
      CONTROL_POLICY,
      attempt,
    );
  }
}

/** @throws OutsideRefused when there is none or more than one, with the selector and every id that was found */
export function exactlyOne<T>(
  kind: string,
  selector: ResourceSelector,
  found: readonly T[],
  idOf: (each: T) => string,
): T {
  const [only, ...others] = found;
  if (only === undefined) {
    throw new OutsideRefused(`no ${kind} ${describe(selector)} exists here; create it, or correct the configuration`);
  }
  if (others.length > 0) {
    const ids = found.map(idOf).join(', ');
    throw new OutsideRefused(
      `${found.length} of kind ${kind} ${describe(selector)}: ${ids}; leave the tag on exactly one of them`,
    );
  }
  return only;
}

function describe(selector: ResourceSelector): string {
  return 'id' in selector ? `with id ${selector.id}` : `with tag ${selector.tag.key}=${selector.tag.value}`;
}

function filterOf(selector: ResourceSelector, idName: string): Filter {
  return 'id' in selector
    ? { Name: idName, Values: [selector.id] }
    : { Name: `tag:${selector.tag.key}`, Values: [selector.tag.value] };
}

/** The primary interface is the one at device index 0; VIP addresses are secondary addresses of that one. */
function instanceFacts(instance: Instance): InstanceFacts {
  const instanceId = instance.InstanceId ?? '';
  const networkInterface =
    instance.NetworkInterfaces?.find((each) => each.Attachment?.DeviceIndex === 0) ?? instance.NetworkInterfaces?.[0];
  const { NetworkInterfaceId: networkInterfaceId, PrivateIpAddresses: addresses = [] } = networkInterface ?? {};
  const primaryAddress = addresses.find((each) => each.Primary === true)?.PrivateIpAddress ?? instance.PrivateIpAddress;
  if (networkInterfaceId === undefined || primaryAddress === undefined) {
    throw new OutsideRefused(
      `instance ${instanceId} has no network interface with a private address; only instances in a VPC can be nodes`,
    );
  }
  return {
    instanceId,
    zone: instance.Placement?.AvailabilityZone ?? '',
    state: instance.State?.Name ?? 'unknown',
    owner: tagValue(instance.Tags, OWNER_TAG),
    networkInterfaceId,
    primaryAddress,
    secondaryAddresses: addresses
      .filter((each) => each.Primary !== true)
      .flatMap((each) => each.PrivateIpAddress ?? []),
  };
}

function elasticIpFacts(address: Address): ElasticIpFacts {
  return {
    allocationId: address.AllocationId ?? '',
    publicIp: address.PublicIp ?? '',
    owner: tagValue(address.Tags, OWNER_TAG),
    epoch: epochOf(address.Tags),
    association: associationOf(address),
  };
}
