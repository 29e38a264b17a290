/** The operator's command as it is typed, against the cluster of a test. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

import type { World } from '../../../local/demo/world';
import { PROJECT } from './project';

export interface Said {
  exitCode: number;
  /** What went to the standard output and, after it, to the other one. */
  text: string;
}

const COMMAND_TIMEOUT_MS = 60_000;

/** `understudy <words> --table TABLE`. A refusal is an answer: it has exit code 1. */
export function understudy(world: World, ...words: string[]): Promise<Said> {
  const { env, directEndpoint } = world.emulator;
  const program = join(PROJECT, 'bin/understudy.ts');
  const args = ['--import', 'tsx', program, ...words, '--table', world.deployment.tableName];
  // Past the proxy: an operator's question must not meet the faults that are meant for the functions.
  const options = {
    cwd: PROJECT,
    env: { ...env, AWS_ENDPOINT_URL: directEndpoint, NO_COLOR: '1' },
    timeout: COMMAND_TIMEOUT_MS,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ exitCode, text: `${stdout}${stderr}` });
    });
  });
}
