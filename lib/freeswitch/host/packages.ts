import type { FreeSwitchVersion } from '../../config/model';

/** Packages that are no module: the switch and its command line. */
const CORE = ['freeswitch'] as const;

/**
 * The list for the script `packages`: the wanted version, then one package a line. The makers name a module's package
 * after it: `mod_event_socket` is in `freeswitch-mod-event-socket`.
 *
 * @param modules as modules.conf names them
 */
export function packageList(version: FreeSwitchVersion, modules: readonly string[]): string {
  const ofModules = modules.map((module) => `freeswitch-${module.replaceAll('_', '-')}`);
  return [version, ...new Set([...CORE, ...ofModules])].join('\n') + '\n';
}
