/** Ctrl-C in the middle of a long run: what was run so far is not lost. */
import type { EventEmitter } from 'node:events';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Aborted by the first SIGINT or SIGTERM: the years under way are run to their end, and told. The second one ends the
 * process as it always does.
 */
export function stopOnSignal(
  say: (text: string) => void,
  from: Pick<EventEmitter, 'on' | 'off'> = process,
): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    for (const signal of SIGNALS) from.off(signal, stop);
    say('stopping when the years under way are done; once more to stop at once');
    controller.abort();
  };
  for (const signal of SIGNALS) from.on(signal, stop);
  return controller.signal;
}
