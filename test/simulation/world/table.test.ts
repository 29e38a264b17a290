/** A write to the simulated table: it is done where it arrives, whatever became of the function that sent it. */
import type { Process } from '../../../lib/simulation/kernel/process';
import { worldAfter } from '../scenarios';

it('that a function had sent when it was killed arrives all the same', async () => {
  const world = await worldAfter(45_000);
  let sender: Process | null = null;
  world.controlPlane.operator((store, process) => {
    sender = process;
    return store.setPaused({ kind: 'cluster' }, true, 'maintenance', null);
  });
  const inMs = (ms: number, isOver?: () => boolean) =>
    world.kernel.run(world.kernel.nowMs + ms, () => undefined, isOver);
  await inMs(5_000, () => sender !== null);

  sender!.kill();
  expect(world.table.control?.paused).toBe(false);
  await inMs(1_000);

  expect(world.table.control?.paused).toBe(true);
});
