import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Incident } from '../../lib/domain/model';
import { exampleConfig, REPOSITORY, synthesize, type Example } from './fixture';

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

const alarmsOf = (example: Example): [string, AlarmProperties][] =>
  Object.entries(synthesize(exampleConfig(example)).all('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
    id,
    Properties as unknown as AlarmProperties,
  ]);

describe('alarms', () => {
  const runbook = readFileSync(join(REPOSITORY, 'docs', 'runbook.md'), 'utf8');
  const headings = anchors(runbook);
  const alarms = alarmsOf('primary-standby');

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
        'database-away',
        'database-storage-low',
        'database-busy',
        'database-setup-failed',
        'database-rotation-failed',
      ]),
    );
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
      'failover-limit': true,
    };
    expect(headings).toEqual(expect.arrayContaining(Object.keys(kinds)));
  });

  it('have a runbook whose own links lead somewhere', () => {
    const links = [...runbook.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.filter((anchor) => anchor === undefined || !headings.includes(anchor))).toEqual([]);
  });
});
