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
import { ForeignOwner, OutsideRefused, ResourceGone } from '../domain/errors';
import type { Dns, DnsRecord } from '../domain/ports';
import { answer, CONTROL_POLICY, type OutsideCalls } from './call';
import { decodeMarker, encodeMarker, normalName, sameName } from './dns-text';
import { errorName } from './failures';

/** A and TXT of a name come right after each other in the list; other types of the same name may stand between. */
const PAGE = 20;

/** First the batch that follows from what the caller read, then one that names what stands there as it is written. */
const BATCHES = 2;

const ZONE_GONE = 'NoSuchHostedZone';

type Outcome = 'changed' | 'stale' | 'zone-gone';

export class Route53Dns implements Dns {
  constructor(
    private readonly client: Route53Client,
    private readonly calls: OutsideCalls,
  ) {}

  /** @throws ResourceGone when the zone does not exist (any more) */
  async read(zoneId: string, name: string): Promise<DnsRecord | null> {
    const sets = await this.list(zoneId, name);
    if (sets === null) throw new ResourceGone(noSuchZone(zoneId, name));
    return recordOf(sets);
  }

  /**
   * @throws ForeignOwner when the name carries the mark of another deployment
   * @throws OutsideRefused when what stands at the name keeps ours from being created there, or the zone is gone
   */
  async swap(zoneId: string, name: string, old: DnsRecord | null, next: DnsRecord): Promise<'changed' | 'stale'> {
    refuseForeign(zoneId, name, old?.owner ?? null, next);
    const outcome = await this.replace(zoneId, name, old, next);
    if (outcome !== 'zone-gone') return outcome;
    throw new OutsideRefused(noSuchZone(zoneId, name));
  }

  /** Values of others in our TXT stay. With its zone the record is gone too. */
  async remove(zoneId: string, name: string, old: DnsRecord): Promise<'changed' | 'stale'> {
    const outcome = await this.replace(zoneId, name, old, null);
    return outcome === 'zone-gone' ? 'changed' : outcome;
  }

  private async replace(zoneId: string, name: string, old: DnsRecord | null, next: DnsRecord | null): Promise<Outcome> {
    let batch = [...recordSets(name, old, 'DELETE'), ...recordSets(name, next, 'CREATE')];
    for (let tries = 1; tries <= BATCHES; tries += 1) {
      const outcome = await this.change(zoneId, name, batch);
      if (outcome !== 'stale') return outcome;
      const sets = await this.list(zoneId, name);
      if (sets === null) return 'zone-gone';
      const found = recordOf(sets);
      // Stale because of ourselves when an earlier attempt was applied and its answer lost.
      if (isSame(found, next)) return 'changed';
      if (next !== null) refuseObstacles(zoneId, name, sets, next);
      if (!isSame(found, old)) return 'stale';
      // It reads as it did and is written otherwise: a TTL or a value was edited by hand.
      batch = rewrite(name, sets, old, next);
    }
    return 'stale';
  }

