/** A write to the simulated table: it is done where it arrives, whatever became of the function that sent it. */
import type { Process } from '../../../lib/simulation/kernel/process';
import { worldAfter } from '../scenarios';

it.each([
  ['arrives all the same', false],
  ['does not arrive at a table that was restored meanwhile', true],
])('that a function had sent when it was killed %s', async (_words, isRestored) => {
  const world = await worldAfter(45_000);
  let sender: Process | null = null;
  world.controlPlane.operator((store, process) => {
    sender = process;
    return store.setPaused({ kind: 'cluster' }, true, 'maintenance', null);
  });
  world.backUp();
  const inMs = (ms: number, isOver?: () => boolean) =>
    world.kernel.run(world.kernel.nowMs + ms, () => undefined, isOver);
  await inMs(5_000, () => sender !== null);

  sender!.kill();
  expect(world.table.control?.paused).toBe(false);
  if (isRestored) world.restoreTable(0);
  await inMs(1_000);

  expect(world.table.control?.pausedReason).toBe(isRestored ? null : 'maintenance');
});
