import type { StandbySetting } from './options';

/** What the XML says of one sofia profile. */
export interface ProfileSettings {
  name: string;
  vip: string;
  /** Where the UDP socket is. */
  bind: { address: string; port: number };
  /** `sip-ip` as `sofia status profile` prints it. */
  sipIp: string;
  /** `rtp-ip`: what recovery rows carry and a recovered leg binds. */
  mediaIp: string;
  /** `ext-sip-ip`: what peers are told. */
  publicAddress: string;
  publicPort: number;
  standby: StandbySetting;
  respond503OnBusy: boolean;
  /** `inbound-reg-in-new-thread`, with threads to spare. */
  regThreads: boolean;
  realm: string;
}

/** The variable that the product sets to `-no` to promote a VIP. FreeSWITCH expands it in the XML at each scan. */
export const promotedVariable = (vip: string): string => `promoted_${vip.replaceAll('-', '_')}`;

/** A sofia profile at run time. The standby flag is set at start and rescan only, as FACTS 8.1 lists. */
export class Profile {
  running = false;
  standby = false;
  startedAtMs = 0;

  constructor(readonly settings: ProfileSettings) {}

  get name(): string {
    return this.settings.name;
  }

  /**
   * Reads the XML again. Only `-no` was seen to end the standby, so only that does here: a client that writes
   * something else shall notice in a test and not on a switch.
   */
  scan(variables: ReadonlyMap<string, string>): void {
    const setting = this.settings.standby;
    if (setting === 'true') this.standby = true;
    if (setting === 'unless-promoted') this.standby = variables.get(promotedVariable(this.settings.vip)) !== '-no';
  }

  /** `sip:mod_sofia@ADDR:PORT`, as `sofia status` prints it. */
  get url(): string {
    return `sip:mod_sofia@${this.settings.publicAddress}:${this.settings.publicPort}`;
  }
}
