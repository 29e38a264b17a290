import type { EslFailure } from './failure';

/** `api` is answered with api/response, whose body counts; `event` and `bgapi` with command/reply, whose text does. */
export type ReplyKind = 'api' | 'command';

interface Waiting {
  kind: ReplyKind;
  timer: NodeJS.Timeout;
  resolve: (reply: string) => void;
  reject: (failure: EslFailure) => void;
}

/** Commands of one connection that wait for their replies, in the order in which they were sent: replies carry no id. */
export class ReplyQueue {
  private readonly waiting: Waiting[] = [];

  /** @param late called when the reply does not come in time: it must end the connection, and with it this queue */
  wait(kind: ReplyKind, timeoutMs: number, late: () => void): Promise<string> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ kind, timer: setTimeout(late, Math.max(0, timeoutMs)), resolve, reject });
    });
  }

  /** What kind of reply must come next; null when none may. */
  get next(): ReplyKind | null {
    return this.waiting[0]?.kind ?? null;
  }

  answer(reply: string): void {
    const first = this.waiting.shift();
    clearTimeout(first?.timer);
    first?.resolve(reply);
  }

  failAll(failure: EslFailure): void {
    for (const { timer, reject } of this.waiting.splice(0)) {
      clearTimeout(timer);
      reject(failure);
    }
  }
}
