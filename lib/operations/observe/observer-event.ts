/** What an invocation of an observer brings along: its event, and how long it may live. */
import { MalformedEvent } from '../../domain/errors';

/** Longer would be the next challenger's minute. */
const LONGEST_DELAY_MS = 59_999;
/** The look, the writes and the judgement that are under way at the end, and the release of the lease. */
const WIND_UP_RESERVE_MS = 20_000;

/** `event`: `{startDelayMs?}`, from the schedule or a registration. Throws MalformedEvent. */
export function parseStartDelayMs(event: unknown): number {
  const given: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'startDelayMs') : undefined;
  if (given === undefined) return 0;
  if (typeof given === 'number' && given >= 0 && given <= LONGEST_DELAY_MS) return given;
  throw new MalformedEvent(
    `startDelayMs is not within 0 and ${LONGEST_DELAY_MS}: deploy the control plane stack again`,
  );
}

/**
 * `configured` is `UNDERSTUDY_OBSERVER_LIFETIME_MS`; without it an observer lives as long as its function may. Never
 * longer than that, whatever is configured. Throws MalformedEvent.
 */
export function lifetimeMs(configured: string | undefined, remainingMs: number): number {
  const longest = Math.max(0, remainingMs - WIND_UP_RESERVE_MS);
  if (configured === undefined || configured === '') return longest;
  const wanted = Number(configured);
  if (Number.isInteger(wanted) && wanted > 0) return Math.min(wanted, longest);
  throw new MalformedEvent('UNDERSTUDY_OBSERVER_LIFETIME_MS is not a whole number of milliseconds above 0');
}
