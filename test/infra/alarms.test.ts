import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Incident } from '../../lib/domain/model';
import { exampleConfig, REPOSITORY, synthesize, type SynthesizedCluster } from './fixture';

/** Anchors as GitHub makes them of headings. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
}

interface AlarmProperties {
  AlarmDescription: string;
  AlarmActions?: unknown[];
  OKActions?: unknown[];
  TreatMissingData?: string;
  Namespace?: string;
  MetricName?: string;
  Dimensions?: { Name: string; Value: unknown }[];
}

const alarmsIn = (cluster: SynthesizedCluster): [string, AlarmProperties][] =>
  Object.entries(cluster.all('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
    id,
    Properties as unknown as AlarmProperties,
  ]);

/** The example, with callers over TLS. */
function withTls(): SynthesizedCluster {
  const config = exampleConfig('primary-standby');
  for (const vip of config.vips) {
    vip.tls = { secretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:tls-AbCdEf', port: 5061 };
  }
  return synthesize(config);
}

/** Metrics of the dashboard: [namespace, name, dimensions ...]. */
function graphed(cluster: SynthesizedCluster): string[][] {
  const [dashboard] = Object.values(cluster.all('AWS::CloudWatch::Dashboard'));
  const parts = (dashboard?.Properties['DashboardBody'] as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
  const text = parts.map((part) => (typeof part === 'string' ? part : 'REFERENCE')).join('');
  const { widgets } = JSON.parse(text) as { widgets: { properties: { metrics?: unknown[][] } }[] };
  return widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .map((metric) => metric.filter((part): part is string => typeof part === 'string'));
}

describe('alarms', () => {
  const runbook = readFileSync(join(REPOSITORY, 'docs', 'runbook.md'), 'utf8');
  const headings = anchors(runbook);
  const cluster = synthesize(exampleConfig('primary-standby'));
  const alarms = alarmsIn(cluster);

  it('are there for everything a human must know', () => {
    const anchorsUsed = alarms.map(([, { AlarmDescription }]) => /#([a-z-]+)/.exec(AlarmDescription)?.[1]);
    expect(new Set(anchorsUsed)).toEqual(
      new Set([
        'quorum-coverage-lost',
        'observer-blind',
        'esl-rejected',
        'no-eligible-standby',
        'failover-happened',
        'transition-stuck',
        'convergence-errors',
        'decision-errors',
        'drift-found',
        'rehearsal-errors',
        'function-errors',
        'function-throttled',
        'failed-events-waiting',
        'stream-behind',
        'table-throttled',
        'table-errors',
        'instance-status-check-failed',
        'without-standby',
        'call-survival-low',
        'gateways-unregistered',
        'database-away',
        'database-storage-low',
        'database-busy',
        'database-setup-failed',
        'database-rotation-failed',
      ]),
    );
  });

  it('watch the certificates of each node that loads some, in the very metric that the node writes', () => {
    const encrypted = withTls();

    const found = alarmsIn(encrypted).filter(([, { MetricName }]) => MetricName === 'certificate_days_left');

    expect(found.map(([, { Namespace, Dimensions }]) => [Namespace, Dimensions])).toEqual(
      ['alice', 'bob'].map((node) => [
        'Understudy/Nodes',
        [
          { Name: 'cluster', Value: 'pbx' },
          // CloudWatch agent, plugins/inputs/statsd: the agent's own tag.
          { Name: 'metric_type', Value: 'gauge' },
          { Name: 'node', Value: node },
        ],
      ]),
    );
    expect(found[0]?.[1]).toMatchObject({
      ...{ Threshold: 14, ComparisonOperator: 'LessThanThreshold', Statistic: 'Minimum' },
      AlarmDescription: expect.stringContaining('#certificate-runs-out'),
    });
    expect(headings).toContain('certificate-runs-out');
    expect(graphed(encrypted).filter(([, name]) => name === 'certificate_days_left')).toHaveLength(2);
  });

  it('watch what each change of holder leaves unregistered, beside a graph of it', () => {
    const found = alarms.filter(([, { MetricName }]) => MetricName === 'UnregisteredGateways');

    expect(found).toMatchObject([[expect.anything(), { Threshold: 1, Statistic: 'Sum' }]]);
    expect(graphed(cluster)).toContainEqual(['Understudy', 'UnregisteredGateways', 'cluster', 'pbx']);
  });

  it('watch the gateways also without a database', () => {
    const config = exampleConfig('primary-standby');
    const without = synthesize({ ...config, database: { source: 'none' } });

    expect(alarmsIn(without).map(([, { MetricName }]) => MetricName)).toContain('UnregisteredGateways');
    expect(graphed(without)).toContainEqual(['Understudy', 'UnregisteredGateways', 'cluster', 'pbx']);
  });

  it.each(alarms)('%s links its heading of the runbook, says what silence means, and pages', (_id, alarm) => {
    const anchor = /Runbook: \S+#([a-z-]+)/.exec(alarm.AlarmDescription)?.[1];
    expect(headings).toContain(anchor);
    expect(alarm.AlarmDescription).toMatch(/^\[pbx\] .+ \| Runbook: .+ \| No data: .+/);
    expect(alarm.AlarmActions).toHaveLength(1);
    expect(alarm.OKActions).toHaveLength(1);
    expect(alarm.TreatMissingData).toMatch(/^(breaching|notBreaching)$/);
  });

  it('look at our own metrics by the one dimension that the functions write', () => {
    const own = alarms.filter(([, { Namespace }]) => Namespace === 'Understudy');
    expect(own.length).toBeGreaterThan(0);
    for (const [, { Dimensions }] of own) expect(Dimensions).toEqual([{ Name: 'cluster', Value: 'pbx' }]);
  });

  it('take the silence of those who should talk for a failure', () => {
    const silent = alarms.filter(([, { TreatMissingData }]) => TreatMissingData === 'breaching');
    expect(silent.map(([, { MetricName }]) => MetricName).sort()).toEqual([
      'CPUUtilization',
      'DatabaseConnections',
      'EligibleStandbys',
      'FreeStorageSpace',
      'QuorumCoverage',
    ]);
  });

  it('have a runbook that answers the same five questions under each heading', () => {
    const sections = runbook.split(/^## /m).slice(1);
    const incomplete = sections.filter(
      (section) => !['**Means', '**Callers', '**Look', '**Do', '**Never'].every((part) => section.includes(part)),
    );
    expect(incomplete).toEqual([]);
  });

  it("share the runbook with the control plane's own pages", () => {
    const kinds: Record<Incident['kind'], true> = {
      'no-candidate': true,
      'no-holder': true,
      blocked: true,
      misconfigured: true,
      'quorum-lost': true,
      'sip-stuck': true,
      'vip-stuck': true,
      'retargets-exhausted': true,
      'database-trouble': true,
      'gray-failure': true,
      'zone-failure': true,
      overload: true,
      'holder-withdrawn': true,
      'clock-ahead': true,
      'second-server': true,
      'failover-limit': true,
      'transition-limit': true,
    };
    expect(headings).toEqual(expect.arrayContaining(Object.keys(kinds)));
  });

  it('have a runbook whose own links lead somewhere', () => {
    const links = [...runbook.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.filter((anchor) => anchor === undefined || !headings.includes(anchor))).toEqual([]);
  });
});
