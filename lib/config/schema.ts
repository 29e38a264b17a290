/**
 * What a platform team may write in `understudy.yaml`. Forms only: what one value demands of another is in `rules/`.
 * Unknown keys are refused everywhere. Nothing is transformed or filled in here (`resolve.ts` does), so that what the
 * rules read is what stands in the file. The descriptions become the help that editors show.
 */
import { z } from 'zod';
import { DEFAULTS } from './defaults';
import { database } from './schema-database';
import { exactlyOneOf, optional, optionalWithout, required } from './schema-forms';
import { freeswitch } from './schema-freeswitch';
import { policy } from './schema-policy';
import * as word from './schema-words';

const adoptByTag = z.strictObject({
  tag: required(word.tag, 'The tag that finds exactly one resource in the region; none and two are refused.'),
});

const node = exactlyOneOf(
  z.strictObject({
    id: required(word.id, 'Name of the node, unique in the cluster.'),
    zone: required(word.zoneName, 'Availability zone that the node lives in.'),
    eslPort: optional(word.port, DEFAULTS.eslPort, "FreeSWITCH's event socket. Only the control plane reaches it."),
    create: z
      .strictObject({
        instanceType: required(word.instanceType, 'EC2 instance type; it must carry one address more than VIPs.'),
        image: required(word.image, 'The AMI, pinned by its id. Bake FreeSWITCH into it.'),
        volumeGiB: optional(z.int().min(8).max(16_384), DEFAULTS.volumeGiB, 'Size of the encrypted root volume.'),
        addressesPerInterface: z
          .int()
          .min(2)
          .max(64)
          .optional()
          .meta({ description: 'IPv4 addresses per interface, for an instance type that Understudy does not know.' }),
      })
      .optional()
      .meta({ description: 'The deployment makes this node.' }),
    adopt: adoptByTag.optional().meta({ description: 'The node exists already and is found by its tag.' }),
  }),
  ['create', 'adopt'],
);

const dnsRecord = {
  zone: required(word.hostName, 'Name of the hosted zone.'),
  name: required(word.hostName, 'The name callers use, inside the zone.'),
  ttl: optional(word.duration, DEFAULTS.dnsTtl, 'How long resolvers may keep the answer: 1s to 5m.'),
};

const vip = z.strictObject({
  id: required(word.id, 'Name of the VIP, unique in the cluster.'),
  elasticIp: required(
    z.union([z.enum(['create', 'none']), z.strictObject({ adopt: required(adoptByTag, 'Found by its tag.') })], {
      error: '`create`, `none`, or `adopt` with the tag of an Elastic IP that exists',
    }),
    '`create` a public address, `adopt` one that exists, or `none` for private callers only.',
  ),
  privateDns: z
    .strictObject({
      ...dnsRecord,
      zoneId: word.hostedZoneId.optional().meta({
        description: 'Id of a private hosted zone that exists. Left out: the deployment makes the zone.',
      }),
    })
    .optional()
    .meta({ description: 'A private name that follows the holder.' }),
  publicDns: z
    .strictObject({
      ...dnsRecord,
      zoneId: required(word.hostedZoneId, 'Id of the public hosted zone, which must exist.'),
    })
    .optional()
    .meta({ description: 'A public name for the Elastic IP. It never changes in a failover.' }),
  profiles: required(z.array(word.profile).min(1).max(10), 'Sofia profiles of this VIP. OPTIONS asks the first.'),
  sipPort: optional(word.port, DEFAULTS.sipPort, 'Port of the first profile; each further one listens on the next.'),
  tls: optionalWithout(
    z.strictObject({
      secretArn: required(word.secretArn, 'ARN of the secret with the PEM of certificate, key and chain.'),
      port: optional(
        word.port,
        DEFAULTS.sipTlsPort,
        'Port of the first profile; each further one listens on the next.',
      ),
    }),
    'SIP over TLS. Left out: none.',
  ),
  serviceAddress: optionalWithout(
    z.union([z.literal('none'), word.address], { error: '`none`, or an IPv4 address like 10.255.12.34' }),
    'Address that SIP and media bind to on every candidate. Left out: derived from the id, none on adopted nodes.',
  ),
  group: optionalWithout(word.id, 'VIPs of one group bridge calls into each other and move together, to one node.'),
  candidates: required(z.array(word.id).min(2).max(20), 'Nodes that may hold it, most preferred first.'),
  manualOnly: optional(
    z.array(word.id).max(20),
    DEFAULTS.manualOnly,
    'Candidates that only an operator may choose: no failover, failback or first assignment takes them.',
  ),
});

const sourceRule = {
  description: required(word.description, 'Who this is; stands in the security group.'),
  from: required(z.array(word.source).min(1).max(60), 'IPv4 ranges or prefix lists that may send here.'),
  iUnderstandTheWholeInternetCanReachThis: z.literal(true).optional().meta({
    description: 'Needed, and only allowed, on a rule that lets in a range wider than /8.',
  }),
};

