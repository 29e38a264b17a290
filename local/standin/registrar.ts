import { randomUUID } from 'node:crypto';
import type { Profile } from './profile';
import type { RegistrationRows } from './rows/row-store';
import type { WriteQueue } from './rows/write-queue';
import { headerOf, type SipRequest, type Source } from './sip-message';
import type { SoftSwitch } from './softswitch';

/** `ireg-seconds` and the interval of NAT pings: both 30 s by default. */
const SWEEP_EVERY_MS = 30_000;
const NONCE_LIVES_S = 60;
const DEFAULT_EXPIRES_S = 3600;

export interface RegistrarCounters {
  /** OPTIONS that keep NAT bindings open, sent for rows of this switchname only. */
  keepAlives: number;
  expired: number;
}

/** What a REGISTER comes to. A challenge is `stale` when credentials were given for a nonce that nobody knows. */
export type RegisterVerdict =
  { ok: true; contact: string; expiresS: number } | { ok: false; nonce: string; stale: boolean };

/**
 * Registrations of all profiles, in the shared database where there is one: every node finds everybody's, but only the
 * node whose switchname a row has expires it and keeps its NAT open (FACTS 6).
 */
export class Registrar {
  readonly counters: RegistrarCounters = { keepAlives: 0, expired: 0 };
  private sweeping = false;
  private cancelSweep = (): void => undefined;

  constructor(
    private readonly system: SoftSwitch,
    private readonly rows: RegistrationRows | null,
    private readonly queue: WriteQueue | null,
  ) {}

  start(): void {
    if (this.rows === null) return;
    this.cancelSweep = this.system.time.after(SWEEP_EVERY_MS, () => {
      void this.sweep();
      this.start();
    });
  }

  stop(): void {
    this.cancelSweep();
  }

  /** Any digest is accepted: the stand-in has no users. With a database its nonce must be known there. */
  async register(profile: Profile, request: SipRequest, source: Source): Promise<RegisterVerdict> {
    const authorization = headerOf(request, 'Authorization');
    const nonce = /nonce="([^"]*)"/.exec(authorization ?? '')?.[1];
    if (authorization === null || nonce === undefined) return this.challenge(profile, false);
    if (this.rows !== null && !(await quietly(this.rows.knowsNonce(nonce), false)))
      return this.challenge(profile, true);
    const expiresS = Number(headerOf(request, 'Expires') ?? DEFAULT_EXPIRES_S);
    this.write(profile, request, source, expiresS);
    return { ok: true, contact: headerOf(request, 'Contact') ?? '', expiresS };
  }

  /** `sofia_contact [PROFILE/]USER@HOST` */
  async contact(text: string): Promise<string> {
    const [, profile, user, host] = /^(?:([^/]+)\/)?([^@/]+)@([^@/]+)$/.exec(text) ?? [];
    if (user === undefined || host === undefined) return NOT_REGISTERED;
    const profiles = this.system.profiles.map(({ name }) => name).filter((name) => (profile ?? name) === name);
    const found = this.rows === null ? [] : await quietly(this.rows.contactsOf(user, host, profiles), []);
    const dials = found.map((row) => `sofia/${row.profileName}/${row.contact.replace(/^.*<|>.*$/g, '')}`);
    return dials.length === 0 ? NOT_REGISTERED : dials.join(',');
  }

  private async challenge(profile: Profile, stale: boolean): Promise<RegisterVerdict> {
    const nonce = randomUUID();
    const expires = this.epochS() + NONCE_LIVES_S;
    const { switchname } = this.system.identity;
    // Lost when the database is away: the phone's next try is challenged again, for ever (FACTS 8.4).
    if (this.rows !== null) await quietly(this.rows.rememberNonce(nonce, profile.name, switchname, expires), undefined);
    return { ok: false, nonce, stale };
  }

  private write(profile: Profile, request: SipRequest, source: Source, expiresS: number): void {
    const { rows, queue } = this;
    const [, user, host] = /<?sips?:([^@;>]+)@([^:;>]+)/.exec(headerOf(request, 'To') ?? '') ?? [];
    if (rows === null || queue === null || user === undefined || host === undefined) return;
    if (expiresS === 0) return queue.push(() => rows.deleteRegistration(user, host));
    const registration = {
      callId: headerOf(request, 'Call-ID') ?? '',
      user,
      host,
      contact: headerOf(request, 'Contact') ?? '',
      status: 'Registered(UDP)',
      expiresEpochS: this.epochS() + expiresS,
      userAgent: headerOf(request, 'User-Agent') ?? '',
      serverHost: profile.settings.sipIp,
      profileName: profile.name,
      hostname: this.system.identity.switchname,
      networkIp: source.address,
      networkPort: source.port,
    };
    queue.push(() => rows.putRegistration(registration));
  }

  private async sweep(): Promise<void> {
    if (this.rows === null || this.sweeping) return;
    this.sweeping = true;
    const { switchname } = this.system.identity;
    this.counters.expired += await quietly(this.rows.deleteExpired(switchname, this.epochS()), 0);
    this.counters.keepAlives += await quietly(this.rows.countOwn(switchname), 0);
    this.sweeping = false;
  }

  private epochS(): number {
    return Math.floor(this.system.clockMs() / 1000);
  }
}

const NOT_REGISTERED = 'error/user_not_registered';

/** FreeSWITCH takes an error of the database for "nothing there". */
const quietly = <T>(answer: Promise<T>, instead: T): Promise<T> => answer.catch(() => instead);
