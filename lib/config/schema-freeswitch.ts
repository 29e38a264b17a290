/** What of FreeSWITCH's own configuration may be written. */
import { z } from 'zod';
import { DEFAULTS } from './defaults';
import { FREESWITCH_VERSIONS } from './model';
import { exactlyOneOf, optional, optionalWithout, required } from './schema-forms';
import * as word from './schema-words';

const standard = DEFAULTS.freeswitch;

const userFiles = exactlyOneOf(
  z.strictObject({
    folder: optionalWithout(word.folder, 'A folder beside this file (or an absolute path), deployed with the stacks.'),
    s3: optionalWithout(
      z.strictObject({
        bucket: required(word.bucket, 'Name of a bucket that exists.'),
        prefix: required(word.s3Prefix, 'What the keys begin with, like freeswitch/pbx/.'),
      }),
      'A prefix in a bucket, read by each node when it boots.',
    ),
  }),
  ['folder', 's3'],
);

export const freeswitch = z.strictObject({
  version: optional(z.enum(FREESWITCH_VERSIONS), standard.version, 'Release series of the nodes, in quotes.'),
  sipDomain: optionalWithout(
    word.hostName,
    'Domain of registrations, the same on all nodes. Left out: <cluster id>.understudy.internal.',
  ),
  codecs: optional(z.array(word.codec).min(1).max(20), standard.codecs, 'Codecs, most preferred first.'),
  maxSessions: optional(z.int().min(1).max(30_000), standard.maxSessions, 'Sessions (legs) that a node takes at once.'),
  sessionsPerSecond: optional(
    z.int().min(1).max(10_000),
    standard.sessionsPerSecond,
    'New sessions that a node takes in a second.',
  ),
  modules: optional(
    z.array(word.moduleName).max(50),
    standard.modules,
    'Modules to load beside those that Understudy needs.',
  ),
  userFiles: optionalWithout(userFiles, 'Your own dialplan, directory, gateways and profiles. Never written to.'),
  install: optional(
    z.union(
      [
        z.literal('image'),
        z.strictObject({
          packages: required(
            z.strictObject({
              tokenSecretArn: required(word.secretArn, "ARN of the secret with the token for FreeSWITCH's packages."),
            }),
            "From the packages of FreeSWITCH's makers, at the first boot of a node.",
          ),
        }),
      ],
      { error: '`image`, or `packages` with the ARN of the secret that holds the token' },
    ),
    standard.install,
    'Where FreeSWITCH comes from: it is in the `image`, or comes as `packages`.',
  ),
});