const callers = z.strictObject({
  sip: required(
    z
      .array(
        z.strictObject({
          ...sourceRule,
          protocols: optional(
            z
              .array(z.enum(['udp', 'tcp']))
              .min(1)
              .max(2),
            DEFAULTS.sipProtocols,
            'TLS is tcp.',
          ),
          ports: z
            .array(word.port)
            .min(1)
            .max(10)
            .optional()
            .meta({ description: "Ports to open. Left out: the VIPs' SIP ports." }),
        }),
      )
      .min(1)
      .max(20),
    'Who may send SIP. There is no default.',
  ),
  rtp: required(z.array(z.strictObject(sourceRule)).min(1).max(20), 'Who may send media. There is no default.'),
});

const network = exactlyOneOf(
  z.strictObject({
    nodeEgress: required(
      z.enum(['public-ip', 'nat', 'endpoints']),
      'How nodes reach packages, SSM and logs. Each has its cost, so there is no default.',
    ),
    create: z
      .strictObject({ cidr: required(word.cidr, 'Private range of the new VPC, /16 to /24.') })
      .optional()
      .meta({ description: 'The deployment makes a VPC.' }),
    existing: z
      .strictObject({
        vpcId: required(word.vpcId, 'The VPC.'),
        cidr: required(word.cidr, 'Its range.'),
        zones: required(
          z.record(
            word.zoneName,
            z.strictObject({
              functionSubnetId: required(word.subnetId, 'Isolated subnet for the functions of this zone.'),
              nodeSubnetId: word.subnetId.optional().meta({ description: 'Subnet for nodes made in this zone.' }),
              routeTableId: required(word.routeTableId, "Route table of the functions' subnet."),
            }),
          ),
          'Every zone with an observer or a node.',
        ),
        endpointsExist: optional(
          z.boolean(),
          DEFAULTS.endpointsExist,
          'The DynamoDB and Secrets Manager endpoints exist in this VPC: do not make them again.',
        ),
      })
      .optional()
      .meta({ description: 'Deploy into a VPC that exists.' }),
  }),
  ['create', 'existing'],
);

const cluster = z.strictObject({
  id: required(word.id, 'Name of the cluster, unique in the file; it names the stacks.'),
  region: required(word.region, 'AWS region.'),
  account: word.account.optional().meta({ description: 'AWS account. Left out: that of the credentials.' }),
  network: required(network, 'The VPC, new or existing, and how nodes get out of it.'),
  observers: z
    .array(word.zoneName)
    .min(1)
    .max(5)
    .optional()
    .meta({ description: "Zones with an observer, 1 to 5. Left out: three, the nodes' zones first." }),
  nodes: required(z.array(node).min(2).max(20), 'The FreeSWITCH nodes.'),
  vips: required(z.array(vip).min(1).max(20), 'The identities that callers know.'),
  callers: required(callers, 'Who may reach the nodes. ESL is never among it.'),
  rtpPorts: optional(word.portRange, DEFAULTS.rtpPorts, 'UDP ports of the media; as in switch.conf.xml.'),
  database: optional(database, DEFAULTS.database.source, 'The PostgreSQL that lets established calls survive.'),
  freeswitch: optional(freeswitch, {}, 'How FreeSWITCH on the nodes is configured.'),
  policy: optional(policy, {}, 'How the cluster judges.'),
  paging: required(
    z.strictObject({ emails: required(z.array(word.email).min(1).max(20), 'Addresses that get the page.') }),
    'Who is told.',
  ),
  eslSecret: optional(
    z.union([z.literal('create'), z.strictObject({ arn: required(word.secretArn, 'Its ARN.') })], {
      error: '`create`, or `arn` with the ARN of a secret that exists',
    }),
    DEFAULTS.eslSecret,
    'The Secrets Manager secret with the ESL password.',
  ),
  state: optional(
    z.strictObject({
      customerManagedKey: optional(
        z.boolean(),
        DEFAULTS.state.customerManagedKey,
        'Encrypt the table with a KMS key of your own.',
      ),
      deletionProtection: optional(
        z.boolean(),
        DEFAULTS.state.deletionProtection,
        'Refuse to delete the table and the database.',
      ),
    }),
    {},
    'The DynamoDB table.',
  ),
});

export const writtenConfig = z.strictObject({
  clusters: required(z.array(cluster).min(1).max(20), 'One or more clusters, each deployed as its own stacks.'),
});

/** `understudy.yaml` as it was written, of the right form throughout. */
export type WrittenConfig = z.infer<typeof writtenConfig>;
export type WrittenCluster = WrittenConfig['clusters'][number];
export type WrittenVip = WrittenCluster['vips'][number];
export type WrittenPolicy = NonNullable<WrittenCluster['policy']>;
