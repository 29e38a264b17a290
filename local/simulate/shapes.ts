/** The clusters that are simulated, by name. */
import type { Draft } from '../../lib/config/draft';
import type { WrittenPolicy } from '../../lib/config/schema';
import { PAIR, type ClusterShape } from '../../lib/simulation/scenario';

export const SHAPE_NAMES = [
  'pair',
  'trio',
  'n+1',
  'active',
  'shared',
  'grouped',
  'reserve',
  'private',
  'bare',
] as const;
export type ShapeName = (typeof SHAPE_NAMES)[number];

export const SHAPES: Readonly<Record<ShapeName, ClusterShape>> = {
  /** One VIP, and a standby in another zone. */
  pair: PAIR,
  /** One VIP, and a standby in each of two other zones. */
  trio: { ...PAIR, nodeZones: ['a', 'b', 'c'] },
  /** Two VIPs share one spare. */
  'n+1': { ...PAIR, nodeZones: ['a', 'b', 'c'], vips: 2 },
  /** Three VIPs over four nodes: the fourth shares its zone with the first, because a region has three for certain. */
  active: { ...PAIR, nodeZones: ['a', 'b', 'c', 'a'], vips: 3 },
  /** Two VIPs over two nodes, each the other's standby: a node may hold both. */
  shared: { ...PAIR, vips: 2 },
  /** Two VIPs that bridge calls into each other, on one node and moved together, with a choice of two standbys. */
  grouped: { ...PAIR, nodeZones: ['a', 'b', 'c'], vips: 2, grouped: true },
  /** A pair, and a third node that only an operator may choose. */
  reserve: { ...PAIR, nodeZones: ['a', 'b', 'c'], manualOnly: 1 },
  /** Callers come by the private name alone: no address moves, and nothing but a dead node is fenced. */
  private: { ...PAIR, elasticIps: false },
  /** No shared database: calls end with their node. */
  bare: { ...PAIR, database: false },
};

/** What a shape cannot do without. */
export const POLICY_OF_SHAPE: Readonly<Partial<Record<ShapeName, Draft<WrittenPolicy>>>> = {
  shared: { maxVipsPerNode: 2 },
  grouped: { maxVipsPerNode: 2 },
};
