import type * as ec2 from 'aws-cdk-lib/aws-ec2';

/** Where the functions of the data stack run and what they speak to. */
export interface DatabaseSite {
  /** A `DatabaseServer` of `lib/operations/database-setup.ts` as JSON; may hold references. */
  serverJson: string;
  network: { vpc: ec2.IVpc; subnet: ec2.ISubnet; securityGroup: ec2.ISecurityGroup };
  /** Environment by which Node knows the authorities of RDS; empty without TLS. */
  certificates: Record<string, string>;
}

/**
 * The runtime's file of Amazon's authorities, those of RDS among them, which Node 20 and later load only when they are
 * told to (Lambda guide, "Building Lambda functions with Node.js", CA certificate loading).
 */
export const certificatesFor = (tls: boolean): Record<string, string> =>
  tls ? { NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem' } : {};
