/** The far end of a worker process: runs what it is sent, and sends back what came of it. */
import type { RunResult } from '../../lib/simulation/results';
import { obey, type Order, type Run } from './runner';

export type Answer = { kind: 'ran'; result: RunResult } | { kind: 'failed'; error: string };

/** Until the parent ends it, or goes away. */
export function serve(run: Run): void {
  process.on('message', (order: Order) => {
    void obey(order, run)
      .then((result): Answer => ({ kind: 'ran', result }))
      .catch((error: unknown): Answer => ({ kind: 'failed', error: stackOf(error) }))
      .then((answer) => process.send?.(answer));
  });
  process.on('disconnect', () => process.exit(0));
  // A terminal's Ctrl-C comes to the whole group; whether a year is still wanted is the parent's to say.
  process.on('SIGINT', () => undefined);
}

/** With the way it came: a run that throws is a mistake of the simulator's. */
function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
