/** Worlds that are right, in which one thing is made wrong: each invariant has to speak up then, and not before. */
import type { World } from '../../../lib/simulation/world/world';
import { pair, worldAfter } from '../scenarios';

export const SETTLED_MS = 45_000;
export const VIP = 'vip-1';

/** Of a world that has settled, and of one a moment after its holder crashed. */
export const settled = (): Promise<World> => worldAfter(SETTLED_MS);
export const failingOver = (): Promise<World> =>
  worldAfter(SETTLED_MS + 600, pair(), [
    { atMs: SETTLED_MS, fault: { kind: 'no-restart', nodeId: 'fs-1', forMs: 25_000 } },
  ]);

export function named<T extends { invariant: string }>(invariants: readonly T[], beginning: string): T {
  const found = invariants.filter(({ invariant }) => invariant.startsWith(beginning));
  if (found.length !== 1) throw new Error(`${found.length} invariants begin with "${beginning}"`);
  return found[0] as T;
}

/** What is there, or a test that prepared nothing fails in so many words. */
export function present<T>(item: T | null | undefined): T {
  if (item === null || item === undefined) throw new Error('the world was not prepared as the test means it');
  return item;
}

export const vipOf = (world: World) => present(world.table.vips.get(VIP));
export const nodeOf = (world: World, nodeId: string) => present(world.table.nodes.get(nodeId));
export const controlOf = (world: World) => present(world.table.control);
