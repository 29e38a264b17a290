import { readAwsRequest } from '../../../local/emulator/aws-request';

const signed = (service: string, more: Record<string, string> = {}) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=ASIA123/20261123/us-east-1/${service}/aws4_request, SignedHeaders=host`,
  ...more,
});
const read = (method: string, path: string, headers: Record<string, string>, body = '') => {
  const { service, action, protocol } = readAwsRequest({ method, path, headers, body: Buffer.from(body) });
  return [service, action, protocol];
};

describe('service, action and protocol are read', () => {
  const json = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.PutItem' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  test.each([
    ['dynamodb', 'POST', '/', json, '{}', 'PutItem', 'json'],
    ['ec2', 'POST', '/', form, 'Action=StopInstances&Force=true', 'StopInstances', 'ec2-query'],
    ['sns', 'POST', '/', form, 'Action=Publish', 'Publish', 'query'],
    ['route53', 'POST', '/2013-04-01/hostedzone/Z1/rrset', {}, '<x/>', 'ChangeResourceRecordSets', 'rest-xml'],
    ['route53', 'GET', '/2013-04-01/hostedzone/Z1/rrset?name=a', {}, '', 'ListResourceRecordSets', 'rest-xml'],
    ['lambda', 'POST', '/2015-03-31/functions/f/invocations', {}, '{}', 'Invoke', 'rest-json'],
    [
      'monitoring',
      'POST',
      '/service/GraniteServiceVersion20100801/operation/PutMetricData',
      { 'smithy-protocol': 'rpc-v2-cbor' },
      '',
      'PutMetricData',
      'cbor',
    ],
  ])('%s %s %s', (service, method, path, headers, body, action, protocol) => {
    expect(read(method, path, signed(service, headers), body)).toEqual([service, action, protocol]);
  });
});

test('what is not signed or not known is named by its path, and never throws', () => {
  expect(read('GET', '/_ministack/health', {})).toEqual(['unknown', 'GET /_ministack/health', 'rest-json']);
  const broken = { 'content-type': 'application/x-amz-json-1.1' };
  expect(read('POST', '/', signed('logs', broken), '{"half')[0]).toBe('logs');
});

test('parameters are kept for assertions, secret values are not', () => {
  const { parameters, accessKeyId } = readAwsRequest({
    method: 'POST',
    path: '/',
    headers: signed('secretsmanager', { 'content-type': 'application/x-amz-json-1.1' }),
    body: Buffer.from('{"SecretId":"esl","SecretString":"ClueCon"}'),
  });
  expect(parameters).toEqual({ SecretId: 'esl' });
  expect(accessKeyId).toBe('ASIA123');
});
