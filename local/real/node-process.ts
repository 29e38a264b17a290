/** The FreeSWITCH of one node: a real process in the node's network namespace. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { spawnIn } from './commands';

export interface NodeProcessOptions {
  /** Network namespace. */
  namespace: string;
  binary: string;
  modules: string;
  /** Has `conf`; logs and the like go beside it. */
  folder: string;
}

export class NodeProcess {
  private child: ChildProcess | null = null;

  constructor(private readonly options: NodeProcessOptions) {}

  get folder(): string {
    return this.options.folder;
  }

  get isRunning(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Returns at once. As the service unit starts it, without what only systemd can give. */
  start(): void {
    if (this.isRunning) return;
    const { namespace, binary, modules, folder } = this.options;
    for (const name of ['log', 'run', 'db']) mkdirSync(join(folder, name), { recursive: true });
    const folders = ['conf', 'log', 'run', 'db'].flatMap((name) => [`-${name}`, join(folder, name)]);
    this.child = spawnIn(namespace, binary, ['-nf', '-nc', '-nonat', '-np', '-mod', modules, ...folders], {
      stdio: 'ignore',
    });
    // A missing program: nothing ever answers, and the lab says so.
    this.child.on('error', () => undefined);
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === null || !this.isRunning) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await gone;
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }
}
