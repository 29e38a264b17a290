import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { OutsideRefused } from '../domain/errors';
import type { Clock } from '../domain/ports';
import type { CallPolicy, OutsideCalls } from './call';
import type { ClientOverrides } from './clients';

/** Within the region, through an interface endpoint: tens of milliseconds. */
export const SECRET_POLICY: CallPolicy = {
  attemptTimeoutMs: 1_200,
  totalTimeoutMs: 3_000,
  maxAttempts: 3,
  backoffBaseMs: 50,
  backoffCapMs: 300,
};

/** A rotated password is noticed by being refused; this is for the rest. 0.05 USD are 10,000 reads. */
const KEEP_FOR_MS = 5 * 60_000;
/** A password that is simply wrong is refused at every probe: it must not become a read a second. */
const READ_AGAIN_NOT_BEFORE_MS = 15_000;

const CONNECTION_TIMEOUT_MS = 500;
const REQUEST_TIMEOUT_MS = 5_000;

/** One attempt each, as `clients.ts` does: `call.ts` counts the retries. */
export function secretsManagerClient(overrides: ClientOverrides = {}): SecretsManagerClient {
  const requestHandler = { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  return new SecretsManagerClient({ ...overrides, maxAttempts: 1, requestHandler });
}

export interface EslPasswordOptions {
  client: SecretsManagerClient;
  secretArn: string;
  calls: OutsideCalls;
  clock: Pick<Clock, 'monotonicMs'>;
}

/**
 * The ESL password, read from Secrets Manager and kept in memory. While Secrets Manager is away, slow or silent the last
 * known value goes on being used, at once: what watches a cluster has less time for a look than a read may take. Never
 * logged, never in an error.
 */
export class EslPassword {
  /** Known as of `askedAtMs`, when its read began. */
  private known: { value: string; askedAtMs: number; dropped: boolean } | null = null;
  private reading: { value: Promise<string>; begunAtMs: number } | null = null;

  constructor(private readonly options: EslPasswordOptions) {}

  /**
   * One that is merely old comes at once, and is read anew in the background; one that was refused is waited for.
   * @throws OutsideTimeout, OutsideRefused when it was never read, and cannot be read now
   */
  get(): Promise<string> {
    const known = this.known;
    if (known === null) return this.readOnce();
    if (known.dropped) return this.readOnce().catch(() => known.value);
    // The next look after a failure begins the next read.
    if (this.sinceMs(known.askedAtMs) >= KEEP_FOR_MS) this.readOnce().catch(() => undefined);
    return Promise.resolve(known.value);
  }

  /** FreeSWITCH refused it: the next `get` reads it anew, unless it has only just been read. */
  drop(): void {
    if (this.known !== null && this.sinceMs(this.known.askedAtMs) >= READ_AGAIN_NOT_BEFORE_MS)
      this.known.dropped = true;
  }

  private sinceMs(thenMs: number): number {
    return this.options.clock.monotonicMs() - thenMs;
  }

  /**
   * One read at a time. One that should have ended long ago was frozen with its function between two invocations, and
   * nobody waits for that.
   */
  private readOnce(): Promise<string> {
    const underWay = this.reading;
    if (underWay !== null && this.sinceMs(underWay.begunAtMs) <= SECRET_POLICY.totalTimeoutMs) return underWay.value;
    const begunAtMs = this.options.clock.monotonicMs();
    const value = this.read(begunAtMs).finally(() => {
      if (this.reading?.value === value) this.reading = null;
    });
    this.reading = { value, begunAtMs };
    return value;
  }

  private async read(begunAtMs: number): Promise<string> {
    const { client, secretArn, calls } = this.options;
    const callee = { service: 'secretsmanager', action: 'GetSecretValue', resource: secretArn };
    const command = new GetSecretValueCommand({ SecretId: secretArn });
    const { SecretString } = await calls.run(callee, SECRET_POLICY, (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    const value = passwordOf(SecretString);
    if (value === null) {
      const remedy = 'put the ESL password into it, as plain text or as {"password": "..."}';
      throw new OutsideRefused(`the secret ${secretArn} holds no password: ${remedy}`);
    }
    // A frozen read may end after a newer one, and what it brings is of its beginning.
    if (this.known === null || this.known.askedAtMs <= begunAtMs) {
      this.known = { value, askedAtMs: begunAtMs, dropped: false };
    }
    return value;
  }
}

/**
 * Plain text or `{"password": "..."}`; null when it is neither. A line end behind it comes from an editor. Created nodes
 * read it by the same rule: `esl_password` in `lib/freeswitch/host/files/bin/secrets`.
 */
export function passwordOf(secret: string | undefined): string | null {
  const password = named(secret ?? '').replace(/[\r\n]+$/, '');
  return password === '' ? null : password;
}

function named(text: string): string {
  if (!text.trimStart().startsWith('{')) return text;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // A password may start with a brace.
    return text;
  }
  const password: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'password') : undefined;
  return typeof password === 'string' ? password : '';
}
