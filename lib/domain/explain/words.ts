/** What would be done with a VIP, in words that follow its name. Pure. */
import { NOTHING_TORN_DOWN, type Change, type Decision, type IncidentDecision } from '../decision';
import { assertNever, type Incident } from '../model';
import type { Outcome } from './outcome';

/** What an incident means for the VIP, the zone or the node that it is of; the reasons of the decision have the rest. */
const INCIDENTS: Record<Incident['kind'], string> = {
  'no-candidate': 'no standby: nothing is torn down, on-call is paged',
  blocked: 'blocked by its last failover: nothing is torn down, on-call is paged',
  misconfigured: 'the observers are refused: nothing is torn down, on-call is paged',
  'quorum-lost': 'too few observers are left to judge: nothing is decided, on-call is paged',
  'sip-stuck': 'its SIP stack is stuck, and the policy only pages for that: nothing is torn down',
  'vip-stuck': 'stuck in a change of holder: on-call is paged',
  'retargets-exhausted': 'too many candidates failed in one change of holder: on-call is paged',
  'database-trouble': 'the database is to blame: nothing is torn down, on-call is paged',
  'gray-failure': 'neither well nor dead for long, or its answers get lost: nothing is torn down, on-call is paged',
  'zone-failure': 'failed, and VIPs with it: on-call is paged',
  overload: 'its holder is full and no other node is fit: on-call is paged',
  'no-holder': 'nobody holds it, and no node is fit to be its first holder: on-call is paged',
  'holder-withdrawn': 'its holder is taken out of service for long, and nothing is moved by itself: on-call is paged',
  'clock-ahead': 'has a clock that is ahead, and its calls could not be recovered at once: on-call is paged',
  'second-server': 'answers callers of a VIP that it does not hold: on-call is paged',
  'failover-limit': 'the limit of automatic failovers is reached: nothing is torn down, on-call is paged',
  'transition-limit': 'waits for other changes of holder to end: nothing is torn down, on-call is paged',
};

export function outcomeInWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'refused':
      return `waits: ${outcome.why}`;
    case 'decided':
      return decisionInWords(outcome.decision);
    default:
      return assertNever(outcome);
  }
}

function decisionInWords(decision: Decision): string {
  switch (decision.kind) {
    case 'change':
      return changeInWords(decision);
    case 'incident':
      return incidentInWords(decision);
    case 'learn-uuid':
      return 'stays where it is';
    case 'none':
      return decision.well ? 'stays where it is' : `nothing happens by itself: ${decision.reasons[0] ?? 'no reason'}`;
    default:
      return assertNever(decision);
  }
}

export function incidentInWords({ incident: { kind }, reasons }: IncidentDecision): string {
  const until = reasons.at(-1);
  // The last reason of a block says how long, and what lifts it.
  if (kind === 'blocked' && until !== undefined) return `${until}: nothing is torn down, on-call is paged`;
  if (kind === 'no-candidate' && !reasons.includes(NOTHING_TORN_DOWN)) {
    return 'no node is fit to go on with its change of holder: on-call is paged';
  }
  return INCIDENTS[kind];
}

function changeInWords({ transition, from, to, follows }: Change): string {
  if (follows !== null) return `goes on to ${to.nodeId} in place of ${follows.to.nodeId}`;
  switch (transition) {
    case 'assignment':
      return `is given to ${to.nodeId}, its first holder`;
    case 'failover':
      return `fails over to ${to.nodeId}`;
    case 'switchover':
      return `is moved to ${to.nodeId}, with its calls`;
    case 'failback':
      return `moves back to ${to.nodeId}, with its calls`;
    case 'reinstatement':
      return `is promoted again on ${from?.nodeId ?? to.nodeId}`;
    default:
      return assertNever(transition);
  }
}

export const reasonsOf = (outcome: Outcome): string[] =>
  outcome.kind === 'refused' ? [...outcome.change.reasons, outcome.why] : outcome.decision.reasons;

/** Whether something is done or told because of what is seen; a failback is neither, it is a matter of time. */
export function isActedOn(outcome: Outcome): boolean {
  if (outcome.kind === 'refused') return true;
  const { decision } = outcome;
  return decision.kind === 'incident' || (decision.kind === 'change' && decision.transition !== 'failback');
}
