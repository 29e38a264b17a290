import { VERSION_HUMAN } from '../recorded';
import type { SoftSwitch } from '../softswitch';
import { splitUptime, uptimeInWords } from '../uptime';

/** Answered from memory: it works without the database. */
export function status(system: SoftSwitch): string {
  const { calls } = system;
  return [
    `UP ${uptimeInWords(system.uptimeMs)}`,
    `FreeSWITCH (Version ${VERSION_HUMAN}) is ${system.ready ? 'ready' : 'not ready'}`,
    `${calls.sinceStartup} session(s) since startup`,
    `${calls.sessions} session(s) - peak ${calls.peak}, last 5min ${calls.peak} `,
    `0 session(s) per Sec out of max ${system.sessionsPerSecond}, peak ${calls.peak}, last 5min ${calls.peak} `,
    `${system.maxSessions} session(s) max`,
    'min idle cpu 0.00/97.00',
    'Current Stack Size/Max 240K/8192K',
    '',
  ].join('\n');
}

/** `json {"command":"status","data":""}`; no other command is known to it. */
export function jsonStatus(system: SoftSwitch, args: string): string {
  const request = parse(args);
  if (request === null) return '-ERR Parse error.\n';
  if (request.command !== 'status') {
    const message = 'Invalid request or non-existant command';
    return `${JSON.stringify({ ...request, status: 'error', message, response: null })}\n`;
  }
  const { calls } = system;
  const response = {
    systemStatus: system.ready ? 'ready' : 'not ready',
    uptime: splitUptime(system.uptimeMs),
    version: VERSION_HUMAN,
    sessions: {
      count: {
        total: calls.sinceStartup,
        active: calls.sessions,
        peak: calls.peak,
        peak5Min: calls.peak,
        limit: system.maxSessions,
      },
      rate: { current: 0, max: system.sessionsPerSecond, peak: calls.peak, peak5Min: calls.peak },
    },
    idleCPU: { used: 0, allowed: 97 },
    stackSizeKB: { current: 240, max: 8192 },
  };
  return `${JSON.stringify({ ...request, status: 'success', response })}\n`;
}

function parse(text: string): { command?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
