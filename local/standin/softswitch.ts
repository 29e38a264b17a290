import { randomUUID } from 'node:crypto';
import { Calls } from './calls';
import { commonHeaders, type Identity, type Origin, type SwitchEvent } from './events';
import type { LabTime } from './lab-time';
import type { Profile } from './profile';
import { VERSION } from './recorded';

/** What a FreeSWITCH process asks of what surrounds it. */
export interface SwitchHost {
  openSip(profile: Profile): Promise<void>;
  closeSip(profile: Profile): void;
  /** New ESL connections are refused from now on. */
  closeEslListener(): void;
  /** Tells every ESL client that the system is being shut down, and closes its connection. */
  dismissEslClients(): void;
  /** The process is gone, at once and without another word. */
  exit(): void;
}

/** `draining-…` waits for the last call; `stopping` cannot be taken back. */
export type Lifecycle = 'up' | 'draining-elegant' | 'draining-asap' | 'stopping';

/** How long a profile must be up before it may be stopped or restarted. */
export const PROFILE_MINIMUM_UP_MS = 10_000;

/**
 * The state of one FreeSWITCH process from start to end: a restart makes a new one, with a new `coreUuid`, no
 * sessions and no variables, as FACTS 1 and 8.1 say.
 */
export class SoftSwitch {
  readonly coreUuid = randomUUID();
  readonly startedAtMs: number;
  readonly calls: Calls;
  readonly variables = new Map<string, string>();
  readonly paused = { inbound: false, outbound: false };
  lifecycle: Lifecycle = 'up';
  maxSessions = 1000;
  sessionsPerSecond = 200;
  private sequence = 400;
  private listeners = new Set<(event: SwitchEvent) => void>();

  constructor(
    readonly identity: Omit<Identity, 'coreUuid'>,
    readonly profiles: readonly Profile[],
    readonly time: LabTime,
    readonly host: SwitchHost,
  ) {
    this.startedAtMs = time.wallMs();
    this.calls = new Calls(() => time.wallMs());
  }

  /** `fsctl pause inbound` alone leaves a node ready (FACTS 4). */
  get ready(): boolean {
    return !(this.paused.inbound && this.paused.outbound);
  }

  get full(): boolean {
    return this.calls.sessions >= this.maxSessions;
  }

  get uptimeMs(): number {
    return this.time.wallMs() - this.startedAtMs;
  }

  get runningProfiles(): Profile[] {
    return this.profiles.filter((profile) => profile.running);
  }

  profile(name: string): Profile | null {
    return this.profiles.find((profile) => profile.name === name) ?? null;
  }

  /** Boots or starts one profile: the XML decides whether it is in standby. */
  async startProfile(profile: Profile): Promise<void> {
    profile.scan(this.variables);
    profile.startedAtMs = this.time.wallMs();
    await this.host.openSip(profile);
    profile.running = true;
  }

  onEvent(listener: (event: SwitchEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(
    name: string,
    origin: Origin,
    headers: readonly (readonly [string, string])[] = [],
    more: { subclass?: string; body?: string } = {},
  ): void {
    const subclass = more.subclass ?? null;
    const identity = { ...this.identity, coreUuid: this.coreUuid };
    this.sequence += 1;
    const common = commonHeaders(name, subclass, identity, origin, this.sequence, this.time.wallMs());
    const event: SwitchEvent = { name, subclass, headers: [...common, ...headers], body: more.body ?? null };
    for (const listener of this.listeners) listener(event);
  }

  /** FreeSWITCH says `System Ready` here even when it is paused. */
  heartbeat(): void {
    const { calls } = this;
    this.emit('HEARTBEAT', { file: 'switch_core.c', function: 'send_heartbeat', line: 95 }, [
      ['Event-Info', 'System Ready'],
      ['Up-Time', uptimeInWords(this.uptimeMs)],
      ['FreeSWITCH-Version', VERSION],
      ['Uptime-msec', String(this.uptimeMs)],
      ['Session-Count', String(calls.sessions)],
      ['Max-Sessions', String(this.maxSessions)],
      ['Session-Per-Sec', String(this.sessionsPerSecond)],
      ['Session-Per-Sec-Last', '0'],
      ['Session-Per-Sec-Max', String(calls.peak)],
      ['Session-Per-Sec-FiveMin', String(calls.peak)],
      ['Session-Since-Startup', String(calls.sinceStartup)],
      ['Session-Peak-Max', String(calls.peak)],
      ['Session-Peak-FiveMin', String(calls.peak)],
      ['Idle-CPU', '97.000000'],
    ]);
  }
}

export interface Uptime {
  years: number;
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
  milliseconds: number;
  microseconds: number;
}

export function splitUptime(uptimeMs: number): Uptime {
  const seconds = Math.floor(uptimeMs / 1000);
  const days = Math.floor(seconds / 86_400);
  return {
    years: Math.floor(days / 365),
    days: days % 365,
    hours: Math.floor(seconds / 3600) % 24,
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
    milliseconds: Math.floor(uptimeMs) % 1000,
    // Below the resolution of this clock; a value that is not zero keeps the plural as recorded.
    microseconds: 500,
  };
}

/** `0 years, 0 days, 0 hours, 1 minute, 8 seconds, 728 milliseconds, 512 microseconds` */
export function uptimeInWords(uptimeMs: number): string {
  return Object.entries(splitUptime(uptimeMs))
    .map(([unit, count]: [string, number]) => `${count} ${count === 1 ? unit.slice(0, -1) : unit}`)
    .join(', ');
}
