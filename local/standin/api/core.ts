import { type Command, words } from './command';
import { VERSION, VERSION_REVISION, VERSION_SHORT } from '../recorded';
import type { SoftSwitch } from '../softswitch';

/** Causes that `hupall` knows here; FreeSWITCH takes a word it does not know for NORMAL_CLEARING. */
const CAUSES = new Set(['NORMAL_CLEARING', 'MANAGER_REQUEST', 'SYSTEM_SHUTDOWN', 'USER_BUSY', 'NO_ANSWER']);

export const coreCommands: Record<string, Command> = {
  uptime: (system, args) => `${args === 'ms' ? system.uptimeMs : Math.floor(system.uptimeMs / 1000)}\n`,
  version: (_, args) =>
    args === 'short' ? `${VERSION_SHORT}\n` : `FreeSWITCH Version ${VERSION} (${VERSION_REVISION})\n`,
  switchname: (system) => system.identity.switchname,
  hostname: (system) => system.identity.hostname,
  strepoch: (system) => String(Math.floor(system.clockMs() / 1000)),
  module_exists: (system, args) => String(isLoaded(system, args)),
  load: () => '+OK Reloading XML\n-ERR [module load file routine returned an error]\n',
  reloadxml: reloadXml,
  xml_locate: locateXml,
  uuid_kill: hangUpOne,
  originate: (system) => (system.paused.outbound ? '-ERR DESTINATION_OUT_OF_ORDER\n' : '-ERR CHAN_NOT_IMPLEMENTED\n'),
  global_getvar: getVariable,
  global_setvar: setVariable,
  hupall: hangUpAll,
  sofia_contact: (system, args) => system.registrar.contact(args),
};

const LOADED_MODULES = new Set(['mod_sofia', 'mod_event_socket', 'mod_commands', 'mod_dptools', 'mod_loopback']);

/** FreeSWITCH's core opens PostgreSQL through this module alone (FACTS 7.4). */
const isLoaded = (system: SoftSwitch, name: string): boolean =>
  LOADED_MODULES.has(name) || (name === 'mod_pgsql' && system.hasDatabase);

function reloadXml(system: SoftSwitch): string {
  system.readXml();
  return '+OK [Success]\n';
}

/** `SECTION TAG ATTRIBUTE VALUE`; here only the section `configuration` is known. */
function locateXml(system: SoftSwitch, args: string): string {
  const [section, tag, attribute, value = ''] = words(args);
  const file = section === 'configuration' && tag === 'configuration' && attribute === 'name' ? value : '';
  return system.locateXml(file) ?? "can't find anything\n";
}

function getVariable(system: SoftSwitch, name: string): string {
  const builtIn: Record<string, string> = {
    hostname: system.identity.hostname,
    local_ip_v4: system.identity.address,
    core_uuid: system.coreUuid,
  };
  return builtIn[name] ?? system.variables.get(name) ?? '';
}

/** `name=value`; an empty value removes the variable. No newline after the reply. */
function setVariable(system: SoftSwitch, args: string): string {
  const equals = args.indexOf('=');
  if (equals < 1) return '-USAGE: <var>=<value> [=<value2>]\n';
  const name = args.slice(0, equals);
  const value = args.slice(equals + 1);
  if (value === '') system.variables.delete(name);
  else system.variables.set(name, value);
  return '+OK';
}

/** One leg, and with it the one that it is bridged with. */
function hangUpOne(system: SoftSwitch, args: string): string {
  const [uuid = ''] = words(args);
  if (system.calls.find(uuid) === null) return '-ERR No such channel!\n';
  system.calls.end(uuid);
  return '+OK\n';
}

function hangUpAll(system: SoftSwitch, args: string): string {
  const [asked, variable, value] = words(args);
  const cause = asked === undefined ? 'MANAGER_REQUEST' : CAUSES.has(asked) ? asked : 'NORMAL_CLEARING';
  if (variable !== undefined) {
    // No call here carries channel variables, so nothing ever matches.
    return `+OK hangup all channels matching [${variable}]=[${value ?? ''}] with cause: ${cause}\n`;
  }
  system.calls.endAll();
  return `+OK hangup all channels with cause ${cause}\n`;
}
