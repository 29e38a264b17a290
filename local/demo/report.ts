/** The result of one run as `--json` writes it. Times are milliseconds from the fault. */
import type { CallsLedger } from '../../lib/domain/model';
import type { AdoptionView } from './adoption/verdict';
import type { Change, Facts } from './facts';
import { whyNotRecovered, type Judgement } from './judge';
import { phasesMs, phasesOf, type PhasesMs } from './phases';

export interface Report {
  fault: string;
  recovered: boolean;
  asExpected: boolean;
  phasesMs: PhasesMs;
  callerOutageMs: number | null;
  holder: Change<string | null>;
  epoch: Change<number>;
  /** The survival ledger; null where no call was to be recovered. */
  calls: Pick<CallsLedger, 'before' | 'resurrected' | 'aliveAfter5s' | 'aliveAfter30s' | 'lost'> | null;
  /** Calls that nothing recovers, because the nodes share no database; null where there were none. */
  callsLost: { count: number; why: string } | null;
  /** What the nodes were adopted as, and what the check says of each; null where the deployment made them. */
  adoption: AdoptionView | null;
  notifications: { kind: string; subject: string; body: string; atMs: number }[];
  /** Expectations that did not hold, in words. */
  unexpected: string[];
}

/** What the run comes to: one flat object that a program can read. */
export function reportOf(facts: Facts, judgement: Judgement, adoption: AdoptionView | null = null): Report {
  return {
    fault: facts.fault,
    recovered: judgement.recovered,
    asExpected: judgement.asExpected,
    phasesMs: phasesMs(phasesOf(facts.transitions, facts.faultAtMs)),
    callerOutageMs: facts.caller.outageMs,
    holder: facts.holder,
    epoch: facts.epoch,
    calls: callsOf(facts),
    callsLost: callsLostOf(facts),
    adoption,
    notifications: facts.notifications.map(({ kind, subject, body, receivedAtMs }) => ({
      kind,
      subject,
      body,
      atMs: receivedAtMs - facts.faultAtMs,
    })),
    unexpected: judgement.findings
      .filter((finding) => !finding.holds)
      .map((finding) => `${finding.expected}: ${finding.found}`),
  };
}

function callsOf({ calls }: Facts): Report['calls'] {
  if (calls.ledger === null) return null;
  const { before, resurrected, aliveAfter5s, aliveAfter30s, lost } = calls.ledger;
  return { before, resurrected, aliveAfter5s, aliveAfter30s, lost };
}

function callsLostOf(facts: Facts): Report['callsLost'] {
  const { placed, recoverable } = facts.calls;
  if (recoverable || placed === 0) return null;
  return { count: placed, why: whyNotRecovered(facts) ?? 'not said' };
}
