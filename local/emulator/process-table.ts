/** What the operating system knows about processes: start times and groups, from /proc on Linux and ps on macOS. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

const HAS_PROC = existsSync('/proc/self/stat');
const PS_TIMEOUT_MS = 5_000;

interface ProcStat {
  state: string;
  group: number;
  startTime: string;
}

/** Fields of /proc/PID/stat after the command name, which may itself hold blanks and brackets: see proc(5). */
function procStat(pid: number): ProcStat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' };
  } catch {
    return null;
  }
}

function ps(...args: string[]): string {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', timeout: PS_TIMEOUT_MS, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return ''; // ps ends with 1 when there is no such process
  }
}

/**
 * An opaque text that tells a process from a later one with the same pid; null when there is no such process (a zombie
 * is none).
 */
export function startTimeOf(pid: number): string | null {
  if (HAS_PROC) {
    const stat = procStat(pid);
    return stat === null || stat.state === 'Z' ? null : stat.startTime;
  }
  const [state, ...started] = ps('-o', 'stat=,lstart=', '-p', String(pid)).trim().split(/\s+/);
  return !state || state.startsWith('Z') ? null : started.join(' ');
}

/** The living processes of a process group. */
export function membersOfGroup(group: number): number[] {
  if (HAS_PROC) {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        const stat = procStat(pid);
        return stat !== null && stat.group === group && stat.state !== 'Z';
      });
  }
  return ps('-A', '-o', 'pid=,pgid=,stat=')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, pgid, state]) => Number(pgid) === group && !(state ?? 'Z').startsWith('Z'))
    .map(([pid]) => Number(pid));
}

/** Whether a process was started with `text` in its environment. False too when that cannot be read. */
export function environmentHolds(pid: number, text: string): boolean {
  if (HAS_PROC) {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
    } catch {
      return false;
    }
  }
  return ps('eww', '-o', 'command=', '-p', String(pid)).includes(text);
}
