import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { FreeSwitchProcessError } from './freeswitch-process';

/** `child_process.spawn`, or one that keeps track of what it started. */
export type Spawn = (command: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

const EXIT_TIMEOUT_MS = 5_000;

export const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

/** Sends SIGKILL, which ends a stopped process too, and resolves when the process is gone. */
export async function killChild(child: ChildProcess, name: string): Promise<void> {
  if (!isRunning(child)) return;
  const exited = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), EXIT_TIMEOUT_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
  child.kill('SIGKILL');
  if (!(await exited)) {
    throw new FreeSwitchProcessError(
      `${name}: process ${child.pid} is still there ${EXIT_TIMEOUT_MS} ms after SIGKILL`,
    );
  }
}
