#!/usr/bin/env node
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { formatProblems } from '../lib/config/format';
import { loadConfig } from '../lib/config/load';
import type { Overrides } from '../lib/config/overrides';
import { ConfigurationError } from '../lib/domain/errors';
import { deployAsStacks } from '../lib/infra/stacks';

/**
 * The CDK application: every cluster of the configuration as its stacks.
 *
 * Context: `config` (path of the configuration, default `understudy.yaml`), `runbookUrl`, and for the local AWS
 * `networkCidr` (a network that the laptop can reach), `databaseTls=false` (a database on its loopback),
 * `databaseServer=127.0.0.1:PORT` (where it is, in place of an existing one),
 * `serviceAddresses=none` (all its nodes share one loopback) and `observerLifetimeMs`.
 */
function main(): void {
  const app = new App();
  const context = (key: string): string | undefined => {
    const value: unknown = app.node.tryGetContext(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const lifetime = context('observerLifetimeMs');
  const file = context('config') ?? 'understudy.yaml';
  const { clusters, warnings } = loadConfig(file, overridesFrom(context));
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

/** Whatever is not one of the words above changes nothing: a laptop's settings must never reach AWS by a slip. */
function overridesFrom(context: (key: string) => string | undefined): Overrides {
  const networkCidr = context('networkCidr');
  return {
    ...(networkCidr === undefined ? {} : { networkCidr }),
    ...(context('databaseTls') === 'false' ? { databaseTls: false } : {}),
    ...databaseServerFrom(context('databaseServer')),
    ...(context('serviceAddresses') === 'none' ? { serviceAddresses: 'none' as const } : {}),
  };
}

/** Of the laptop's loopback alone. */
function databaseServerFrom(text: string | undefined): Pick<Overrides, 'databaseServer'> {
  const [, host, port] = /^(127\.[\d.]+):(\d+)$/.exec(text ?? '') ?? [];
  return host === undefined ? {} : { databaseServer: { host, port: Number(port) } };
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
