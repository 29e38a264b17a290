/** Who reaches whom in the simulated network, and for how long. */
import { Kernel } from '../../lib/simulation/kernel/kernel';
import { Dice } from '../../lib/simulation/kernel/random';
import { BurstLoss } from '../../lib/simulation/world/bursts';
import { Network } from '../../lib/simulation/world/network';

const NODE = { id: 'fs-1', zone: 'a' };
const ZONES = ['a', 'b', 'c'];
const DEADLINE_MS = 500;

function network(): Network {
  return new Network(new Kernel(), new BurstLoss(new Dice(1, 'loss'), { share: 0, meanBurstMs: 500 }));
}

/** Zones from which packets get to the node, and to which they get back. */
const carried = (net: Network) =>
  (['there', 'back'] as const).map((way) => ZONES.filter((zone) => net.carries(zone, NODE, way)));
const cut = (net: Network) => net.cutFrom(ZONES, NODE, DEADLINE_MS);

describe('the simulated network', () => {
  it('is whole at first', () => {
    const net = network();
    expect([carried(net), cut(net), net.callersReach(NODE), net.delayMs('a', NODE)]).toEqual([
      [ZONES, ZONES],
      0,
      true,
      0,
    ]);
  });

  it.each([
    ['a path', (net: Network) => net.cutPath('b', 'fs-1'), ['a', 'c'], ['a', 'c'], 1, true],
    ['a node', (net: Network) => net.cutNode('fs-1'), [], [], 3, false],
    ['its zone', (net: Network) => net.isolate('a'), ['a'], ['a'], 2, false],
    ['another zone', (net: Network) => net.isolate('b'), ['a', 'c'], ['a', 'c'], 1, true],
    ['its zone, dark', (net: Network) => net.darken('a'), [], [], 3, false],
    ['the way there from a zone', (net: Network) => net.breakOneWay('b', 'fs-1', 'there'), ['a', 'c'], ZONES, 1, true],
    ['the way back to a zone', (net: Network) => net.breakOneWay('b', 'fs-1', 'back'), ZONES, ['a', 'c'], 1, true],
    ['the way there for everybody', (net: Network) => net.breakOneWay(null, 'fs-1', 'there'), [], ZONES, 3, false],
    ['the way back for everybody', (net: Network) => net.breakOneWay(null, 'fs-1', 'back'), ZONES, [], 3, false],
  ])('knows who is cut off with %s', (_, befall, there, back, cutFrom, callers) => {
    const net = network();
    befall(net);
    expect([carried(net), cut(net), net.callersReach(NODE)]).toEqual([[there, back], cutFrom, callers]);
  });

  it('is whole again once both directions are mended', () => {
    const net = network();
    net.breakOneWay(null, 'fs-1', 'there');
    net.breakOneWay(null, 'fs-1', 'back');
    net.mendOneWay(null, 'fs-1', 'back');
    expect(carried(net)).toEqual([[], ZONES]);
    net.mendOneWay(null, 'fs-1', 'there');
    expect(carried(net)).toEqual([ZONES, ZONES]);
  });

  it('counts as cut off who waits for longer than a look does, and lets callers wait', () => {
    const net = network();
    net.delay('b', 'fs-1', 300);
    expect([net.delayMs('b', NODE), net.delayMs('a', NODE), cut(net)]).toEqual([300, 0, 0]);
    net.delay(null, 'fs-1', 250);
    expect([net.delayMs('b', NODE), net.delayMs('a', NODE), cut(net)]).toEqual([550, 250, 1]);
    expect(net.callersReach(NODE)).toBe(true);
    net.hasten('b', 'fs-1');
    net.hasten(null, 'fs-1');
    expect([net.delayMs('b', NODE), cut(net)]).toEqual([0, 0]);
  });
});
