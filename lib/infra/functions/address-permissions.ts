/**
 * What the functions may do to addresses, instances and names, as statements: what, on which resource, under which
 * condition. A wildcard stands only where AWS knows nothing narrower, and the reason stands with it (service
 * authorization reference, per service).
 */
import { Aws, Fn } from 'aws-cdk-lib';
import { TAGS } from '../naming';
import { exact, wide, type Permission } from './permission';

const ec2Arn = (kind: string, id = '*'): string =>
  Fn.join('', ['arn:', Aws.PARTITION, ':ec2:', Aws.REGION, ':', Aws.ACCOUNT_ID, `:${kind}/${id}`]);

/** The same ARN as cdk-nag prints it. */
const nagEc2 = (kind: string): string => `Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:${kind}/*`;

const NAG_KEYS = 'Resource::arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/*';

// ---- addresses and instances ------------------------------------------------------------------------------------

const ours = (owner: string) => ({ StringEquals: { [`ec2:ResourceTag/${TAGS.owner}`]: owner } });

export function lookAround(): Permission {
  return wide('EC2 knows no resource-level permissions for reading (Describe*).', ['Resource::*'], {
    sid: 'LookAround',
    actions: ['ec2:DescribeAddresses', 'ec2:DescribeInstances'],
    resources: ['*'],
  });
}

/**
 * Which interfaces an address may be put on: those of created nodes by their ownership tag, of adopted ones by their VPC.
 * Not by id: a node that was replaced has another interface.
 */
export interface InterfaceScope {
  ofCreatedNodes: boolean;
  /** null when no node is adopted. */
  adoptedInVpc: string | null;
}

const MOVE = ['ec2:AssociateAddress', 'ec2:DisassociateAddress'];

/** To put our addresses onto our nodes and take them off. */
export const moveAddresses = (owner: string, interfaces: InterfaceScope): Permission[] =>
  addressActions(MOVE, owner, interfaces);

/** To take addresses off at a deletion, and nothing more. */
export const detachAddresses = (owner: string, interfaces: InterfaceScope): Permission[] =>
  addressActions(['ec2:DisassociateAddress'], owner, interfaces);

function addressActions(actions: string[], owner: string, interfaces: InterfaceScope): Permission[] {
  const because =
    'Addresses, instances and interfaces are told apart by their ownership tag, which outlives a replacement.';
  const kinds = ['elastic-ip', 'instance', ...(interfaces.ofCreatedNodes ? ['network-interface'] : [])];
  const permissions = [
    wide(because, kinds.map(nagEc2), {
      sid: 'OurAddressesOnly',
      actions,
      resources: kinds.map((kind) => ec2Arn(kind)),
      conditions: ours(owner),
    }),
  ];
  if (interfaces.adoptedInVpc !== null) {
    const reason = 'Interfaces of adopted nodes are known at deployment only and carry no tag of ours.';
    permissions.push(
      wide(reason, [nagEc2('network-interface')], {
        sid: 'AdoptedNodesInTheirVpc',
        actions,
        resources: [ec2Arn('network-interface')],
        conditions: { ArnEquals: { 'ec2:Vpc': ec2Arn('vpc', interfaces.adoptedInVpc) } },
      }),
    );
  }
  return permissions;
}

/** The fence that costs minutes: a stop by force. */
export function stopNodes(owner: string): Permission {
  return wide('Only instances that carry our ownership tag.', [nagEc2('instance')], {
    sid: 'StopOurNodes',
    actions: ['ec2:StopInstances'],
    resources: [ec2Arn('instance')],
    conditions: ours(owner),
  });
}

/** Redundancy restored: what was stopped comes up on other hardware. */
export function startNodes(owner: string): Permission {
  return wide('Only instances that carry our ownership tag.', [nagEc2('instance')], {
    sid: 'StartOurNodes',
    actions: ['ec2:StartInstances'],
    resources: [ec2Arn('instance')],
    conditions: ours(owner),
  });
}

