/** The words that `schema.ts` is made of. Each refusal is the end of the sentence "… must be". */
import { z } from 'zod';
import { parseCidr } from './cidr';
import { DURATION_PATTERN } from './duration';

/** Long enough to be told apart, short enough for the names of AWS resources (64 characters) made out of two of them. */
export const ID_PATTERN = /^[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?$/;
const PORT_RANGE_PATTERN = /^(\d{1,5})-(\d{1,5})$/;
const HOST_NAME_PATTERN =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const ADDRESS_PATTERN = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const CIDR_PATTERN = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\/(?:3[0-2]|[12]?\d)$/;
const SOURCE_PATTERN = new RegExp(`${CIDR_PATTERN.source}|^pl-[0-9a-f]{8,17}$`);

/** Text of one form. `mustBe` names the form with an example and stands in the message. */
const text = (pattern: RegExp, mustBe: string) => z.string().regex(pattern, mustBe);

/** The id of an AWS resource: prefix, then 8 or 17 hexadecimal digits. */
const resourceId = (prefix: string) =>
  text(new RegExp(`^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`), `an id like ${prefix}-0123456789abcdef0`);

export const id = text(ID_PATTERN, 'up to 20 lower-case letters, digits and hyphens, beginning with a letter');
export const region = text(/^[a-z]{2}(?:-[a-z]+){1,2}-\d$/, 'a region like us-east-1');
export const zoneName = text(/^[a-z0-9-]{1,40}$/, 'an availability zone like us-east-1a');
export const account = text(/^\d{12}$/, 'the 12 digits of an account, in quotes');
export const cidr = text(CIDR_PATTERN, 'an IPv4 range like 10.20.0.0/16');
export const address = text(ADDRESS_PATTERN, 'an IPv4 address like 10.255.12.34');
export const source = text(
  SOURCE_PATTERN,
  'an IPv4 range like 203.0.113.0/24, or a prefix list like pl-0123456789abcdef0',
);
export const duration = text(DURATION_PATTERN, 'a whole number and its unit, like 400ms, 5s, 10m or 1h');
export const hostName = text(HOST_NAME_PATTERN, 'a name in lower case with a dot inside, like sip.example.com');
export const portRange = text(PORT_RANGE_PATTERN, 'a range like 16384-32768');
export const hostOrAddress = text(
  new RegExp(`${HOST_NAME_PATTERN.source}|${ADDRESS_PATTERN.source}`),
  'the name of a server like db.example.com, or its IPv4 address',
);
export const vpcId = resourceId('vpc');
export const subnetId = resourceId('subnet');
export const routeTableId = resourceId('rtb');
export const securityGroupId = resourceId('sg');
export const image = text(
  /^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  'the id of a pinned image like ami-0123456789abcdef0 (an alias such as "latest" would replace nodes unasked)',
);
export const instanceType = text(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an EC2 instance type like c7g.large');
export const instanceClass = text(/^db\.[a-z][a-z0-9-]*\.[a-z0-9]+$/, 'an RDS instance class like db.t4g.medium');
/** Lower case, so that it is the same name with and without quotes in SQL; those that servers have taken are refused. */
export const databaseName = text(
  /^(?!(?:db|postgres|rdsadmin|template[01])$)[a-z][a-z0-9_]{0,62}$/,
  'a database of its own: up to 63 lower-case letters, digits and underscores, beginning with a letter',
);
export const hostedZoneId = text(/^Z[A-Z0-9]{5,31}$/, 'the id of a Route 53 hosted zone like Z0123456789ABCDEFGHIJ');
export const secretArn = text(
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}$/,
  'the ARN of a secret like arn:aws:secretsmanager:us-east-1:123456789012:secret:pbx-esl-AbCdEf',
);
export const email = text(/^(?=.{3,254}$)[^\s@,;<>"]{1,64}@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+$/, 'an e-mail address');
export const profile = text(/^[A-Za-z0-9_-]{1,64}$/, 'a sofia profile: letters, digits, hyphens and underscores');
/** As `codec-prefs` takes them: a name, then rate (h), packet time (i), bit rate (b) and channels (c). */
export const codec = text(
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}(?:@\d{1,6}[hibc]){0,4}$/,
  'a codec like PCMU or opus@48000h',
);
export const moduleName = text(/^mod_[a-z0-9_]{1,60}$/, 'a module like mod_conference');
export const folder = text(/^[^\0-\x1f]{1,1000}$/, 'a folder like ./freeswitch');
/** Rules of S3 for names of buckets; those with dots break TLS to virtual-hosted addresses. */
export const bucket = text(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'the name of a bucket like example-freeswitch');
export const s3Prefix = text(
  /^[A-Za-z0-9!_.*'()-][A-Za-z0-9!_.*'()/-]{0,500}$/,
  'a prefix like freeswitch/pbx/, without a slash at its beginning',
);
/** EC2 takes these characters in the description of a security group rule, and up to 255 of them. */
export const description = text(
  /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,200}$/,
  'up to 200 letters, digits, spaces and . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *',
);
export const port = z.int().min(1).max(65_535);
/** Limits of EC2 tags. */
export const tag = z.strictObject({
  key: z.string().min(1).max(128).meta({ description: 'Key of the tag.' }),
  value: z.string().min(1).max(256).meta({ description: 'Value of the tag.' }),
});

/** The two ports of a range whose form the schema has checked. */
export function parsePortRange(range: string): { fromPort: number; toPort: number } {
  const [fromPort = 0, toPort = 0] = range.split('-').map(Number);
  return { fromPort, toPort };
}

/** Whether this much of the internet counts as all of it: an eighth of it in one range is no allow-list any more. */
export function isWholeInternet(text: string): boolean {
  const range = parseCidr(text);
  return range !== null && range.prefix < 8;
}
