/** The address of one VIP on this node. The first profile listens on `port`, each further one on the next port. */
export interface SipBinding {
  vip: string;
  address: string;
  port: number;
  profiles: string[];
  /** What peers are told (`ext-sip-ip`); the bound address when absent. */
  publicAddress?: string;
  /**
   * The address that SIP and RTP would be bound to on every node (FACTS 7.3, way A): recovery rows carry it. Nothing
   * is bound to it here. The bound address when absent, and then another node cannot recover the calls.
   */
  serviceAddress?: string;
}

/** The shared database, and the node's own role in it. */
export interface DatabaseAccess {
  host: string;
  port: number;
  name: string;
  user: string;
  password: string;
}

/** A gateway that registers outward from one profile. */
export interface GatewayOption {
  profile: string;
  name: string;
}

/** Everything that distinguishes one stand-in from another. Durations in milliseconds, times `timeScale`. */
export interface StandInOptions {
  name: string;
  /** What rows and events call the node. */
  switchName: string;
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
  /** null: none, and calls die with their process. */
  database: DatabaseAccess | null;
  gateways: GatewayOption[];
  /** `inbound-reg-in-new-thread` with enough threads, as our configuration has it. */
  regThreads: boolean;
  /** How far the machine's clock is behind. */
  clockBehindMs: number;
}

/**
 * `unless-promoted` is the product's `profile-standby="true$${promoted_<vip>}"`, `true` a plain value. `absent`: the
 * profile serves from its start, and what promotes it elsewhere sets a variable that nothing reads.
 */
export const STANDBY_SETTINGS = ['unless-promoted', 'true', 'absent'] as const;
export type StandbySetting = (typeof STANDBY_SETTINGS)[number];

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
  database: null,
  gateways: [],
  regThreads: true,
  clockBehindMs: 0,
} as const satisfies Partial<StandInOptions>;
