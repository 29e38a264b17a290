/** A process of its own in virtual time, with nothing around it that the test did not make. */
import { Kernel } from '../../../lib/simulation/kernel/kernel';
import { Process } from '../../../lib/simulation/kernel/process';

const LONG_MS = 120_000;

/** How something that was asked for ended, and after how long; null: not yet. */
export type Ended<T> = { answer?: T; error?: unknown; afterMs: number } | null;

export function stage() {
  const kernel = new Kernel();
  const process = new Process(kernel, 'caller');
  return { kernel, process, ended: <T>(ask: () => Promise<T>) => endedIn(kernel, ask) };
}

/** Asks, and lives until there is an answer or two minutes have passed. */
export async function endedIn<T>(kernel: Kernel, ask: () => Promise<T>): Promise<Ended<T>> {
  const startedMs = kernel.nowMs;
  let ended = null as Ended<T>;
  const end = (how: { answer?: T; error?: unknown }): void => {
    ended = { ...how, afterMs: kernel.nowMs - startedMs };
  };
  ask().then(
    (answer) => end({ answer }),
    (error: unknown) => end({ error }),
  );
  await kernel.run(
    startedMs + LONG_MS,
    () => undefined,
    () => ended !== null,
  );
  return ended;
}
