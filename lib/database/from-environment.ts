import { MalformedEvent } from '../domain/errors';
import type { DatabaseConnection } from './connection-settings';
import { PgCallDatabase } from './pg-call-database';

const VARIABLE = 'UNDERSTUDY_DATABASE';

/**
 * The shared database as the deployment names it in a function's environment; null where the cluster has none.
 *
 * @throws MalformedEvent when the variable holds no `DatabaseConnection`
 */
export function databaseFromEnvironment(env: NodeJS.ProcessEnv = process.env): PgCallDatabase | null {
  const text = env[VARIABLE];
  return text === undefined || text === '' ? null : new PgCallDatabase(parseConnection(text));
}

/** @throws MalformedEvent unless it is a `DatabaseConnection` in JSON */
export function parseConnection(text: string): DatabaseConnection {
  const { host, port, name, user, tls, auth, region } = fieldsOf(text);
  if (
    typeof host === 'string' &&
    typeof port === 'number' &&
    typeof name === 'string' &&
    typeof user === 'string' &&
    typeof tls === 'boolean' &&
    (auth === 'iam' || auth === 'none') &&
    typeof region === 'string'
  ) {
    return { host, port, name, user, tls, auth, region };
  }
  throw new MalformedEvent(`${VARIABLE} names no database: deploy the control plane stack again, it sets it`);
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
