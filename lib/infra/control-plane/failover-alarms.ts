import type { Construct } from 'constructs';
import { SILENCE_IS_BAD, SILENCE_IS_GOOD, type Paging } from '../paging';

/** What a human must know of changes of holder. The page with the whole story comes from the function itself. */
export function watchFailovers(scope: Construct, paging: Paging): void {
  paging.alarm(scope, 'FailoverHappened', {
    metric: paging.metric('FailoverDecided', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    says: 'A failover was decided. A second page tells what became of it; if none comes, look at once.',
    runbook: 'failover-happened',
    missingData: SILENCE_IS_GOOD('it is written only when a failover is decided.'),
  });
  paging.alarm(scope, 'TransitionStuck', {
    metric: paging.metric('TransitionStuck', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    says: 'A change of holder cannot go on without a human. Callers of that VIP may be without service.',
    runbook: 'transition-stuck',
    missingData: SILENCE_IS_GOOD('it is written only when a transition is stuck.'),
  });
  paging.alarm(scope, 'NoEligibleStandby', {
    metric: paging.metric('EligibleStandbys', 'Minimum'),
    comparison: 'below',
    threshold: 1,
    // A restart of the standby takes a minute or two; and a deployment needs its first minutes.
    periods: 5,
    badPeriods: 5,
    says: 'A VIP has no standby fit to take it: the next failure is an outage.',
    runbook: 'no-eligible-standby',
    missingData: SILENCE_IS_BAD('the failover function writes it every minute; silence means that it does not run.'),
  });
  paging.alarm(scope, 'WithoutStandby', {
    // Each minute without a standby counts 60 seconds.
    metric: paging.metric('WithoutStandby', 'Sum'),
    comparison: 'at-least',
    threshold: 60,
    // A forced stop takes up to four minutes, the start and FreeSWITCH three more: what lasts longer does not come back.
    periods: 15,
    badPeriods: 14,
    says: 'A VIP has been without a standby for a quarter of an hour: the failed node did not come back by itself.',
    runbook: 'without-standby',
    missingData: SILENCE_IS_GOOD('where the failover function does not run, NoEligibleStandby tells.'),
  });
  paging.alarm(scope, 'ConvergenceErrors', {
    metric: paging.metric('ConvergenceErrors', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    // One throttled call is repeated and forgotten; three bad minutes of five are not.
    periods: 5,
    badPeriods: 3,
    says: 'Steps of a change of holder fail again and again.',
    runbook: 'convergence-errors',
    missingData: SILENCE_IS_GOOD('it is written only when a step fails.'),
  });
  paging.alarm(scope, 'DecisionErrors', {
    metric: paging.metric('DecisionErrors', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    says: 'A decision was due and could not be written, or the journal that it hangs on not be read. It is tried again each second; callers may be waiting.',
    runbook: 'decision-errors',
    missingData: SILENCE_IS_GOOD('it is written only when a decision cannot be written, or a journal not be read.'),
  });
  paging.alarm(scope, 'DriftFound', {
    metric: paging.metric('DriftFound', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    says: 'An address or a name pointed away from its holder and was put back. Somebody or something moved it.',
    runbook: 'drift-found',
    missingData: SILENCE_IS_GOOD('it is written only when something points elsewhere.'),
  });
  paging.alarm(scope, 'RehearsalErrors', {
    metric: paging.metric('RehearsalErrors', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    // The rehearsal comes once a minute and has 1.5 s: a cold start may use them up, three of five times it does not.
    periods: 5,
    badPeriods: 3,
    says: 'A way that a failover would take is shut: no node-control function answers for a node, or a node does not reach its database.',
    runbook: 'rehearsal-errors',
    missingData: SILENCE_IS_GOOD('it is written only when a rehearsal fails.'),
  });
}
