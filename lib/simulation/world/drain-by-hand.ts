/**
 * An operator who drains a VIP, waits for its calls to end, and moves it; where that may not be, or a command came to no
 * answer, they take it back: until the commands say that it was done.
 */
import { drainVip, switchOverDrained, undrainVip, type DrainDeps } from '../../operations/drain';
import type { World } from './world';

const TRIES_AGAIN_AFTER_MS = 60_000;

/** @param begun called unless the drain is refused */
export function drainByHand(world: World, { vipId, forMs }: { vipId: string; forMs: number }, begun: () => void): void {
  const { kernel, table } = world;
  const nodeId = table.vips.get(vipId)?.holder?.nodeId ?? null;
  if (nodeId === null) return;
  const takeBack = (): void => takeBackByHand(world, vipId, nodeId);
  const leave = async (deps: DrainDeps): Promise<void> => {
    const outcome = await switchOverDrained(deps, { vipId, toNodeId: null, abandonCalls: true });
    if (outcome.kind === 'decided') return;
    world.say(`${vipId} was drained and is not moved: ${outcome.reasons.join('; ')}`);
    takeBack();
  };
  command(
    world,
    async (deps) => {
      const outcome = await drainVip(deps, vipId);
      if (outcome.kind === 'refused') {
        world.say(`drain of ${vipId} refused: ${outcome.reasons.join('; ')}`);
        return;
      }
      begun();
      kernel.onDate(kernel.elapsedMs + forMs, () => {
        world.switchOf(nodeId).endCalls(vipId);
        command(world, leave, takeBack);
      });
    },
    takeBack,
  );
}

/** Callers again where they were; what a command left paused when it was cut off goes on. */
function takeBackByHand(world: World, vipId: string, nodeId: string): void {
  const { kernel } = world;
  command(
    world,
    async (deps) => {
      const outcome = await undrainVip(deps, vipId);
      if (outcome.kind === 'refused') await deps.store.setPaused({ kind: 'vip', id: vipId }, false, null);
      await deps.store.setPaused({ kind: 'node', id: nodeId }, false, null);
    },
    () => kernel.onDate(kernel.elapsedMs + TRIES_AGAIN_AFTER_MS, () => takeBackByHand(world, vipId, nodeId)),
  );
}

function command(world: World, work: (deps: DrainDeps) => Promise<void>, failed: () => void): void {
  const { controlPlane, dice } = world;
  controlPlane.operator(
    (store, process) => {
      const log = { warn: (message: string): void => world.say(`operator: ${message}`) };
      const nodeControl = controlPlane.nodeControlFor(process);
      return work({ store, nodeControl, clock: process, random: dice.fork(process.name), log, actor: 'operator' });
    },
    (error) => {
      if (error !== null) failed();
    },
  );
}
