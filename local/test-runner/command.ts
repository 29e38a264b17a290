/** Runs one program of the test stages: no stdin, an end, and nothing of it left behind. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CommandResult {
  exitCode: number | null;
  /** stdout and stderr as they came; empty when they were shown live. */
  output: string;
  timedOut: boolean;
}

/** Process groups that are alive now, so that a Ctrl-C can end them. */
const running = new Set<number>();

/** From the first `endAll` on nothing new is started: a stage of many programs would go on with the next one. */
let ending = false;

const POLL_MS = 20;
const KILL_DEADLINE_MS = 5_000;

/**
 * Ends every program that is still running, with all of its children: SIGTERM, and after `graceMs` SIGKILL. Resolves
 * when they are gone, at the latest five seconds after the SIGKILL. From then on `runNode` starts nothing.
 */
export async function endAll(graceMs: number): Promise<void> {
  ending = true;
  signalAll('SIGTERM');
  if (await allGoneWithin(graceMs)) return;
  signalAll('SIGKILL');
  await allGoneWithin(KILL_DEADLINE_MS);
}

function signalAll(signal: NodeJS.Signals): void {
  for (const pid of running) signalGroup(pid, signal);
}

async function allGoneWithin(ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; running.size > 0; await sleep(POLL_MS)) {
    if (Date.now() >= deadline) return false;
  }
  return true;
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
  if (ending) return Promise.resolve({ exitCode: null, output: 'not started: the runner is ending', timedOut: false });
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
