/** What a role may do, and what is said when it may not. */
import { mutantsOf, type Mutant } from '../mutant';

export const PERMISSIONS: Mutant[] = [
  ...mutantsOf(
    'lib/infra/functions/secret-permissions.ts',
    ['test/infra/permissions'],
    [
      {
        id: 'secret-keys-through-secrets-manager',
        rule: "a key of the user's decrypts through Secrets Manager alone",
        find: "'kms:ViaService': Fn.join('', ['secretsmanager.', Aws.REGION, '.', Aws.URL_SUFFIX]),",
        replace: '',
      },
      {
        id: 'secret-keys-for-these-secrets',
        rule: "a key of the user's decrypts the secrets that the configuration names, and no other",
        find: "'kms:EncryptionContext:SecretARN': [...secretArns],",
        replace: '',
      },
      {
        id: 'created-secrets-need-no-key',
        rule: 'no key is opened for a secret that the deployment makes',
        find: '(arn) => !Token.isUnresolved(arn)',
        replace: '() => true',
      },
    ],
  ),
  ...mutantsOf(
    'lib/aws/call.ts',
    ['test/aws/call.test'],
    [
      {
        id: 'refused-by-a-key',
        rule: 'where a key refuses, the permission that is granted already is not asked for',
        find: 'return /kms:|\\bKMS\\b/.test(message)',
        replace: "return message === ''",
      },
    ],
  ),
];
