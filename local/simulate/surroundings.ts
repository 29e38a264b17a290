/** What a command is given by its entry, and a test by itself. */
import type { Runner } from './runner';

export interface Surroundings {
  /** As many years are run at once. They are stopped at the end. */
  runners: readonly Runner[];
  /** One line or more for whoever watches. */
  say: (text: string) => void;
  /** A clock that never goes backwards. */
  nowMs: () => number;
  /** No further year is begun once it is aborted. */
  stop?: AbortSignal;
}
