/** What users may replace by their own: console, log file, time zones. */
import type { RenderedFile } from './model';
import { addElement, addParams, configurationFile, Template } from './xml';

const LEVELS = 'console,info,notice,warning,err,crit,alert';
const LOG_BYTES = 100 * 1024 * 1024;

export const logFiles = (): RenderedFile[] => [
  configurationFile('console', (root) => {
    addElement(addElement(root, 'mappings'), 'map', { name: 'all', value: LEVELS });
    addParams(addElement(root, 'settings'), [{ name: 'loglevel', value: 'warning' }]);
  }),
  configurationFile('logfile', (root) => {
    addParams(addElement(root, 'settings'), [{ name: 'rotate-on-hup', value: true }]);
    const profile = addElement(addElement(root, 'profiles'), 'profile', { name: 'default' });
    addParams(addElement(profile, 'settings'), [
      { name: 'logfile', value: new Template('$${log_dir}/freeswitch.log') },
      { name: 'rollover', value: LOG_BYTES },
      { name: 'maximum-rotate', value: 10, why: 'A full disk would be the next failure.' },
    ]);
    addElement(addElement(profile, 'mappings'), 'map', { name: 'all', value: LEVELS });
  }),
  configurationFile('timezones', (root) => {
    addElement(addElement(root, 'timezones'), 'zone', { name: 'UTC', value: 'UTC0' });
  }),
];
