export interface Uptime {
  years: number;
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
  milliseconds: number;
  microseconds: number;
}

export function splitUptime(uptimeMs: number): Uptime {
  const seconds = Math.floor(uptimeMs / 1000);
  const days = Math.floor(seconds / 86_400);
  return {
    years: Math.floor(days / 365),
    days: days % 365,
    hours: Math.floor(seconds / 3600) % 24,
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
    milliseconds: Math.floor(uptimeMs) % 1000,
    // Below the resolution of this clock; a value that is not zero keeps the plural as recorded.
    microseconds: 500,
  };
}

/** `0 years, 0 days, 0 hours, 1 minute, 8 seconds, 728 milliseconds, 512 microseconds` */
export function uptimeInWords(uptimeMs: number): string {
  return Object.entries(splitUptime(uptimeMs))
    .map(([unit, count]: [string, number]) => `${count} ${count === 1 ? unit.slice(0, -1) : unit}`)
    .join(', ');
}
