/** Sends again what UDP may have lost: after 0.5 s, 1, 2, 4, 4 … until it is stopped, for 32 s (RFC 3261, 17.1). */
const T1_MS = 500;
const T2_MS = 4_000;
const GIVE_UP_MS = 64 * T1_MS;

export class Retransmission {
  private timer: NodeJS.Timeout | undefined;

  /** Sends now. One thing at a time: an earlier one is stopped. */
  start(send: () => void, giveUp: () => void): void {
    this.stop();
    const endAtMs = performance.now() + GIVE_UP_MS;
    const again = (pauseMs: number): void => {
      this.timer = setTimeout(() => {
        if (performance.now() >= endAtMs) return giveUp();
        send();
        again(Math.min(2 * pauseMs, T2_MS));
      }, pauseMs);
    };
    send();
    again(T1_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
