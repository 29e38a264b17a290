/**
 * A VIP's private name as compare-and-swap: A and TXT change in one batch of exact DELETE and CREATE, which Route 53
 * applies as a whole or refuses (API reference, ChangeResourceRecordSets: "transactional"; a DELETE must name the
 * record's value and TTL exactly). The epoch in the TXT keeps A -> B -> A from looking unchanged.
 */
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type Change,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { ForeignOwner, OutsideRefused } from '../domain/errors';
import type { Dns, DnsRecord } from '../domain/ports';
import { answer, CONTROL_POLICY, type OutsideCalls } from './call';
import { decodeMarker, encodeMarker, normalName, sameName } from './dns-text';

/** A and TXT of a name come right after each other in the list; other types of the same name may stand between. */
const PAGE = 20;

export class Route53Dns implements Dns {
  constructor(
    private readonly client: Route53Client,
    private readonly calls: OutsideCalls,
  ) {}

  async read(zoneId: string, name: string): Promise<DnsRecord | null> {
    return recordOf(await this.list(zoneId, name));
  }

  /**
   * @throws ForeignOwner when the old record carries the mark of another deployment
   * @throws OutsideRefused when somebody else's TXT record stands at the name: ours could never be created there
   */
  async swap(zoneId: string, name: string, old: DnsRecord | null, next: DnsRecord): Promise<'changed' | 'stale'> {
    const oldOwner = old?.owner ?? null;
    if (oldOwner !== null && oldOwner !== next.owner) {
      throw new ForeignOwner(
        `DNS name ${name} in zone ${zoneId} belongs to '${oldOwner}' and not to '${next.owner ?? 'nobody'}'; ` +
          'choose another name, or delete the other deployment or its TXT record',
      );
    }
    const changes = [...(old === null ? [] : recordSets(name, old, 'DELETE')), ...recordSets(name, next, 'CREATE')];
    const outcome = await this.change(zoneId, name, changes);
    if (outcome === 'changed') return outcome;
    // Stale because of ourselves when an earlier attempt was applied and its answer lost.
    const sets = await this.list(zoneId, name);
    const text = valuesOf(sets.find((each) => each.Type === 'TXT'));
    if (text.length > 0 && text.every((each) => decodeMarker(each) === null)) {
      throw new OutsideRefused(
        `DNS name ${name} in zone ${zoneId} has a TXT record that is not ours (${text.join(', ')}); ` +
          'move it to another name: the epoch of the VIP stands there',
      );
    }
    return isSame(recordOf(sets), next) ? 'changed' : 'stale';
  }

  async remove(zoneId: string, name: string, old: DnsRecord): Promise<'changed' | 'stale'> {
    const outcome = await this.change(zoneId, name, recordSets(name, old, 'DELETE'));
    if (outcome === 'changed') return outcome;
    return (await this.read(zoneId, name)) === null ? 'changed' : 'stale';
  }

  private async list(zoneId: string, name: string): Promise<ResourceRecordSet[]> {
    const command = new ListResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      StartRecordName: normalName(name),
      MaxItems: PAGE,
    });
    const result = await this.run('ListResourceRecordSets', zoneId, name, (signal) =>
      this.client.send(command, { abortSignal: signal }),
    );
    return (result.ResourceRecordSets ?? []).filter((each) => sameName(each.Name ?? '', name));
  }

  private change(zoneId: string, name: string, changes: Change[]): Promise<'changed' | 'stale'> {
    const command = new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes: changes } });
    return this.run('ChangeResourceRecordSets', zoneId, name, (signal) =>
      answer(
        this.client.send(command, { abortSignal: signal }).then(() => 'changed' as const),
        ['InvalidChangeBatch'],
        () => 'stale' as const,
      ),
    );
  }

  private run<T>(
    action: string,
    zoneId: string,
    name: string,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const resource = `hosted zone ${zoneId}, name ${name}`;
    return this.calls.run({ service: 'route53', action, resource }, CONTROL_POLICY, attempt);
  }
}

/** The A record and, where the record is marked, the TXT beside it. */
function recordSets(name: string, record: DnsRecord, action: 'DELETE' | 'CREATE'): Change[] {
  const change = (type: 'A' | 'TXT', values: string[]): Change => ({
    Action: action,
    ResourceRecordSet: {
      Name: normalName(name),
      Type: type,
      TTL: record.ttlS,
      ResourceRecords: values.map((value) => ({ Value: value })),
    },
  });
  const { epoch, owner } = record;
  const address = change('A', record.addresses);
  return epoch === null || owner === null ? [address] : [address, change('TXT', [encodeMarker({ epoch, owner })])];
}

/** null without an A record. */
function recordOf(sets: readonly ResourceRecordSet[]): DnsRecord | null {
  const address = sets.find((each) => each.Type === 'A');
  if (address === undefined) return null;
  const texts = valuesOf(sets.find((each) => each.Type === 'TXT')).map(decodeMarker);
  const marker = texts.find((each) => each !== null);
  return {
    addresses: valuesOf(address),
    ttlS: address.TTL ?? 0,
    epoch: marker?.epoch ?? null,
    owner: marker?.owner ?? null,
  };
}

function valuesOf(set: ResourceRecordSet | undefined): string[] {
  return (set?.ResourceRecords ?? []).map((each) => each.Value ?? '');
}

function isSame(found: DnsRecord | null, wanted: DnsRecord): boolean {
  return (
    found !== null &&
    found.epoch === wanted.epoch &&
    found.owner === wanted.owner &&
    found.addresses.toSorted().join() === wanted.addresses.toSorted().join()
  );
}
