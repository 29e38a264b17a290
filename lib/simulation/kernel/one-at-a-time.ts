/** What is begun in one instant takes effect one after another, and each is looked at before the next begins. */
export class OneAtATime {
  private last: Promise<unknown> = Promise.resolve();

  /** Rejects as `work` does; the next one does not mind. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}
