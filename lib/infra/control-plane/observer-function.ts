import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { OBSERVER_ROLE } from '../../domain/database-names';
import type { ClusterDatabase } from '../data/cluster-database';
import { useTable } from '../functions/permissions';
import { readSecrets } from '../functions/secret-permissions';
import { watchFunction } from '../functions/function-alarms';
import { UnderstudyFunction } from '../functions/understudy-function';
import type { ClusterNetwork } from '../network/cluster-network';
import type { ClusterState } from '../state/cluster-state';
import { everyMinute, SCHEDULED_EVENT_AGE } from './schedule';

/** What the schedule and the registration hand to an observer. */
export interface ObserverEvent {
  startDelayMs: number;
}

export interface ObserverFunctionProps {
  cluster: string;
  zone: string;
  /** Position among the observers; staggers their hand-overs. */
  index: number;
  network: ClusterNetwork;
  state: ClusterState;
  /** null: the cluster has none. */
  database: ClusterDatabase | null;
  /** How long one invocation watches. Default: as long as Lambda lets it. */
  lifetimeMs?: number | undefined;
}

/**
 * All schedules of an account tick at the same moment, and EventBridge knows no offset below a minute: the observer
 * waits instead. Three seconds are more than a cold start in a VPC, the taking of a lease and a first look need. Twenty
 * would spread the zones evenly, and have every challenger sleep through a third of each minute and be billed for it.
 */
const STAGGER_MS = 3_000;

/** The most that Lambda allows. */
const LIFETIME = Duration.minutes(15);

/**
 * Twice what the process is seen to need (about 100 MB with the SDK), and a seventh of a processor: with half of that
 * a decision's transaction, its TLS and its parsing would cost a few hundred milliseconds of the outage.
 */
const MEMORY_MB = 256;

/** The observer of one zone, in that zone's subnet: it sees what the zone sees and dies when the zone dies. */
export class ObserverFunction extends Construct {
  readonly zone: string;
  readonly watcher: UnderstudyFunction;

  constructor(scope: Construct, id: string, props: ObserverFunctionProps) {
    super(scope, id);
    const { network, state, zone, cluster } = props;
    this.zone = zone;
    this.watcher = new UnderstudyFunction(this, 'Watcher', {
      entry: 'health-check',
      description: `Understudy ${cluster}: watches the nodes from ${zone}`,
      memoryMb: MEMORY_MB,
      timeout: LIFETIME,
      network: { vpc: network.vpc, subnet: network.functionSubnet(zone), securityGroup: network.functionGroup },
      // A challenger comes every minute anyway; a retried one would only meet its successor.
      asynchronous: { retryAttempts: 0, maxEventAge: SCHEDULED_EVENT_AGE },
      environment: {
        UNDERSTUDY_CLUSTER: cluster,
        UNDERSTUDY_TABLE: state.table.tableName,
        UNDERSTUDY_ZONE: zone,
        UNDERSTUDY_ESL_SECRET_ARN: state.eslSecretArn,
        UNDERSTUDY_CONTROL_TARGETS: JSON.stringify(network.controlTargets.filter((target) => target.zone !== zone)),
        ...(props.lifetimeMs === undefined ? {} : { UNDERSTUDY_OBSERVER_LIFETIME_MS: String(props.lifetimeMs) }),
      },
    });
    this.watcher.allow(
      ...useTable(state.table, state.tableKey, 'dynamodb:ConditionCheckItem'),
      ...readSecrets('EslPassword', [state.eslSecretArn]),
    );
    props.database?.admit(this.watcher, OBSERVER_ROLE);
    everyMinute(this, 'Schedule', {
      target: this.watcher,
      description: `Understudy ${cluster}: a challenger for the observer of ${zone}`,
      payload: { startDelayMs: props.index * STAGGER_MS } satisfies ObserverEvent,
    });
    watchFunction(state.paging, this.watcher, `health-check of ${zone}`);
  }
}
