import { ChangeResourceRecordSetsCommand, CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { route53Client } from '../../../lib/aws/clients';
import { Route53Dns } from '../../../lib/aws/dns';
import { ForeignOwner, OutsideRefused } from '../../../lib/domain/errors';
import type { DnsRecord } from '../../../lib/domain/ports';
import type { Emulator } from '../../../local/emulator/emulator';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { calls, overridesFor, startLocalAws } from './local-aws';

let aws: Emulator;
let route53: Route53Client;
let dns: Route53Dns;
let zoneId: string;
let name: string;
let names = 0;

beforeAll(async () => {
  aws = await startLocalAws('e2e-dns');
  route53 = new Route53Client(awsClientConfig(aws));
  dns = new Route53Dns(route53Client(overridesFor(aws)), calls());
  const zone = await route53.send(new CreateHostedZoneCommand({ Name: 'pbx.internal', CallerReference: 'e2e' }));
  zoneId = (zone.HostedZone?.Id ?? '').replace('/hostedzone/', '');
});

afterAll(async () => {
  route53?.destroy();
  await aws?.stop();
});

beforeEach(() => {
  aws.faults.clear();
  names += 1;
  name = `sip${names}.pbx.internal`;
});

const record = (epoch: number, address: string, owner = 'cluster/pbx'): DnsRecord => ({
  addresses: [address],
  ttlS: 5,
  epoch,
  owner,
});

async function create(type: 'A' | 'TXT', value: string): Promise<void> {
  const ResourceRecordSet = { Name: name, Type: type, TTL: 60, ResourceRecords: [{ Value: value }] };
  const ChangeBatch = { Changes: [{ Action: 'CREATE' as const, ResourceRecordSet }] };
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch }));
}

describe('the private name of a VIP', () => {
  it('is created with its epoch beside it, and read back by any spelling', async () => {
    expect(await dns.read(zoneId, name)).toBeNull();
    expect(await dns.swap(zoneId, name, null, record(1, '127.64.0.11'))).toBe('changed');
    expect(await dns.read(zoneId, name)).toEqual(record(1, '127.64.0.11'));
    expect(await dns.read(zoneId, `${name.toUpperCase()}.`)).toEqual(record(1, '127.64.0.11'));
  });

  it('is not mistaken for the name before or after it', async () => {
    await dns.swap(zoneId, `b.${name}`, null, record(1, '127.64.0.11'));
    expect(await dns.read(zoneId, `a.${name}`)).toBeNull();
    expect(await dns.read(zoneId, name)).toBeNull();
  });

  it('moves from what was read, and refuses who read something else', async () => {
    await dns.swap(zoneId, name, null, record(1, '127.64.0.11'));
    expect(await dns.swap(zoneId, name, record(1, '127.64.0.11'), record(2, '127.64.1.11'))).toBe('changed');
    expect(await dns.swap(zoneId, name, record(1, '127.64.0.11'), record(3, '127.64.2.11'))).toBe('stale');
    expect(await dns.read(zoneId, name)).toEqual(record(2, '127.64.1.11'));
  });

  it('is not fooled by A -> B -> A: the address is the same, the epoch is not', async () => {
    await dns.swap(zoneId, name, null, record(1, '127.64.0.11'));
    await dns.swap(zoneId, name, record(1, '127.64.0.11'), record(2, '127.64.1.11'));
    await dns.swap(zoneId, name, record(2, '127.64.1.11'), record(3, '127.64.0.11'));
    expect(await dns.swap(zoneId, name, record(1, '127.64.0.11'), record(2, '127.64.1.11'))).toBe('stale');
    expect(await dns.read(zoneId, name)).toEqual(record(3, '127.64.0.11'));
  });

  it('is moved by exactly one of many', async () => {
    await dns.swap(zoneId, name, null, record(1, '127.64.0.11'));
    const writers = Array.from({ length: 10 }, (_, index) =>
      dns.swap(zoneId, name, record(1, '127.64.0.11'), record(2, `127.64.1.${index + 10}`)),
    );
    const outcomes = await Promise.all(writers);
    expect(outcomes.filter((each) => each === 'changed')).toHaveLength(1);
  });

  it.each(['lost-answer', 'throttle', 'server-error'] as const)('moves in spite of %s', async (effect) => {
    await dns.swap(zoneId, name, null, record(1, '127.64.0.11'));
    const fault = aws.faults.add({ service: 'route53', action: 'ChangeResourceRecordSets', effect, times: 1 });
    expect(await dns.swap(zoneId, name, record(1, '127.64.0.11'), record(2, '127.64.1.11'))).toBe('changed');
    expect(fault.hits).toBe(1);
    expect(await dns.read(zoneId, name)).toEqual(record(2, '127.64.1.11'));
  });

  it('takes over an address record that stood there before, unmarked', async () => {
    await create('A', '127.64.0.9');
    const found = await dns.read(zoneId, name);
    expect(found).toEqual({ addresses: ['127.64.0.9'], ttlS: 60, epoch: null, owner: null });
    expect(await dns.swap(zoneId, name, found, record(1, '127.64.0.11'))).toBe('changed');
  });

  it('of another deployment is refused', async () => {
    const theirs = record(4, '127.64.0.11', 'cluster/other');
    await dns.swap(zoneId, name, null, theirs);
    await expect(dns.swap(zoneId, name, theirs, record(5, '127.64.1.11'))).rejects.toBeInstanceOf(ForeignOwner);
    expect(await dns.read(zoneId, name)).toEqual(theirs);
  });

  it('with a TXT record of somebody else says so instead of being stale for ever', async () => {
    await create('TXT', '"v=spf1 -all"');
    await expect(dns.swap(zoneId, name, null, record(1, '127.64.0.11'))).rejects.toBeInstanceOf(OutsideRefused);
    await expect(dns.swap(zoneId, name, null, record(1, '127.64.0.11'))).rejects.toThrow('v=spf1 -all');
  });

  it('is removed from what was read, and removing it twice is fine', async () => {
    await dns.swap(zoneId, name, null, record(1, '127.64.0.11'));
    expect(await dns.remove(zoneId, name, record(9, '127.64.0.11'))).toBe('stale');
    expect(await dns.remove(zoneId, name, record(1, '127.64.0.11'))).toBe('changed');
    expect(await dns.remove(zoneId, name, record(1, '127.64.0.11'))).toBe('changed');
    expect(await dns.read(zoneId, name)).toBeNull();
  });
});
