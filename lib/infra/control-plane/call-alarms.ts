import type { Construct } from 'constructs';
import { SILENCE_IS_GOOD, type Paging } from '../paging';

/** What a human must know of calls, and of the database that they survive by. Only where there is one. */
export function watchCalls(scope: Construct, paging: Paging): void {
  paging.alarm(scope, 'CallSurvivalLow', {
    metric: paging.metric('CallSurvivalPercent', 'Minimum'),
    comparison: 'below',
    threshold: 90,
    says: 'A change of holder lost more than a tenth of the calls that it should have kept. The ledger says which and why.',
    runbook: 'call-survival-low',
    missingData: SILENCE_IS_GOOD('it is written once for each change of holder with calls.'),
  });
  paging.alarm(scope, 'DatabaseAway', {
    metric: paging.metric('DatabaseAway', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    // A move of RDS to its other zone takes one to two minutes and has a page of its own.
    periods: 3,
    badPeriods: 2,
    says: 'Observers do not reach the shared database. Calls that are up go on; SIP may fall silent, recovery waits.',
    runbook: 'database-away',
    missingData: SILENCE_IS_GOOD('it is written only while an observer does not reach it.'),
  });
}

/** Carriers are registered with also where no call is recovered. */
export function watchGateways(scope: Construct, paging: Paging): void {
  paging.alarm(scope, 'GatewaysUnregistered', {
    metric: paging.metric('UnregisteredGateways', 'Sum'),
    comparison: 'at-least',
    threshold: 1,
    says: 'A gateway has not registered again after a change of holder: no calls come from that carrier, and none go there.',
    runbook: 'gateways-unregistered',
    missingData: SILENCE_IS_GOOD('it is written once for each change of holder.'),
  });
}
