import { BASE, HERE, linesMarked, load, replaceOnce, TWO_CLUSTERS } from '../fixture';
import { RTP, refusesEach, secret } from '../mistakes';

const database = (lines: string): [string, string][] => [[RTP, `    database:\n${lines}${RTP}`]];
const existing = (host: string, arn = secret('db')): [string, string][] =>
  database(`      existing:\n        host: ${host}\n        name: calls\n        adminSecretArn: ${arn}\n`);
const SHARED = `    database: { existing: { host: db.example.com, name: calls, adminSecretArn: '${secret('db')}' } }`;

refusesEach('the database', [
  {
    name: 'one that is made and exists',
    change: [
      [
        RTP,
        `    database: { create: {}, existing: { host: h.example.com, name: calls, adminSecretArn: '${secret('db')}' } }${HERE}\n${RTP}`,
      ],
    ],
    path: 'clusters[0].database',
    says: /exactly one of `create` and `existing`/,
  },
  {
    name: 'one that is neither made nor exists',
    change: [[RTP, `    database: {}${HERE}\n${RTP}`]],
    path: 'clusters[0].database',
    says: /exactly one of `create` and `existing`/,
  },
  {
    name: 'a word for none that is not none',
    change: [[RTP, `    database: sqlite${HERE}\n${RTP}`]],
    path: 'clusters[0].database',
    says: /must be `none`, or .*; here is "sqlite"/,
  },
  {
    name: 'no backups',
    change: database(`      create:\n        backupDays: 0${HERE}\n`),
    path: 'clusters[0].database.create.backupDays',
    says: /at least 1; here is 0/,
  },
  {
    name: 'less storage than RDS makes',
    change: database(`      create:\n        storageGiB: 10${HERE}\n`),
    path: 'clusters[0].database.create.storageGiB',
    says: /at least 20; here is 10/,
  },
  {
    name: 'an EC2 instance type as its class',
    change: database(`      create:\n        instanceClass: t4g.medium${HERE}\n`),
    path: 'clusters[0].database.create.instanceClass',
    says: /like db\.t4g\.medium/,
  },
  {
    name: "the server's own database",
    change: database(`      create:\n        name: postgres${HERE}\n`),
    path: 'clusters[0].database.create.name',
    says: /a database of its own.*; here is "postgres"/,
  },
  {
    name: 'a server that is another one on every node',
    change: existing(`127.0.0.1${HERE}`),
    path: 'clusters[0].database.existing.host',
    says: /a different machine on every node/,
  },
  {
    name: 'a password from another region',
    change: existing('db.example.com', `${secret('db', 'eu-west-1')}${HERE}`),
    path: 'clusters[0].database.existing.adminSecretArn',
    says: /lives in eu-west-1: replicate it to us-east-1/,
  },
  {
    name: 'a server that another cluster of the file has, whatever its database is called',
    base: TWO_CLUSTERS,
    change: [
      ['cidr: 10.80.0.0/16\n', `cidr: 10.80.0.0/16\n${SHARED}\n`],
      ['cidr: 10.81.0.0/16\n', `cidr: 10.81.0.0/16\n${replaceOnce(SHARED, 'calls', 'others')}${HERE}\n`],
    ],
    path: 'clusters[1].database.existing.host',
    says: /the PostgreSQL server db\.example\.com:5432 is used by cluster pbx already/,
  },
]);

describe('a database in one zone', () => {
  it('is allowed, with a warning', () => {
    const text = replaceOnce(BASE, RTP, `    database:\n      create:\n        multiAz: false${HERE}\n${RTP}`);

    const { warnings } = load(text);

    expect(warnings).toEqual([
      {
        path: 'clusters[0].database.create.multiAz',
        line: linesMarked(text)[0],
        message: expect.stringContaining('takes the calls along'),
      },
    ]);
  });
});
