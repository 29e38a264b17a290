/** Where to look next, as lines for a terminal. */
import { join, relative } from 'node:path';

import type { World } from './world';

/** @param kept whether the world stays up, so that commands against it make sense */
export function lookAround(world: World, { kept }: { kept: boolean }): string[] {
  const { projectDir, workDir } = world.deployOptions;
  const log = join(relative(projectDir, workDir), 'emulator.log');
  const files = [
    `  ${log.padEnd(35)}the local AWS; cdk-*.log beside it`,
    '  docs/architecture.md               the path of a failure, and where each part lives',
    '  docs/runbook.md                    what to do when an alarm comes',
    '  npm run demo -- --fault freeze     also: sip, zone, no-standby',
  ];
  if (!kept) return [...files, '  npm run demo -- --keep             leaves it all running, to look around'];
  const { env } = world.emulator;
  const exports = ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION']
    .map((name) => `${name}=${env[name] ?? ''}`)
    .join(' ');
  const { tableName, failoverFunction } = world.deployment;
  const query = `--key-condition-expression 'pk = :p' --expression-attribute-values`;
  return [
    ...files,
    '',
    `  export ${exports}`,
    '',
    "  With the operator's command, and with AWS's own:",
    `  npm run understudy -- status --table ${tableName}`,
    `  aws dynamodb query --table-name ${tableName} ${query} '{":p":{"S":"vip#${world.vip.id}"}}'`,
    '  aws ec2 describe-addresses',
    `  aws logs tail /aws/lambda/${failoverFunction}`,
    '',
    ...world.topology.nodes.map(
      (node) =>
        `  ${node.id}: ESL ${node.managementAddress}:${node.eslPort}, SIP ${Object.values(node.vipAddresses).join(', ')}`,
    ),
    `  callers: ${world.vip.elasticIp?.publicIp ?? 'none'}:${world.vip.sipPort}`,
  ];
}
