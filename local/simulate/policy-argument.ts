/** `--policy key=value,…`: keys of the policy as `understudy.yaml` has them, read and refused. */
import { InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import type { Draft } from '../../lib/config/draft';
import { formatPath } from '../../lib/config/finding';
import { policyIsSane } from '../../lib/config/rules/policy';
import type { WrittenPolicy } from '../../lib/config/schema';
import { policy as schema } from '../../lib/config/schema-policy';

/** What each key says alone. */
export function policyKeys(text: string): Draft<WrittenPolicy> {
  const written = Object.fromEntries(
    text.split(',').map((pair) => {
      const [, key, value] = /^(\w+)=(.+)$/.exec(pair) ?? [];
      if (key === undefined || value === undefined) {
        throw new InvalidArgumentError(`key=value pairs with commas, as failback=automatic,maxVipsPerNode=2`);
      }
      return [key, read(value)];
    }),
  );
  if ('preset' in written) throw new InvalidArgumentError('the preset has an option of its own: --preset');
  const { error, data } = schema.partial().safeParse(written);
  if (error === undefined) return data;
  throw new InvalidArgumentError(
    error.issues.map(({ path, message }) => [...path.map(String), message].join(': ')).join('; '),
  );
}

function read(value: string): unknown {
  try {
    return parse(value);
  } catch {
    throw new InvalidArgumentError(`${value} is no value as understudy.yaml has them`);
  }
}

/** What the keys say together, refused as a deployment of such a cluster would refuse it. */
export function refuseNonsense(policy: Draft<WrittenPolicy>, hasDatabase: boolean): void {
  const database = hasDatabase ? ({ create: {} } as const) : 'none';
  const refused = [...policyIsSane({ policy, database }, [])].filter(({ severity }) => severity === 'error');
  if (refused.length === 0) return;
  throw new InvalidArgumentError(refused.map(({ path, message }) => `${formatPath(path)} ${message}`).join('; '));
}

/** As it is written on a command line. */
export function policyText(policy: Draft<WrittenPolicy>): string {
  return Object.entries(policy)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}
