/**
 * The one thread in which FreeSWITCH handles OPTIONS and (by default) REGISTER of all profiles: one REGISTER that waits
 * for a frozen database silences OPTIONS everywhere (FACTS 8.6). INVITEs have threads of their own.
 */
export class MessageThread {
  private tail: Promise<void> | null = null;

  /** Runs at once when nothing is before it. */
  run(work: () => void | Promise<void>): void {
    if (this.tail === null) {
      const outcome = work();
      if (outcome !== undefined) this.follow(outcome);
      return;
    }
    this.follow(this.tail.then(work));
  }

  private follow(work: Promise<void>): void {
    const tail = work
      .catch(() => undefined)
      .then(() => {
        if (this.tail === tail) this.tail = null;
      });
    this.tail = tail;
  }
}
