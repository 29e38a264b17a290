/** Callers of the private name: an Elastic IP beside it does not serve them. */
import type { DnsRecord } from '../../lib/domain/ports';
import { Record } from '../../lib/simulation/record';
import type { World } from '../../lib/simulation/world/world';
import { MINUTE_MS, worldAfter } from './scenarios';

const minutes = (ms: number): number => ms / MINUTE_MS;

describe('callers of the private name', () => {
  /** The name leads to that node for a minute, while the Elastic IP stays where it is. */
  async function led(to: 'fs-1' | 'fs-2', befalls: (world: World) => void = () => undefined): Promise<Record> {
    const world = await worldAfter(45_000);
    const record = new Record(world);
    const { names, topology } = world;
    const [[name, entry]] = [...names.records] as [[string, DnsRecord]];
    const node = topology?.nodes.find(({ id }) => id === to);
    names.records.set(name, { ...entry, addresses: [node?.vipAddresses['vip-1'] ?? ''] });
    befalls(world);
    record.instant();
    world.kernel.skip(MINUTE_MS);
    record.instant();
    return record;
  }

  test('are not served where it leads to a standby, though everybody else is', async () => {
    const record = await led('fs-2');

    expect([record.unservedMs, minutes(record.nameUnservedMs), minutes(record.namedVipMs)]).toEqual([0, 1, 1]);
  });

  test('are served where it leads to a node that answers, the holder or not', async () => {
    expect((await led('fs-1')).nameUnservedMs).toBe(0);

    const both = await led('fs-2', (world) => {
      world.switchOf('fs-2').process?.setPromoted('vip-1', true);
      world.switchOf('fs-2').process?.rescan('vip-1');
    });

    expect(both.nameUnservedMs).toBe(0);
  });

  test('are not served by a switch that somebody paused', async () => {
    const record = await led('fs-1', (world) => world.switchOf('fs-1').setPaused(true));

    expect([record.namedVipMs, record.nameUnservedMs]).toEqual([0, 0]);

    const both = await led('fs-2', (world) => {
      world.switchOf('fs-2').process?.setPromoted('vip-1', true);
      world.switchOf('fs-2').process?.rescan('vip-1');
      world.switchOf('fs-2').setPaused(true);
    });

    expect(minutes(both.nameUnservedMs)).toBe(1);
  });

  test('are not counted of a VIP that has none', async () => {
    const record = await led('fs-2', ({ table }) => {
      const topology = table.topology!;
      table.topology = { ...topology, vips: topology.vips.map((vip) => ({ ...vip, privateDns: null })) };
    });

    expect([record.namedVipMs, record.nameUnservedMs]).toEqual([0, 0]);
  });
});

describe('since when callers are not served', () => {
  test('is counted from when they last were, by a paused switch not, and for ever where they never were', async () => {
    const world = await worldAfter(45_000);
    const record = new Record(world);
    expect(record.notServedForMs('vip-1')).toBe(Number.POSITIVE_INFINITY);
    record.instant();
    expect(record.notServedForMs('vip-1')).toBe(0);

    world.switchOf('fs-1').setPaused(true);
    record.instant();
    world.kernel.skip(MINUTE_MS);
    record.instant();

    expect(record.notServedForMs('vip-1')).toBe(MINUTE_MS);
  });
});
