import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { FreeSwitchConfig } from '../../config/model';
import { exact, wide, type Permission } from '../functions/permission';
import { fetchable } from './node-archive';

/** The users' own dialplan, directory, gateways and profiles, as the nodes come by them. Read only. */
export interface UserFiles {
  uri: string;
  permissions: Permission[];
}

/** @returns null where the users have no files of their own */
export function userFilesOf(scope: Construct, config: FreeSwitchConfig['userFiles']): UserFiles | null {
  switch (config.source) {
    case 'none':
      return null;
    case 'folder': {
      const { uri, objectArn } = fetchable(new Asset(scope, 'UserFiles', { path: config.path }));
      const statement = exact({ sid: 'UserFiles', actions: ['s3:GetObject'], resources: [objectArn] });
      return { uri, permissions: [statement] };
    }
    case 's3':
      return fromPrefix(Stack.of(scope), config.bucket, config.prefix);
  }
}

function fromPrefix(stack: Stack, bucket: string, prefix: string): UserFiles {
  // With its slash: without it `s3 sync` of `pbx` would bring `pbx-old` along.
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const arn = (resourceName?: string): string =>
    stack.formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: bucket,
      ...(resourceName === undefined ? {} : { resourceName }),
    });
  const uri = `s3://${bucket}/${folder}`;
  return {
    uri,
    permissions: [
      wide('The users add and rename files under their prefix.', [`Resource::${arn(`${folder}*`)}`], {
        sid: 'UserFiles',
        actions: ['s3:GetObject'],
        resources: [arn(`${folder}*`)],
      }),
      exact({
        sid: 'ListUserFiles',
        actions: ['s3:ListBucket'],
        resources: [arn()],
        conditions: { StringLike: { 's3:prefix': [`${folder}*`] } },
      }),
    ],
  };
}
