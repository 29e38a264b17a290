/** Which failures of the SDK a retry may cure. Pure. */

/** Codes of throttling over all services used here; Route 53 sends its two with status 400. */
const THROTTLED = new Set([
  'Throttling',
  'Throttled',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'EC2ThrottledException',
  'KMSThrottlingException',
]);

/**
 * Two writers met. `TransactionCanceledException` comes here only without a failed condition (`table.ts` makes a
 * failed condition a value), so what cancelled it is a conflict or throttling.
 */
const CONFLICTED = new Set([
  'TransactionConflictException',
  'TransactionInProgressException',
  'TransactionCanceledException',
  'ConcurrentModification',
]);

const UNREACHED = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'TimeoutError',
  'AbortError',
  'NetworkingError',
  'RequestTimeout',
  'RequestTimeoutException',
]);

const TRANSIENT = new Set([...THROTTLED, ...CONFLICTED, ...UNREACHED]);

/** `final`: asking again gives the same answer. `transient`: throttled, conflicted, a server error, or no answer. */
export function classify(error: unknown): 'transient' | 'final' {
  // `name` is the SDK's, `Code` the service's (SNS says `Throttled` for ThrottledException), `code` Node's.
  const names = [field(error, 'name'), field(error, 'Code'), field(error, 'code')];
  if (names.some((name) => typeof name === 'string' && TRANSIENT.has(name))) return 'transient';
  const status = field(field(error, '$metadata'), 'httpStatusCode');
  if (typeof status === 'number' && (status >= 500 || status === 429)) return 'transient';
  // A cut connection surfaces in many shapes; this is Node's own text for it.
  return error instanceof Error && error.message.includes('socket hang up') ? 'transient' : 'final';
}

/** The service turned the call away before it had any effect. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.has(errorName(error));
}

/** The service's error code: `name` for modelled errors, `Code` for those of EC2 and Route 53 that are not. */
export function errorName(error: unknown): string {
  const code = field(error, 'Code');
  if (typeof code === 'string' && code !== '') return code;
  return error instanceof Error ? error.name : 'UnknownError';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
