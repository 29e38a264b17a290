import type { DatabaseLogin } from '../../lib/aws/database-secrets';
import { parseRotationEvent, rotate, ROTATION_STEPS, type RotationDeps } from '../../lib/operations/database-rotation';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:alice';

interface Version {
  stages: string[];
  login: DatabaseLogin | null;
}

/** A secret in the middle of a rotation to `next`, and the database that it belongs to. */
function stage(options: { enabled?: boolean; next?: Version; locked?: boolean } = {}) {
  const versions: Record<string, Version> = {
    first: { stages: ['AWSCURRENT'], login: { username: 'node_alice', password: 'old' } },
    next: options.next ?? { stages: ['AWSPENDING'], login: null },
  };
  const passwords: Record<string, string> = { node_alice: 'old' };
  let made = 0;
  const deps: RotationDeps = {
    secrets: {
      describe: () =>
        Promise.resolve({
          enabled: options.enabled ?? true,
          stages: Object.fromEntries(Object.entries(versions).map(([id, { stages }]) => [id, stages])),
        }),
      read: (_arn, versionId = 'first') => Promise.resolve(versions[versionId]?.login ?? null),
      putPending: (_arn, versionId, login) => {
        versions[versionId] = { stages: ['AWSPENDING'], login };
        return Promise.resolve();
      },
      makeCurrent: (_arn, versionId, previousId) => {
        if (previousId !== null && versions[previousId] !== undefined) versions[previousId].stages = ['AWSPREVIOUS'];
        versions[versionId]?.stages.push('AWSCURRENT');
        return Promise.resolve();
      },
    },
    database: {
      setPassword: (role, password) => {
        passwords[role] = password;
        return Promise.resolve();
      },
      trySignIn: ({ username, password }) => {
        if (passwords[username] !== password) return Promise.resolve('rejected');
        return Promise.resolve(options.locked === true ? 'locked' : 'ok');
      },
    },
    newPassword: () => `new-${(made += 1)}`,
  };
  const step = (Step: (typeof ROTATION_STEPS)[number], ClientRequestToken = 'next') =>
    rotate(deps, { Step, SecretId: ARN, ClientRequestToken });
  return { versions, passwords, step };
}

describe('a rotation', () => {
  it('makes a password, gives it to the role, tries it, and only then makes it the current one', async () => {
    const { versions, passwords, step } = stage();
    await step('createSecret');
    expect(passwords['node_alice']).toBe('old');
    await step('setSecret');
    await step('testSecret');
    expect(versions['first']?.stages).toEqual(['AWSCURRENT']);
    await step('finishSecret');
    expect(passwords['node_alice']).toBe('new-1');
    expect(versions['next']?.login).toEqual({ username: 'node_alice', password: 'new-1' });
    expect(versions['next']?.stages).toContain('AWSCURRENT');
    expect(versions['first']?.stages).toEqual(['AWSPREVIOUS']);
  });

  it('takes every step twice, and keeps to the first password', async () => {
    const { versions, passwords, step } = stage();
    for (const each of ROTATION_STEPS) {
      await step(each);
      await step(each);
    }
    expect(passwords['node_alice']).toBe('new-1');
    expect(versions['next']?.login?.password).toBe('new-1');
  });

  it('does not finish with a password that the database refuses', async () => {
    const { passwords, step } = stage();
    await step('createSecret');
    await step('setSecret');
    passwords['node_alice'] = 'set by somebody else';
    await expect(step('testSecret')).rejects.toThrow(/does not take the new password of node_alice/);
  });

  it('is content with a node that is locked out: its password is right', async () => {
    const { step } = stage({ locked: true });
    await step('createSecret');
    await step('setSecret');
    await expect(step('testSecret')).resolves.toBeUndefined();
  });

  it('touches nothing when the secret is not rotated, or the version is not its own', async () => {
    await expect(stage({ enabled: false }).step('createSecret')).rejects.toThrow(/not set to be rotated/);
    await expect(stage().step('setSecret', 'unknown')).rejects.toThrow(/no version unknown/);
    const stale = stage({ next: { stages: ['AWSPREVIOUS'], login: null } });
    await expect(stale.step('setSecret')).rejects.toThrow(/not pending/);
    expect(stale.passwords['node_alice']).toBe('old');
  });

  it('says no password in an error', async () => {
    const { passwords, step } = stage();
    await step('createSecret');
    passwords['node_alice'] = 'other';
    const error = await step('testSecret').catch((reason: unknown) => reason);
    expect(String(error)).not.toContain('new-1');
  });
});

test.each([undefined, {}, { Step: 'createSecret' }, { Step: 'guess', SecretId: ARN, ClientRequestToken: 'x' }])(
  'an event that is none is refused: %j',
  (event) => {
    expect(() => parseRotationEvent(event)).toThrow(/not an event of a rotation/);
  },
);
