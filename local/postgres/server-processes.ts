/**
 * All processes of one server. Each backend leads a session and a process group of its own, so a signal to the
 * server's group does not reach it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';

const PS_TIMEOUT_MS = 5_000;

/**
 * Those that work in `dataFolder` (each process of PostgreSQL changes to it), also when their parent is gone. Where
 * there is no /proc: the living children of `postmaster`.
 */
export function serverProcesses(dataFolder: string, postmaster: number | null): number[] {
  return existsSync('/proc/self/cwd') ? workingIn(dataFolder) : childrenOf(postmaster);
}

/** Signals the postmaster before the others: a stopped one forks no further backend. */
export function signalServer(dataFolder: string, postmaster: number | null, signal: NodeJS.Signals): void {
  const processes = serverProcesses(dataFolder, postmaster);
  for (const pid of processes.sort((a, b) => Number(b === postmaster) - Number(a === postmaster))) {
    try {
      process.kill(pid, signal);
    } catch {
      // gone in the meantime
    }
  }
}

function workingIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const cwd = readlinkSync(`/proc/${pid}/cwd`);
        return cwd === folder || cwd === `${folder} (deleted)`;
      } catch {
        return false; // another user's, or gone
      }
    })
    .map(Number);
}

function childrenOf(parent: number | null): number[] {
  if (parent === null) return [];
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8', timeout: PS_TIMEOUT_MS });
  const children = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .map(([pid]) => pid ?? 0);
  return [parent, ...children];
}
