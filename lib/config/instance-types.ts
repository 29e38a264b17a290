/**
 * How many private IPv4 addresses one network interface of an EC2 instance type carries. A node needs one for
 * management and one for each VIP that it may hold.
 *
 * Source: the listing generated from the EC2 API in the public repository aws/amazon-vpc-cni-k8s (August 2026). To check
 * one: `aws ec2 describe-instance-types --query 'InstanceTypes[].[InstanceType,NetworkInfo.Ipv4AddressesPerInterface]'`.
 */

/** Generations 5 to 7, and 8 with Graviton, agree: the number depends on the size alone. */
const BY_SIZE: Readonly<Record<string, number>> = {
  medium: 4,
  large: 10,
  xlarge: 15,
  '2xlarge': 15,
  '4xlarge': 30,
  '8xlarge': 30,
  '9xlarge': 30,
  '12xlarge': 30,
  '16xlarge': 50,
  '18xlarge': 50,
  '24xlarge': 50,
  '32xlarge': 50,
  '48xlarge': 50,
};

/** The burstable families have numbers of their own. */
const BURSTABLE_BY_SIZE: Readonly<Record<string, number>> = {
  nano: 2,
  micro: 2,
  small: 4,
  medium: 6,
  large: 12,
  xlarge: 15,
  '2xlarge': 15,
};

const BURSTABLE_FAMILIES = ['t3', 't3a', 't4g'];

/** Families and the sizes they come in. A size that a family does not have is a typing mistake worth catching. */
const FAMILIES: readonly { families: string; sizes: string }[] = [
  { families: 'm5 m5a m5n r5 r5a r5n', sizes: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge' },
  { families: 'c5', sizes: 'large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge' },
  { families: 'c5a', sizes: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge' },
  { families: 'c5n', sizes: 'large xlarge 2xlarge 4xlarge 9xlarge 18xlarge' },
  {
    families: 'm6i m6id m6in c6i c6id c6in r6i r6id r6in',
    sizes: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge',
  },
  {
    families: 'm6a c6a r6a',
    sizes: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge',
  },
  {
    families: 'm6g m6gd c6g c6gd c6gn r6g r6gd m7g m7gd c7g c7gd c7gn r7g r7gd',
    sizes: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  },
  {
    families: 'm7i c7i r7i',
    sizes: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  },
  {
    families: 'm7a c7a r7a',
    sizes: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge',
  },
  {
    families: 'm8g m8gd c8g c8gd r8g r8gd',
    sizes: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  },
];

const ADDRESSES: ReadonlyMap<string, number> = new Map([
  ...BURSTABLE_FAMILIES.flatMap((family) =>
    Object.entries(BURSTABLE_BY_SIZE).map(([size, addresses]) => [`${family}.${size}`, addresses] as const),
  ),
  ...FAMILIES.flatMap(({ families, sizes }) =>
    families
      .split(' ')
      .flatMap((family) => sizes.split(' ').map((size) => [`${family}.${size}`, BY_SIZE[size] ?? 0] as const)),
  ),
]);

/** IPv4 addresses that one interface carries, the primary one included; null for a type that is not in the table. */
export const addressesPerInterface = (instanceType: string): number | null => ADDRESSES.get(instanceType) ?? null;

export const knownInstanceTypes = (): string[] => [...ADDRESSES.keys()];
