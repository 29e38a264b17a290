/** Runs one program of the test stages: no stdin, an end, and nothing of it left behind. */
import { spawn } from 'node:child_process';

export interface CommandResult {
  exitCode: number | null;
  /** stdout and stderr as they came; empty when they were shown live. */
  output: string;
  timedOut: boolean;
}

/** Process groups that are alive now, so that a Ctrl-C can end them. */
const running = new Set<number>();

/** Ends every program that is still running, with all of its children. */
export function endAll(signal: NodeJS.Signals): void {
  for (const pid of running) signalGroup(pid, signal);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

/**
 * Runs `args` with Node in a process group of its own. Never rejects: a program that cannot start is an exit code.
 * After `timeoutMs` the group gets SIGTERM (so that it can stop the emulator), ten seconds later SIGKILL.
 */
export function runNode(
  args: string[],
  options: { cwd: string; timeoutMs: number; show: boolean; env?: Record<string, string> },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: options.cwd,
      detached: true,
      env: { ...process.env, ...options.env },
      stdio: options.show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    const pid = child.pid;
    if (pid !== undefined) running.add(pid);
    const chunks: string[] = [];
    let timedOut = false;
    const timers = [
      setTimeout(() => {
        timedOut = true;
        if (pid !== undefined) signalGroup(pid, 'SIGTERM');
      }, options.timeoutMs),
      setTimeout(() => pid !== undefined && signalGroup(pid, 'SIGKILL'), options.timeoutMs + 10_000),
    ];
    const end = (exitCode: number | null): void => {
      timers.forEach(clearTimeout);
      if (pid !== undefined) running.delete(pid);
      resolve({ exitCode, output: chunks.join(''), timedOut });
    };
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
    child.on('error', (error) => {
      chunks.push(error.message);
      end(null);
    });
    child.on('close', end);
  });
}
