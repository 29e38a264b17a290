/** Stops and restores one zone's observer, as the loss of that zone would: no goodbye, and no successor. */
import { readdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

import {
  DeleteFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';

import { awsClientConfig } from '../emulator/loopback';

export class Observers {
  private readonly lambda: LambdaClient;
  private readonly stopped = new Set<string>();

  /** @param functions zone -> function name */
  constructor(
    aws: { endpoint: string },
    private readonly functions: Record<string, string>,
    /** Folder of this emulator: only workers whose code was unpacked there are ours. */
    private readonly stateDir: string,
  ) {
    this.lambda = new LambdaClient(awsClientConfig(aws));
  }

  /** First no new invocation may start, then the one that runs is killed. */
  async stop(zone: string): Promise<void> {
    const name = this.functionIn(zone);
    this.stopped.add(zone);
    await this.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 0 }));
    for (const pid of workersOf(name, this.stateDir)) process.kill(pid, 'SIGKILL');
  }

  /** Undoes every `stop`, and does not wait for the minute schedule to bring the observers back. */
  async restoreAll(): Promise<void> {
    for (const zone of this.stopped) {
      const name = this.functionIn(zone);
      await this.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: name }));
      await this.wake(name);
    }
    this.stopped.clear();
  }

  /** Calls a function as its schedule would, without waiting for the next minute. */
  async wake(functionName: string): Promise<void> {
    await this.lambda.send(
      new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: JSON.stringify({}) }),
    );
  }

  close(): void {
    this.lambda.destroy();
  }

  private functionIn(zone: string): string {
    const name = this.functions[zone];
    if (name === undefined) throw new Error(`zone ${zone} has no observer`);
    return name;
  }
}

/**
 * Processes that run a function's code. The emulator unpacks each worker into `ministack-lambda-<function>-<random>`
 * below its own temporary folder, and starts `node` on a file there.
 */
export function workersOf(functionName: string, stateDir: string): number[] {
  const marker = `/ministack-lambda-${functionName}-`;
  return commandLines()
    .filter(({ command }) => command.includes(stateDir) && command.includes(marker))
    .filter(({ command }) => /^[^/]*\/_worker/.test(command.slice(command.indexOf(marker) + marker.length)))
    .map(({ pid }) => pid);
}

/** Linux without `ps` (slim images have none) reads /proc; macOS has no /proc and always `ps`. */
function commandLines(): { pid: number; command: string }[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), command: readCommandLine(name) }));
  }
  const listing = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8', timeout: 10_000 });
  return listing.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(.*)$/.exec(line);
    return match === null ? [] : [{ pid: Number(match[1]), command: match[2] ?? '' }];
  });
}

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // It ended while we looked.
  }
}
