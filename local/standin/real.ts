import { type ChildProcess, spawn as spawnChild } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillBacklog } from './backlog';
import { isRunning, killChild, type Spawn } from './child';
import { eslOnce } from './esl-once';
import {
  type CallOrder,
  type FreeSwitchProcess,
  FreeSwitchProcessError,
  type NodeAddresses,
} from './freeswitch-process';

export interface RealStart extends NodeAddresses {
  /** The program, from UNDERSTUDY_FREESWITCH. */
  binary: string;
  /** Writes the node's rendered configuration to `conf` below this folder. */
  writeConfiguration: (folder: string) => void;
  /** Puts so many bridged calls of live parties on the address; resolves when they are answered. */
  callParties: (count: number, address: string, port: number) => Promise<void>;
  spawn?: Spawn;
}

/** FACTS 3: a real one answers ESL after 1.6 to 2.6 s on an idle machine. */
const BOOT_TIMEOUT_MS = 20_000;
const BOOT_POLL_MS = 100;
const API_TIMEOUT_MS = 3_000;
const RUN_FOLDERS = ['log', 'run', 'db'];

/**
 * FreeSWITCH begins the CSeq of a leg with the time in units of two seconds: a leg rebuilt in the unit of its making
 * repeats the number, and a strict party refuses it.
 */
const CALLS_AGE_MS = 2_500;

/** A real FreeSWITCH on the addresses of one node, with the configuration that the product renders. */
export class RealFreeSwitch implements FreeSwitchProcess {
  private releaseBacklog: (() => void) | null = null;

  private constructor(
    private readonly options: RealStart,
    private readonly folder: string,
    private child: ChildProcess,
  ) {}

  /**
   * Resolves when ESL answers `status` with ready.
   * @throws FreeSwitchProcessError when the program is missing, ends, or takes too long.
   */
  static async start(options: RealStart): Promise<RealFreeSwitch> {
    const folder = await fs.promises.mkdtemp(path.join(os.tmpdir(), 'understudy-freeswitch-'));
    options.writeConfiguration(folder);
    for (const name of RUN_FOLDERS) await fs.promises.mkdir(path.join(folder, name), { recursive: true });
    const node = new RealFreeSwitch(options, folder, launch(options, folder));
    try {
      await node.untilReady();
      return node;
    } catch (error) {
      await node.stop();
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
    return this.child.pid !== undefined && isRunning(this.child);
  }

  async kill(): Promise<void> {
    if (this.alive) await killChild(this.child, this.name);
    this.release();
  }

  async freeze(options: { fillBacklog?: boolean } = {}): Promise<void> {
    this.child.kill('SIGSTOP');
    if (options.fillBacklog === true) {
      this.releaseBacklog ??= await fillBacklog(this.options.management, this.options.eslPort);
    }
  }

  async thaw(): Promise<void> {
    this.child.kill('SIGCONT');
    this.release();
    await this.untilReady();
  }

  stickSip(): Promise<void> {
    return Promise.reject(
      new FreeSwitchProcessError(`${this.name}: a real FreeSWITCH cannot be made deaf in SIP only; use a stand-in`),
    );
  }

  unstickSip(): Promise<void> {
    return Promise.resolve();
  }

  /** Bridged calls of live parties only; they are old enough to survive when it resolves. */
  async placeCalls(count: number, order: CallOrder = {}): Promise<void> {
    const binding = this.options.sip.find((each) => order.vip === undefined || each.vip === order.vip);
    if (binding === undefined || (order.kind ?? 'bridged') !== 'bridged') {
      throw new FreeSwitchProcessError(`${this.name}: a real FreeSWITCH takes bridged calls to one of its VIPs only`);
    }
    await this.options.callParties(count, binding.address, binding.port);
    await sleep(CALLS_AGE_MS);
  }

  async hangUp(): Promise<void> {
    await this.api('hupall NORMAL_CLEARING');
  }

  api(command: string): Promise<string> {
    const { management: address, eslPort: port, password } = this.options;
    return eslOnce({ address, port, password }, command, API_TIMEOUT_MS);
  }

  /** Both kinds are the same here: as fast as FreeSWITCH is. */
  async restart(): Promise<void> {
    await this.kill();
    this.child = launch(this.options, this.folder);
    await this.untilReady();
  }

  async stop(): Promise<void> {
    await this.kill();
    await fs.promises.rm(this.folder, { recursive: true, force: true });
  }

  private async untilReady(): Promise<void> {
    const deadline = Date.now() + BOOT_TIMEOUT_MS;
    let last = 'no answer';
    while (Date.now() < deadline) {
      if (!this.alive) throw new FreeSwitchProcessError(`${this.name}: ${this.options.binary} ended or did not start`);
      last = await this.api('status').catch((error: unknown) => (error instanceof Error ? error.message : 'no answer'));
      if (last.includes('is ready')) return;
      await sleep(BOOT_POLL_MS);
    }
    throw new FreeSwitchProcessError(`${this.name}: not ready after ${BOOT_TIMEOUT_MS} ms (${last.trim()})`);
  }

  private release(): void {
    this.releaseBacklog?.();
    this.releaseBacklog = null;
  }
}

/** When one of -conf, -log and -db is given, all must be. `-nf` keeps it a child of ours. */
function launch(options: RealStart, folder: string): ChildProcess {
  const folders = ['conf', ...RUN_FOLDERS].flatMap((name) => [`-${name}`, path.join(folder, name)]);
  const modules = path.join(path.dirname(options.binary), '..', 'lib', 'freeswitch', 'mod');
  const own = ['-nonat', '-nf', '-nc', '-np', '-mod', modules];
  const child = (options.spawn ?? spawnChild)(options.binary, [...own, ...folders], {
    stdio: 'ignore',
  });
  // A missing program: `alive` is false, and untilReady says so.
  child.once('error', () => undefined);
  return child;
}
