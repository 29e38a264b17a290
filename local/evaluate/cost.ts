/**
 * What a cluster costs a month: the quantities of docs/cost.md as functions of its size, at the unit prices that stand
 * there with their sources. A test holds both against each other.
 */

/** USD in us-east-1, on demand, without free tiers. The sources are the AWS pricing pages that docs/cost.md names. */
const PRICES = {
  lambdaGbSecondArm64: 0.0000133334,
  lambdaMillionInvocations: 0.2,
  dynamoDbMillionWrites: 0.625,
  dynamoDbMillionReads: 0.125,
  dynamoDbGbStoredAndBackedUp: 0.45,
  interfaceEndpointHour: 0.01,
  secret: 0.4,
  tenThousandSecretReads: 0.05,
  key: 1,
  alarm: 0.1,
  metric: 0.3,
  dashboard: 3,
  logGb: 0.5,
  hostedZone: 0.5,
  databaseHourMultiAz: 0.129,
  databaseGbMultiAz: 0.23,
  nodeHour: 0.0725,
  volumeGb: 0.08,
  publicIpv4Hour: 0.005,
} as const;

const HOURS = 730;
const MINUTES = HOURS * 60;
const SECONDS = MINUTES * 60;
const MILLION = 1e6;

/** As in docs/cost.md: its nodes have a public way out, its database is an RDS instance in two zones. */
export interface Bill {
  nodes: number;
  vips: number;
  observers: number;
  database: boolean;
  elasticIps: boolean;
  /** How often an observer writes what has not changed, in milliseconds. */
  heartbeatMs: number;
}

/** One line of docs/cost.md, by the beginning of its first column. */
export interface Item {
  what: string;
  usd: number;
}

export function controlPlaneOf({ nodes, observers, heartbeatMs }: Bill): Item[] {
  /** Each is 3 s behind the one before, so that no two hand over at once. */
  const challengerSeconds = sum(Array.from({ length: observers }, (_, index) => 0.5 + 3 * index));
  const writesAMinute = nodes * observers * (60_000 / heartbeatMs) + observers * 30;
  /** One look at the cluster: its observations are the most of it, and there are as many as nodes. */
  const lookUnits = nodes;
  const readsAMinute = observers * 12 * lookUnits + 50;
  return [
    { what: 'Observers', usd: observers * 0.25 * SECONDS * PRICES.lambdaGbSecondArm64 },
    { what: 'Their challengers', usd: MINUTES * 0.25 * challengerSeconds * PRICES.lambdaGbSecondArm64 },
    { what: 'Failover', usd: MINUTES * 0.5 * PRICES.lambdaGbSecondArm64 },
    { what: 'Invocations', usd: (((observers + 1) * MINUTES) / MILLION) * PRICES.lambdaMillionInvocations },
    { what: 'DynamoDB, writes', usd: ((writesAMinute * MINUTES) / MILLION) * PRICES.dynamoDbMillionWrites },
    { what: 'DynamoDB, reads', usd: ((readsAMinute * MINUTES) / MILLION) * PRICES.dynamoDbMillionReads },
    { what: 'DynamoDB, storage', usd: 0.1 * PRICES.dynamoDbGbStoredAndBackedUp },
    { what: 'Secrets Manager endpoint', usd: observers * HOURS * PRICES.interfaceEndpointHour },
    { what: 'ESL secret', usd: PRICES.secret },
    { what: 'Key of the paging topic', usd: PRICES.key },
    { what: 'Alarms', usd: 35 * PRICES.alarm },
    { what: 'Own metrics', usd: 0.95 },
    { what: 'Dashboard', usd: PRICES.dashboard },
    { what: 'Logs of functions', usd: PRICES.logGb },
    { what: 'Private zone', usd: PRICES.hostedZone },
  ];
}

export function databaseOf({ nodes, database }: Bill): Item[] {
  if (!database) return [];
  return [
    { what: 'db.t4g.medium', usd: HOURS * PRICES.databaseHourMultiAz },
    { what: 'Storage gp3', usd: 20 * PRICES.databaseGbMultiAz },
    { what: 'Secrets', usd: (1 + nodes) * PRICES.secret },
    { what: "The nodes' look", usd: ((nodes * MINUTES) / 10_000) * PRICES.tenThousandSecretReads },
    { what: 'Alarms', usd: 8 * PRICES.alarm },
    { what: 'Its logs', usd: 0.2 * PRICES.logGb },
  ];
}

export function nodesOf({ nodes, vips, elasticIps }: Bill): Item[] {
  const address = HOURS * PRICES.publicIpv4Hour;
  return [
    { what: 'c7g.large', usd: nodes * HOURS * PRICES.nodeHour },
    { what: 'gp3 volume', usd: nodes * 20 * PRICES.volumeGb },
    { what: 'Detailed monitoring', usd: nodes * 7 * PRICES.metric },
    { what: "Public IPv4: the VIP's", usd: (elasticIps ? vips : 0) * address },
    { what: "Public IPv4: the nodes' own", usd: nodes * address },
  ];
}

/** USD a month, for each VIP its share of everything. */
export function monthlyUsdPerVip(bill: Bill): number {
  const items = [...controlPlaneOf(bill), ...databaseOf(bill), ...nodesOf(bill)];
  return sum(items.map(({ usd }) => usd)) / bill.vips;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
