/** What must hold of the pages: they say what is so, and none is lost. */
import type { PageMessage } from '../../domain/ports';
import { SCHEDULE_MS } from '../world/control-plane';
import { TIMEOUT_MS } from '../world/lambda-limits';

/**
 * A page is written from what was read back before its calls were counted for the first time: that is five seconds after
 * their recovery, tried for five more where nobody answers, and the last try may take three.
 */
const READ_BACK_WITHIN_MS = 15_000;

export const SERVED_PAGE_INVARIANT = {
  invariant: '5. a page that says that callers are served was right when it was written, or a moment before',
  /** @param notServedForMs for how long callers of a VIP have not been served */
  broken: (
    { subject, attributes }: Pick<PageMessage, 'subject' | 'attributes'>,
    notServedForMs: (vipId: string) => number,
  ): string | null => {
    if (attributes.served !== 'yes') return null;
    const forMs = notServedForMs(attributes.vip ?? '');
    return forMs <= READ_BACK_WITHIN_MS ? null : `"${subject}", and nobody has served them for ${forMs} ms`;
  },
};

/** The stream may be late or give up; then the schedule tells, once a minute, after it has converged for as long as it lives. */
const TOLD_WITHIN_MS = SCHEDULE_MS + TIMEOUT_MS.failover;

export const LOST_PAGE_INVARIANT = {
  invariant: '9. an incident that lasted is not cleared before anybody was told of it',
  /** @param forMs how long it had stood when it was cleared */
  broken: (key: string, forMs: number): string | null =>
    forMs <= TOLD_WITHIN_MS ? null : `${key} was cleared after ${forMs} ms, and nobody was told`,
};
