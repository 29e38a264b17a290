/** The stacks onto the local AWS, by the CDK's own command. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { LOCAL_ACCOUNT, LOCAL_REGION } from '../emulator/loopback';
import { runCdk } from './cdk';

export interface DeployOptions {
  projectDir: string;
  /** `.understudy/<name>` of this run: logs, cloud assembly. */
  workDir: string;
  env: Readonly<Record<string, string>>;
  /** Path of the configuration, from the project's folder. */
  config: string;
  /** A CIDR inside 127.0.0.0/8, so that the instances' private addresses exist on this machine. */
  networkCidr: string;
  /** In place of the database that the configuration names as existing. */
  databaseServer?: { host: string; port: number };
  /** VIPs have no service address: real FreeSWITCH processes share this machine's loopback. */
  ownAddresses?: boolean;
}

const BOOTSTRAP_TIMEOUT_MS = 120_000;
const SYNTH_TIMEOUT_MS = 240_000;
const DEPLOY_TIMEOUT_MS = 480_000;

const assembly = (options: DeployOptions): string => join(options.workDir, 'cdk.out');
const logFile = (options: DeployOptions, what: string): string => join(options.workDir, `cdk-${what}.log`);

/** @throws CdkFailed */
export async function bootstrap(options: DeployOptions): Promise<void> {
  const cwd = join(options.workDir, 'bootstrap');
  mkdirSync(cwd, { recursive: true });
  await runCdk({
    ...options,
    args: ['bootstrap', `aws://${LOCAL_ACCOUNT}/${LOCAL_REGION}`],
    cwd,
    logFile: logFile(options, 'bootstrap'),
    timeoutMs: BOOTSTRAP_TIMEOUT_MS,
  });
}

/** @throws CdkFailed */
export async function synthesise(options: DeployOptions): Promise<void> {
  rmSync(assembly(options), { recursive: true, force: true });
  const context = [
    `config=${options.config}`,
    `networkCidr=${options.networkCidr}`,
    'databaseTls=false',
    ...(options.databaseServer === undefined
      ? []
      : [`databaseServer=${options.databaseServer.host}:${options.databaseServer.port}`]),
    ...(options.ownAddresses === true ? ['serviceAddresses=none'] : []),
  ].flatMap((setting) => ['-c', setting]);
  await runCdk({
    ...options,
    args: ['synth', '--quiet', ...context, '--output', assembly(options)],
    logFile: logFile(options, 'synth'),
    timeoutMs: SYNTH_TIMEOUT_MS,
  });
}

/** Deploys what `synthesise` made. @throws CdkFailed */
export async function deployAll(options: DeployOptions): Promise<void> {
  await runCdk({
    ...options,
    args: ['deploy', '--all', '--app', assembly(options), '--require-approval', 'never', '--concurrency', '8'],
    logFile: logFile(options, 'deploy'),
    timeoutMs: DEPLOY_TIMEOUT_MS,
  });
}

/** @throws CdkFailed */
export async function destroyAll(options: DeployOptions): Promise<void> {
  await runCdk({
    ...options,
    args: ['destroy', '--all', '--app', assembly(options), '--force'],
    logFile: logFile(options, 'destroy'),
    timeoutMs: DEPLOY_TIMEOUT_MS,
  });
}
