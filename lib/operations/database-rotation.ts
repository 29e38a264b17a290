/**
 * A new password for one node's login role, in the four steps in which Secrets Manager asks for it. Each may come twice
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-lambda-function.html).
 *
 * A role has one password, and nodes sign in with the secret's current one: between setSecret and finishSecret they
 * cannot, and a rotation that ends there would lock them out. So a step that fails gives the role the current one back,
 * and each step sets the pending one again before it goes on.
 */
import type { DatabaseLogin } from '../aws/database-secrets';
import { DatabaseRefused, describeError, MalformedEvent, OutsideRefused } from '../domain/errors';
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
  // Asked again after the answer to finishSecret was lost: by then the role may have got the one before it back.
  if (own.includes('AWSCURRENT')) return giveCurrentPassword(deps, secretArn);
  if (!own.includes('AWSPENDING')) {
    throw new OutsideRefused(`version ${versionId} of ${secretArn} is not pending: start the rotation again`);
  }
  switch (event.Step) {
    case 'createSecret':
      return createPassword(deps, secretArn, versionId);
    case 'setSecret':
      return withPendingPassword(deps, secretArn, versionId, () => Promise.resolve());
    case 'testSecret':
      return withPendingPassword(deps, secretArn, versionId, (login) => testPassword(deps, login));
    case 'finishSecret': {
      const current = Object.keys(stages).find((id) => stages[id]?.includes('AWSCURRENT')) ?? null;
      return withPendingPassword(deps, secretArn, versionId, () =>
        deps.secrets.makeCurrent(secretArn, versionId, current),
      );
    }
    default:
      assertNever(event.Step);
  }
}

/** `step` while the role has the pending password. Throws what it throws, once the role has the current one again. */
async function withPendingPassword(
  deps: RotationDeps,
  arn: string,
  versionId: string,
  step: (pending: DatabaseLogin) => Promise<void>,
): Promise<void> {
  try {
    const pending = await deps.secrets.read(arn, versionId);
    if (pending === null) {
      throw new OutsideRefused(`version ${versionId} of ${arn} has no value: start the rotation again`);
    }
    await deps.database.setPassword(pending.username, pending.password);
    await step(pending);
  } catch (error) {
    await giveCurrentPassword(deps, arn).catch((second: unknown) => {
      throw new DatabaseRefused(
        `${describeError(error)}; and the current password could not be given back: ${describeError(second)}. The ` +
          `node of ${arn} may be unable to sign in: rotate the secret again`,
        { cause: error },
      );
    });
    throw error;
  }
}

async function giveCurrentPassword({ secrets, database }: RotationDeps, arn: string): Promise<void> {
  const { username, password } = currentOf(arn, await secrets.read(arn));
  await database.setPassword(username, password);
}

async function createPassword(deps: RotationDeps, arn: string, versionId: string): Promise<void> {
  const { secrets } = deps;
  // Asked a second time: the first password may be in the database already.
  if ((await secrets.read(arn, versionId)) !== null) return;
  const { username } = currentOf(arn, await secrets.read(arn));
  await secrets.putPending(arn, versionId, { username, password: deps.newPassword() });
}

function currentOf(arn: string, login: DatabaseLogin | null): DatabaseLogin {
  if (login === null) throw new OutsideRefused(`${arn} has no current value: put {"username","password"} there`);
  return login;
}

async function testPassword({ database }: RotationDeps, pending: DatabaseLogin): Promise<void> {
  // A node that is locked out keeps its password; that it may not use it now is not the rotation's concern.
  if ((await database.trySignIn(pending)) === 'rejected') {
    throw new DatabaseRefused(`the database does not take the new password of ${pending.username}`);
  }
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
