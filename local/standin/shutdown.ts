import type { Origin } from './events';
import type { SoftSwitch } from './softswitch';

/** Measured in the recordings `esl-shutdown-*`, in milliseconds. */
const API_ORDER_TO_BEGIN = 470;
const SIGNAL_TO_BEGIN = 20;
const BEGIN_TO_PORTS_CLOSED = 600;
const BEGIN_TO_DISMISSAL = 750;
const BEGIN_TO_EXIT = 4_200;
const DRAIN_POLL = 500;

const SESSION_CONTROL: Origin = { file: 'switch_core.c', function: 'switch_core_session_ctl', line: 2825 };
const DESTROY: Origin = { file: 'switch_core.c', function: 'switch_core_destroy', line: 3033 };

/** `fsctl shutdown` and SIGTERM: hangs up every call, says goodbye, exits. Harmless when it has begun already. */
export function stopGracefully(system: SoftSwitch, origin: 'api' | 'signal' | 'drained'): void {
  if (system.lifecycle === 'stopping') return;
  system.lifecycle = 'stopping';
  const delay = { api: API_ORDER_TO_BEGIN, signal: SIGNAL_TO_BEGIN, drained: 0 }[origin];
  const { time, host } = system;
  time.after(delay, () => {
    system.calls.endAll();
    system.emit('SHUTDOWN', DESTROY, [['Event-Info', 'System Shutting Down']]);
    time.after(BEGIN_TO_PORTS_CLOSED, () => {
      host.closeEslListener();
      for (const profile of system.runningProfiles) host.closeSip(profile);
    });
    time.after(BEGIN_TO_DISMISSAL, () => host.dismissEslClients());
    const refusedBefore = system.writes?.refused ?? 0;
    time.after(BEGIN_TO_EXIT, () => void exitWhenWritten(system, refusedBefore));
  });
}

/**
 * A process that hangs up waits for its queue of statements: with a frozen database until the thaw, and when its role
 * was locked it was never seen to exit, not even after what waited had been written (FACTS 8.5).
 */
async function exitWhenWritten(system: SoftSwitch, refusedBefore: number): Promise<void> {
  await system.writes?.idle();
  if ((system.writes?.refused ?? 0) === refusedBefore) system.host.exit();
}

/**
 * `fsctl shutdown elegant` and `asap`: resolves with the reply when the last call is gone, or when someone cancels.
 * `asap` refuses new calls meanwhile, `elegant` goes on taking them.
 */
export function drain(system: SoftSwitch, mode: 'elegant' | 'asap'): Promise<string> {
  system.lifecycle = `draining-${mode}`;
  if (mode === 'asap') Object.assign(system.paused, { inbound: true, outbound: true });
  system.emit('SHUTDOWN_REQUESTED', SESSION_CONTROL, [['Event-Info', mode === 'asap' ? 'ASAP' : 'elegant']]);
  return new Promise((resolve) => {
    const look = (): void => {
      if (system.lifecycle === 'up') resolve('+OK\n');
      else if (system.calls.sessions === 0) {
        resolve('+OK\n');
        stopGracefully(system, 'drained');
      } else system.time.after(DRAIN_POLL, look);
    };
    system.time.after(DRAIN_POLL, look);
  });
}

/** Also ends a pause, whoever began it. */
export function cancelDrain(system: SoftSwitch): void {
  if (system.lifecycle === 'stopping') return;
  system.lifecycle = 'up';
  Object.assign(system.paused, { inbound: false, outbound: false });
}
