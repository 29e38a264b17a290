/** Runs the CDK's own command against the local AWS, and against nothing else. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { UnderstudyError } from '../../lib/domain/errors';
import { assertLoopbackEndpoint } from '../emulator/loopback';
import { spawnTracked } from '../emulator/processes';

/** The CDK ended with an error. The message has the end of what it printed. */
export class CdkFailed extends UnderstudyError {
  override readonly name = 'CdkFailed';
}

export interface CdkRun {
  projectDir: string;
  /** The emulator's complete environment: the only way by which the CDK learns of an AWS. */
  env: Readonly<Record<string, string>>;
  args: readonly string[];
  /** Where its output goes. */
  logFile: string;
  /** Bootstrap runs in a folder without a cdk.json, so that it does not synthesise the app first. */
  cwd?: string;
  timeoutMs: number;
}

const TAIL_LINES = 20;

/**
 * @throws NotLoopback when the environment names another AWS than the local one
 * @throws CdkFailed when it ends with another code than 0, or not in time
 */
export async function runCdk(run: CdkRun): Promise<void> {
  assertLoopbackEndpoint(run.env['AWS_ENDPOINT_URL'] ?? '');
  const cdk = join(run.projectDir, 'node_modules/aws-cdk/bin/cdk');
  const child = spawnTracked(run.projectDir, {
    name: `cdk ${run.args[0] ?? ''}`,
    command: process.execPath,
    args: [cdk, ...run.args],
    env: run.env,
    cwd: run.cwd ?? run.projectDir,
    logFile: run.logFile,
  });
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not in ${run.timeoutMs / 1000} s`), run.timeoutMs);
  });
  const ended = await Promise.race([child.exited, tooLate]);
  clearTimeout(timer);
  await child.stop();
  if (ended === 'exit code 0') return;
  throw new CdkFailed(
    `cdk ${run.args[0] ?? ''} ended with ${ended}; all it said is in ${run.logFile}:\n${tail(run.logFile)}`,
  );
}

/** From the CDK's own list of what failed, where it made one: the roll-back before it is long and says nothing. */
function tail(file: string): string {
  if (!existsSync(file)) return '';
  const text = readFileSync(file, 'utf8').trimEnd();
  const failures = text.lastIndexOf('Failed resources:');
  return failures < 0 ? text.split('\n').slice(-TAIL_LINES).join('\n') : text.slice(failures);
}
