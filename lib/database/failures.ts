/** What the driver and the server throw, in our words: `DatabaseAway` is worth another attempt, `DatabaseRefused` not. */
import { DatabaseAway, DatabaseRefused, UnderstudyError } from '../domain/errors';

/** Where the failure happened, for the message. Nothing secret. */
export interface DatabasePlace {
  host: string;
  port: number;
  name: string;
  user: string;
}

/**
 * SQLSTATE classes and codes (PostgreSQL, appendix A) that pass: connection exceptions, resources used up, system
 * errors, an operator's intervention (shutdown, start, cancel by time-out), transactions rolled back, locks not had; and
 * 25006, read-only: during a failover the name still leads to what has become a replica.
 */
const PASSING = ['08', '40', '53', '57', '58', '25006', '55P03'];

const REMEDIES: Readonly<Record<string, string>> = {
  '28': 'Deploy again so that the roles are set up; on RDS check that IAM authentication is on and rds-db:connect allowed.',
  '3D000': 'Deploy again so that the database is created, or correct database.name.',
  '3F000': 'Deploy again so that the schema is set up.',
  '42501': 'Deploy again so that its permissions are granted.',
  '42P01': 'Deploy again so that the schema is set up.',
  '42703': 'Deploy again so that the schema is brought up to date.',
  '42883': 'Deploy again so that the schema is set up.',
};

/** Errors of Node that say who the other side is not; waiting does not change its certificate. */
const CERTIFICATE = /^(ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;

export function databaseFailure(place: DatabasePlace, doing: string, error: unknown): UnderstudyError {
  // In our words already.
  if (error instanceof UnderstudyError) return error;
  const code = codeOf(error);
  const where = `The database ${place.name} at ${place.host}:${place.port}`;
  const said = error instanceof Error && error.message !== '' ? error.message : 'no reason given';
  const options = { cause: error };
  if (CERTIFICATE.test(code ?? '')) {
    const remedy =
      code === 'ERR_TLS_CERT_ALTNAME_INVALID'
        ? 'Name it as its certificate does.'
        : "Its certificate must come from RDS's authorities.";
    return new DatabaseRefused(`${where} could not be verified (${code}). ${remedy}`, options);
  }
  if (said.includes('does not support SSL')) {
    return new DatabaseRefused(`${where} does not speak TLS. Switch TLS on there, or database.tls off.`, options);
  }
  if (said.startsWith('SASL')) {
    // The driver's own check of the password exchange. Its message is left out: it is about the password.
    return new DatabaseRefused(
      `${where} wants a password of ${place.user}, and there is none or it does not fit. ${REMEDIES['28']}`,
    );
  }
  if (code === null || !isServers(error) || PASSING.some((prefix) => code.startsWith(prefix))) {
    return new DatabaseAway(`${where} did not ${doing}: ${said}`, options);
  }
  const remedy = Object.entries(REMEDIES).find(([prefix]) => code.startsWith(prefix))?.[1];
  return new DatabaseRefused(
    `${where} refused ${place.user} to ${doing}: ${said} (${code}). ${remedy ?? 'See its log for the statement.'}`,
    options,
  );
}

/** No such function or schema, or no permission for it: a version before set it up. */
export const isOlderSchema = (error: unknown): boolean => ['42883', '3F000', '42501'].includes(codeOf(error) ?? '');

/** SQLSTATE of the server, or the code of a socket's or TLS error; null without one. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** The server's own errors have a severity; those of sockets and of the driver have none. */
const isServers = (error: unknown): boolean => error instanceof Error && 'severity' in error;
