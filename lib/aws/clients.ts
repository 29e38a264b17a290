/**
 * The SDK clients. Endpoint, region and credentials come from the environment (`AWS_ENDPOINT_URL` and friends), as the
 * Lambda runtime and the local AWS set them. One attempt each: `call.ts` counts the retries. One function a client,
 * so that a bundle carries only the clients it asks for.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SNSClient } from '@aws-sdk/client-sns';

/** What a test passes instead of the environment: endpoint, credentials, region. */
export interface ClientOverrides {
  region?: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** Connecting inside a region takes single milliseconds: half a second without is an unreachable address. */
const CONNECTION_TIMEOUT_MS = 500;

/** The last net under `call.ts`, whose own deadline per attempt is shorter (synchronous invocations excepted). */
const REQUEST_TIMEOUT_MS = 30_000;

function base(overrides: ClientOverrides) {
  return {
    ...overrides,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
  };
}

export function dynamoDbClient(overrides: ClientOverrides = {}): DynamoDBClient {
  // The regional name, not the account's own: it is the one that the VPC's gateway endpoint is documented to serve.
  return new DynamoDBClient({ ...base(overrides), accountIdEndpointMode: 'disabled' });
}

export function ec2Client(overrides: ClientOverrides = {}): EC2Client {
  return new EC2Client(base(overrides));
}

export function route53Client(overrides: ClientOverrides = {}): Route53Client {
  return new Route53Client(base(overrides));
}

export function lambdaClient(overrides: ClientOverrides = {}): LambdaClient {
  return new LambdaClient(base(overrides));
}

export function snsClient(overrides: ClientOverrides = {}): SNSClient {
  return new SNSClient(base(overrides));
}
