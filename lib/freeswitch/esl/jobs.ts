import type { EslEvent } from './events';
import { type EslFailure, UnsafeEslCommand } from './failure';

/** More than this at once is a mistake of ours: a recovery has one job a profile. */
const MAX_JOBS = 64;

interface Job {
  timer: NodeJS.Timeout;
  resolve: (result: string) => void;
  reject: (failure: EslFailure) => void;
}

/**
 * The `bgapi` jobs of one connection that have not ended. A job's result is an event that carries the job's id, so
 * that a late one shifts nothing: it only ends its own job, and the connection stays of use.
 */
export class JobBoard {
  private readonly jobs = new Map<string, Job>();

  /**
   * Call it before the command is sent: nothing promises that the reply comes before the event.
   * @param late makes the failure of a job that missed its deadline
   * @throws UnsafeEslCommand when the id would break the command's lines, is taken, or too many jobs are under way
   */
  start(jobUuid: string, timeoutMs: number, late: () => EslFailure): Promise<string> {
    if (!/^[0-9A-Za-z-]{1,64}$/.test(jobUuid)) throw new UnsafeEslCommand('a Job-UUID is letters, digits and dashes');
    if (this.jobs.has(jobUuid)) throw new UnsafeEslCommand(`a job ${jobUuid} is under way already: use a fresh id`);
    if (this.jobs.size >= MAX_JOBS) throw new UnsafeEslCommand(`${MAX_JOBS} jobs are under way: wait for one to end`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.fail(jobUuid, late()), Math.max(0, timeoutMs));
      this.jobs.set(jobUuid, { timer, resolve, reject });
    });
  }

  /** Jobs of others, and of ours that were given up, are ignored. */
  end(event: EslEvent): void {
    const jobUuid = event.headers.get('Job-UUID');
    if (event.name === 'BACKGROUND_JOB' && jobUuid !== undefined) this.take(jobUuid)?.resolve(event.body);
  }

  fail(jobUuid: string, failure: EslFailure): void {
    this.take(jobUuid)?.reject(failure);
  }

  failAll(failure: EslFailure): void {
    for (const jobUuid of [...this.jobs.keys()]) this.fail(jobUuid, failure);
  }

  private take(jobUuid: string): Job | undefined {
    const job = this.jobs.get(jobUuid);
    if (job === undefined) return undefined;
    clearTimeout(job.timer);
    this.jobs.delete(jobUuid);
    return job;
  }
}
