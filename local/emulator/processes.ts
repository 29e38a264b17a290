/**
 * The child processes of the local tools. Each is the leader of a process group of its own and written down in
 * `.understudy/run/`, so that the whole group can be ended: at the end, after Ctrl-C, and by the next start after a
 * crash that left it behind.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { EmulatorError } from './errors';
import { environmentHolds, membersOfGroup, startTimeOf } from './process-table';

/** In the environment of every process of ours and its children: tells them from a group with a reused number. */
const TOKEN_VARIABLE = 'UNDERSTUDY_RUN_TOKEN';
const POLL_MS = 20;
const STOP_GRACE_MS = 5_000;
const KILL_DEADLINE_MS = 5_000;

interface ProcessRecord {
  name: string;
  pid: number;
  startTime: string;
  token: string;
  /** The tool that started it. While that one lives the process is no leftover. */
  owner: { pid: number; startTime: string };
}

export interface SpawnOptions {
  name: string;
  command: string;
  args: readonly string[];
  /** The complete environment; nothing is inherited. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** Receives stdout and stderr, appended. */
  logFile: string;
}

export interface TrackedProcess {
  readonly name: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves with a human-readable reason when the leader ended, by itself or not. Never rejects. */
  readonly exited: Promise<string>;
  /** Ends the group: SIGTERM, after `graceMs` SIGKILL. Throws EmulatorError when something is left even then. */
  stop(graceMs?: number): Promise<void>;
}

const live = new Map<number, { process: TrackedProcess; recordFile: string }>();

export function runDirectory(projectDir: string): string {
  return join(projectDir, '.understudy', 'run');
}

/**
 * Starts a process in a group of its own and writes it down.
 *
 * @throws EmulatorError when the command cannot be started
 */
export function spawnTracked(projectDir: string, options: SpawnOptions): TrackedProcess {
  const log = openSync(options.logFile, 'a');
  try {
    return trackChild(projectDir, options.name, (marker) =>
      spawn(options.command, [...options.args], {
        cwd: options.cwd,
        env: { ...options.env, ...marker },
        detached: true,
        stdio: ['ignore', log, log],
      }),
    );
  } finally {
    closeSync(log);
  }
}

/**
 * For processes that need more than a log (a channel to their parent): `start` spawns, `detached` and with the marker
 * added to the environment, and what it started is tracked like the others.
 *
 * @throws EmulatorError when the command cannot be started
 */
