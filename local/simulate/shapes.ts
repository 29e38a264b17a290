/** The clusters that are simulated, by name. */
import { PAIR, type ClusterShape } from '../../lib/simulation/scenario';

export const SHAPE_NAMES = ['pair', 'n+1', 'active', 'private'] as const;
export type ShapeName = (typeof SHAPE_NAMES)[number];

export const SHAPES: Readonly<Record<ShapeName, ClusterShape>> = {
  /** One VIP, and a standby in another zone. */
  pair: PAIR,
  /** Two VIPs share one spare. */
  'n+1': { ...PAIR, nodeZones: ['a', 'b', 'c'], vips: 2 },
  /** Three VIPs over four nodes: the fourth shares its zone with the first, because a region has three for certain. */
  active: { ...PAIR, nodeZones: ['a', 'b', 'c', 'a'], vips: 3 },
  /** Callers come by the private name alone: no address moves, and nothing but a dead node is fenced. */
  private: { ...PAIR, elasticIps: false },
};
