import { PRESETS } from './presets';

/**
 * What holds where `understudy.yaml` says nothing, in the form a user would write it, and why.
 * What has no default (sources of calls, egress of nodes, pinned image, Elastic IP) is left out on purpose:
 * each costs money or opens a door, so somebody has to choose it.
 */
export const DEFAULTS = {
  /** FreeSWITCH's own event socket port (autoload_configs/event_socket.conf.xml). */
  eslPort: 8021,
  /** Room for a system, FreeSWITCH with sounds, and logs. Recordings belong elsewhere. */
  volumeGiB: 20,
  /** RFC 3261, section 19.1.2. */
  sipPort: 5060,
  /** RFC 3261, section 19.1.2. */
  sipTlsPort: 5061,
  /** `rtp-start-port` and `rtp-end-port` that FreeSWITCH uses when its switch.conf.xml names none. */
  rtpPorts: '16384-32768',
  sipProtocols: ['udp', 'tcp'],
  /** New calls by name reach the new holder within one TTL. Shorter only costs more queries. */
  dnsTtl: '5s',
  /** A candidate is there to be taken. */
  manualOnly: [],
  eslSecret: 'create',
  endpointsExist: false,
  database: {
    /** A database costs about 100 USD a month: somebody has to want its calls to survive. */
    source: 'none',
    /** Recovery rows of 400 legs are 5 MB (FACTS 3): memory and throughput are no question, being there is. */
    instanceClass: 'db.t4g.medium',
    /** The least that RDS makes. */
    storageGiB: 20,
    /** A database that dies with the holder's zone saves no call. */
    multiAz: true,
    backupDays: 7,
    name: 'freeswitch',
    /** PostgreSQL's own. */
    port: 5432,
  },
  freeswitch: {
    version: '1.11',
    /** What every carrier takes. */
    codecs: ['PCMU', 'PCMA'],
    /** A node of two cores is at its end with 500 bridged calls (FACTS 7.3). */
    maxSessions: 1_000,
    /** All calls of a full node within a few seconds: callers redial at once after an outage. */
    sessionsPerSecond: 200,
    modules: [],
    /** A package mirror that is away must not be what keeps a node from coming back. */
    install: 'image',
  },
  state: {
    /** The table holds no secrets: the key that AWS owns is free, a key of one's own costs 1 USD a month. */
    customerManagedKey: false,
    /** A table deleted by mistake is a cluster without fencing tokens. */
    deletionProtection: true,
  },
  policy: {
    preset: 'balanced',
    ...PRESETS.balanced,
    /** Unchanged observations are written only this often: 12 writes a minute for a zone and node. */
    heartbeat: '5s',
    /** Two heartbeats and a bit: one lost write must not take an observer's vote away. */
    freshFor: '12s',
    /** With ESL well and the shared database well (or none), SIP silence is the SIP stack's own. */
    sipStuckAction: 'failover',
    /** A promotion or a rescan may show `System Paused` for a moment; three seconds are no moment. */
    standbyHolderAfterMisses: 3,
    /** The survivor must carry what it takes over: one VIP a node is what everybody has sized for. */
    maxVipsPerNode: 1,
    /** Enough for a zone that dies, and an end to a wave that the control plane itself causes. */
    maxTransitionsInFlight: 10,
    /** Three candidates that die one after another are not bad luck. */
    maxRetargets: 3,
    /** Only a stopped instance is sure to stay silent, and a start moves it to other hardware. */
    stopFailedNode: true,
    /** A failover spends the standby: until the node is back, the next death is an outage. */
    restoreFailedNode: true,
    /** A start takes 2.6 s until ESL answers, with PostgreSQL (FACTS 3); the rest is for the supervisor. */
    restartGrace: '10s',
    /** RDS Multi-AZ fails over in one to two minutes. Callers without audio do not wait longer. */
    recoverFor: '2m',
    /** CSeq is half the seconds of the clock: a node 2 s behind begins to lose calls (FACTS 7.5). */
    maxClockBehind: '1s',
  },
} as const;

/** A majority of three survives the loss of one zone. Four survive no more, and cost more. */
const DEFAULT_OBSERVERS = 3;

/**
 * Zones for the observers where none are named: those of the nodes first, because a node is best watched from its own
 * zone too, then the region's letters in order.
 */
export function defaultObserverZones(region: string, nodeZones: readonly string[]): string[] {
  const letters = ['a', 'b', 'c', 'd'].map((letter) => `${region}${letter}`);
  return [...new Set([...nodeZones, ...letters])].slice(0, DEFAULT_OBSERVERS);
}
