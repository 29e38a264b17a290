import { ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { Change, ChangeResourceRecordSetsCommand, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { OutsideCalls } from '../../lib/aws/call';
import { Route53Dns } from '../../lib/aws/dns';
import { ForeignOwner, OutsideRefused, ResourceGone } from '../../lib/domain/errors';
import type { DnsRecord } from '../../lib/domain/ports';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

const ZONE = 'Z0PBX';
const NAME = 'sip.pbx.internal';

function set(type: 'A' | 'TXT' | 'CNAME', ttlS: number, ...values: string[]): ResourceRecordSet {
  return { Name: `${NAME}.`, Type: type, TTL: ttlS, ResourceRecords: values.map((value) => ({ Value: value })) };
}

const mark = (epoch: number, owner = 'cluster/pbx'): string => `"understudy epoch=${epoch} owner=${owner}"`;

function record(epoch: number, ...addresses: string[]): DnsRecord {
  return { addresses, ttlS: 5, epoch, owner: 'cluster/pbx' };
}

const named = (name: string): Error => Object.assign(new Error(`Route 53 says ${name}`), { name });

/** A hosted zone that takes a change batch as a whole, or refuses it; `sets: null`, it was deleted. */
class Zone {
  sets: ResourceRecordSet[] | null;
  batches = 0;
  /** Happens just before the batch of that number: another writer. */
  readonly meanwhile = new Map<number, () => void>();

  constructor(...sets: ResourceRecordSet[]) {
    this.sets = sets;
  }

  send(command: ListResourceRecordSetsCommand | ChangeResourceRecordSetsCommand): unknown {
    if (command instanceof ListResourceRecordSetsCommand) return { ResourceRecordSets: this.existing() };
    this.batches += 1;
    this.meanwhile.get(this.batches)?.();
    this.sets = (command.input.ChangeBatch?.Changes ?? []).reduce(changed, this.existing());
    return {};
  }

  private existing(): ResourceRecordSet[] {
    if (this.sets === null) throw named('NoSuchHostedZone');
    return this.sets;
  }
}

function changed(sets: ResourceRecordSet[], { Action, ResourceRecordSet: subject }: Change): ResourceRecordSet[] {
  const text = JSON.stringify(subject);
  if (subject === undefined) throw named('InvalidInput');
  if (Action === 'DELETE') {
    if (!sets.some((each) => JSON.stringify(each) === text)) throw named('InvalidChangeBatch');
    return sets.filter((each) => JSON.stringify(each) !== text);
  }
  if (sets.some(({ Type }) => Type === subject.Type || Type === 'CNAME')) throw named('InvalidChangeBatch');
  return [...sets, subject];
}

function dnsOf(zone: Zone): Route53Dns {
  const client = new Route53Client({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });
  const send = (command: ListResourceRecordSetsCommand) =>
    new Promise((resolve) => {
      resolve(zone.send(command));
    });
  Object.assign(client, { send });
  return new Route53Dns(client, new OutsideCalls(new VirtualClock(), seededRandom(1)));
}

/** As the name's step does it. */
async function repoint(zone: Zone, next: DnsRecord): Promise<'changed' | 'stale'> {
  const dns = dnsOf(zone);
  return dns.swap(ZONE, NAME, await dns.read(ZONE, NAME), next);
}

describe('a hosted zone that was deleted', () => {
  const deleted = (): Zone => {
    const zone = new Zone();
    zone.sets = null;
    return zone;
  };

  it('is named to whoever reads from it: a deployment with a wrong id is refused', async () => {
    const refused = dnsOf(deleted()).read(ZONE, NAME);
    await expect(refused).rejects.toBeInstanceOf(ResourceGone);
    await expect(refused).rejects.toThrow('hosted zone Z0PBX of DNS name sip.pbx.internal does not exist');
  });

  it('has none to remove any more', async () => {
    await expect(dnsOf(deleted()).remove(ZONE, NAME, record(1, '10.0.0.11'))).resolves.toBe('changed');
  });

  it('takes no new one, and says which zone is missing', async () => {
    const refused = dnsOf(deleted()).swap(ZONE, NAME, null, record(2, '10.0.1.11'));
    await expect(refused).rejects.toBeInstanceOf(OutsideRefused);
    await expect(refused).rejects.toThrow('hosted zone Z0PBX of DNS name sip.pbx.internal does not exist');
  });
});

describe('a name that changed since it was read', () => {
  const read = record(1, '10.0.0.11');
  const next = record(2, '10.0.1.11');

  it.each<[string, ResourceRecordSet[]]>([
    ['came back to its address with a later epoch', [set('A', 5, '10.0.0.11'), set('TXT', 5, mark(9))]],
    ['was removed', []],
  ])('is left alone where it %s', async (_words, now) => {
    const zone = new Zone(...now);
    await expect(dnsOf(zone).swap(ZONE, NAME, read, next)).resolves.toBe('stale');
    expect(zone.sets).toEqual(now);
  });

  it('is not removed where another deployment has taken it', async () => {
    const theirs = [set('A', 5, '10.0.0.11'), set('TXT', 5, mark(1, 'cluster/other'))];
    const zone = new Zone(...theirs);
    await expect(dnsOf(zone).remove(ZONE, NAME, read)).resolves.toBe('stale');
    expect(zone.sets).toEqual(theirs);
  });

  it('has changed where that was our own batch, whose answer was lost', async () => {
    const zone = new Zone(set('A', 5, '10.0.1.11'), set('TXT', 5, mark(2)));
    await expect(dnsOf(zone).swap(ZONE, NAME, read, next)).resolves.toBe('changed');
  });
});

describe('a name whose A record was deleted by hand', () => {
  const left = (epoch: number, owner?: string): Zone => new Zone(set('TXT', 5, mark(epoch, owner)));

  it('still tells the epoch and the owner', async () => {
    await expect(dnsOf(left(7)).read(ZONE, NAME)).resolves.toEqual(record(7));
  });

  it('gets its address again', async () => {
    const zone = left(7);
    await expect(repoint(zone, record(8, '10.0.1.11'))).resolves.toBe('changed');
    expect(zone.sets).toEqual([set('A', 5, '10.0.1.11'), set('TXT', 5, mark(8))]);
  });

  it('is stale for who read an earlier epoch', async () => {
    const swap = dnsOf(left(7)).swap(ZONE, NAME, record(6, '10.0.0.11'), record(8, '10.0.1.11'));
    await expect(swap).resolves.toBe('stale');
  });

  it('is left to the deployment whose mark it carries', async () => {
    await expect(repoint(left(7, 'cluster/other'), record(8, '10.0.1.11'))).rejects.toBeInstanceOf(ForeignOwner);
  });

  it('is removed', async () => {
    const zone = left(7);
    await expect(dnsOf(zone).remove(ZONE, NAME, record(7))).resolves.toBe('changed');
    expect(zone.sets).toEqual([]);
  });
});

describe.each([
  ['the A record', 60, 5],
  ['the TXT record', 5, 300],
])('a name whose TTL was edited at %s', (_, ttlOfA, ttlOfTxt) => {
  const edited = (): Zone => new Zone(set('A', ttlOfA, '10.0.0.11'), set('TXT', ttlOfTxt, mark(1)));

  it('is repointed, with our TTL at both', async () => {
    const zone = edited();
    await expect(repoint(zone, record(2, '10.0.1.11'))).resolves.toBe('changed');
    expect(zone.sets).toEqual([set('A', 5, '10.0.1.11'), set('TXT', 5, mark(2))]);
  });

  it('is removed', async () => {
    const zone = edited();
    await expect(dnsOf(zone).remove(ZONE, NAME, { ...record(1, '10.0.0.11'), ttlS: ttlOfA })).resolves.toBe('changed');
    expect(zone.sets).toEqual([]);
  });

  it.each([1, 2])('is not taken from a newer writer who comes before batch %i', async (batch) => {
    const zone = edited();
    const newer = [set('A', 5, '10.0.2.11'), set('TXT', 5, mark(9))];
    zone.meanwhile.set(batch, () => (zone.sets = newer));
    await expect(repoint(zone, record(2, '10.0.1.11'))).resolves.toBe('stale');
    expect(zone.sets).toEqual(newer);
  });
});

describe('a name to whose TXT record somebody added a value', () => {
  const SPF = '"v=spf1 -all"';
  const shared = (...marks: string[]): Zone => new Zone(set('A', 5, '10.0.0.11'), set('TXT', 5, SPF, ...marks));

  it('is repointed, and the value stays', async () => {
    const zone = shared(mark(1));
    await expect(repoint(zone, record(2, '10.0.1.11'))).resolves.toBe('changed');
    expect(zone.sets).toEqual([set('A', 5, '10.0.1.11'), set('TXT', 5, mark(2), SPF)]);
  });

  it('is removed, and the value stays', async () => {
    const zone = shared(mark(1));
    await expect(dnsOf(zone).remove(ZONE, NAME, record(1, '10.0.0.11'))).resolves.toBe('changed');
    expect(zone.sets).toEqual([set('TXT', 5, SPF)]);
  });

  it('counts with the highest epoch of its marks', async () => {
    const zone = shared(mark(3), mark(7));
    await expect(dnsOf(zone).read(ZONE, NAME)).resolves.toEqual(record(7, '10.0.0.11'));
    await expect(repoint(zone, record(8, '10.0.1.11'))).resolves.toBe('changed');
    expect(zone.sets).toContainEqual(set('TXT', 5, mark(8), SPF));
  });

  it('is refused where the value is the mark of another deployment', async () => {
    const zone = shared(mark(7), mark(3, 'cluster/other'));
    await expect(repoint(zone, record(8, '10.0.1.11'))).rejects.toThrow("belongs to 'cluster/other'");
  });
});

describe('a name that something else occupies', () => {
  it('is refused with the CNAME in the way, and what to do', async () => {
    const refused = repoint(new Zone(set('CNAME', 60, 'elsewhere.pbx.internal')), record(2, '10.0.1.11'));
    await expect(refused).rejects.toBeInstanceOf(OutsideRefused);
    await expect(refused).rejects.toThrow(
      /sip\.pbx\.internal .* has a CNAME record.*delete it, or choose another name/,
    );
  });

  it('is refused with an alias in the way, our mark beside it or not', async () => {
    const AliasTarget = { HostedZoneId: 'Z1', DNSName: 'lb.example.', EvaluateTargetHealth: false };
    const alias: ResourceRecordSet = { Name: `${NAME}.`, Type: 'A', AliasTarget };
    for (const zone of [new Zone(alias), new Zone(alias, set('TXT', 5, mark(1)))]) {
      await expect(repoint(zone, record(2, '10.0.1.11'))).rejects.toThrow('A record that is an alias');
      expect(zone.sets).toContainEqual(alias);
    }
  });

  it("is refused with somebody else's TXT record", async () => {
    const refused = repoint(new Zone(set('TXT', 60, '"v=spf1 -all"')), record(2, '10.0.1.11'));
    await expect(refused).rejects.toThrow('a TXT record that is not ours ("v=spf1 -all")');
  });
});
