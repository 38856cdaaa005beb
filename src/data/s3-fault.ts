import { isPassing, mayPass } from '../base/attempts.node.js';
import type { AgebandError } from '../base/errors.js';
import { ConfigError, FileError, messageOf } from '../base/errors.js';
import { plainText } from '../base/plain-text.js';

/** What names of faults mean, for services that say nothing else. */
const MEANINGS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket',
  NoSuchKey: 'there is no such object; the beginning of several must end in /',
  AccessDenied: 'these credentials do not allow it',
  InvalidObjectState: 'it is in an archive, from which it must be restored first',
  PermanentRedirect: 'the bucket is in another region than AWS_REGION',
};

/** The same for those with which nothing can be asked for at all. */
const MEANINGS_FOR_ALL: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'the service does not know the AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'the AWS_SECRET_ACCESS_KEY is not that of the AWS_ACCESS_KEY_ID',
  ExpiredToken: 'the AWS_SESSION_TOKEN has expired',
  InvalidToken: 'the AWS_SESSION_TOKEN is none',
  RequestTimeTooSkewed: 'the clock of this machine differs from that of the service',
  AuthorizationHeaderMalformed: 'the AWS_REGION is not that of the service',
};

const HINT = 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL say where to ask and as whom, also where workers run.';

/** As the client throws them. */
interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly input?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** What a service or its client says, for people; what is wrong for all objects ends the job. */
export function s3Fault(error: unknown, address: string, aim: 'fetched' | 'listed'): AgebandError {
  const thrown = error as Thrown;
  const reason = reasonOf(error, thrown);
  const fault = isForAll(thrown, reason)
    ? new ConfigError(`s3: ${reason}`, { hint: HINT, cause: error })
    : new FileError(address, `cannot be ${aim}: ${reason}`, { hint: hintOf(reason), cause: error });
  return maySucceedLater(thrown, fault) ? mayPass(fault, Number(thrown.$response?.headers?.['retry-after']) || 0) : fault;
}

function reasonOf(error: unknown, { name = '', code, input, $metadata: { httpStatusCode: status } = {} }: Thrown): string {
  if (code === 'ERR_INVALID_URL') return `the endpoint ${input ?? ''} is no address of http or https`;
  const said = plainText(messageOf(error));
  const isNamed = !['', 'Error', 'Unknown', 'UnknownError', 'TypeError', 'SyntaxError'].includes(name);
  const saysNothing = said === '' || said === 'UnknownError' || said === name;
  if (isNamed) return `${name}: ${saysNothing ? (MEANINGS[name] ?? MEANINGS_FOR_ALL[name] ?? `the service answers ${status}`) : said}`;
  return status === undefined ? said : `the service answers ${status}${saysNothing ? '' : `, ${said}`}`;
}

function isForAll({ name = '', code }: Thrown, reason: string): boolean {
  if (['CredentialsProviderError', 'EndpointError'].includes(name) || code === 'ERR_INVALID_URL') return true;
  return Object.hasOwn(MEANINGS_FOR_ALL, name) || /region (is missing|not accepted)/i.test(reason);
}

/** Without an answer, the connection failed. */
function maySucceedLater({ name, $metadata = {} }: Thrown, fault: AgebandError): boolean {
  const { httpStatusCode: status, clockSkewCorrected = false } = $metadata;
  if (clockSkewCorrected || name === 'RequestTimeout') return true;
  return status === undefined ? fault instanceof FileError : isPassing(status);
}

function hintOf(reason: string): string {
  return /certificate/.test(reason)
    ? 'NODE_EXTRA_CA_CERTS names a file with the certificates that are trusted as well.'
    : 'Check the address, the connection, and where AWS_ENDPOINT_URL leads.';
}
