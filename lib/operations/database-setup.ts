/**
 * Tables and roles of the shared database, made before the first node boots and again whenever nodes or tables change.
 * This half runs where the database can be reached; `database-deployment.ts` is the half that CloudFormation asks.
 */
import type { DatabaseLogin } from '../aws/database-secrets';
import type { WorkerAnswer } from '../aws/database-worker';
import { DatabaseAway, MalformedEvent } from '../domain/errors';
import type { Log } from '../domain/ports';

/** Where the database is. Nothing secret. */
export interface DatabaseServer {
  host: string;
  port: number;
  name: string;
  tls: boolean;
}

/** Travels as a JSON string, because CloudFormation turns booleans of a custom resource's properties into text. */
export interface DatabaseSetupRequest {
  adminSecretArn: string;
  /** Whether functions sign in by IAM. */
  iam: boolean;
  nodes: { role: string; secretArn: string }[];
}

export interface DatabaseSetupDeps {
  readLogin(secretArn: string): Promise<DatabaseLogin>;
  /** Idempotent. Throws DatabaseAway, DatabaseRefused. */
  setUp(admin: DatabaseLogin, wanted: { iam: boolean; nodes: { role: string; password: string }[] }): Promise<void>;
  log: Log;
}

/**
 * @throws DatabaseRefused when the administrator may not do it, OutsideTimeout and OutsideRefused for the secrets,
 *   MalformedEvent when a secret belongs to another role than the one it is for
 */
export async function prepareDatabase(deps: DatabaseSetupDeps, request: DatabaseSetupRequest): Promise<WorkerAnswer> {
  const [admin, nodes] = await Promise.all([
    deps.readLogin(request.adminSecretArn),
    Promise.all(request.nodes.map((node) => passwordOf(deps, node))),
  ]);
  try {
    await deps.setUp(admin, { iam: request.iam, nodes });
  } catch (error) {
    if (!(error instanceof DatabaseAway)) throw error;
    deps.log.warn('the database does not answer yet', { reason: error.message });
    return { outcome: 'away', reason: error.message };
  }
  deps.log.info('tables and roles are there', { roles: nodes.map(({ role }) => role) });
  return { outcome: 'done' };
}

async function passwordOf(
  deps: DatabaseSetupDeps,
  { role, secretArn }: DatabaseSetupRequest['nodes'][number],
): Promise<{ role: string; password: string }> {
  const { username, password } = await deps.readLogin(secretArn);
  if (username !== role) {
    throw new MalformedEvent(`the secret ${secretArn} is for ${username} and not for ${role}: put the right one there`);
  }
  return { role, password };
}

/** @throws MalformedEvent unless it is a `DatabaseServer` in JSON */
export function parseServer(text: string | undefined): DatabaseServer {
  const value = parseJson(text);
  const { host, port, name, tls } = value;
  if (typeof host === 'string' && typeof port === 'number' && typeof name === 'string' && typeof tls === 'boolean') {
    return { host, port, name, tls };
  }
  throw new MalformedEvent('UNDERSTUDY_DATABASE_SERVER names no server: deploy the data stack again');
}

/** @throws MalformedEvent unless it is a `DatabaseSetupRequest` */
export function parseSetupRequest(value: unknown): DatabaseSetupRequest {
  if (isObject(value)) {
    const { adminSecretArn, iam, nodes } = value;
    if (typeof adminSecretArn === 'string' && typeof iam === 'boolean' && Array.isArray(nodes) && nodes.every(isNode)) {
      return { adminSecretArn, iam, nodes };
    }
  }
  throw new MalformedEvent('no request to set up a database: deploy the data stack again');
}

const isNode = (value: unknown): value is DatabaseSetupRequest['nodes'][number] =>
  isObject(value) && typeof value['role'] === 'string' && typeof value['secretArn'] === 'string';

function parseJson(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
