import { ESTABLISHED_MS } from './calls';
import { EslServer } from './esl-server';
import { type Faults, noFaults } from './faults';
import type { CallOrder } from './freeswitch-process';
import { Gateway, type GatewayState } from './gateways';
import type { LabTime } from './lab-time';
import type { StandInOptions } from './options';
import { Profile, type ProfileSettings } from './profile';
import type { RecoveryCounters } from './recovery';
import type { RegistrarCounters } from './registrar';
import { PgRows } from './rows/pg-rows';
import type { RowStore } from './rows/row-store';
import { stopGracefully } from './shutdown';
import { SipEndpoint } from './sip-endpoint';
import { SoftSwitch, type SwitchHost } from './softswitch';

/** For how long the ports are closed when FreeSWITCH is restarted at once: unscaled milliseconds. */
const QUICK_RESTART_GAP_MS = 50;

/** What the stand-in says of itself to its parent. */
export interface StandInState {
  coreUuid: string;
  uptimeMs: number;
  sessions: number;
  paused: { inbound: boolean; outbound: boolean };
  profiles: ProfileState[];
  recovery: RecoveryCounters;
  /** Rows on their way to the database, and such that never got there; null without a database. */
  writes: { pending: number; lost: number } | null;
  registrations: RegistrarCounters;
  gateways: { profile: string; name: string; state: GatewayState }[];
}

export interface ProfileState {
  name: string;
  vip: string;
  running: boolean;
  standby: boolean;
  sessions: number;
  /** Sessions that were recovered without the leg they had talked to: signalling, and no audio. */
  silent: number;
}

/**
 * One FreeSWITCH on its addresses: boots, serves ESL and SIP, ends. A quick restart puts a new `SoftSwitch` on the
 * same addresses in the same process.
 */
export class StandInNode implements SwitchHost {
  readonly faults: Faults = noFaults();
  private current: SoftSwitch;
  private esl: EslServer | null = null;
  private readonly sip = new Map<string, SipEndpoint>();
  private cancelHeartbeat = (): void => undefined;

  constructor(
    private readonly options: StandInOptions,
    private readonly time: LabTime,
    private readonly onExit: () => void,
    /** A fresh way to the database for each incarnation: a dead process has no connections. */
    private readonly openRows: () => RowStore | null = () => rowsOf(options),
  ) {
    this.faults.clockBehindMs = options.clockBehindMs;
    this.current = this.incarnate();
  }

  get system(): SoftSwitch {
    return this.current;
  }

  /** Resolves when SIP and ESL answer. Rejects when an address is missing, a port is taken, the database is away. */
  async boot(): Promise<void> {
    await this.system.openDatabase();
    const { sipAfterMs, eslAfterMs } = this.options;
    await Promise.all([
      this.wait(sipAfterMs).then(() => Promise.all(this.system.profiles.map((p) => this.system.startProfile(p)))),
      this.wait(eslAfterMs).then(() => this.openEsl()),
    ]);
  }

  /** A restart that SIP and ESL miss for 50 ms only: new core_uuid, standby, connections dropped. */
  async quickRestart(): Promise<void> {
    this.exitSystem();
    await new Promise((resolve) => setTimeout(resolve, QUICK_RESTART_GAP_MS));
    this.current = this.incarnate();
    try {
      await this.system.openDatabase();
    } catch (error) {
      this.onExit();
      throw error;
    }
    await Promise.all(this.system.profiles.map((profile) => this.system.startProfile(profile)));
    await this.openEsl();
  }

  /** SIGTERM. */
  terminate(): void {
    stopGracefully(this.system, 'signal');
  }

  /** @throws Error when the order names a profile or a VIP that is not here. */
  placeCalls(count: number, order: CallOrder): void {
    const { profiles, calls } = this.system;
    const profile = profiles.find(
      ({ name, settings }) => name === (order.profile ?? name) && settings.vip === (order.vip ?? settings.vip),
    );
    if (profile === undefined) throw new Error(`there is no profile for ${JSON.stringify(order)}`);
    const { kind = 'bridged', peer = 'well', ageMs = ESTABLISHED_MS } = order;
    calls.place(count, { profile: profile.name, kind, peer, ageMs });
  }

