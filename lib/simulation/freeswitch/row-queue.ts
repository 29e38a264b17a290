/**
 * Statements of one process, in order: queued while the database does not take them, done once it does (FACTS 7.5 and
 * 8.4), lost with the process.
 */
export interface RowQueueDeps {
  /** Whether a statement would be done now. */
  canWrite: () => boolean;
  /** Calls back unless the process has ended. */
  later: (delayMs: number, action: () => void) => void;
}

const TRY_AGAIN_MS = 1_000;

export class RowQueue {
  private waiting: (() => void)[] = [];
  private retrying = false;

  constructor(private readonly deps: RowQueueDeps) {}

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  push(statement: () => void): void {
    this.waiting.push(statement);
    this.flush();
  }

  private flush(): void {
    if (this.deps.canWrite()) {
      for (const statement of this.waiting.splice(0)) statement();
    } else if (!this.retrying) {
      this.retrying = true;
      this.deps.later(TRY_AGAIN_MS, () => {
        this.retrying = false;
        this.flush();
      });
    }
  }
}
