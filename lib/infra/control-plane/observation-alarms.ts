import { SILENCE_IS_BAD, SILENCE_IS_GOOD, type Paging } from '../paging';
import type { Construct } from 'constructs';

/** What the observers together say of the cluster. One set per cluster, because their metrics know no zone. */
export function watchObservers(scope: Construct, paging: Paging): void {
  paging.alarm(scope, 'QuorumCoverageLost', {
    metric: paging.metric('QuorumCoverage', 'Minimum'),
    comparison: 'below',
    threshold: 95,
    periods: 3,
    badPeriods: 2,
    says: 'Too few observers watch: a node that fails now is not failed over by itself.',
    runbook: 'quorum-coverage-lost',
    missingData: SILENCE_IS_BAD('whoever watches writes it; silence means that nobody does.'),
  });
  paging.alarm(scope, 'ObserverBlind', {
    metric: paging.metric('ObserverBlind', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    periods: 5,
    badPeriods: 3,
    says: 'An observer sees nothing at all, neither nodes nor endpoints in other zones: its zone may be cut off.',
    runbook: 'observer-blind',
    missingData: SILENCE_IS_GOOD('it is written only while somebody is blind.'),
  });
  paging.alarm(scope, 'EslRejected', {
    metric: paging.metric('EslRejected', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    periods: 5,
    badPeriods: 2,
    says: 'A node rejects the ESL password or the address of the functions. It is not failed over: it is misconfigured.',
    runbook: 'esl-rejected',
    missingData: SILENCE_IS_GOOD('it is written only while a node rejects us.'),
  });
}
