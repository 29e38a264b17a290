import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ControlPlane } from './control-plane/control-plane';
import type { ClusterDatabase } from './data/cluster-database';
import { databaseMetric } from './data/database-alarms';
import type { ClusterNodes } from './nodes/cluster-nodes';
import { nodeMetric } from './nodes/node';
import type { ClusterState } from './state/cluster-state';

export interface ClusterDashboardProps {
  cluster: string;
  state: ClusterState;
  database: ClusterDatabase | null;
  nodes: ClusterNodes;
  controlPlane: ControlPlane;
}

/** One page to look at when the pager goes: is it watched, who can take over, what happened, is the machinery well. */
export class ClusterDashboard extends Construct {
  constructor(scope: Construct, id: string, props: ClusterDashboardProps) {
    super(scope, id);
    const { state, controlPlane } = props;
    const { paging } = state;
    const functions = [
      ...controlPlane.observers.map((each) => each.watcher),
      ...controlPlane.nodeControls.map((each) => each.controller),
      controlPlane.failover.converger,
    ].map((each) => each.function);
    const graph: Graph = (title, left) =>
      new cloudwatch.GraphWidget({ title, left, width: 12, height: 6, period: Duration.minutes(1) });

    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(3) });
    dashboard.addWidgets(
      new cloudwatch.TextWidget({
        markdown: `# Understudy ${props.cluster}\nEvery alarm has its heading in ${paging.runbookUrl}.`,
        width: 24,
        height: 2,
      }),
    );
    dashboard.addWidgets(
      graph('Watched: quorum coverage (%)', [paging.metric('QuorumCoverage', 'Minimum')]),
      graph('Standbys fit to take over', [paging.metric('EligibleStandbys', 'Minimum')]),
    );
    dashboard.addWidgets(
      graph('Failovers', [paging.metric('FailoverDecided', 'Sum'), paging.metric('TransitionStuck', 'Sum')]),
      graph('How long (ms)', [paging.metric('DetectMs', 'Maximum'), paging.metric('RecoverMs', 'Maximum')]),
    );
    dashboard.addWidgets(
      graph('Trouble of the observers', [
        paging.metric('ObserverBlind', 'Sum'),
        paging.metric('EslRejected', 'Sum'),
        paging.metric('ConvergenceErrors', 'Sum'),
        paging.metric('DecisionErrors', 'Sum'),
        paging.metric('RehearsalErrors', 'Sum'),
      ]),
      graph(
        'Errors of the functions',
        functions.map((each) => each.metricErrors({ statistic: 'Sum' })),
      ),
    );
    dashboard.addWidgets(
      graph('DynamoDB: units used', [
        state.table.metricConsumedReadCapacityUnits({ statistic: 'Sum' }),
        state.table.metricConsumedWriteCapacityUnits({ statistic: 'Sum' }),
      ]),
      graph(
        'Instance status checks',
        [...props.nodes.created.values()].map(
          (node) =>
            new cloudwatch.Metric({
              namespace: 'AWS/EC2',
              metricName: 'StatusCheckFailed',
              dimensionsMap: { InstanceId: node.instance.ref },
              statistic: 'Maximum',
            }),
        ),
      ),
    );
    dashboard.addWidgets(
      graph('Gateways not registered again after a change of holder', [paging.metric('UnregisteredGateways', 'Sum')]),
    );
    addCertificates(dashboard, graph, props);
    if (props.database !== null) addDatabase(dashboard, graph, state, props.database);
  }
}

type Graph = (title: string, left: cloudwatch.IMetric[]) => cloudwatch.GraphWidget;

function addCertificates(
  dashboard: cloudwatch.Dashboard,
  graph: Graph,
  { cluster, nodes }: ClusterDashboardProps,
): void {
  const loading = [...nodes.created].filter(([, node]) => node.loadsCertificates);
  if (loading.length === 0) return;
  const daysLeft = loading.map(([id]) =>
    nodeMetric(cluster, id, 'certificate_days_left', 'Minimum', Duration.hours(1)),
  );
  dashboard.addWidgets(graph('Loaded certificates: days left', daysLeft));
}

function addDatabase(
  dashboard: cloudwatch.Dashboard,
  graph: Graph,
  { paging }: ClusterState,
  { created }: ClusterDatabase,
): void {
  dashboard.addWidgets(
    graph('Calls that survived (%)', [paging.metric('CallSurvivalPercent', 'Minimum')]),
    graph('Calls lost', [paging.metric('CallsLost', 'Sum')]),
  );
  dashboard.addWidgets(graph('Shared database away', [paging.metric('DatabaseAway', 'Sum')]));
  if (created === null) return;
  const metric = (name: string): cloudwatch.Metric => databaseMetric(created.instance.ref, name, 'Maximum');
  dashboard.addWidgets(
    graph('Shared database: sessions, processor (%)', [metric('DatabaseConnections'), metric('CPUUtilization')]),
    graph('Shared database: waits of the disk (s)', [metric('ReadLatency'), metric('WriteLatency')]),
  );
}
