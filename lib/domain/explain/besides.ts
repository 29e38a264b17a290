/** What on-call is told of zones and nodes, beside what becomes of the VIPs: those may all be well meanwhile. Pure. */
import { ofNoVip, type Decision } from '../decision';
import type { Incident } from '../model';
import { incidentInWords } from './words';

export interface Beside {
  /** `zone X` or `node X`. */
  of: string;
  kind: Incident['kind'];
  /** In words that follow its name. */
  says: string;
  reasons: string[];
}

/** The gravest first, as `decide` has zones before nodes; of nodes one that callers may reach before one that is well. */
export function besidesOf(decisions: readonly Decision[]): Beside[] {
  const all = ofNoVip(decisions).map((decision) => ({
    of: decision.vipId,
    kind: decision.incident.kind,
    says: incidentInWords(decision),
    reasons: decision.reasons,
  }));
  const isClock = ({ kind }: Beside): boolean => kind === 'clock-ahead';
  return [...all.filter((each) => !isClock(each)), ...all.filter(isClock)];
}
