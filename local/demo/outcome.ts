/** When is a fault's outcome known? Pure but for the look it is given. */
import { judge } from './judge';
import { assertNever } from '../../lib/domain/model';
import type { Facts, Fault } from './facts';
import { notYet, ready, type Look } from './until';

/** How long nothing must happen before "nothing was torn down" is believed: several looks of every observer. */
const QUIET_MS = 5_000;

/** A look for `until`: ready with the facts once everything that must come about has. */
export function outcomeOf(fault: Fault, gather: () => Promise<Facts>): () => Promise<Look<Facts>> {
  switch (fault) {
    case 'kill':
    case 'freeze':
    case 'sip':
    case 'zone':
      return async () => asExpected(await gather());
    case 'no-standby':
      return async () => {
        const facts = await gather();
        const pagedAtMs = facts.notifications.find((notification) => notification.kind === 'page')?.receivedAtMs;
        if (pagedAtMs === undefined) return notYet('nobody was paged');
        const quietForMs = Date.now() - pagedAtMs;
        return quietForMs >= QUIET_MS ? ready(facts) : notYet(`paged, and quiet for ${quietForMs} ms`);
      };
    default:
      return assertNever(fault);
  }
}

function asExpected(facts: Facts): Look<Facts> {
  const missing = judge(facts).findings.filter((finding) => !finding.holds);
  if (missing.length === 0) return ready(facts);
  return notYet(missing.map((finding) => `${finding.expected}: ${finding.found}`).join('; '));
}
