/**
 * A new password for one node's login role, in the four steps in which Secrets Manager asks for it. Each may come twice
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-lambda-function.html).
 */
import type { DatabaseLogin } from '../aws/database-secrets';
import { DatabaseRefused, MalformedEvent, OutsideRefused } from '../domain/errors';
import { assertNever } from '../domain/model';

export const ROTATION_STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type RotationStep = (typeof ROTATION_STEPS)[number];

export interface RotationEvent {
  Step: RotationStep;
  SecretId: string;
  /** Id of the version that is to become the current one. */
  ClientRequestToken: string;
}

/** Environment of the function. */
export interface RotationEnvironment extends Record<string, string> {
  UNDERSTUDY_DATABASE_SERVER: string;
  UNDERSTUDY_ADMIN_SECRET_ARN: string;
}

export interface RotatingSecrets {
  /** Version id -> its stages. `enabled` is false when nobody rotates this secret. */
  describe(secretArn: string): Promise<{ enabled: boolean; stages: Record<string, readonly string[]> }>;
  /** One version, or the current one; null when it has no value yet. */
  read(secretArn: string, versionId?: string): Promise<DatabaseLogin | null>;
  /** Writes the value of a version that is pending. */
  putPending(secretArn: string, versionId: string, login: DatabaseLogin): Promise<void>;
  /** Moves the stage AWSCURRENT. */
  makeCurrent(secretArn: string, versionId: string, previousVersionId: string | null): Promise<void>;
}

export interface RotatedDatabase {
  setPassword(role: string, password: string): Promise<void>;
  /** `locked`: the password is right, and the role may not sign in at present. */
  trySignIn(login: DatabaseLogin): Promise<'ok' | 'locked' | 'rejected'>;
}

export interface RotationDeps {
  secrets: RotatingSecrets;
  database: RotatedDatabase;
  newPassword(): string;
}

/** @throws OutsideRefused, DatabaseRefused, DatabaseAway: Secrets Manager tries again, and an alarm counts */
export async function rotate(deps: RotationDeps, event: RotationEvent): Promise<void> {
  const { SecretId: secretArn, ClientRequestToken: versionId } = event;
  const { enabled, stages } = await deps.secrets.describe(secretArn);
  if (!enabled) throw new OutsideRefused(`${secretArn} is not set to be rotated: deploy the data stack again`);
  const own = stages[versionId];
  if (own === undefined) throw new OutsideRefused(`${secretArn} has no version ${versionId}: start the rotation again`);
  if (own.includes('AWSCURRENT')) return;
  if (!own.includes('AWSPENDING')) {
    throw new OutsideRefused(`version ${versionId} of ${secretArn} is not pending: start the rotation again`);
  }
  switch (event.Step) {
    case 'createSecret':
      return createPassword(deps, secretArn, versionId);
    case 'setSecret': {
      const { username, password } = await pendingLogin(deps, secretArn, versionId);
      return deps.database.setPassword(username, password);
    }
    case 'testSecret':
      return testPassword(deps, secretArn, versionId);
    case 'finishSecret': {
      const current = Object.keys(stages).find((id) => stages[id]?.includes('AWSCURRENT')) ?? null;
      return deps.secrets.makeCurrent(secretArn, versionId, current);
    }
    default:
      assertNever(event.Step);
  }
}

async function createPassword(deps: RotationDeps, arn: string, versionId: string): Promise<void> {
  const { secrets } = deps;
  // Asked a second time: the first password may be in the database already.
  if ((await secrets.read(arn, versionId)) !== null) return;
  const current = await secrets.read(arn);
  if (current === null) throw new OutsideRefused(`${arn} has no current value: put {"username","password"} there`);
  await secrets.putPending(arn, versionId, { username: current.username, password: deps.newPassword() });
}

async function testPassword(deps: RotationDeps, arn: string, versionId: string): Promise<void> {
  const login = await pendingLogin(deps, arn, versionId);
  // A node that is locked out keeps its password; that it may not use it now is not the rotation's concern.
  if ((await deps.database.trySignIn(login)) === 'rejected') {
    throw new DatabaseRefused(`the database does not take the new password of ${login.username}`);
  }
}

async function pendingLogin({ secrets }: RotationDeps, arn: string, versionId: string): Promise<DatabaseLogin> {
  const login = await secrets.read(arn, versionId);
  if (login === null) throw new OutsideRefused(`version ${versionId} of ${arn} has no value: start the rotation again`);
  return login;
}

/** @throws MalformedEvent unless it is an event of Secrets Manager's rotation */
export function parseRotationEvent(value: unknown): RotationEvent {
  const event = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const { Step, SecretId, ClientRequestToken } = event;
  const step = ROTATION_STEPS.find((each) => each === Step);
  if (step !== undefined && typeof SecretId === 'string' && typeof ClientRequestToken === 'string') {
    return { Step: step, SecretId, ClientRequestToken };
  }
  throw new MalformedEvent('not an event of a rotation: let Secrets Manager start it');
}
