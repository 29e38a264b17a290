/** Ctrl-C in the middle of a long run: what was run so far is not lost. */

/**
 * Aborted by the first SIGINT or SIGTERM: the years under way are run to their end, and told. The second one ends the
 * process as it always does.
 */
export function stopOnSignal(say: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (!controller.signal.aborted) say('stopping when the years under way are done; once more to stop at once');
    controller.abort();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return controller.signal;
}
