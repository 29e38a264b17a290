/**
 * What is decided while an invocation works on a journal. The stream hands over the records of one VIP one after
 * another, and those of a few VIPs beside each other: a change that follows the one that is worked on here, because its
 * target failed, would wait until this one has ended, with whatever call it has under way.
 */
import { describeError } from '../domain/errors';
import type { Transition } from '../domain/model';
import { isLeftAlone } from '../domain/transition';
import type { ConvergeDeps, ConvergeTiming } from './converge/context';
import { convergeTransition } from './converge/converge';

/** What is under way takes seconds, and up to 25 (`recoverTimeoutMs`); a look is one query. */
const LOOK_EVERY_MS = 1_000;

/**
 * Converges open journals that nobody works on, beside `own`, until `working` has settled and they have ended. Never
 * throws: each has its own record, and the schedule.
 */
export async function convergeMeanwhile(
  deps: ConvergeDeps,
  own: string,
  working: Promise<unknown>,
  timing: ConvergeTiming,
): Promise<void> {
  const { clock, store, log } = deps;
  const untilMs = clock.monotonicMs() + timing.budgetMs;
  const over = new AbortController();
  const end = (): void => over.abort();
  working.then(end, end);
  const begun = new Map<string, Promise<void>>();
  const begin = async ({ id, vipId, epoch }: Transition): Promise<void> => {
    const budgetMs = untilMs - clock.monotonicMs();
    const { outcome } = await convergeTransition(deps, await store.readTopology(), vipId, epoch, {
      ...timing,
      budgetMs,
    });
    log.info(`worked on ${id} while ${own} was under way`, { outcome });
  };
  const failed = (id: string) => (error: unknown) =>
    log.warn(`${id} could not be worked on while ${own} was under way: its own record or the schedule will`, {
      error: describeError(error),
    });
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, over.signal);
    if (over.signal.aborted || clock.monotonicMs() >= untilMs) break;
    const found = await store.listUnfinishedTransitions().catch((error: unknown): Transition[] => {
      failed('what was decided')(error);
      return [];
    });
    for (const each of found) {
      if (each.id === own || begun.has(each.id) || !isLeftAlone(each, clock.wallMs())) continue;
      begun.set(each.id, begin(each).catch(failed(each.id)));
    }
  }
  await Promise.all(begun.values());
}