/**
 * The start of an instance is refused in silence (it falls back to `stopped`) where its volume is under a key of the
 * customer's and the caller may not lend that key to EC2 ("Requirements for Amazon EBS encryption", EC2 user guide).
 */
export const lendVolumeKeys = (): Permission =>
  wide(
    'Whose key a volume is under, the default of the account or that of an adopted node, is not known here.',
    [NAG_KEYS],
    {
      sid: 'LendVolumeKeysToEc2',
      actions: ['kms:CreateGrant'],
      resources: [Fn.join('', ['arn:', Aws.PARTITION, ':kms:', Aws.REGION, ':', Aws.ACCOUNT_ID, ':key/*'])],
      conditions: {
        Bool: { 'kms:GrantIsForAWSResource': 'true' },
        StringEquals: { 'kms:ViaService': Fn.join('', ['ec2.', Aws.REGION, '.', Aws.URL_SUFFIX]) },
      },
    },
  );

/** The epoch beside the address: a restored table learns from it how far the world has come. */
export function markAddresses(owner: string): Permission {
  return wide('Only addresses that carry our ownership tag.', [nagEc2('elastic-ip')], {
    sid: 'MarkOurAddresses',
    actions: ['ec2:CreateTags'],
    resources: [ec2Arn('elastic-ip')],
    conditions: {
      ...ours(owner),
      'ForAllValues:StringEquals': { 'aws:TagKeys': [TAGS.owner, TAGS.epoch] },
    },
  });
}

/** To claim what nobody has claimed, and to let go of what is ours. Another deployment's tag cannot be overwritten. */
export function claim(owner: string): Permission[] {
  const resources = [ec2Arn('elastic-ip'), ec2Arn('instance')];
  const wildcards = [nagEc2('elastic-ip'), nagEc2('instance')];
  const because = 'Adopted nodes and addresses are known at deployment only; the conditions refuse foreign ones.';
  const keys = { 'ForAllValues:StringEquals': { 'aws:TagKeys': [TAGS.owner, TAGS.epoch] } };
  return [
    wide(because, wildcards, {
      sid: 'ClaimUnclaimed',
      actions: ['ec2:CreateTags'],
      resources,
      conditions: {
        Null: { [`ec2:ResourceTag/${TAGS.owner}`]: 'true' },
        StringEquals: { [`aws:RequestTag/${TAGS.owner}`]: owner },
        ...keys,
      },
    }),
    wide(because, wildcards, {
      sid: 'RenewAndRelease',
      actions: ['ec2:CreateTags', 'ec2:DeleteTags'],
      resources,
      conditions: { ...ours(owner), ...keys },
    }),
  ];
}

// ---- names ------------------------------------------------------------------------------------------------------

export interface VipName {
  zoneId: string;
  name: string;
}

/** These very names in these very zones, A and TXT, as a compare-and-swap (DELETE and CREATE, never UPSERT). */
export function moveNames(names: readonly VipName[]): Permission[] {
  const zoneArn = (zoneId: string): string => Fn.join('', ['arn:', Aws.PARTITION, ':route53:::hostedzone/', zoneId]);
  if (names.length === 0) return [];
  const zones = names.map(({ zoneId }) => zoneId).filter((zoneId, index, all) => all.indexOf(zoneId) === index);
  return [
    exact({
      sid: 'ReadNames',
      actions: ['route53:ListResourceRecordSets'],
      resources: zones.map(zoneArn),
    }),
    ...zones.map((zoneId, index) =>
      exact({
        sid: `MoveNames${index}`,
        actions: ['route53:ChangeResourceRecordSets'],
        resources: [zoneArn(zoneId)],
        conditions: {
          'ForAllValues:StringEquals': {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': names
              .filter((each) => each.zoneId === zoneId)
              .map(({ name }) => name.toLowerCase().replace(/\.$/, '')),
            'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'TXT'],
            'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
          },
        },
      }),
    ),
  ];
}
