import type { ChildProcess } from 'node:child_process';
import type { ChildMessage, ControlAnswer, ControlRequest, ParentMessage } from './control';
import { FreeSwitchProcessError } from './freeswitch-process';

const REQUEST_TIMEOUT_MS = 3_000;

interface Waiting {
  resolve(answer: ControlAnswer): void;
  reject(error: Error): void;
}

/** The parent's end of the IPC channel to one stand-in process. */
export class ControlChannel {
  private nextId = 1;
  private readonly waiting = new Map<number, Waiting>();
  private bootResult: { resolve(): void; reject(error: Error): void } | null = null;
  private readonly booted: Promise<void>;

  constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
  ) {
    this.booted = new Promise((resolve, reject) => (this.bootResult = { resolve, reject }));
    this.booted.catch(() => undefined);
    child.on('message', (message: ChildMessage) => this.receive(message));
    child.once('error', (error) => this.failAll(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => this.failAll(`ended (${signal ?? `exit code ${code}`})`));
  }

  /** Resolves when SIP and ESL answer; rejects when the process ends or `timeoutMs` have passed before that. */
  async untilBooted(timeoutMs: number): Promise<void> {
    await withDeadline(this.booted, timeoutMs, `${this.name} did not boot within ${timeoutMs} ms`);
  }

  /** Rejects when the process is gone, frozen (thaw it first), or says that it could not. */
  async ask(request: ControlRequest): Promise<ControlAnswer> {
    const id = this.nextId++;
    const answer = new Promise<ControlAnswer>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    const message: ParentMessage = { id, request };
    this.child.send(message, (error) => {
      if (error !== null) this.settle(id)?.reject(new FreeSwitchProcessError(`${this.name}: ${error.message}`));
    });
    const late = `${this.name} did not answer "${request.ask}" within ${REQUEST_TIMEOUT_MS} ms: is it frozen?`;
    return withDeadline(answer, REQUEST_TIMEOUT_MS, late).finally(() => this.waiting.delete(id));
  }

  private receive(message: ChildMessage): void {
    switch (message.type) {
      case 'booted':
        this.bootResult?.resolve();
        break;
      case 'answer':
        this.settle(message.id)?.resolve(message.answer);
        break;
      case 'failed': {
        const error = new FreeSwitchProcessError(`${this.name}: ${message.error}${remedyFor(message.error)}`);
        if (message.id === null) this.bootResult?.reject(error);
        else this.settle(message.id)?.reject(error);
      }
    }
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private failAll(what: string): void {
    const error = new FreeSwitchProcessError(`${this.name} ${what}`);
    this.bootResult?.reject(error);
    for (const waiting of this.waiting.values()) waiting.reject(error);
    this.waiting.clear();
  }
}

/** Addresses of nodes are fixed, and FreeSWITCH's ports with them: two demos on one machine meet there. */
function remedyFor(error: string): string {
  if (!error.includes('EADDRINUSE')) return '';
  return ' (is another demo or end-to-end test running on this machine? Wait for its end, or end it)';
}

async function withDeadline<T>(work: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FreeSwitchProcessError(message)), timeoutMs);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
