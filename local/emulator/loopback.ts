import { NotLoopback } from './errors';

/** Credentials that no real account knows. They are the emulator's root user; functions have their roles. */
export const TEST_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' } as const;
export const LOCAL_REGION = 'us-east-1';
/** The account that MiniStack gives to root credentials. */
export const LOCAL_ACCOUNT = '000000000000';

/** 127.0.0.0/8 in plain decimal, without leading zeros: other spellings of an address are refused, not interpreted. */
const LOOPBACK_V4 = /^127(?:\.(?:0|[1-9]\d{0,2})){3}$/;

/**
 * Refuses an endpoint whose host is not literally in 127.0.0.0/8 or `localhost`. Names are not looked up: a name that
 * resolves to loopback today may resolve to a real account's endpoint tomorrow.
 *
 * @throws NotLoopback naming the endpoint
 */
export function assertLoopbackEndpoint(endpoint: string): void {
  // The host as it was written, before the URL parser turns `0x7f.1` and the like into something harmless-looking; and
  // as the parser reads it, which is what a client would connect to. No user, no odd characters: none is ever needed.
  const written = /^https?:\/\/([a-z0-9.-]+)(?::\d+)?(?:\/[^\\@]*)?$/i.exec(endpoint)?.[1];
  const isLoopback = written !== undefined && isLoopbackHost(written) && URL.canParse(endpoint);
  if (!isLoopback || !isLoopbackHost(new URL(endpoint).hostname)) {
    throw new NotLoopback(
      `The local AWS may only be reached on 127.0.0.0/8 or localhost, not at ${JSON.stringify(endpoint)}. ` +
        'Unset AWS_ENDPOINT_URL and start again; nothing was sent.',
    );
  }
}

function isLoopbackHost(host: string): boolean {
  return host.toLowerCase() === 'localhost' || LOOPBACK_V4.test(host);
}

export interface LocalClientConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** SQS: stay at the endpoint (and so behind the proxy) instead of following the queue's URL. */
  useQueueUrlAsEndpoint: false;
  maxAttempts: number;
}

/**
 * Configuration for every AWS SDK client that local code makes: explicit endpoint, region and credentials, so that
 * nothing in the environment or in ~/.aws can lead to a real account.
 *
 * @throws NotLoopback when the endpoint is not on this machine
 */
export function awsClientConfig(emulator: { endpoint: string }): LocalClientConfig {
  assertLoopbackEndpoint(emulator.endpoint);
  return {
    endpoint: emulator.endpoint,
    region: LOCAL_REGION,
    credentials: { ...TEST_CREDENTIALS },
    useQueueUrlAsEndpoint: false,
    maxAttempts: 3,
  };
}
