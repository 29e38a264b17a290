/** The shared PostgreSQL as it may be written. */
import { z } from 'zod';
import { DEFAULTS } from './defaults';
import { exactlyOneOf, optional, optionalWithout, required } from './schema-forms';
import * as word from './schema-words';

const standard = DEFAULTS.database;

const created = z.strictObject({
  instanceClass: optional(word.instanceClass, standard.instanceClass, 'RDS instance class.'),
  storageGiB: optional(z.int().min(20).max(16_384), standard.storageGiB, 'Encrypted storage.'),
  multiAz: optional(z.boolean(), standard.multiAz, 'A second instance in another zone, which takes over by itself.'),
  backupDays: optional(z.int().min(1).max(35), standard.backupDays, 'Automatic backups, kept so many days.'),
  name: optional(word.databaseName, standard.name, 'Name of the database.'),
});

const existing = z.strictObject({
  host: required(word.hostOrAddress, 'Name of the server, as its certificate has it; for this cluster alone.'),
  port: optional(word.port, standard.port, 'Its port.'),
  name: required(word.databaseName, 'A database on that server; made where there is none.'),
  adminSecretArn: required(
    word.secretArn,
    'ARN of a secret {"username","password"} of a role that may create roles and owns the database.',
  ),
  securityGroupId: optionalWithout(
    word.securityGroupId,
    'Security group of the server, which gets rules for nodes and functions. Left out: the server is within network.cidr, and open to them already.',
  ),
});

export const database = z.union(
  [
    z.literal('none'),
    exactlyOneOf(
      z.strictObject({
        create: optionalWithout(created, 'The deployment makes RDS for PostgreSQL. `create: {}` takes all defaults.'),
        existing: optionalWithout(
          existing,
          'An RDS or Aurora PostgreSQL that exists, with IAM authentication enabled.',
        ),
      }),
      ['create', 'existing'],
    ),
  ],
  { error: '`none`, or exactly one of `create` (`create: {}` for all defaults) and `existing`' },
);
