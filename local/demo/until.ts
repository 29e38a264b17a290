/** Waits for a condition instead of a time. */
import { UnderstudyError } from '../../lib/domain/errors';

/** What a look found: the value waited for, or in words how far things are, for the message when time runs out. */
export type Look<T> = { ready: true; value: T } | { ready: false; state: string };

export const ready = <T>(value: T): Look<T> => ({ ready: true, value });
export const notYet = (state: string): Look<never> => ({ ready: false, state });

/** Something that should have come about did not. The message has the last state that was seen. */
export class WaitedInVain extends UnderstudyError {
  override readonly name = 'WaitedInVain';
}

export interface Patience {
  timeoutMs: number;
  /** Between two looks. */
  everyMs?: number;
}

/**
 * Looks until the condition holds. A look that throws counts as not yet: things come and go while stacks deploy.
 * @throws WaitedInVain after `timeoutMs`
 */
export async function until<T>(what: string, patience: Patience, look: () => Promise<Look<T>>): Promise<T> {
  const deadline = performance.now() + patience.timeoutMs;
  for (;;) {
    const seen = await look().catch((error: unknown) => notYet(`the look failed: ${String(error)}`));
    if (seen.ready) return seen.value;
    if (performance.now() >= deadline) {
      const seconds = Math.round(patience.timeoutMs / 1000);
      throw new WaitedInVain(`waited ${seconds} s in vain until ${what}; last seen: ${seen.state}`);
    }
    await new Promise((resolve) => setTimeout(resolve, patience.everyMs ?? 100));
  }
}