  state(): StandInState {
    const { coreUuid, uptimeMs, calls, paused, profiles, recovery, writes, registrar, gateways } = this.system;
    const silent = recovery.silentLegs;
    return {
      coreUuid,
      uptimeMs,
      sessions: calls.sessions,
      paused: { ...paused },
      profiles: profiles.map(({ name, running, standby, settings }) => ({
        ...{ name, vip: settings.vip, running, standby },
        sessions: calls.legsOn(name),
        silent: silent.filter((leg) => leg.profile === name).length,
      })),
      recovery: { ...recovery.counters },
      writes: writes === null ? null : { pending: writes.pending, lost: writes.lost },
      registrations: { ...registrar.counters },
      gateways: gateways.map(({ profile, name, state }) => ({ profile: profile.name, name, state })),
    };
  }

  async openSip(profile: Profile): Promise<void> {
    // A profile that was stopped a moment ago may still have its port.
    this.closeSip(profile);
    this.sip.set(profile.name, await SipEndpoint.listen(profile, this.system, this.faults));
  }

  closeSip(profile: Profile): void {
    this.sip.get(profile.name)?.close();
    this.sip.delete(profile.name);
  }

  closeEslListener(): void {
    this.esl?.closeListener();
  }

  dismissEslClients(): void {
    this.esl?.dismissAll();
  }

  exit(): void {
    this.exitSystem();
    this.onExit();
  }

  private exitSystem(): void {
    this.cancelHeartbeat();
    this.system.end();
    for (const profile of this.system.profiles) this.closeSip(profile);
    this.esl?.cut();
    this.esl = null;
  }

  private async openEsl(): Promise<void> {
    const { management, eslPort, password } = this.options;
    this.esl = await EslServer.listen(management, eslPort, this.system, password, this.faults);
    this.beat();
  }

  /** On a schedule of its own, whoever subscribes when. */
  private beat(): void {
    const { system } = this;
    this.cancelHeartbeat = this.time.after(this.options.heartbeatMs, () => {
      system.heartbeat();
      this.beat();
    });
  }

  private incarnate(): SoftSwitch {
    const { hostname, switchName, management, calls, endedCalls } = this.options;
    const profiles = profileSettings(this.options).map((settings) => new Profile(settings));
    const identity = { hostname, switchname: switchName, address: management };
    const system = new SoftSwitch(identity, profiles, this.time, this, {
      rows: this.openRows(),
      database: this.options.database,
      faults: this.faults,
      gateways: this.gatewaysOf(profiles),
      ownAddresses: ownAddresses(this.options),
    });
    const profile = profiles[0]?.name ?? 'external';
    const order = { profile, kind: 'bridged', peer: 'well', ageMs: ESTABLISHED_MS } as const;
    system.calls.place(endedCalls, order);
    system.calls.endAll();
    system.calls.place(calls, order);
    return system;
  }

  private gatewaysOf(profiles: readonly Profile[]): Gateway[] {
    return this.options.gateways.map(({ profile: wanted, name }) => {
      const profile = profiles.find((one) => one.name === wanted);
      if (profile === undefined) throw new Error(`gateway ${name}: there is no profile ${wanted}`);
      return new Gateway(name, profile, this.time);
    });
  }

  private wait(delayMs: number): Promise<void> {
    return delayMs === 0 ? Promise.resolve() : new Promise((resolve) => void this.time.after(delayMs, resolve));
  }
}

function profileSettings(options: StandInOptions): ProfileSettings[] {
  return options.sip.flatMap((binding) =>
    binding.profiles.map((name, index) => ({
      name,
      vip: binding.vip,
      bind: { address: binding.address, port: binding.port + index },
      sipIp: binding.serviceAddress ?? binding.address,
      mediaIp: binding.serviceAddress ?? binding.address,
      publicAddress: binding.publicAddress ?? binding.address,
      publicPort: binding.port + index,
      standby: options.standby,
      respond503OnBusy: options.respond503OnBusy,
      regThreads: options.regThreads,
      realm: options.realm,
    })),
  );
}

const rowsOf = ({ database }: StandInOptions): RowStore | null => (database === null ? null : new PgRows(database));

function ownAddresses({ management, sip }: StandInOptions): Set<string> {
  return new Set([management, ...sip.flatMap(({ address, serviceAddress }) => [address, serviceAddress ?? address])]);
}
