/** The answer to a digest challenge of SIP (RFC 2617, MD5 with qop=auth, as mod_sofia asks). Pure. */
import { createHash } from 'node:crypto';

export interface Credentials {
  user: string;
  password: string;
}

export interface DigestRequest {
  method: string;
  uri: string;
  cnonce: string;
}

/** Value of the Authorization header for a WWW-Authenticate; null where that is no challenge of this kind. */
export function answerChallenge(
  challenge: string | null,
  { user, password }: Credentials,
  { method, uri, cnonce }: DigestRequest,
): string | null {
  const field = (name: string): string | null =>
    new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(challenge ?? '')?.[1] ?? null;
  const [realm, nonce] = [field('realm'), field('nonce')];
  if (realm === null || nonce === null) return null;
  const nc = '00000001';
  const ours = md5(`${user}:${realm}:${password}`);
  const response = md5(`${ours}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${uri}`)}`);
  return (
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=MD5, ` +
    `response="${response}", qop=auth, nc=${nc}, cnonce="${cnonce}"`
  );
}

const md5 = (text: string): string => createHash('md5').update(text, 'latin1').digest('hex');
