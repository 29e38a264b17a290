/** Years in a process of their own, so that all cores work and one that dies takes nothing along but its year. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { UnderstudyError } from '../../lib/domain/errors';
import type { RunResult } from '../../lib/simulation/results';
import { bundled, forkProgram } from './program';
import type { Order, Runner } from './runner';
import type { Answer } from './serve';

/** A worker process ended or did not answer in time, or its run threw: there is no result of this year. */
export class NoResult extends UnderstudyError {
  override readonly name = 'NoResult';
}

const WORKER = join(__dirname, 'worker.ts');
/** A year takes about a minute, also where many run at once; one that never ends is a mistake of the simulator's. */
const RUN_TIMEOUT_MS = 3_600_000;

export class WorkerRunner implements Runner {
  private child: ChildProcess | null = null;

  /** @param program what the process runs, bundled; it calls `serve` */
  constructor(
    private readonly program: string,
    private readonly runTimeoutMs: number = RUN_TIMEOUT_MS,
  ) {}

  /** Starts the process where there is none: the first time, and after it has died. */
  run(order: Order): Promise<RunResult> {
    const child = (this.child ??= this.start());
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(deadline);
        child.off('message', answered).off('exit', ended).off('error', broke);
        act();
      };
      const answered = (answer: Answer): void =>
        settle(() => (answer.kind === 'ran' ? resolve(answer.result) : reject(new NoResult(answer.error))));
      const ended = (code: number | null, signal: string | null): void =>
        settle(() =>
          reject(new NoResult(`its process ended ${signal === null ? `with code ${code}` : `by ${signal}`}`)),
        );
      const broke = (cause: Error): void =>
        settle(() => reject(new NoResult(`its process cannot be reached: ${cause.message}`, { cause })));
      const late = (): void => {
        this.stop();
        settle(() => reject(new NoResult(`no result within ${this.runTimeoutMs / 1_000} s`)));
      };
      const deadline = setTimeout(late, this.runTimeoutMs);
      child.on('message', answered).on('exit', ended).on('error', broke);
      child.send(order);
    });
  }

  /** Whatever it is at: it holds nothing that would have to be given back. */
  stop(): void {
    this.child?.kill('SIGKILL');
    this.child = null;
  }

  private start(): ChildProcess {
    const child = forkProgram(this.program);
    const forget = (): void => {
      if (this.child === child) this.child = null;
    };
    return child.on('exit', forget).on('error', forget);
  }
}

/** As many as asked for, and no more than there are runs. */
export async function workers(jobs: number, runs: number): Promise<Runner[]> {
  const program = await bundled(WORKER);
  return Array.from({ length: Math.min(jobs, runs) }, () => new WorkerRunner(program));
}
