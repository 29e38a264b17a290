/** A real PostgreSQL on the laptop, with what a bad day does to one: frozen, gone, back again. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

import { trackChild, type TrackedProcess } from '../emulator/processes';
import { PostgresError } from './errors';
import { findPostgresPrograms } from './programs';
import { ADMIN_USER, initialise, serverArguments } from './server-files';
import { signalServer } from './server-processes';
import { makeServerFolder, reachablePrograms, serverUser } from './server-user';

const READY_WITHIN_MS = 15_000;
const READY_POLL_MS = 20;
const CONNECT_TIMEOUT_MS = 1_000;
const STOP_WITHIN_MS = 5_000;
const LOG_TAIL_CHARACTERS = 2_000;

export interface LocalPostgres {
  host: string;
  port: number;
  adminUser: string;
  adminPassword: string;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
  /** SIGSTOP to the postmaster and every backend: connections stay open, and nothing answers on them. */
  freeze(): void;
  thaw(): void;
  /** Ends the server as an administrator does; its data stays. */
  stopServer(): Promise<void>;
  /** On the same port, with the same data. */
  startServer(): Promise<void>;
}

export interface LocalPostgresOptions {
  projectDir: string;
  /** Names the folder below `.understudy/`. */
  instanceName: string;
  log?: (message: string) => void;
  host?: string;
}

/**
 * Initialises and starts a server with a free port (about 0.6 s).
 *
 * @throws PostgresError when there are no programs, or it did not come up
 */
export async function startPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const { projectDir, instanceName, host = '127.0.0.1', log = () => undefined } = options;
  const user = serverUser();
  const programs = reachablePrograms(findPostgresPrograms(), user);
  const home = join(projectDir, '.understudy', instanceName, 'postgres');
  const logFile = join(projectDir, '.understudy', instanceName, 'postgres.log');
  mkdirSync(join(projectDir, '.understudy', instanceName), { recursive: true });
  const folder = makeServerFolder(home, user);
  const data = join(folder, 'data');
  // Frozen backends of an earlier run outlive their postmaster.
  signalServer(data, null, 'SIGKILL');
  const adminPassword = randomBytes(18).toString('base64url');
  await initialise(programs, data, user, adminPassword);
  const port = await freePort(host);
  let server: TrackedProcess | null = null;

  const admin = { host, port, user: ADMIN_USER, password: adminPassword, database: 'postgres' };
  const startServer = async () => {
    const output = openSync(logFile, 'a');
    try {
      server = trackChild(projectDir, `postgres ${instanceName}`, (marker) =>
        spawn(programs.postgres, serverArguments(data, host, port), {
          ...(user ?? {}),
          cwd: folder,
          env: { PATH: '/usr/bin:/bin', ...marker },
          detached: true,
          stdio: ['ignore', output, output],
        }),
      );
    } finally {
      closeSync(output);
    }
    await untilReady(server, admin, logFile);
  };
  const stopServer = async () => {
    const running = server;
    if (running === null) return;
    server = null;
    signalServer(data, running.pid, 'SIGCONT');
    // Fast shutdown: sessions are ended. The SIGTERM of `stop` alone would wait for them.
    running.child.kill('SIGINT');
    await Promise.race([running.exited, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    await running.stop();
  };

  await startServer();
  log(`PostgreSQL listens on ${host}:${port}`);
  return {
    host,
    port,
    adminUser: ADMIN_USER,
    adminPassword,
    startServer,
    stopServer,
    freeze: () => signalServer(data, server?.pid ?? null, 'SIGSTOP'),
    thaw: () => signalServer(data, server?.pid ?? null, 'SIGCONT'),
    stop: async () => {
      await stopServer();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type AdminAccess = { host: string; port: number; user: string; password: string; database: string };

async function untilReady(server: TrackedProcess, admin: AdminAccess, logFile: string): Promise<void> {
  let ended: string | null = null;
  void server.exited.then((reason) => {
    ended = reason;
  });
  for (const deadline = Date.now() + READY_WITHIN_MS; ; await sleep(READY_POLL_MS)) {
    if (await answers(admin)) return;
    if (ended !== null || Date.now() >= deadline) {
      await server.stop();
      const tail = readFileSync(logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS);
      throw new PostgresError(`PostgreSQL did not start (${ended ?? `nothing for ${READY_WITHIN_MS} ms`}):\n${tail}`);
    }
  }
}

async function answers(admin: AdminAccess): Promise<boolean> {
  const client = new Client({ ...admin, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Free a moment ago; somebody who takes it meanwhile makes the start fail with the server's own message. */
async function freePort(host: string): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, host, resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
