/** Durations as people write them in `understudy.yaml`: a whole number and its unit, for example `400ms` or `10m`. */
import { UnderstudyError } from '../domain/errors';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** No fractions and no bare numbers: `5` could mean seconds or milliseconds, and nobody should have to guess. */
export const DURATION_PATTERN = /^(\d{1,9})(ms|s|m|h)$/;

/** Milliseconds of a duration whose form the schema has checked. Throws UnderstudyError for any other text. */
export function durationMs(text: string): number {
  const [, digits, unit] = DURATION_PATTERN.exec(text) ?? [];
  if (digits === undefined || unit === undefined) {
    throw new UnderstudyError(`${JSON.stringify(text)} is no duration: write a whole number and ms, s, m or h`);
  }
  return Number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** The shortest way to write a number of milliseconds, for messages: 12000 is `12s`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    if (ms > 0 && ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  }
  return `${ms}ms`;
}
