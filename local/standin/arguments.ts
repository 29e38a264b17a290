import * as fs from 'node:fs';
import { parseArgs } from 'node:util';
import { assertLoopback } from '../loopback-addresses';
import {
  type DatabaseAccess,
  DEFAULTS,
  type GatewayOption,
  type SipBinding,
  STANDBY_SETTINGS,
  type StandbySetting,
  type StandInOptions,
} from './options';

const USAGE =
  'usage: main --name NAME --management ADDR --esl-port N --password-file F ' +
  '--sip VIP=ADDR:PORT/PROFILE[,PROFILE][@PUBLIC][~SERVICE] … [--switch-name NAME] ' +
  '[--database HOST:PORT/NAME/USER --database-password-file F] [--gateway PROFILE/NAME …] ' +
  '[--standby unless-promoted|true|absent]';

/**
 * Reads the command line of `main.ts`. The password comes from a file, so that it never shows in a process list.
 * @throws Error that names the argument and what would be right.
 */
export function parseArguments(argv: readonly string[]): StandInOptions {
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    options: {
      name: { type: 'string' },
      management: { type: 'string' },
      'esl-port': { type: 'string', default: '8021' },
      'password-file': { type: 'string' },
      sip: { type: 'string', multiple: true, default: [] },
      'time-scale': { type: 'string', default: String(DEFAULTS.timeScale) },
      'sip-after-ms': { type: 'string', default: String(DEFAULTS.sipAfterMs) },
      'esl-after-ms': { type: 'string', default: String(DEFAULTS.eslAfterMs) },
      'heartbeat-ms': { type: 'string', default: String(DEFAULTS.heartbeatMs) },
      calls: { type: 'string', default: '0' },
      'switch-name': { type: 'string' },
      database: { type: 'string' },
      'database-password-file': { type: 'string' },
      gateway: { type: 'string', multiple: true, default: [] },
      'reg-threads': { type: 'string', default: String(DEFAULTS.regThreads) },
      'clock-behind-ms': { type: 'string', default: '0' },
      standby: { type: 'string', default: DEFAULTS.standby },
    },
  });
  const management = required('--management', values.management);
  assertLoopback(management);
  const name = required('--name', values.name);
  return {
    ...DEFAULTS,
    name,
    switchName: values['switch-name'] ?? name,
    management,
    eslPort: numberOf('--esl-port', values['esl-port']),
    password: secretOf('--password-file', values['password-file']),
    sip: values.sip.map(parseSipBinding),
    timeScale: numberOf('--time-scale', values['time-scale']),
    sipAfterMs: numberOf('--sip-after-ms', values['sip-after-ms']),
    eslAfterMs: numberOf('--esl-after-ms', values['esl-after-ms']),
    heartbeatMs: numberOf('--heartbeat-ms', values['heartbeat-ms']),
    calls: numberOf('--calls', values.calls),
    database: values.database === undefined ? null : databaseOf(values.database, values['database-password-file']),
    gateways: values.gateway.map(parseGateway),
    regThreads: values['reg-threads'] === 'true',
    clockBehindMs: numberOf('--clock-behind-ms', values['clock-behind-ms']),
    standby: standbyOf(values.standby),
  };
}

/** @throws Error unless the text is `VIP=ADDR:PORT/PROFILE[,PROFILE][@PUBLIC][~SERVICE]`, as `SipBinding` explains. */
export function parseSipBinding(text: string): SipBinding {
  const match = /^([^=]+)=([0-9.]+):(\d+)\/([^/@~]+)(?:@([0-9.]+))?(?:~([0-9.]+))?$/.exec(text);
  const [, vip, address, port, profiles, publicAddress, serviceAddress] = match ?? [];
  if (vip === undefined || address === undefined || port === undefined || profiles === undefined) {
    throw new Error(
      `--sip ${text}: write VIP=ADDR:PORT/PROFILE[,PROFILE][@PUBLIC], for example main=127.64.0.20:5060/external`,
    );
  }
  assertLoopback(address);
  return {
    ...{ vip, address, port: Number(port), profiles: profiles.split(',') },
    ...(publicAddress === undefined ? {} : { publicAddress }),
    ...(serviceAddress === undefined ? {} : { serviceAddress }),
  };
}

/** Where the secrets of a process are; nothing of them is in its arguments. */
export interface SecretFiles {
  password: string;
  databasePassword: string;
}

/** The other direction: what the parent passes to the process. */
export function formatArguments(options: Omit<StandInOptions, 'password'>, files: SecretFiles): string[] {
  const { database } = options;
  return [
    ...['--name', options.name, '--management', options.management, '--esl-port', String(options.eslPort)],
    ...['--password-file', files.password, '--time-scale', String(options.timeScale)],
    ...['--sip-after-ms', String(options.sipAfterMs), '--esl-after-ms', String(options.eslAfterMs)],
    ...['--heartbeat-ms', String(options.heartbeatMs), '--calls', String(options.calls)],
    ...['--switch-name', options.switchName, '--reg-threads', String(options.regThreads)],
    ...['--clock-behind-ms', String(options.clockBehindMs), '--standby', options.standby],
    ...options.sip.flatMap((sip) => ['--sip', formatSipBinding(sip)]),
    ...options.gateways.flatMap(({ profile, name }) => ['--gateway', `${profile}/${name}`]),
    ...(database === null ? [] : ['--database', formatDatabase(database)]),
    ...(database === null ? [] : ['--database-password-file', files.databasePassword]),
  ];
}

export function formatSipBinding({ vip, address, port, profiles, ...addresses }: SipBinding): string {
  const told = addresses.publicAddress === undefined ? '' : `@${addresses.publicAddress}`;
  const service = addresses.serviceAddress === undefined ? '' : `~${addresses.serviceAddress}`;
  return `${vip}=${address}:${port}/${profiles.join(',')}${told}${service}`;
}

const formatDatabase = ({ host, port, name, user }: DatabaseAccess): string => `${host}:${port}/${name}/${user}`;

function databaseOf(text: string, passwordFile: string | undefined): DatabaseAccess {
  const [, host, port, name, user] = /^([^:/]+):(\d+)\/([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (host === undefined || name === undefined || user === undefined) {
    throw new Error(`--database ${text}: write HOST:PORT/NAME/USER`);
  }
  const password = secretOf('--database-password-file', passwordFile);
  return { host, port: Number(port), name, user, password };
}

function parseGateway(text: string): GatewayOption {
  const [, profile, name] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (profile === undefined || name === undefined) throw new Error(`--gateway ${text}: write PROFILE/NAME`);
  return { profile, name };
}

function standbyOf(text: string): StandbySetting {
  const found = STANDBY_SETTINGS.find((setting) => setting === text);
  if (found === undefined) throw new Error(`--standby ${text}: write one of ${STANDBY_SETTINGS.join(', ')}`);
  return found;
}

const secretOf = (name: string, file: string | undefined): string =>
  fs.readFileSync(required(name, file), 'utf8').trim();

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new Error(`${name} is missing; ${USAGE}`);
  return value;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new Error(`${name} ${text}: give a number, zero or more`);
  }
  return value;
}
