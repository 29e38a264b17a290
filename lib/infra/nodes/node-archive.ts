import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { ArchiveFile } from '../../freeswitch/host/archive';

/** Something in S3 that a node may fetch: where it is, and what permission that takes. */
export interface Fetchable {
  /** `s3://bucket/key`. */
  uri: string;
  objectArn: string;
}

/** One node's scripts, units and configuration as one object in the CDK's own bucket. */
export class NodeArchive extends Construct implements Fetchable {
  readonly uri: string;
  readonly objectArn: string;

  constructor(scope: Construct, id: string, files: readonly ArchiveFile[]) {
    super(scope, id);
    const folder = mkdtempSync(join(tmpdir(), 'understudy-node-'));
    try {
      for (const { path, content } of files) {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
      // The asset copies the folder into the assembly at once.
      const { uri, objectArn } = fetchable(new Asset(this, 'Asset', { path: folder }));
      this.uri = uri;
      this.objectArn = objectArn;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** @returns where a zipped asset will be; exactly this object is its ARN */
export function fetchable(asset: Asset): Fetchable {
  const { s3BucketName, s3ObjectKey } = asset;
  return {
    uri: `s3://${s3BucketName}/${s3ObjectKey}`,
    objectArn: Stack.of(asset).formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: s3BucketName,
      resourceName: s3ObjectKey,
    }),
  };
}