export function trackChild(
  projectDir: string,
  name: string,
  start: (marker: Readonly<Record<string, string>>) => ChildProcess,
): TrackedProcess {
  const directory = runDirectory(projectDir);
  mkdirSync(directory, { recursive: true });
  const token = randomUUID();
  const child = start({ [TOKEN_VARIABLE]: token });
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${String(code)}` : `signal ${signal}`));
  });
  if (child.pid === undefined) {
    throw new EmulatorError(`${name} could not be started: is ${child.spawnfile} installed?`);
  }
  const pid = child.pid;
  const recordFile = join(directory, `${pid}.json`);
  const record: ProcessRecord = {
    name,
    pid,
    startTime: startTimeOf(pid) ?? '',
    token,
    owner: { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' },
  };
  writeFileSync(recordFile, JSON.stringify(record));
  const forget = () => {
    live.delete(pid);
    rmSync(recordFile, { force: true });
  };
  // Ended by itself, or by a test that kills it on purpose. Children that outlive it keep the record alive.
  void exited.then(() => {
    if (ours(record).length === 0) {
      forget();
    }
  });
  const tracked: TrackedProcess = {
    name,
    pid,
    child,
    exited,
    stop: async (graceMs = STOP_GRACE_MS) => {
      await endGroup(record, graceMs);
      forget();
    },
  };
  live.set(pid, { process: tracked, recordFile });
  return tracked;
}

/** Our members of the group: all of it while the leader is the one we started, else only those that carry our token. */
function ours(record: ProcessRecord): number[] {
  const members = membersOfGroup(record.pid);
  const leaderIsOurs = startTimeOf(record.pid) === record.startTime && record.startTime !== '';
  return leaderIsOurs ? members : members.filter((pid) => environmentHolds(pid, `${TOKEN_VARIABLE}=${record.token}`));
}

function signalEach(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // gone in the meantime
    }
  }
}

async function goneWithin(record: ProcessRecord, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (ours(record).length > 0) {
    if (Date.now() >= deadline) {
      return false;
    }
    await sleep(POLL_MS);
  }
  return true;
}

async function endGroup(record: ProcessRecord, graceMs: number): Promise<void> {
  const members = ours(record);
  // A stopped (SIGSTOP) process would keep SIGTERM pending until it is continued.
  signalEach(members, 'SIGTERM');
  signalEach(members, 'SIGCONT');
  if (await goneWithin(record, graceMs)) {
    return;
  }
  signalEach(ours(record), 'SIGKILL');
  if (!(await goneWithin(record, KILL_DEADLINE_MS))) {
    throw new EmulatorError(`${record.name}: processes ${ours(record).join(', ')} are still there after SIGKILL`);
  }
}

/**
 * Ends what an earlier run left behind because it crashed. Processes of a run that still lives are left alone, and a
 * pid that belongs to another process by now is never touched. Returns the names of what was ended.
 */
export async function cleanUpLeftovers(projectDir: string): Promise<string[]> {
  const directory = runDirectory(projectDir);
  mkdirSync(directory, { recursive: true });
  const ended: string[] = [];
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
    const file = join(directory, name);
    const record = readRecord(file);
    if (record !== null && startTimeOf(record.owner.pid) === record.owner.startTime) {
      continue;
    }
    if (record !== null && ours(record).length > 0) {
      await endGroup(record, 1_000);
      ended.push(record.name);
    }
    rmSync(file, { force: true });
  }
  return ended;
}

function readRecord(file: string): ProcessRecord | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord;
  } catch {
    return null; // half written when the earlier run crashed: its process had not been announced to anybody
  }
}

/** Stops everything that was started and not stopped. Failures are collected into one EmulatorError. */
export async function stopAll(graceMs = STOP_GRACE_MS): Promise<void> {
  const results = await Promise.allSettled([...live.values()].map(({ process: tracked }) => tracked.stop(graceMs)));
  const failures = results.filter((result) => result.status === 'rejected').map((result) => String(result.reason));
  if (failures.length > 0) {
    throw new EmulatorError(failures.join('\n'));
  }
}

/** The last resort, for when nothing asynchronous runs any more. */
function killAllNow(): void {
  for (const { process: tracked, recordFile } of live.values()) {
    try {
      process.kill(-tracked.pid, 'SIGKILL');
    } catch {
      // the group is gone
    }
    rmSync(recordFile, { force: true });
  }
  live.clear();
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * For the main function of a local command: ends all processes after Ctrl-C, SIGTERM, SIGHUP, an uncaught exception,
 * and at exit. A second signal does not wait. Returns a function that takes the handlers away again.
 */
export function stopAllOnExit(report: (message: string) => void): () => void {
  let stopping = false;
  const leave = (code: number) => {
    killAllNow();
    process.exit(code);
  };
  const handlers = Object.entries(EXIT_CODES).map(([signal, code]) => {
    const handler = () => {
      if (stopping) {
        leave(code);
      }
      stopping = true;
      report(`${signal}: stopping the local processes`);
      void stopAll(2_000)
        .catch((error: unknown) => report(String(error)))
        .finally(() => leave(code));
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  const onCrash = (error: Error) => {
    report(error.stack ?? error.message);
    leave(1);
  };
  process.on('uncaughtException', onCrash);
  process.on('exit', killAllNow);
  return () => {
    handlers.forEach(({ signal, handler }) => process.off(signal, handler));
    process.off('uncaughtException', onCrash);
    process.off('exit', killAllNow);
  };
}
