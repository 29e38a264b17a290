/** Secrets with the logins of the shared database: `{"username", "password"}`. Their values are never logged. */
import { randomInt } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { OutsideRefused } from '../domain/errors';
import { answer, type OutsideCalls } from './call';
import { SECRET_POLICY } from './esl-password';

export interface DatabaseLogin {
  username: string;
  password: string;
}

const PASSWORD_LENGTH = 40;
/** A line of libpq's password file has `:` and `\` as its own characters: letters and digits need no escaping. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export const newPassword = (): string =>
  Array.from({ length: PASSWORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** Every method throws OutsideTimeout or OutsideRefused when Secrets Manager does not do it. */
export class DatabaseSecrets {
  constructor(
    private readonly client: SecretsManagerClient,
    private readonly calls: OutsideCalls,
  ) {}

  /** @throws OutsideRefused also when there is no current value */
  async current(secretArn: string): Promise<DatabaseLogin> {
    const login = await this.read(secretArn);
    if (login === null) throw new OutsideRefused(`${secretArn} has no value: put {"username","password"} there`);
    return login;
  }

  /** One version, or the current one; null when it has no value yet. */
  async read(secretArn: string, versionId?: string): Promise<DatabaseLogin | null> {
    const command = new GetSecretValueCommand({
      SecretId: secretArn,
      ...(versionId === undefined ? {} : { VersionId: versionId, VersionStage: 'AWSPENDING' }),
    });
    const found = await this.run('GetSecretValue', secretArn, (abortSignal) =>
      answer(
        this.client.send(command, { abortSignal }).then(({ SecretString }) => SecretString ?? null),
        ['ResourceNotFoundException'],
        () => null,
      ),
    );
    return found === null ? null : parseLogin(secretArn, found);
  }

  async describe(secretArn: string): Promise<{ enabled: boolean; stages: Record<string, readonly string[]> }> {
    const command = new DescribeSecretCommand({ SecretId: secretArn });
    const { RotationEnabled, VersionIdsToStages } = await this.run('DescribeSecret', secretArn, (abortSignal) =>
      this.client.send(command, { abortSignal }),
    );
    return { enabled: RotationEnabled === true, stages: VersionIdsToStages ?? {} };
  }

  async putPending(secretArn: string, versionId: string, login: DatabaseLogin): Promise<void> {
    const command = new PutSecretValueCommand({
      SecretId: secretArn,
      ClientRequestToken: versionId,
      SecretString: JSON.stringify(login),
      VersionStages: ['AWSPENDING'],
    });
    await this.run('PutSecretValue', secretArn, (abortSignal) => this.client.send(command, { abortSignal }));
  }

  async makeCurrent(secretArn: string, versionId: string, previousVersionId: string | null): Promise<void> {
    const command = new UpdateSecretVersionStageCommand({
      SecretId: secretArn,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: versionId,
      ...(previousVersionId === null ? {} : { RemoveFromVersionId: previousVersionId }),
    });
    await this.run('UpdateSecretVersionStage', secretArn, (abortSignal) => this.client.send(command, { abortSignal }));
  }

  private run<T>(action: string, resource: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.calls.run({ service: 'secretsmanager', action, resource }, SECRET_POLICY, attempt);
  }
}

function parseLogin(secretArn: string, text: string): DatabaseLogin {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'username' in value && 'password' in value) {
      const { username, password } = value;
      if (typeof username === 'string' && typeof password === 'string') return { username, password };
    }
  } catch {
    // Told below, without the text: it holds a password.
  }
  throw new OutsideRefused(`${secretArn} holds no login: put {"username","password"} there`);
}
