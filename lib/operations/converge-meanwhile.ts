/**
 * What is decided of a VIP while an invocation works on its journal. The stream hands over the records of one VIP one
 * after another: a change that follows the one that is worked on here, because its target failed, would wait until this
 * one has ended, with whatever call it has under way.
 */
import { describeError } from '../domain/errors';
import { transitionId, type Transition } from '../domain/model';
import { isLeftAlone } from '../domain/transition';
import type { ConvergeDeps, ConvergeTiming } from './converge/context';
import { convergeTransition } from './converge/converge';

/** What is under way takes seconds, and up to 25 (`recoverTimeoutMs`); a look is one query, and one read a VIP. */
const LOOK_EVERY_MS = 1_000;
/** Nothing is begun with less left: it would hold its lease, and leave its steps to the schedule. */
const LEAST_BUDGET_MS = 45_000;

/**
 * Converges the later journals of that VIP that nobody works on, until they and `working` have ended. Never throws: each
 * has its own record, and the schedule.
 */
export async function convergeMeanwhile(
  deps: ConvergeDeps,
  own: { vipId: string; epoch: number },
  working: Promise<unknown>,
  timing: ConvergeTiming,
): Promise<void> {
  const { clock, store, log } = deps;
  const beganMs = clock.monotonicMs();
  const underWay = new Set<Promise<void>>();
  const begun = new Set<string>();
  const idle = new AbortController();
  const track = (work: Promise<unknown>): void => {
    const ended: Promise<void> = work.then(
      () => undefined,
      () => undefined,
    );
    underWay.add(ended);
    void ended.then(() => {
      underWay.delete(ended);
      if (underWay.size === 0) idle.abort();
    });
  };
  const failed = (what: string, error: unknown): void =>
    log.warn(`${what} while ${transitionId(own.vipId, own.epoch)} was under way: its own record or the schedule will`, {
      error: describeError(error),
    });
  const begin = async ({ id, vipId, epoch }: Transition): Promise<void> => {
    const spentMs = clock.monotonicMs() - beganMs;
    const left = { ...timing, budgetMs: timing.budgetMs - spentMs, restWithinMs: timing.restWithinMs - spentMs };
    const { outcome } = await convergeTransition(deps, await store.readTopology(), vipId, epoch, left);
    log.info(`worked on ${id} beside the change before it`, { outcome });
  };
  const isNews = ({ vipId, epoch, id }: Transition): boolean =>
    vipId === own.vipId && epoch > own.epoch && !begun.has(id);

  track(working);
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, idle.signal);
    if (idle.signal.aborted || clock.monotonicMs() - beganMs > timing.budgetMs - LEAST_BUDGET_MS) break;
    const found = await store.listUnfinishedTransitions().catch((error: unknown): Transition[] => {
      failed('what was decided could not be read', error);
      return [];
    });
    for (const each of found) {
      if (!isNews(each) || !isLeftAlone(each, clock.wallMs())) continue;
      begun.add(each.id);
      track(begin(each).catch((error: unknown) => failed(`${each.id} could not be worked on`, error)));
    }
  }
  await Promise.all(underWay);
}
