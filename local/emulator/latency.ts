/**
 * Latencies of the AWS API for the emulator, which answers in a millisecond or two by itself. What is added to a call
 * is drawn from a log-normal distribution: no call is faster than physics, some are much slower than most.
 */
export interface Latency {
  medianMs: number;
  /** Standard deviation of the logarithm: p99 is about median * exp(2.33 * sigma). 0 is constant. */
  sigma: number;
  /** Where the value comes from. */
  source: string;
}

export interface LatencyProfile {
  /** By `service:Action`, then by `service:*`, then `*`. A call without an entry is not delayed. */
  calls: Readonly<Record<string, Latency>>;
  /** How often a stream is read for its function, milliseconds. */
  streamReadMs: number;
  seed: number;
}

const ESTIMATE = 'estimate, from calls inside one region; no figure is published';

/**
 * A region on an ordinary day. AWS publishes hardly any latency, so most are estimates and marked so; the bench prints
 * them beside its results.
 */
export const realisticLatencies: LatencyProfile = {
  seed: 1,
  // "Lambda polls shards in your DynamoDB stream for records at a base rate of four times per second."
  // https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
  streamReadMs: 250,
  calls: {
    'dynamodb:*': {
      medianMs: 5,
      sigma: 0.5,
      source:
        '"consistent single-digit millisecond performance", https://aws.amazon.com/dynamodb/; spread: an estimate',
    },
    'dynamodb:TransactWriteItems': {
      medianMs: 18,
      sigma: 0.5,
      source: `two phases over all items, so several times a single write; ${ESTIMATE}`,
    },
    'dynamodb:Query': { medianMs: 8, sigma: 0.5, source: ESTIMATE },
    'ec2:*': { medianMs: 180, sigma: 0.45, source: ESTIMATE },
    'ec2:AssociateAddress': { medianMs: 450, sigma: 0.4, source: ESTIMATE },
    'ec2:DisassociateAddress': { medianMs: 400, sigma: 0.4, source: ESTIMATE },
    'ec2:StopInstances': { medianMs: 400, sigma: 0.4, source: ESTIMATE },
    'ec2:StartInstances': { medianMs: 450, sigma: 0.4, source: ESTIMATE },
    'route53:*': { medianMs: 110, sigma: 0.4, source: ESTIMATE },
    'route53:ChangeResourceRecordSets': {
      medianMs: 220,
      sigma: 0.45,
      // Changes reach all name servers within 60 s (API_ChangeResourceRecordSets); this is the call alone.
      source: ESTIMATE,
    },
    'lambda:Invoke': { medianMs: 25, sigma: 0.5, source: `on top of the function's own time; ${ESTIMATE}` },
    'sns:Publish': { medianMs: 30, sigma: 0.5, source: ESTIMATE },
    'secretsmanager:*': { medianMs: 15, sigma: 0.5, source: ESTIMATE },
    'sqs:*': { medianMs: 12, sigma: 0.5, source: ESTIMATE },
    'monitoring:*': { medianMs: 30, sigma: 0.5, source: ESTIMATE },
    'logs:*': { medianMs: 30, sigma: 0.5, source: ESTIMATE },
  },
};

/** How long to hold a call before it is forwarded, milliseconds. `next` is uniform in [0, 1). */
export function latencyOf(profile: LatencyProfile, service: string, action: string, next: () => number): number {
  const entry = profile.calls[`${service}:${action}`] ?? profile.calls[`${service}:*`] ?? profile.calls['*'];
  if (entry === undefined) {
    return 0;
  }
  // Box-Muller; 1 - next() is never 0, whose logarithm there is none of.
  const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return entry.medianMs * Math.exp(entry.sigma * normal);
}

/** A small repeatable generator (mulberry32), uniform in [0, 1): the same seed gives the same latencies in order. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
