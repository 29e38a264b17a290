/** A node in a temporary folder: its settings, our scripts, and stand-ins for the commands that reach outside. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { addressRules } from '../../../lib/freeswitch/host/address-rules';
import {
  contentEnvironment,
  nodeEnvironment,
  vipLines,
  type HostSettings,
} from '../../../lib/freeswitch/host/settings';

export const FILES = join(__dirname, '../../../lib/freeswitch/host/files');

export const settings: HostSettings = {
  cluster: 'pbx',
  node: 'alice',
  region: 'us-east-1',
  eslPort: 8021,
  eslSecretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:esl',
  vips: [
    {
      id: 'main-line',
      serviceAddress: '10.255.0.10',
      privateAddress: '10.99.1.21',
      publicAddress: { kind: 'known', address: '198.51.100.10' },
      tlsSecretArn: null,
    },
  ],
  database: { host: 'db.example', port: '5432', name: 'freeswitch', tls: true, secretArn: 'arn:aws:secret:db-alice' },
  contentParameter: '/understudy/pbx/alice/content',
  packagesTokenSecretArn: null,
  logGroup: '/pbx/nodes',
};

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** What the metadata service says of an instance with one secondary address, and where RDS's certificates are. */
const METADATA = `#!/bin/bash
case "\${!#}" in
  */api/token) echo token ;;
  */meta-data/mac) echo 02:00:00:00:00:0b ;;
  */meta-data/local-ipv4) echo 10.99.1.11 ;;
  */local-ipv4s) printf '10.99.1.11\\n10.99.1.21\\n' ;;
  */global-bundle.pem) echo certificates ;;
  *) exit 22 ;;
esac
`;

export class NodeFolder {
  readonly root = mkdtempSync(join(tmpdir(), 'understudy-host-'));
  private readonly stubs = join(this.root, 'stubs');

  constructor(of: HostSettings = settings, userFiles: string | null = null) {
    cpSync(join(FILES, 'bin'), join(this.root, 'bin'), { recursive: true });
    this.write('etc/understudy/node.env', nodeEnvironment(of));
    this.write('etc/understudy/content.env', contentEnvironment({ archive: 's3://bucket/abc.zip', userFiles }));
    this.write('etc/understudy/vips', vipLines(of.vips));
    const mapped = of.vips.flatMap(({ id, serviceAddress }) =>
      serviceAddress === null ? [] : [{ id, serviceAddress }],
    );
    this.write('etc/understudy/addresses.nft', addressRules(mapped));
    this.stub('curl', METADATA);
  }

  /** Puts a command in front of the real ones. */
  stub(command: string, script: string): void {
    const path = join(this.stubs, command);
    mkdirSync(this.stubs, { recursive: true });
    writeFileSync(path, script.startsWith('#!') ? script : `#!/bin/bash\n${script}\n`);
    chmodSync(path, 0o755);
  }

  write(path: string, content: string): void {
    const full = join(this.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
  }

  read = (path: string): string => readFileSync(join(this.root, path), 'utf8');
  has = (path: string): boolean => existsSync(join(this.root, path));

  /** Runs a script of ours; `before` is put in front, like `ip netns exec NAME`. */
  run(script: string, args: readonly string[] = [], before: readonly string[] = []): Ended {
    const [command = 'bash', ...rest] = [...before, 'bash', join(this.root, 'bin', script), ...args];
    const { status, stdout, stderr } = spawnSync(command, rest, {
      encoding: 'utf8',
      timeout: 20_000,
      env: { ...process.env, PATH: `${this.stubs}:${process.env['PATH'] ?? ''}`, UNDERSTUDY_ROOT: this.root },
    });
    return { code: status, out: stdout, err: stderr };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Whether a checker of the system is installed. A test that needs it says in its name that it was skipped. */
export function installed(command: string, ...args: string[]): boolean {
  return spawnSync(command, args.length > 0 ? args : ['--version'], { stdio: 'ignore' }).status === 0;
}
