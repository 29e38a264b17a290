/**
 * Of what we subscribe to there is one a heartbeat, and one a job of anybody's on the node: some tens a second where it is
 * busy, with a result that is seldom over some KiB. Nobody honest sends more; a peer that does takes the time of the
 * probes of every other node.
 */
export const MAX_FRAMES_PER_SECOND = 500;
/** Four results of the largest size that is read. */
export const MAX_BYTES_PER_SECOND = 4 * 1024 * 1024;

/** Counts the frames of one connection that answer nothing: events, and what nobody asked for. */
export class Unanswering {
  private sinceMs = -Infinity;
  private frames = 0;
  private bytes = 0;

  /**
   * @param nowMs of a clock that never goes back
   * @returns why the connection must end; null while it may go on
   */
  count(bytes: number, nowMs: number): string | null {
    if (nowMs - this.sinceMs >= 1_000) {
      this.sinceMs = nowMs;
      this.frames = 0;
      this.bytes = 0;
    }
    this.frames += 1;
    this.bytes += bytes;
    if (this.frames <= MAX_FRAMES_PER_SECOND && this.bytes <= MAX_BYTES_PER_SECOND) return null;
    return `${this.frames} frames (${this.bytes} bytes) within a second that answer nothing`;
  }
}
