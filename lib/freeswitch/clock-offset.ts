/**
 * How far a node's clock is from ours, out of a time that FreeSWITCH told in microseconds since 1970:
 * `Event-Date-Timestamp` of an event, or the reply to `strmicroepoch`. Negative is behind.
 *
 * Both are FreeSWITCH's own clock: it takes the system's time at its start (or at `fsctl sync_clock`) and goes on by
 * the monotonic clock. So a step of the system clock after the start does not show here, while the CSeq of a recovered
 * leg follows the system clock at once. Slewing, as time daemons do after the first step, moves both alike.
 * @param wallMs our wall clock when the time was told
 * @returns null when the text is no such time, for example because the peer does not know the command
 */
export function clockOffsetMs(microseconds: string | undefined, wallMs: number): number | null {
  const text = microseconds?.trim() ?? '';
  if (!/^\d{15,16}$/.test(text)) return null;
  return Math.round(Number(text) / 1000 - wallMs);
}
