import { type Reply, words } from './command';
import { FSCTL_USAGE } from '../recorded';
import { cancelDrain, drain, stopGracefully } from '../shutdown';
import type { SoftSwitch } from '../softswitch';

/** `fsctl …`: pausing, limits and shutdown, with the replies of FACTS 2 and 4. */
export function fsctl(system: SoftSwitch, args: string): Reply | Promise<Reply> {
  const [verb, argument, ...rest] = words(args);
  switch (verb) {
    case undefined:
      return `-USAGE: ${FSCTL_USAGE}\n`;
    case 'pause':
      return setPaused(system, argument, true);
    case 'resume':
      return setPaused(system, argument, false);
    case 'pause_check':
      return String(isPaused(system, argument));
    case 'ready_check':
      return String(system.ready);
    case 'shutdown_check':
      // Not of a shutdown that has begun: the flag is that of `elegant` and `asap`.
      return String(system.lifecycle.startsWith('draining'));
    case 'max_sessions':
      system.maxSessions = limit(argument, system.maxSessions);
      return `+OK max sessions: ${system.maxSessions}\n`;
    case 'sps':
      system.sessionsPerSecond = limit(argument, system.sessionsPerSecond);
      return `+OK sessions per second: ${system.sessionsPerSecond}\n`;
    case 'last_sps':
      return '+OK last sessions per second: 0\n';
    case 'min_idle_cpu':
      return '+OK min idle cpu: DISABLED\n';
    case 'recover':
      return recover(system, argument);
    case 'hupall':
      system.calls.endAll();
      return '+OK\n';
    case 'crash':
      return exitNow(system);
    case 'shutdown':
      return rest.length > 0 ? invalid() : shutdown(system, argument);
    default:
      return invalid();
  }
}

function shutdown(system: SoftSwitch, mode: string | undefined): string | null | Promise<string> {
  switch (mode) {
    case undefined:
      stopGracefully(system, 'api');
      return '+OK\n';
    case 'now':
      return exitNow(system);
    case 'elegant':
    case 'asap':
      return drain(system, mode);
    case 'cancel':
      cancelDrain(system);
      return '+OK\n';
    default:
      return invalid();
  }
}

/** Calls are not hung up and nobody gets a reply: the connection just closes. */
function exitNow(system: SoftSwitch): null {
  system.host.exit();
  return null;
}

function setPaused(system: SoftSwitch, direction: string | undefined, paused: boolean): string {
  if (direction !== 'outbound') system.paused.inbound = paused;
  if (direction !== 'inbound') system.paused.outbound = paused;
  return '+OK\n';
}

/** Without a direction: paused both ways. */
function isPaused(system: SoftSwitch, direction: string | undefined): boolean {
  const { inbound, outbound } = system.paused;
  if (direction === 'inbound') return inbound;
  if (direction === 'outbound') return outbound;
  return inbound && outbound;
}

/**
 * `recover [TECHNOLOGY[:PROFILE]]`: the standby flag stays as it is (FACTS 8.1). `flush` says so and deletes nothing,
 * which is a bug of FreeSWITCH's (FACTS 7.2).
 */
async function recover(system: SoftSwitch, argument: string | undefined): Promise<string> {
  if (argument?.startsWith('flush') === true) return '+OK flushed\n';
  const [technology = 'sofia', profile = null] = argument?.split(':') ?? [];
  const count = technology === 'sofia' ? await system.recovery.recover(profile) : 0;
  return `+OK ${count} session(s) recovered in total\n`;
}

function limit(argument: string | undefined, current: number): number {
  const value = Number(argument);
  return argument !== undefined && Number.isInteger(value) && value > 0 ? value : current;
}

const invalid = (): string => `-ERR Invalid command\nUSAGE: fsctl ${FSCTL_USAGE}\n`;
