import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkForm } from '../../lib/config/form';
import { parseConfig } from '../../lib/config/load';
import { inboundRules } from '../../lib/config/rules/security-group';
import { readYaml } from '../../lib/config/yaml-source';
import { EXAMPLES, REPOSITORY, synthesize, type Resource, type SynthesizedCluster } from './fixture';

const textOf = (example: string): string => readFileSync(join(REPOSITORY, 'examples', `${example}.yaml`), 'utf8');

/** As the configuration's rule counts them. */
function counted(text: string): number {
  const yaml = readYaml(text);
  if (!yaml.ok) throw new Error('the file is no YAML');
  const [cluster] = checkForm(yaml.data).draft.clusters ?? [];
  return inboundRules(cluster ?? {});
}

function synthesized(text: string): SynthesizedCluster {
  const [config] = parseConfig(text, 'understudy.yaml').clusters;
  if (config === undefined) throw new Error('the file has no cluster');
  return synthesize(config);
}

/** As EC2 would be asked for them: those in the nodes' group itself, and those that stand for themselves. */
function made(cluster: SynthesizedCluster): number {
  const groups = Object.entries<Resource>(cluster.all('AWS::EC2::SecurityGroup'));
  const [id, group] =
    groups.find(([, { Properties }]) => JSON.stringify(Properties).includes('FreeSWITCH nodes')) ?? [];
  const inline = (group?.Properties['SecurityGroupIngress'] ?? []) as unknown[];
  const others = Object.values(cluster.all('AWS::EC2::SecurityGroupIngress')).filter(({ Properties }) =>
    JSON.stringify(Properties['GroupId']).includes(String(id)),
  );
  return inline.length + others.length;
}

describe('the inbound rules of the nodes', () => {
  it.each(EXAMPLES)('are as many as the configuration counts: %s', (example) => {
    const text = textOf(example);

    expect(counted(text)).toBe(made(synthesized(text)));
  });

  it('also with ports of their own, sources that stand there twice and several profiles a VIP', () => {
    const text = textOf('active-cluster')
      .replace(/profiles: \[([a-z-]+)\]/, 'profiles: [$1, second]')
      .replace(/from: \[([^\]]*)\]/, 'ports: [5060, 5070]\n          from: [$1, $1]');

    expect(counted(text)).not.toBe(counted(textOf('active-cluster')));
    expect(counted(text)).toBe(made(synthesized(text)));
  });

  it('are one a prefix list', () => {
    const text = textOf('primary-standby').replace(
      /from: \[[^\]]*\]/g,
      'from: [pl-0123456789abcdef0, pl-0fedcba9876543210]',
    );

    expect(counted(text)).toBe(made(synthesized(text)));
  });
});
