import { randomUUID } from 'node:crypto';
import { Calls } from './calls';
import { commonHeaders, type Identity, type Origin, type SwitchEvent } from './events';
import type { Faults } from './faults';
import type { Gateway } from './gateways';
import type { LabTime } from './lab-time';
import { locate } from './loaded-configuration';
import { MessageThread } from './message-thread';
import type { DatabaseAccess } from './options';
import type { Profile } from './profile';
import { VERSION } from './recorded';
import { Recovery } from './recovery';
import { Registrar } from './registrar';
import type { RowStore } from './rows/row-store';
import { ROW_AFTER_MS, RowTracker } from './rows/row-tracker';
import { MOST_TRIES, RETRY_EVERY_MS, WriteQueue } from './rows/write-queue';
import { uptimeInWords } from './uptime';

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

/** What a switch is given beside its profiles. */
export interface SwitchSetup {
  /** The shared database; null: there is none, and calls die with their process. */
  rows: RowStore | null;
  /** As `switch.conf` and the profiles name it. */
  database: DatabaseAccess | null;
  faults: Readonly<Faults>;
  gateways: readonly Gateway[];
  /** Addresses that a socket can be bound to on this machine. */
  ownAddresses: ReadonlySet<string>;
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
  readonly recovery: Recovery;
  readonly registrar: Registrar;
  /** Rows of calls on their way to the database; null where there is none. */
  readonly writes: WriteQueue | null;
  readonly messages = new MessageThread();
  readonly variables = new Map<string, string>();
  /** The variables as they were when the XML was last read: what `xml_locate` shows. */
  private xmlVariables: ReadonlyMap<string, string> = new Map();
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
    private readonly setup: SwitchSetup,
  ) {
    const { rows, ownAddresses } = setup;
    this.startedAtMs = time.wallMs();
    this.writes = rows === null ? null : new WriteQueue(time, ROW_AFTER_MS);
    const writer = { coreUuid: this.coreUuid, switchname: identity.switchname };
    const tracker = rows === null || this.writes === null ? undefined : new RowTracker(rows, this.writes, writer);
    this.calls = new Calls(
      () => this.clockMs(),
      (profile) => this.mediaOf(profile),
      tracker,
    );
    this.recovery = new Recovery(this, rows, ownAddresses);
    this.registrar = new Registrar(this, rows, rows === null ? null : new WriteQueue(time, 0));
  }

  /** A process whose database is away, or lets it in no more, ends before it says a word (FACTS 3). */
  async openDatabase(): Promise<void> {
    await this.setup.rows?.ping();
    await this.setup.rows?.forgetNonces();
    this.registrar.start();
  }

  /** `show` reads the database and waits for it, as long as it takes. */
  async untilDatabaseAnswers(): Promise<void> {
    const { rows } = this.setup;
    for (let attempt = 1; rows !== null && attempt <= MOST_TRIES; attempt++) {
      const answered = await rows.ping().then(
        () => true,
        () => false,
      );
      if (answered) return;
      await new Promise<void>((resolve) => void this.time.after(RETRY_EVERY_MS, resolve));
    }
  }

  /** The process is gone: what it had not written is lost. */
  end(): void {
    this.writes?.close();
    this.registrar.stop();
    void this.setup.rows?.close();
  }

  get faults(): Readonly<Faults> {
    return this.setup.faults;
  }

  get gateways(): readonly Gateway[] {
    return this.setup.gateways;
  }

  /** The machine's clock, epoch milliseconds: what peers and events see. */
  clockMs(): number {
    return this.time.wallMs() - this.faults.clockBehindMs;
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
    this.scan(profile);
    profile.startedAtMs = this.time.wallMs();
    await this.host.openSip(profile);
    profile.running = true;
  }

  get hasDatabase(): boolean {
    return this.setup.database !== null;
  }

  /** Reads the XML of all files again; profiles follow it at their next scan only (FACTS 8.1). */
  readXml(): void {
    this.xmlVariables = new Map(this.variables);
  }

  /** What is loaded of one configuration file; null where there is none. */
  locateXml(file: string): string | null {
    const profiles = this.profiles.map(({ settings }) => settings);
    const { switchname: switchName } = this.identity;
    return locate(file, { switchName, database: this.setup.database, profiles }, this.xmlVariables);
  }

  /** Reads a profile's XML again, and all other XML with it. */
  scan(profile: Profile): void {
    this.readXml();
    profile.scan(this.variables);
    this.nudgeGateways();
  }

  setStandby(profile: Profile, standby: boolean): void {
    profile.standby = standby;
    this.nudgeGateways();
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
    const common = commonHeaders(name, subclass, identity, origin, this.sequence, this.clockMs());
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

  private nudgeGateways(): void {
    for (const gateway of this.gateways) gateway.standbyMayHaveEnded();
  }

  private mediaOf(profile: string): { localIp: string; advertisedIp: string } {
    const settings = this.profile(profile)?.settings;
    const fallback = this.identity.address;
    return { localIp: settings?.mediaIp ?? fallback, advertisedIp: settings?.publicAddress ?? fallback };
  }
}
