/** The core of FreeSWITCH: limits, ports, the database, the modules. */
import type { ClusterConfig } from '../../config/model';
import type { RenderedFile } from './model';
import { addElement, configurationFile, settingsFile, variable, type Param } from './xml';

type Core = Pick<ClusterConfig, 'rtp' | 'database' | 'freeswitch'>;

export function switchFile({ rtp, database, freeswitch }: Core): RenderedFile {
  return settingsFile('switch', [
    {
      name: 'switchname',
      value: variable('node_id'),
      why: 'Recovery does not look at it; the hostname columns of rows and registrations hold it.',
    },
    ...(database.source === 'none' ? [] : databaseParams),
    {
      name: 'event-heartbeat-interval',
      value: 2,
      why: 'Seconds between HEARTBEAT events; 20 unless said, and these tell the core_uuid.',
    },
    {
      name: 'max-sessions',
      value: freeswitch.maxSessions,
      why: 'Neither limit stops the recovery of calls.',
    },
    { name: 'sessions-per-second', value: freeswitch.sessionsPerSecond },
    {
      name: 'rtp-start-port',
      value: rtp.fromPort,
      why: 'The same on all nodes: a recovered leg takes its old port again.',
    },
    { name: 'rtp-end-port', value: rtp.toPort },
    {
      name: 'rtp-port-usage-robustness',
      value: true,
      why: 'Recovered legs do not reserve their ports: without this, new calls take them and both lose their audio.',
    },
    {
      name: 'rtp-retain-crypto-keys',
      value: true,
      why: 'Keeps the keys of SRTP in the rows, without which an encrypted call cannot be recovered.',
    },
    { name: 'loglevel', value: 'info' },
  ]);
}

const databaseParams: readonly Param[] = [
  {
    name: 'core-db-dsn',
    value: variable('db_dsn'),
    why: 'The table of recovery rows is in the core database: in SQLite no other node would see them.',
  },
  { name: 'core-non-sqlite-db-required', value: true, why: 'No silent fallback to SQLite.' },
  {
    name: 'auto-create-schemas',
    value: false,
    why: 'The deployment made the tables; this role may not. On an empty database FreeSWITCH would spin.',
  },
  { name: 'max-db-handles', value: 50 },
  { name: 'db-handle-timeout', value: 10 },
];

const MODULES = [
  'mod_console',
  'mod_logfile',
  'mod_event_socket',
  'mod_sofia',
  'mod_loopback',
  'mod_commands',
  'mod_dptools',
  'mod_dialplan_xml',
  'mod_sndfile',
  'mod_tone_stream',
];
const DATABASE_MODULE = 'mod_pgsql';

/** Codecs that the core does not have, as they begin, without rate and frame. Others are for `modules` to bring. */
const CODEC_MODULES: Readonly<Record<string, string>> = {
  amr: 'mod_amr',
  'amr-wb': 'mod_amrwb',
  g722: 'mod_spandsp',
  g723: 'mod_g723_1',
  g729: 'mod_g729',
  gsm: 'mod_spandsp',
  ilbc: 'mod_ilbc',
  opus: 'mod_opus',
};

/** A codec that nobody loads is left out of every offer without a word, and with none left all calls get 488. */
const codecModules = (codecs: readonly string[]): string[] =>
  codecs.flatMap((codec) => CODEC_MODULES[codec.toLowerCase().replace(/[@.].*$/, '')] ?? []);

export function moduleFiles({ database, freeswitch }: Core): RenderedFile[] {
  const all = new Set([...MODULES, ...codecModules(freeswitch.codecs), ...freeswitch.modules]);
  all.delete(DATABASE_MODULE);
  return [
    // The driver must be there before the core database is opened.
    moduleFile('pre_load_modules', database.source === 'none' ? [] : [DATABASE_MODULE]),
    moduleFile('modules', [...all]),
    moduleFile('post_load_modules', []),
  ];
}

const moduleFile = (name: string, modules: readonly string[]): RenderedFile =>
  configurationFile(name, (root) => {
    const list = addElement(root, 'modules');
    for (const module of modules) addElement(list, 'load', { module });
  });
