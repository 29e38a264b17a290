/** AWS's errors as each protocol writes them: https://smithy.io/2.0/aws/protocols/index.html */
import { randomUUID } from 'node:crypto';
import type { AwsProtocol, AwsRequest } from './aws-request';

export type ErrorKind = 'throttle' | 'refuse' | 'server-error';

export interface ErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

interface ErrorDefinition {
  status: number;
  code: string;
  message: string;
}

const DEFAULTS: Record<ErrorKind, ErrorDefinition> = {
  throttle: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  refuse: { status: 400, code: 'AccessDeniedException', message: 'User is not authorized to perform this action' },
  'server-error': { status: 500, code: 'InternalServerError', message: 'The request processing has failed' },
};

/** Where a service's "Common errors" page, or its API reference, has codes and statuses of its own. */
const BY_SERVICE: Record<string, Partial<Record<ErrorKind, Pick<ErrorDefinition, 'status' | 'code'>>>> = {
  dynamodb: {
    throttle: { status: 400, code: 'ProvisionedThroughputExceededException' },
  },
  ec2: {
    throttle: { status: 503, code: 'RequestLimitExceeded' },
    refuse: { status: 403, code: 'UnauthorizedOperation' },
    'server-error': { status: 500, code: 'InternalError' },
  },
  route53: {
    throttle: { status: 400, code: 'Throttling' },
    refuse: { status: 403, code: 'AccessDenied' },
    'server-error': { status: 500, code: 'InternalFailure' },
  },
  sns: {
    throttle: { status: 400, code: 'Throttled' },
    refuse: { status: 403, code: 'AuthorizationError' },
    'server-error': { status: 500, code: 'InternalError' },
  },
  lambda: {
    throttle: { status: 429, code: 'TooManyRequestsException' },
    refuse: { status: 403, code: 'AccessDeniedException' },
    'server-error': { status: 500, code: 'ServiceException' },
  },
  secretsmanager: {
    'server-error': { status: 500, code: 'InternalServiceError' },
  },
  s3: {
    throttle: { status: 503, code: 'SlowDown' },
    refuse: { status: 403, code: 'AccessDenied' },
    'server-error': { status: 500, code: 'InternalError' },
  },
  cloudformation: {
    throttle: { status: 400, code: 'Throttling' },
    refuse: { status: 403, code: 'AccessDenied' },
    'server-error': { status: 500, code: 'InternalFailure' },
  },
  sts: {
    throttle: { status: 400, code: 'Throttling' },
    refuse: { status: 403, code: 'AccessDenied' },
  },
};

export function errorAnswer(kind: ErrorKind, request: Pick<AwsRequest, 'service' | 'protocol'>): ErrorAnswer {
  const definition = { ...DEFAULTS[kind], ...BY_SERVICE[request.service]?.[kind] };
  return encode(request.protocol, definition);
}

function encode(protocol: AwsProtocol, { status, code, message }: ErrorDefinition): ErrorAnswer {
  const requestId = randomUUID();
  const answer = (contentType: string, body: string | Buffer, headers: Record<string, string> = {}): ErrorAnswer => ({
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...headers },
    body: Buffer.from(body),
  });
  switch (protocol) {
    case 'json':
      return answer('application/x-amz-json-1.0', JSON.stringify({ __type: code, message }));
    case 'rest-json':
      return answer('application/json', JSON.stringify({ message }), { 'x-amzn-errortype': code });
    case 'cbor':
      return answer('application/cbor', cborMap({ __type: code, message }), { 'smithy-protocol': 'rpc-v2-cbor' });
    case 'ec2-query':
      return answer(
        'text/xml',
        `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors>` +
          `<RequestID>${requestId}</RequestID></Response>`,
      );
    case 'query':
    case 'rest-xml':
      return answer(
        'text/xml',
        `<ErrorResponse><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code>` +
          `<Message>${message}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      );
  }
}

/** A map of short texts: RFC 8949, major types 5 (map) and 3 (text string), lengths below 256. */
function cborMap(members: Record<string, string>): Buffer {
  const entries = Object.entries(members);
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    const head = bytes.length < 24 ? [0x60 + bytes.length] : [0x78, bytes.length];
    return Buffer.concat([Buffer.from(head), bytes]);
  };
  return Buffer.concat([Buffer.from([0xa0 + entries.length]), ...entries.flat().map(text)]);
}
