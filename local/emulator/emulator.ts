import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { EmulatorError } from './errors';
import { FaultInjector } from './faults';
import type { LatencyProfile } from './latency';
import { assertLoopbackEndpoint, LOCAL_ACCOUNT, LOCAL_REGION, TEST_CREDENTIALS } from './loopback';
import { cleanUpLeftovers, spawnTracked, type TrackedProcess } from './processes';
import { startProxy, type Proxy } from './proxy';
import { ensureEmulatorInstalled } from './setup';

const START_DEADLINE_MS = 30_000;
const STOP_GRACE_MS = 5_000;
const RESET_TIMEOUT_MS = 30_000;
const HEALTH_TIMEOUT_MS = 2_000;
const HEALTH_POLL_MS = 50;
const LOG_TAIL_LINES = 25;
/** Another process may take a port between our asking for a free one and the emulator's binding it. */
const START_ATTEMPTS = 3;

export interface EmulatorOptions {
  /** The repository's root: the functions' externalised packages are found in its node_modules. */
  projectDir: string;
  /** Everything of this instance lives in `<project>/.understudy/<instanceName>/`. */
  instanceName: string;
  /** Default: none, calls are answered as fast as the emulator can. */
  latency?: LatencyProfile;
  /** Added to the environment of the emulator, and with it of every function. */
  env?: Readonly<Record<string, string>>;
  log?: (message: string) => void;
}

export interface Emulator {
  /** Through the proxy. What clients, the CDK and the functions use. */
  endpoint: string;
  /** The emulator itself, without faults and latency. */
  directEndpoint: string;
  /** The complete environment of clients, the CDK and nested processes: nothing else may be passed on. */
  env: Record<string, string>;
  faults: FaultInjector;
  logFile: string;
  setLatency(profile: LatencyProfile | null): void;
  /** Forgets every resource, rule and call. */
  reset(): Promise<void>;
  /** Ends the emulator and all function workers, or throws EmulatorError. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded AWS behind its proxy and waits until it answers.
 *
 * @throws EmulatorSetupError when the machine lacks something
 * @throws EmulatorError with the end of the log when it does not come up
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const log = options.log ?? (() => undefined);
  await cleanUpLeftovers(options.projectDir);
  const { python } = await ensureEmulatorInstalled(options.projectDir, log);
  const directory = join(options.projectDir, '.understudy', options.instanceName);
  for (const fresh of ['tmp', 'state']) {
    rmSync(join(directory, fresh), { recursive: true, force: true });
  }
  for (const needed of ['tmp', 'state', 's3', 'home']) {
    mkdirSync(join(directory, needed), { recursive: true });
  }
  const logFile = join(directory, 'emulator.log');
  rmSync(logFile, { force: true });

  const faults = new FaultInjector();
  let port = 0;
  const proxy = await startProxy({ upstreamPort: () => port, faults, latency: options.latency ?? null });
  try {
    for (let attempt = 1; ; attempt += 1) {
      port = await freePort();
      const child = spawnTracked(options.projectDir, {
        name: `embedded AWS (${options.instanceName})`,
        command: python,
        args: ['-m', 'extension'],
        cwd: directory,
        logFile,
        env: emulatorEnvironment(directory, port, proxy.endpoint, options),
      });
      try {
        await waitForHealth(child, port, logFile);
        return runningEmulator({ child, proxy, port, directory, faults, logFile });
      } catch (error) {
        await child.stop(1_000);
        if (attempt >= START_ATTEMPTS || !tail(logFile).includes('already in use')) {
          throw error;
        }
      }
    }
  } catch (error) {
    await proxy.close();
    throw error;
  }
}

function runningEmulator(parts: {
  child: TrackedProcess;
  proxy: Proxy;
  port: number;
  directory: string;
  faults: FaultInjector;
  logFile: string;
}): Emulator {
  const { child, proxy, port, directory, faults, logFile } = parts;
  const directEndpoint = `http://127.0.0.1:${port}`;
  let stopping: Promise<void> | null = null;
  return {
    endpoint: proxy.endpoint,
    directEndpoint,
    env: clientEnvironment(directory, proxy.endpoint),
    faults,
    logFile,
    setLatency: (profile) => proxy.setLatency(profile),
    reset: async () => {
      const answer = await fetch(`${directEndpoint}/_ministack/reset`, {
        method: 'POST',
        signal: AbortSignal.timeout(RESET_TIMEOUT_MS),
      });
      if (!answer.ok) {
        throw new EmulatorError(`The embedded AWS refused to reset (${answer.status}); see ${logFile}`);
      }
      faults.clear();
      faults.clearLog();
    },
    stop: () => {
      // The workers first: a proxy that is gone would only make them log errors.
      stopping ??= child.stop(STOP_GRACE_MS).finally(() => proxy.close());
      return stopping;
    },
  };
}

/** The environment that every nested process starts from: nothing of the caller's AWS_* and no home of a user. */
function baseEnvironment(directory: string): Record<string, string> {
  const node = dirname(process.execPath);
  return {
    // The functions run on the machine's Node: this one, whatever else is on the PATH.
    PATH: `${node}:${process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'}`,
    HOME: join(directory, 'home'),
    // Function code is unpacked here: inside the project, so that node_modules is found above it.
    TMPDIR: join(directory, 'tmp'),
    LANG: 'C.UTF-8',
    AWS_EC2_METADATA_DISABLED: 'true',
    // Each function's worker would begin its log with the SDK's note about coming Node versions.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

function emulatorEnvironment(
  directory: string,
  port: number,
  functionEndpoint: string,
  options: EmulatorOptions,
): Record<string, string> {
  return {
    ...baseEnvironment(directory),
    PYTHONPATH: __dirname,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    // Both would listen on all interfaces.
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    AUTH: 'true',
    S3_DATA_DIR: join(directory, 's3'),
    STATE_DIR: join(directory, 'state'),
    EC2_TRANSITION_SECONDS: '2',
    STREAM_READ_INTERVAL_SECONDS: String((options.latency?.streamReadMs ?? 20) / 1_000),
    // Loops, their challengers and everything else at once; AWS allows 1000, a laptop has memory for fewer.
    LAMBDA_ACCOUNT_CONCURRENCY: '100',
    // Where functions send their calls: behind the proxy like everybody else.
    AWS_ENDPOINT_URL: functionEndpoint,
    ...options.env,
  };
}

function clientEnvironment(directory: string, endpoint: string): Record<string, string> {
  assertLoopbackEndpoint(endpoint);
  return {
    ...baseEnvironment(directory),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: TEST_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIALS.secretAccessKey,
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    CDK_DEFAULT_ACCOUNT: LOCAL_ACCOUNT,
    CDK_DEFAULT_REGION: LOCAL_REGION,
    CDK_DISABLE_CLI_TELEMETRY: '1',
    CI: '1',
    NO_COLOR: '1',
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function waitForHealth(child: TrackedProcess, port: number, logFile: string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  let died: string | null = null;
  void child.exited.then((reason) => {
    died = reason;
  });
  while (Date.now() < deadline) {
    if (died !== null) {
      throw new EmulatorError(`The embedded AWS ended at its start (${String(died)}):\n${tail(logFile)}`);
    }
    const healthy = await fetch(`http://127.0.0.1:${port}/_ministack/health`, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (healthy) {
      return;
    }
    await sleep(HEALTH_POLL_MS);
  }
  throw new EmulatorError(`The embedded AWS did not answer within ${START_DEADLINE_MS / 1_000} s:\n${tail(logFile)}`);
}

function tail(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  } catch {
    return '(no log was written)';
  }
}
