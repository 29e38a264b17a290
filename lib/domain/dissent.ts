/**
 * Silence proves nothing by itself: a path may lose packets for seconds. Where every configured observer gets no answer,
 * three independent paths would have to lose at once, and it counts; where one says otherwise or cannot speak, it has
 * to last. A refusal that SIP went with is a proof, and never waits. Pure.
 */

/** An observer that finds the holder unserved. */
export interface Agreement {
  zone: string;
  /** For how long it has got no answer, up to its last look: nobody knows of the time after. null: it was refused. */
  silentForMs: number | null;
}

export interface Electorate {
  /** Configured observers. */
  observers: number;
  /** A majority of them. */
  needed: number;
}

/** How long the silence must still last before a majority has known it for `holdMs`; 0 when it counts. */
export function holdLeftMs(agreeing: readonly Agreement[], { observers, needed }: Electorate, holdMs: number): number {
  if (agreeing.length >= observers) return 0;
  const leftMs = agreeing
    .map(({ silentForMs }) => (silentForMs === null ? 0 : holdMs - silentForMs))
    .sort((one, other) => one - other);
  return Math.max(0, leftMs[needed - 1] ?? Number.POSITIVE_INFINITY);
}
