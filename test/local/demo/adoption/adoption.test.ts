import { join } from 'node:path';
import { parseDocument } from 'yaml';

import type { ClusterConfig } from '../../../../lib/config/model';
import type { Inspection } from '../../../../lib/domain/ports';
import type { ExistingSite } from '../../../../local/demo/adoption/existing-site';
import { ADOPTION_LEVELS, describeSite, levelOf, nodesOf } from '../../../../local/demo/adoption/level';
import { adoptsNodes, planSite } from '../../../../local/demo/adoption/site-plan';
import { levelFindings } from '../../../../local/demo/adoption/verdict';
import { DemoRefused, levelWanted, parseOptions } from '../../../../local/demo/options';
import { readCluster } from '../../../../local/demo/world';

const projectDir = join(__dirname, '../../../..');
const adopt = readCluster({ projectDir, config: 'examples/adopt.yaml' });
const created = readCluster({ projectDir, config: 'examples/primary-standby.yaml' });

describe('the site of examples/adopt.yaml', () => {
  it('is what its tags and zones name', () => {
    expect(planSite(adopt)).toEqual({
      zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
      nodes: [
        { id: 'fs1', zone: 'us-east-1a', tag: { key: 'Name', value: 'freeswitch-1' } },
        { id: 'fs2', zone: 'us-east-1b', tag: { key: 'Name', value: 'freeswitch-2' } },
      ],
      vips: [{ id: 'main', address: { key: 'Name', value: 'freeswitch-public' }, zoneName: 'corp.internal' }],
      carrier: 'fs1',
    });
  });

  it.each<[string, ClusterConfig]>([
    ['network.existing', { ...adopt, network: created.network }],
    ['eslSecret.arn', { ...adopt, eslSecret: { source: 'create' } }],
    ['adopt .* too', { ...adopt, nodes: [...adopt.nodes, ...created.nodes] }],
  ])('cannot be made without %s, which is said', (named, cluster) => {
    expect(() => planSite(cluster)).toThrow(new RegExp(named));
  });
});

describe('the level', () => {
  const site: ExistingSite = {
    vpcId: 'vpc-1',
    functionSubnets: {},
    instances: {},
    vips: [{ id: 'main', allocationId: 'eipalloc-1', hostedZoneId: 'Z1' }],
    secretArn: 'arn:esl',
    database: null,
  };
  const database = { host: 'db.corp.internal', port: 1, name: 'fs', adminSecretArn: 'arn:db', securityGroupId: 'sg-1' };

  it.each([
    [0, null, 'none'],
    [1, null, 'none'],
    [2, database, 'none'],
    [3, database, expect.stringMatching(/^10\.255\./) as string],
  ] as const)('%i as a configuration', (level, existing, serviceAddress) => {
    const document = parseDocument('clusters: [{ vips: [{ privateDns: { zoneId: old } }] }]');

    describeSite(document, { ...site, database: existing }, level);

    const [cluster] = (document.toJS() as { clusters: object[] }).clusters;
    expect(cluster).toMatchObject({
      vips: [{ serviceAddress, privateDns: { zoneId: 'Z1' } }],
      database: existing === null ? 'none' : { existing },
    });
  });

  it('of a node is 0 where it serves from its start', () => {
    expect(ADOPTION_LEVELS.map((level) => nodesOf(level).standby)).toEqual([
      'absent',
      'unless-promoted',
      'unless-promoted',
      'unless-promoted',
    ]);
  });

  it('that a file stands for: database, and service addresses', () => {
    const shared = { ...adopt, database: { ...database, source: 'existing', tls: false } as const };
    const bound = shared.vips.map((vip) => ({ ...vip, serviceAddress: '10.255.0.1' }));

    expect(levelOf(adopt)).toBe(0);
    expect(levelOf(shared)).toBe(2);
    expect(levelOf({ ...shared, vips: bound })).toBe(3);
  });

  it('is asked for only where nodes are adopted, and those are stand-ins', () => {
    const wanted = (level: 2 | null, cluster: ClusterConfig, real = false) =>
      levelWanted({ level, config: 'the.yaml' }, cluster, real);

    expect([adoptsNodes(adopt), adoptsNodes(created)]).toEqual([true, false]);
    expect([wanted(null, adopt), wanted(2, adopt), wanted(null, created)]).toEqual([0, 2, null]);
    expect(() => wanted(2, created)).toThrow(/--level.*the\.yaml.*examples\/adopt\.yaml/);
    expect(() => wanted(null, adopt, true)).toThrow(DemoRefused);
  });

  it.each(['4', '-1', 'two', '1.5', ''])('--level %j is refused', (text) => {
    const parse = () =>
      parseOptions(['--level', text], (command) =>
        command.exitOverride().configureOutput({ writeErr: () => undefined }),
      );

    expect(parse).toThrow(/one of 0, 1, 2, 3/);
  });

  it('--level 2 is understood, and none is none', () => {
    expect([parseOptions(['--level', '2']).level, parseOptions([]).level]).toEqual([2, null]);
  });
});

describe('the judgement', () => {
  const inspection = (change: Partial<Inspection> = {}): Inspection => ({
    ...{ nodeId: 'fs1', level: 1, missing: ['load mod_pgsql in pre_load_modules.conf'], conflicts: [] },
    ...change,
  });
  const failing = (level: 1 | 3, node: Inspection): string[] =>
    levelFindings({ level, nodes: [node] })
      .filter(({ holds }) => !holds)
      .map(({ found }) => found);

  it('holds where the check names the level and the next one', () => {
    expect(failing(1, inspection())).toEqual([]);
    expect(failing(3, inspection({ level: 3, missing: [] }))).toEqual([]);
  });

  it.each<[string, Partial<Inspection>]>([
    ['level 0', { level: 0 }],
    ['level 2', { level: 2 }],
    ['level not known', { level: null }],
    ['level 1; it fights', { conflicts: ['it fights'] }],
    ['nothing is missing', { missing: [] }],
    ['something else', { missing: ['something else'] }],
  ])('does not hold: %s', (found, change) => {
    expect(failing(1, inspection(change))).toEqual([found]);
  });
});
