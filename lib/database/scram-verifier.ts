import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

import { DatabaseRefused } from '../domain/errors';

/** PostgreSQL's own default, `scram_iterations`. */
const ITERATIONS = 4_096;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/**
 * What PostgreSQL stores instead of a password (RFC 5802, RFC 7677; the text form is that of `pg_authid.rolpassword`).
 * ALTER ROLE takes it in place of the password, which therefore never travels in a statement nor reaches a log.
 *
 * @throws DatabaseRefused for characters that SASLprep may change: the verifier would be another password's
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(SALT_BYTES)): string {
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new DatabaseRefused('A password for the database must be printable ASCII: generate another one');
  }
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
