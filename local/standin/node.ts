import { EslServer } from './esl-server';
import { type Faults, noFaults } from './faults';
import type { LabTime } from './lab-time';
import type { StandInOptions } from './options';
import { Profile, type ProfileSettings } from './profile';
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
  profiles: { name: string; vip: string; running: boolean; standby: boolean }[];
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
  ) {
    this.current = this.incarnate();
  }

  get system(): SoftSwitch {
    return this.current;
  }

  /** Resolves when SIP and ESL answer. Rejects when an address is missing or a port is taken. */
  async boot(): Promise<void> {
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
    await Promise.all(this.system.profiles.map((profile) => this.system.startProfile(profile)));
    await this.openEsl();
  }

  /** SIGTERM. */
  terminate(): void {
    stopGracefully(this.system, 'signal');
  }

  state(): StandInState {
    const { coreUuid, uptimeMs, calls, paused, profiles } = this.system;
    return {
      coreUuid,
      uptimeMs,
      sessions: calls.sessions,
      paused: { ...paused },
      profiles: profiles.map(({ name, running, standby, settings }) => ({ name, vip: settings.vip, running, standby })),
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
    const { hostname, name, management, calls, endedCalls } = this.options;
    const profiles = profileSettings(this.options).map((settings) => new Profile(settings));
    const system = new SoftSwitch({ hostname, switchname: name, address: management }, profiles, this.time, this);
    const first = profiles[0]?.name ?? 'external';
    system.calls.addBridged(endedCalls, first);
    system.calls.endAll();
    system.calls.addBridged(calls, first);
    return system;
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
      sipIp: binding.address,
      publicAddress: binding.publicAddress ?? binding.address,
      publicPort: binding.port + index,
      standby: options.standby,
      respond503OnBusy: options.respond503OnBusy,
      realm: options.realm,
    })),
  );
}
