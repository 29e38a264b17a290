/** The tags by which EIPs and nodes say whose they are. A foreign owner is never taken over. */
import type { Tag } from '@aws-sdk/client-ec2';
import { ForeignOwner } from '../domain/errors';

/** `cluster/<id>` of the deployment that claims the resource. */
export const OWNER_TAG = 'understudy:owner';

/** Epoch of the VIP that last moved the Elastic IP: a restored table starts above it. */
export const EPOCH_TAG = 'understudy:epoch';

export function tagValue(tags: readonly Tag[] | undefined, key: string): string | null {
  return tags?.find((tag) => tag.Key === key)?.Value ?? null;
}

/** null when there is none, or it is not a number: then the table and the TXT record decide alone. */
export function epochOf(tags: readonly Tag[] | undefined): number | null {
  const value = tagValue(tags, EPOCH_TAG);
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

/** @throws ForeignOwner when the resource is claimed by another deployment */
export function refuseForeignOwner(resource: string, found: string | null, ours: string): void {
  if (found === null || found === ours) return;
  throw new ForeignOwner(
    `${resource} belongs to '${found}' (tag ${OWNER_TAG}) and not to '${ours}'; ` +
      'take it out of this configuration, or delete the other deployment or its tag',
  );
}
