import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { loadConfig } from '../../lib/config/load';
import type { ClusterConfig } from '../../lib/config/model';
import { deployAsStacks } from '../../lib/infra/stacks';

export const REPOSITORY = join(__dirname, '..', '..');
export const EXAMPLES = ['primary-standby', 'active-cluster', 'adopt'] as const;
export type Example = (typeof EXAMPLES)[number];

/** The cluster of an example, a copy that a test may change. */
export function exampleConfig(example: Example = 'primary-standby'): ClusterConfig {
  const [config] = loadConfig(join(REPOSITORY, 'examples', `${example}.yaml`)).clusters;
  if (config === undefined) throw new Error(`${example}.yaml has no cluster`);
  return config;
}

/** What the CDK writes besides the template that a test looks at. */
let assemblies: string[] = [];

afterAll(() => {
  for (const folder of assemblies) rmSync(folder, { recursive: true, force: true });
  assemblies = [];
});

/** The app's own settings, but without bundling: what is in a bundle does not change a template. */
export function testApp(): App {
  const { context } = JSON.parse(readFileSync(join(REPOSITORY, 'cdk.json'), 'utf8')) as { context: object };
  const outdir = mkdtempSync(join(tmpdir(), 'understudy-assembly-'));
  assemblies.push(outdir);
  return new App({ outdir, context: { ...context, 'aws:cdk:bundling-stacks': [] } });
}

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

export interface SynthesizedCluster {
  app: App;
  template: (part: StackPart) => Template;
  /** Resources of one type over all stacks, by logical id. */
  all: (type: string) => Record<string, Resource>;
}
export type StackPart = 'Network' | 'State' | 'Data' | 'Nodes' | 'ControlPlane' | 'Observability';
export const STACK_PARTS: StackPart[] = ['Network', 'State', 'Data', 'Nodes', 'ControlPlane', 'Observability'];

/** Synthesizes the stacks of a cluster. */
export function synthesize(
  config: ClusterConfig = exampleConfig(),
  options: { observerLifetimeMs?: number; dynamoDbPrefixListId?: string } = {},
): SynthesizedCluster {
  const app = testApp();
  deployAsStacks(app, { config, ...options });
  const templates = new Map<StackPart, Template>();
  const template = (part: StackPart): Template => {
    const known = templates.get(part);
    if (known !== undefined) return known;
    const stack = app.node.findChild(`Understudy-${config.id}-${part}`) as Stack;
    const made = Template.fromStack(stack);
    templates.set(part, made);
    return made;
  };
  const parts = STACK_PARTS.filter((part) => app.node.tryFindChild(`Understudy-${config.id}-${part}`) !== undefined);
  const all = (type: string): Record<string, Resource> =>
    Object.assign({}, ...parts.map((part) => template(part).findResources(type))) as Record<string, Resource>;
  return { app, template, all };
}

/** The only resource of a list; a test that means one should not pass with two. */
export function only<T>(resources: Record<string, T>): T {
  const values = Object.values(resources);
  if (values.length !== 1 || values[0] === undefined) {
    throw new Error(`expected one resource, found ${Object.keys(resources).join(', ') || 'none'}`);
  }
  return values[0];
}
