/** What a node must know of itself. Ids only: the password is read by the node, with its own role. */
export interface NodeIdentity {
  cluster: string;
  node: string;
  zone: string;
  region: string;
  eslPort: number;
  eslSecretArn: string;
  vips: { id: string; profiles: readonly string[]; sipPort: number }[];
}

/** @returns a shell script for cloud-init that writes `/etc/understudy/node.json` */
export function nodeUserData(identity: NodeIdentity): string {
  return [
    '#!/bin/sh',
    'set -eu',
    'mkdir -p /etc/understudy',
    // Quoted delimiter: nothing in the document is expanded by the shell.
    "cat > /etc/understudy/node.json <<'UNDERSTUDY'",
    JSON.stringify(identity),
    'UNDERSTUDY',
    'chmod 644 /etc/understudy/node.json',
    '',
  ].join('\n');
}
