/** Which service and action an AWS request asks for, read from its signature, headers, path and body. */
import type { IncomingHttpHeaders } from 'node:http';

/** How a service encodes requests and errors: https://smithy.io/2.0/aws/protocols/index.html */
export type AwsProtocol = 'json' | 'cbor' | 'ec2-query' | 'query' | 'rest-xml' | 'rest-json';

export interface AwsRequest {
  /** The name in the signature's credential scope: `ec2`, `dynamodb`, `route53`, `sns`, `lambda`, `monitoring`, … */
  service: string;
  /** `AssociateAddress`, `PutItem`, `Invoke`, …; `METHOD /path` for what is not recognised. */
  action: string;
  protocol: AwsProtocol;
  accessKeyId: string | null;
  /** Parameters of query requests, top-level members of JSON ones; secret values are left out. */
  parameters: Readonly<Record<string, unknown>>;
}

interface RawRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const SECRET_MEMBERS = new Set(['SecretString', 'SecretBinary', 'Plaintext']);

/** Paths of the REST services, first match wins; only what local code and the functions use. */
const REST_ACTIONS: readonly [service: string, method: string, path: RegExp, action: string][] = [
  ['lambda', 'POST', /^\/2015-03-31\/functions\/[^/]+\/invocations$/, 'Invoke'],
  ['lambda', 'GET', /^\/2015-03-31\/functions\/[^/]+$/, 'GetFunction'],
  ['lambda', 'GET', /^\/2015-03-31\/functions\/[^/]+\/configuration$/, 'GetFunctionConfiguration'],
  ['route53', 'POST', /^\/2013-04-01\/hostedzone\/[^/]+\/rrset\/?$/, 'ChangeResourceRecordSets'],
  ['route53', 'GET', /^\/2013-04-01\/hostedzone\/[^/]+\/rrset\/?$/, 'ListResourceRecordSets'],
  ['route53', 'GET', /^\/2013-04-01\/hostedzonesbyname$/, 'ListHostedZonesByName'],
  ['route53', 'GET', /^\/2013-04-01\/hostedzone\/[^/]+$/, 'GetHostedZone'],
  ['route53', 'GET', /^\/2013-04-01\/change\/[^/]+$/, 'GetChange'],
  ['s3', 'PUT', /^\/[^/]+\/.+/, 'PutObject'],
  ['s3', 'GET', /^\/[^/]+\/.+/, 'GetObject'],
  ['s3', 'HEAD', /^\/[^/]+\/.+/, 'HeadObject'],
];

/** Never throws: what cannot be read is `unknown`, with the method and path for an action. */
export function readAwsRequest(request: RawRequest): AwsRequest {
  const credential = /Credential=([^/,\s]+)\/\d+\/[^/]*\/([^/,]+)\//.exec(request.headers.authorization ?? '');
  const service = credential?.[2] ?? 'unknown';
  const protocol = protocolOf(service, request.headers);
  const parameters = parametersOf(request, protocol);
  return {
    service,
    protocol,
    accessKeyId: credential?.[1] ?? null,
    action: actionOf(service, request, parameters),
    parameters,
  };
}

function protocolOf(service: string, headers: IncomingHttpHeaders): AwsProtocol {
  const type = headers['content-type'] ?? '';
  if (headers['smithy-protocol'] === 'rpc-v2-cbor' || type.startsWith('application/cbor')) {
    return 'cbor';
  }
  if (type.startsWith('application/x-amz-json')) {
    return 'json';
  }
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return service === 'ec2' ? 'ec2-query' : 'query';
  }
  return service === 'route53' || service === 's3' || service === 'cloudfront' ? 'rest-xml' : 'rest-json';
}

function parametersOf(request: RawRequest, protocol: AwsProtocol): Record<string, unknown> {
  if (protocol === 'query' || protocol === 'ec2-query') {
    return Object.fromEntries(new URLSearchParams(request.body.toString('utf8')));
  }
  if (protocol === 'cbor' || protocol === 'rest-xml' || request.body.length === 0) {
    return {};
  }
  try {
    const parsed: unknown = JSON.parse(request.body.toString('utf8'));
    const members = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
    return Object.fromEntries(members.filter(([name]) => !SECRET_MEMBERS.has(name)));
  } catch {
    return {};
  }
}

function actionOf(service: string, request: RawRequest, parameters: Record<string, unknown>): string {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    return target.slice(target.lastIndexOf('.') + 1);
  }
  if (typeof parameters['Action'] === 'string') {
    return parameters['Action'];
  }
  const path = request.path.split('?')[0] ?? '';
  const operation = /^\/service\/[^/]+\/operation\/([^/]+)$/.exec(path)?.[1];
  const rest = REST_ACTIONS.find(([s, m, pattern]) => s === service && m === request.method && pattern.test(path));
  return operation ?? rest?.[3] ?? `${request.method} ${path}`;
}
