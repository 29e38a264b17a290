/** FreeSWITCH's tables in the shared database, as far as a stand-in uses them. */

/** A row of `recovery`; `technology` is always `sofia`. */
export interface RecoveryRow {
  /** Core-UUID of the process that wrote it. */
  runtimeUuid: string;
  profileName: string;
  hostname: string;
  uuid: string;
  metadata: string;
}

/** A row of `sip_registrations`, and what `registrations` repeats of it. */
export interface Registration {
  callId: string;
  user: string;
  host: string;
  /** As the phone wrote it, with its angle brackets. */
  contact: string;
  /** For example `Registered(UDP)`. */
  status: string;
  expiresEpochS: number;
  userAgent: string;
  /** The registering node's own address. */
  serverHost: string;
  profileName: string;
  hostname: string;
  networkIp: string;
  networkPort: number;
}

/** Nothing was executed: the database is away, or lets this role in no more. */
export class RowsAway extends Error {
  override readonly name = 'RowsAway';
}

/** The connection ended while a statement was executed: nobody knows whether it was, and FreeSWITCH forgets it. */
export class RowsCut extends Error {
  override readonly name = 'RowsCut';
}

/** Which rows of others: of one profile, or (null) of all, known or not. */
export interface OthersQuery {
  ownCoreUuid: string;
  profile: string | null;
}

export interface CallRows {
  insertLeg(row: RecoveryRow): Promise<void>;
  /** By uuid alone: there is no test of who owns the row (FACTS 8.5). */
  updateLeg(uuid: string, metadata: string): Promise<void>;
  /** By uuid alone, too. */
  deleteLeg(uuid: string): Promise<void>;
  legsOfOthers(query: OthersQuery): Promise<RecoveryRow[]>;
  deleteLegsOfOthers(query: OthersQuery): Promise<void>;
  /** Every row of a profile, whoever wrote it: `… recover flush`. */
  deleteLegsOf(profile: string): Promise<void>;
}

export interface RegistrationRows {
  /** What a starting node does to everybody's (FACTS 8.2). */
  forgetNonces(): Promise<void>;
  rememberNonce(nonce: string, profile: string, hostname: string, expiresEpochS: number): Promise<void>;
  knowsNonce(nonce: string): Promise<boolean>;
  /** In the place of what the same user had. */
  putRegistration(registration: Registration): Promise<void>;
  deleteRegistration(user: string, host: string): Promise<void>;
  /** Of whichever node, expired or not (FACTS 6). */
  contactsOf(user: string, host: string, profiles: readonly string[]): Promise<Registration[]>;
  /** Only rows of this switchname. @returns how many */
  deleteExpired(hostname: string, nowEpochS: number): Promise<number>;
  /** Rows of this switchname whose NAT must be kept open. */
  countOwn(hostname: string): Promise<number>;
}

/**
 * One FreeSWITCH process's way to the shared database. Every method throws RowsAway when nothing was executed, RowsCut
 * when the connection broke in the middle, and what the database said otherwise. None has a deadline of its own: a
 * frozen database freezes whoever asks, which is what a stand-in has to show.
 */
export interface RowStore extends CallRows, RegistrationRows {
  /** Whether the database lets us in and has the tables: what a start and `show` need. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
