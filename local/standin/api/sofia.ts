import { words } from './command';
import { gatewayDetails, profileDetails, profileList, xmlProfileDetails, xmlProfileList } from './sofia-text';
import type { Profile } from '../profile';
import { SOFIA_USAGE } from '../recorded';
import { PROFILE_MINIMUM_UP_MS, type SoftSwitch } from '../softswitch';

/** Measured in `esl-sofia-profile-stop-start-restart`, in milliseconds. */
const START_TAKES = 1_000;
const RESTART_TAKES = 3_100;
/** A stopped profile still answered in its first moment and was silent a second later. */
const STOP_TAKES = 500;

const FLUSHING = 'Flushing recovery database.\n';
const RELOADED = 'Reload XML [Success]\n';

/** `sofia …`: status, and what starts, stops, scans and recovers profiles (FACTS 2, 4, 7.2 and 8.1). */
export function sofia(system: SoftSwitch, args: string): string | Promise<string> {
  const [verb, ...rest] = words(args);
  switch (verb) {
    case 'status':
    case 'xmlstatus':
      return showStatus(system, verb, rest);
    case 'profile':
      return profileCommand(system, rest);
    case 'global':
      return globalStandby(system, rest);
    case 'recover':
      return recoverAll(system, rest[0] === 'flush');
    default:
      return SOFIA_USAGE;
  }
}

function showStatus(system: SoftSwitch, verb: 'status' | 'xmlstatus', [kind, name]: string[]): string {
  if (kind === undefined) return verb === 'status' ? profileList(system) : xmlProfileList(system);
  if (kind === 'gateway') return gatewayDetails(system, name ?? '') ?? 'Invalid Gateway!\n';
  const profile = system.profile(name ?? '');
  if (kind !== 'profile' || profile === null || !profile.running) return 'Invalid Profile!\n';
  return verb === 'status' ? profileDetails(profile, system.calls) : xmlProfileDetails(profile, system.calls);
}

function profileCommand(system: SoftSwitch, [name = '', verb, option]: string[]): string | Promise<string> {
  const profile = system.profile(name);
  if (verb === 'start') return start(system, name, profile);
  if (profile === null || !profile.running) return `Invalid Profile [${name}]`;
  switch (verb) {
    case 'stop':
      return tooYoung(system, profile) ?? stop(system, profile);
    case 'restart':
      return tooYoung(system, profile) ?? restart(system, profile);
    case 'rescan':
      system.scan(profile);
      return `${RELOADED}+OK scan complete\n`;
    case 'recover':
      return recover(system, profile, option === 'flush');
    default:
      return '-ERR Unknown command!\n';
  }
}

/** On a running profile this is a rescan, whatever the reply says. */
function start(system: SoftSwitch, name: string, profile: Profile | null): string | Promise<string> {
  if (profile === null) return `${RELOADED}Failure starting ${name}\n`;
  const reply = `${RELOADED}${name} started successfully\n`;
  if (profile.running) {
    system.scan(profile);
    return reply;
  }
  return new Promise((resolve, reject) => {
    system.time.after(START_TAKES, () => {
      system.startProfile(profile).then(() => {
        resolve(reply);
        // The reply goes out before the event.
        system.time.after(0, () => announceStart(system, profile));
      }, reject);
    });
  });
}

function stop(system: SoftSwitch, profile: Profile): string {
  profile.running = false;
  system.calls.endAll(profile.name);
  system.time.after(STOP_TAKES, () => {
    if (!profile.running) system.host.closeSip(profile);
  });
  return `${RELOADED}stopping: ${profile.name}`;
}

function restart(system: SoftSwitch, profile: Profile): string {
  stop(system, profile);
  system.time.after(RESTART_TAKES, () => {
    system.startProfile(profile).then(
      () => announceStart(system, profile),
      // The port is taken: the profile stays absent from `sofia status`, as FACTS 2 says.
      () => undefined,
    );
  });
  return `${RELOADED}restarting: ${profile.name}`;
}

function announceStart(system: SoftSwitch, profile: Profile): void {
  const headers = [
    ['module_name', 'mod_sofia'],
    ['profile_name', profile.name],
    ['profile_uri', profile.url],
  ] as const;
  const origin = { file: 'sofia.c', function: 'config_sofia', line: 6343 };
  system.emit('CUSTOM', origin, headers, { subclass: 'sofia::profile_start' });
}

function tooYoung(system: SoftSwitch, profile: Profile): string | null {
  const upMs = (system.time.wallMs() - profile.startedAtMs) / system.time.scale;
  if (upMs >= PROFILE_MINIMUM_UP_MS) return null;
  const wait = Math.ceil((PROFILE_MINIMUM_UP_MS - upMs) / 1000);
  return `Profile ${profile.name} must be up for at least 10 seconds to stop/restart.\nPlease wait ${wait} seconds\n`;
}

function globalStandby(system: SoftSwitch, [what, value]: string[]): string {
  if (what !== 'standby' || (value !== 'on' && value !== 'off')) return SOFIA_USAGE;
  for (const profile of system.profiles) system.setStandby(profile, value === 'on');
  return `+OK Global standby ${value}`;
}

/** Ends the standby of every profile, also with nothing to recover: why the product never uses it. */
async function recoverAll(system: SoftSwitch, flush: boolean): Promise<string> {
  let count = 0;
  for (const profile of system.runningProfiles) {
    system.setStandby(profile, false);
    if (flush) await system.recovery.flush(profile.name);
    else count += await system.recovery.recover(profile.name);
  }
  if (flush) return FLUSHING;
  const origin = { file: 'mod_sofia.c', function: 'sofia_function', line: count > 0 ? 4630 : 4638 };
  // The reply goes out before the event.
  system.time.after(0, () =>
    system.emit('CUSTOM', origin, [['recovered_calls', String(count)]], { subclass: 'sofia::recovery_recovered' }),
  );
  return count > 0 ? `Recovered ${count} call(s)\n` : 'No calls to recover.\n';
}

/** One profile: the standby ends first, also with nothing to recover. No event. */
async function recover(system: SoftSwitch, profile: Profile, flush: boolean): Promise<string> {
  system.setStandby(profile, false);
  if (flush) {
    await system.recovery.flush(profile.name);
    return FLUSHING;
  }
  const count = await system.recovery.recover(profile.name);
  return count > 0 ? `Recovered ${count} session(s)\n` : 'No sessions to recover.\n';
}
