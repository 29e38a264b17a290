import * as fs from 'node:fs';
import { parseArgs } from 'node:util';
import { assertLoopback } from '../loopback-addresses';

/** The address of one VIP on this node. The first profile listens on `port`, each further one on the next port. */
export interface SipBinding {
  vip: string;
  address: string;
  port: number;
  profiles: string[];
  /** What peers are told (`ext-sip-ip`); the bound address when absent. */
  publicAddress?: string;
}

/** Everything that distinguishes one stand-in from another. Durations in milliseconds, times `timeScale`. */
export interface StandInOptions {
  /** `switchname`. */
  name: string;
  management: string;
  eslPort: number;
  password: string;
  sip: SipBinding[];
  hostname: string;
  timeScale: number;
  /** From start to the first SIP answer. A real one takes 1160 to 1190 (FACTS 3). */
  sipAfterMs: number;
  /** From start to the first ESL greeting. A real one takes 2560 to 2600 with PostgreSQL. */
  eslAfterMs: number;
  /** `event-heartbeat-interval`; FreeSWITCH's default is 20 s. Not scaled down below 1 ms. */
  heartbeatMs: number;
  /** Profile parameter `sip-options-respond-503-on-busy`. */
  respond503OnBusy: boolean;
  /** Where a profile's standby flag comes from at boot and at each rescan. */
  standby: StandbySetting;
  /** `challenge-realm` of every profile. */
  realm: string;
  /** Bridged calls that are up from the start, and such that are over already. */
  calls: number;
  endedCalls: number;
}

/** `unless-promoted` is the product's `profile-standby="true$${promoted_<vip>}"`; the others are plain values. */
export type StandbySetting = 'unless-promoted' | 'true' | 'absent';

export const REALISTIC_SIP_AFTER_MS = 1_180;
export const REALISTIC_ESL_AFTER_MS = 2_580;

export const DEFAULTS = {
  hostname: 'standin',
  timeScale: 1,
  sipAfterMs: 0,
  eslAfterMs: 0,
  heartbeatMs: 20_000,
  respond503OnBusy: true,
  standby: 'unless-promoted',
  realm: 'standin.invalid',
  calls: 0,
  endedCalls: 0,
} as const satisfies Partial<StandInOptions>;

const USAGE =
  'usage: main --name NAME --management ADDR --esl-port N --password-file F ' +
  '--sip VIP=ADDR:PORT/PROFILE[,PROFILE][@PUBLIC] …';

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
    },
  });
  const management = required('--management', values.management);
  assertLoopback(management);
  return {
    ...DEFAULTS,
    name: required('--name', values.name),
    management,
    eslPort: numberOf('--esl-port', values['esl-port']),
    password: fs.readFileSync(required('--password-file', values['password-file']), 'utf8').trim(),
    sip: values.sip.map(parseSipBinding),
    timeScale: numberOf('--time-scale', values['time-scale']),
    sipAfterMs: numberOf('--sip-after-ms', values['sip-after-ms']),
    eslAfterMs: numberOf('--esl-after-ms', values['esl-after-ms']),
    heartbeatMs: numberOf('--heartbeat-ms', values['heartbeat-ms']),
    calls: numberOf('--calls', values.calls),
  };
}

/** @throws Error unless the text is `VIP=ADDR:PORT/PROFILE[,PROFILE][@PUBLIC]`; PUBLIC is the address that peers are told. */
export function parseSipBinding(text: string): SipBinding {
  const match = /^([^=]+)=([0-9.]+):(\d+)\/([^/@]+)(?:@([0-9.]+))?$/.exec(text);
  const [, vip, address, port, profiles, publicAddress] = match ?? [];
  if (vip === undefined || address === undefined || port === undefined || profiles === undefined) {
    throw new Error(
      `--sip ${text}: write VIP=ADDR:PORT/PROFILE[,PROFILE][@PUBLIC], for example main=127.64.0.20:5060/external`,
    );
  }
  assertLoopback(address);
  const binding = { vip, address, port: Number(port), profiles: profiles.split(',') };
  return publicAddress === undefined ? binding : { ...binding, publicAddress };
}

/** The other direction: what the parent passes to the process. */
export function formatArguments(options: Omit<StandInOptions, 'password'>, passwordFile: string): string[] {
  return [
    ...['--name', options.name, '--management', options.management, '--esl-port', String(options.eslPort)],
    ...['--password-file', passwordFile, '--time-scale', String(options.timeScale)],
    ...['--sip-after-ms', String(options.sipAfterMs), '--esl-after-ms', String(options.eslAfterMs)],
    ...['--heartbeat-ms', String(options.heartbeatMs), '--calls', String(options.calls)],
    ...options.sip.flatMap((sip) => ['--sip', formatSipBinding(sip)]),
  ];
}

export function formatSipBinding({ vip, address, port, profiles, publicAddress }: SipBinding): string {
  const told = publicAddress === undefined ? '' : `@${publicAddress}`;
  return `${vip}=${address}:${port}/${profiles.join(',')}${told}`;
}

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
