/** What lib/infra deploys, which the simulation may not import: a test holds these against its templates. */
import { lifetimeMs } from '../../operations/observe/observer-event';

export const TIMEOUT_MS = {
  observer: 900_000,
  failover: 120_000,
  registrar: 240_000,
  evidence: 20_000,
} as const;

export const OBSERVER_LIFETIME_MS = lifetimeMs(undefined, TIMEOUT_MS.observer);

/** What each zone's observer waits more than the one before it. */
export const STAGGER_MS = 3_000;

/** A record of the stream is tried once, and again so many times, while it is no older than that. */
export const STREAM_RETRIES = 3;
export const STREAM_RECORD_AGE_MS = 300_000;
