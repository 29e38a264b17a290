import { type ChildProcess, spawn as spawnChild } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { formatArguments, type SecretFiles } from './arguments';
import { fillBacklog } from './backlog';
import { bundle } from '../bundle';
import { isRunning, killChild, type Spawn } from './child';
import type { ControlAnswer, ControlRequest } from './control';
import { ControlChannel } from './control-channel';
import type { Faults } from './faults';
import {
  type CallOrder,
  type FreeSwitchProcess,
  FreeSwitchProcessError,
  type NodeAddresses,
  type RestartKind,
} from './freeswitch-process';
import type { StandInState } from './node';
import { DEFAULTS, REALISTIC_ESL_AFTER_MS, REALISTIC_SIP_AFTER_MS, type StandbySetting } from './options';

/** Where the stand-in runs and how. Only the addresses are required. */
export interface StandInStart extends NodeAddresses {
  /** Bridged calls that are up from the start. */
  calls?: number;
  /** Makes FreeSWITCH's own durations (boot, shutdown, profile restart) shorter; 1 is as recorded. */
  timeScale?: number;
  /** Boot as slowly as the real one does. */
  boot?: RestartKind;
  heartbeatMs?: number;
  /** See `StandInOptions`. */
  regThreads?: boolean;
  clockBehindMs?: number;
  standby?: StandbySetting;
  /** Instead of `child_process.spawn`, for callers that keep track of every process they start. */
  spawn?: Spawn;
}

/** On top of the boot that was asked for: the process itself and a busy machine. */
const BOOT_SLACK_MS = 10_000;

/** A stand-in for one FreeSWITCH, in a process of its own. */
export class StandIn implements FreeSwitchProcess {
  private releaseBacklog: (() => void) | null = null;
  private frozen = false;

  private constructor(
    private readonly options: StandInStart,
    private readonly folder: string,
    private child: ChildProcess,
    private channel: ControlChannel,
  ) {}

  /**
   * Resolves when SIP and ESL answer.
   * @throws FreeSwitchProcessError when an address is missing, a port is taken, or it takes too long.
   */
  static async start(options: StandInStart): Promise<StandIn> {
    const folder = await fs.promises.mkdtemp(path.join(os.tmpdir(), 'understudy-standin-'));
    try {
      await writeSecrets(options, folder);
      const { child, channel } = await launch(options, folder, options.boot ?? 'quick');
      return new StandIn(options, folder, child, channel);
    } catch (error) {
      await fs.promises.rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number | null {
    return this.alive ? (this.child.pid ?? null) : null;
  }

  get alive(): boolean {
    return isRunning(this.child);
  }

  async kill(): Promise<void> {
    await killChild(this.child, this.name);
    this.unfreeze();
  }

  async freeze(options: { fillBacklog?: boolean } = {}): Promise<void> {
    this.signal('SIGSTOP');
    this.frozen = true;
    if (options.fillBacklog === true) {
      this.releaseBacklog ??= await fillBacklog(this.options.management, this.options.eslPort);
    }
  }

  async thaw(): Promise<void> {
    this.signal('SIGCONT');
    this.unfreeze();
    await this.state();
  }

  stickSip(): Promise<void> {
    return this.faults({ sipStuck: true });
  }

  unstickSip(): Promise<void> {
    return this.faults({ sipStuck: false });
  }

  /** Full: as many sessions as it may have. */
  async busy(): Promise<void> {
    await this.placeCalls(1);
    await this.api(`fsctl max_sessions ${(await this.state()).sessions}`);
  }

  async unbusy(): Promise<void> {
    await this.api('hupall NORMAL_CLEARING');
    await this.api('fsctl max_sessions 1000');
  }

  async pause(): Promise<void> {
    await this.api('fsctl pause');
  }

  async resume(): Promise<void> {
    await this.api('fsctl resume');
  }

  /** Every profile in standby, whatever it was promoted to; a rescan of a promoted one ends it. */
  async standby(): Promise<void> {
    await this.api('sofia global standby on');
  }

  /** The access list turns every ESL client away. */
  misconfigure(): Promise<void> {
    return this.faults({ eslRejects: true });
  }

  /** Everything of {@link Faults} that has no method of its own: malformed bytes, a slow ESL. */
  async faults(faults: Partial<Faults>): Promise<void> {
    await this.ask({ ask: 'faults', faults });
  }

  /** Sends SIGTERM: FreeSWITCH's graceful stop, which takes about four seconds times the scale. */
  terminate(): void {
    this.signal('SIGTERM');
  }

  async placeCalls(count: number, order: CallOrder = {}): Promise<void> {
    await this.ask({ ask: 'place-calls', count, order });
  }

  async hangUp(count: number): Promise<void> {
    await this.ask({ ask: 'hang-up', count });
  }

  async api(command: string): Promise<string> {
    const answer = await this.ask({ ask: 'api', line: command });
    return 'reply' in answer ? answer.reply : '';
  }

  async state(): Promise<StandInState> {
    const answer = await this.ask({ ask: 'state' });
    if (!('state' in answer)) throw new FreeSwitchProcessError(`${this.name} answered something else than its state`);
    return answer.state;
  }

  /** `quick` keeps the process when it is well; otherwise the old one is killed and a new one is started. */
  async restart(kind: RestartKind = 'quick'): Promise<void> {
    if (kind === 'quick' && this.alive && !this.frozen) {
      await this.ask({ ask: 'quick-restart' });
      return;
    }
    await this.kill();
    const { child, channel } = await launch(this.options, this.folder, kind);
    this.child = child;
    this.channel = channel;
  }

  async stop(): Promise<void> {
    await this.kill();
    await fs.promises.rm(this.folder, { recursive: true, force: true });
  }

  private async ask(request: ControlRequest): Promise<ControlAnswer> {
    if (!this.alive) throw new FreeSwitchProcessError(`${this.name} does not run: restart it first`);
    return this.channel.ask(request);
  }

  private signal(signal: NodeJS.Signals): void {
    if (!this.child.kill(signal)) throw new FreeSwitchProcessError(`${this.name} does not run: restart it first`);
  }

  private unfreeze(): void {
    this.frozen = false;
    this.releaseBacklog?.();
    this.releaseBacklog = null;
  }
}

async function launch(
  options: StandInStart,
  folder: string,
  boot: RestartKind,
): Promise<{ child: ChildProcess; channel: ControlChannel }> {
  const realistic = boot === 'realistic';
  const full = {
    ...DEFAULTS,
    ...options,
    switchName: options.switchName ?? options.name,
    sipAfterMs: realistic ? REALISTIC_SIP_AFTER_MS : 0,
    eslAfterMs: realistic ? REALISTIC_ESL_AFTER_MS : 0,
  };
  const program = await bundle(path.join(__dirname, 'main.ts'), 'standin');
  const child = (options.spawn ?? spawnChild)(
    process.execPath,
    [program, ...formatArguments(full, secretFiles(folder))],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const channel = new ControlChannel(child, options.name);
  try {
    await channel.untilBooted(full.eslAfterMs * full.timeScale + BOOT_SLACK_MS);
  } catch (error) {
    await killChild(child, options.name);
    throw error;
  }
  return { child, channel };
}

const secretFiles = (folder: string): SecretFiles => ({
  password: path.join(folder, 'password'),
  databasePassword: path.join(folder, 'database-password'),
});

async function writeSecrets(options: StandInStart, folder: string): Promise<void> {
  const files = secretFiles(folder);
  await fs.promises.writeFile(files.password, options.password, { mode: 0o600 });
  await fs.promises.writeFile(files.databasePassword, options.database?.password ?? '', { mode: 0o600 });
}