  /** null when the zone does not exist (any more). */
  private async list(zoneId: string, name: string): Promise<ResourceRecordSet[] | null> {
    const command = new ListResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      StartRecordName: normalName(name),
      MaxItems: PAGE,
    });
    const result = await this.run('ListResourceRecordSets', zoneId, name, (signal) =>
      answer(this.client.send(command, { abortSignal: signal }), [ZONE_GONE], () => null),
    );
    if (result === null) return null;
    return (result.ResourceRecordSets ?? []).filter((each) => sameName(each.Name ?? '', name));
  }

  private change(zoneId: string, name: string, changes: Change[]): Promise<Outcome> {
    const command = new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes: changes } });
    return this.run('ChangeResourceRecordSets', zoneId, name, (signal) =>
      answer<Outcome, Outcome>(
        this.client.send(command, { abortSignal: signal }).then(() => 'changed'),
        ['InvalidChangeBatch', ZONE_GONE],
        (error) => (errorName(error) === ZONE_GONE ? 'zone-gone' : 'stale'),
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

const noSuchZone = (zoneId: string, name: string): string =>
  `hosted zone ${zoneId} of DNS name ${name} does not exist (${ZONE_GONE}); ` +
  'deploy again with a zone that exists, or without the private name';

function refuseForeign(zoneId: string, name: string, owner: string | null, next: DnsRecord): void {
  if (owner === null || owner === next.owner) return;
  throw new ForeignOwner(
    `DNS name ${name} in zone ${zoneId} belongs to '${owner}' and not to '${next.owner ?? 'nobody'}'; ` +
      'choose another name, or delete the other deployment or its TXT record',
  );
}

/** What no later attempt gets past: without a human it would read as stale for ever. */
function refuseObstacles(zoneId: string, name: string, sets: readonly ResourceRecordSet[], next: DnsRecord): void {
  const what = `DNS name ${name} in zone ${zoneId}`;
  const obstacle = sets.find((each) => each.Type === 'CNAME' || (isOurType(each) && !isSimple(each)));
  if (obstacle !== undefined) {
    const kind = obstacle.Type === 'CNAME' ? 'CNAME record' : `${obstacle.Type} record that is an alias or routed`;
    throw new OutsideRefused(
      `${what} has a ${kind}, beside which ours cannot stand; delete it, or choose another name for the VIP`,
    );
  }
  const texts = valuesOf(simple(sets, 'TXT'));
  const marks = texts.flatMap((each) => decodeMarker(each) ?? []);
  for (const { owner } of marks) refuseForeign(zoneId, name, owner, next);
  if (texts.length > 0 && marks.length === 0) {
    throw new OutsideRefused(
      `${what} has a TXT record that is not ours (${texts.join(', ')}); ` +
        'move it to another name: the epoch of the VIP stands there',
    );
  }
}

type Action = 'DELETE' | 'CREATE';

/** The A record and, where the record is marked, the TXT beside it, which may have values of others too. */
function recordSets(name: string, record: DnsRecord | null, action: Action, others: string[] = []): Change[] {
  if (record === null) return [];
  const { addresses, ttlS, epoch, owner } = record;
  const mark = epoch === null || owner === null ? [] : [encodeMarker({ epoch, owner })];
  return [
    ...recordSet(name, 'A', ttlS, addresses, action),
    ...recordSet(name, 'TXT', ttlS, [...mark, ...others], action),
  ];
}

/** Nothing without a value: a record set has at least one. */
function recordSet(name: string, type: 'A' | 'TXT', ttlS: number, values: string[], action: Action): Change[] {
  if (values.length === 0) return [];
  const ResourceRecords = values.map((value) => ({ Value: value }));
  return [{ Action: action, ResourceRecordSet: { Name: normalName(name), Type: type, TTL: ttlS, ResourceRecords } }];
}

/** Takes off A and TXT exactly as they were listed, and puts `next` there; what others wrote into the TXT stays. */
function rewrite(
  name: string,
  sets: readonly ResourceRecordSet[],
  old: DnsRecord | null,
  next: DnsRecord | null,
): Change[] {
  const text = simple(sets, 'TXT');
  const others = valuesOf(text).filter((each) => {
    const mark = decodeMarker(each);
    return mark === null || mark.owner !== old?.owner;
  });
  const listed = [simple(sets, 'A'), text].filter((each) => each !== undefined);
  return [
    ...listed.map((each) => ({ Action: 'DELETE' as const, ResourceRecordSet: each })),
    ...(next === null
      ? recordSet(name, 'TXT', text?.TTL ?? 0, others, 'CREATE')
      : recordSets(name, next, 'CREATE', others)),
  ];
}

/** null without an A record and without our mark: a mark that was left alone still tells how far the epochs had come. */
function recordOf(sets: readonly ResourceRecordSet[]): DnsRecord | null {
  const address = simple(sets, 'A');
  const text = simple(sets, 'TXT');
  const marks = valuesOf(text).flatMap((each) => decodeMarker(each) ?? []);
  const mark = marks.toSorted((one, other) => other.epoch - one.epoch)[0];
  if (address === undefined && mark === undefined) return null;
  return {
    addresses: valuesOf(address),
    ttlS: (address ?? text)?.TTL ?? 0,
    epoch: mark?.epoch ?? null,
    owner: mark?.owner ?? null,
  };
}

function isOurType(set: ResourceRecordSet): boolean {
  return set.Type === 'A' || set.Type === 'TXT';
}

/** Neither an alias nor one of several that a routing policy chooses from: we write neither. */
function isSimple(set: ResourceRecordSet): boolean {
  return set.AliasTarget === undefined && set.SetIdentifier === undefined;
}

function simple(sets: readonly ResourceRecordSet[], type: 'A' | 'TXT'): ResourceRecordSet | undefined {
  return sets.find((each) => each.Type === type && isSimple(each));
}

function valuesOf(set: ResourceRecordSet | undefined): string[] {
  return (set?.ResourceRecords ?? []).map((each) => each.Value ?? '');
}

function isSame(one: DnsRecord | null, other: DnsRecord | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.epoch === other.epoch &&
    one.owner === other.owner &&
    one.ttlS === other.ttlS &&
    one.addresses.toSorted().join() === other.addresses.toSorted().join()
  );
}
