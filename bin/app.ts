#!/usr/bin/env node
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { formatProblems } from '../lib/config/format';
import { loadConfig } from '../lib/config/load';
import { ConfigurationError } from '../lib/domain/errors';
import { deployAsStacks } from '../lib/infra/stacks';

/**
 * The CDK application: every cluster of the configuration as its stacks.
 *
 * Context: `config` (path of the configuration, default `understudy.yaml`), `runbookUrl`, and for the local AWS
 * `networkCidr` (a network that the laptop can reach) and `observerLifetimeMs`.
 */
function main(): void {
  const app = new App();
  const context = (key: string): string | undefined => {
    const value: unknown = app.node.tryGetContext(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const networkCidr = context('networkCidr');
  const lifetime = context('observerLifetimeMs');
  const file = context('config') ?? 'understudy.yaml';
  const { clusters, warnings } = loadConfig(file, networkCidr === undefined ? {} : { networkCidr });
  if (warnings.length > 0) process.stderr.write(`${formatProblems(file, warnings, 'warning')}\n`);
  for (const config of clusters) {
    deployAsStacks(app, {
      config,
      runbookUrl: context('runbookUrl'),
      observerLifetimeMs: lifetime === undefined ? undefined : Number(lifetime),
    });
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
