export type Cancel = () => void;

/**
 * The stand-in's clock and timers. FreeSWITCH's own durations (boot, shutdown, profile restart) are given in the
 * milliseconds that were measured; `scale` makes them shorter where nobody wants to wait.
 */
export interface LabTime {
  /** Epoch milliseconds, never scaled. */
  wallMs(): number;
  /** Runs `action` once after `delayMs` times the scale. */
  after(delayMs: number, action: () => void): Cancel;
  readonly scale: number;
}

/** @throws RangeError for a scale that is not above zero. */
export function realTime(scale: number): LabTime {
  if (!(scale > 0)) throw new RangeError(`time scale ${scale}: give a number above 0, 1 is as recorded`);
  return {
    scale,
    wallMs: () => Date.now(),
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs * scale);
      return () => clearTimeout(timer);
    },
  };
}
