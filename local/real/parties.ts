/** The SIP parties as the lab sees them: a process of their own, because its timers must not wait for ours. */
import { join } from 'node:path';
import { UnderstudyError } from '../../lib/domain/errors';
import { spawnIn } from './commands';
import { PARTIES } from './network';
import { OUTSIDE } from './plan';
import type { CallReport, FromParties, PartiesAnswer, PartiesOrder, ReceivedRegister, ToParties } from './ua/protocol';
import type { ChildProcess } from 'node:child_process';

const READY_WITHIN_MS = 20_000;

export type Launch = (command: string, args: string[]) => ChildProcess;

interface Waiting {
  resolve: (answer: PartiesAnswer) => void;
  reject: (error: Error) => void;
}

export class Parties {
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message: FromParties) => this.take(message));
    child.on('exit', () => this.fail('the process of the SIP parties has ended'));
  }

  /**
   * @param launch starts a program that speaks over an IPC channel; the lab's default is in the parties' own network
   * @throws UnderstudyError when it does not come up
   */
  static async start(
    hosts: { caller: string; callee: string } = OUTSIDE,
    launch: Launch = (command, args) =>
      spawnIn(PARTIES, command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  ): Promise<Parties> {
    const program = join(__dirname, 'ua', 'main.ts');
    const child = launch(process.execPath, ['--import', 'tsx', program, hosts.caller, hosts.callee]);
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new UnderstudyError('the SIP parties did not start')), READY_WITHIN_MS);
      child.once('message', () => {
        clearTimeout(timer);
        resolve();
      });
      child.once('exit', () => reject(new UnderstudyError('the SIP parties ended at once')));
    });
    await ready;
    return new Parties(child);
  }

  /** @throws UnderstudyError when the process ends or answers with an error */
  async ask(order: PartiesOrder): Promise<CallReport[]> {
    return (await this.send(order)).calls;
  }

  /** What the callee accepted as a registrar. @throws as `ask` */
  async registers(): Promise<ReceivedRegister[]> {
    return (await this.send({ do: 'report' })).registers;
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private send(order: PartiesOrder): Promise<PartiesAnswer> {
    const id = this.next;
    this.next += 1;
    const answer = new Promise<PartiesAnswer>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.child.send({ id, order } satisfies ToParties);
    return answer;
  }

  private take(message: FromParties): void {
    if ('ready' in message) return;
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if ('answer' in message) waiting?.resolve(message.answer);
    else waiting?.reject(new UnderstudyError(`SIP parties: ${message.error}`));
  }

  private fail(why: string): void {
    for (const { reject } of this.waiting.values()) reject(new UnderstudyError(why));
    this.waiting.clear();
  }
}
