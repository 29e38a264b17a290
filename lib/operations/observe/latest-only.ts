/**
 * Work in the background that never overlaps itself: while it runs, only the newest of what is offered is kept. So a
 * slow store makes the observer write less often, never look less often, and never writes an older look over a newer.
 */
export class LatestOnly<T> {
  private running: Promise<void> | null = null;
  private waiting: { item: T } | null = null;

  /** `work` must not reject: it says itself what became of a failure. */
  constructor(private readonly work: (item: T) => Promise<void>) {}

  offer(item: T): void {
    this.waiting = { item };
    this.running ??= this.drain();
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async drain(): Promise<void> {
    try {
      while (this.waiting !== null) {
        const { item } = this.waiting;
        this.waiting = null;
        await this.work(item);
      }
    } finally {
      this.running = null;
    }
  }
}
