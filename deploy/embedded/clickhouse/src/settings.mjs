/** Parameters of the URL that become settings, query parameters and the current database of a query. */

import { CODES, EndpointError } from './errors.mjs';
import { quoteIdentifier, quoteString } from './statement.mjs';

/** Parameters with a meaning of their own; those that mean nothing here are taken and ignored. */
const RESERVED = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'compress',
  'decompress',
  'quota_key',
  'buffer_size',
  'wait_end_of_query',
  'stacktrace',
  'client_protocol_version',
]);

/** Parameters that would change what a query means, and that the endpoint cannot honour. */
const UNSUPPORTED = new Set(['session_id', 'session_timeout', 'session_check', 'close_session', 'role']);

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/**
 * The statements that set up the connection of a query.
 *
 * @param {Iterable<[string, string]>} parameters those of the request
 * @param {{database: string | undefined, readOnly: boolean}} context
 */
export function prepareStatements(parameters, { database, readOnly }) {
  const assignments = new Map();
  for (const [name, value] of parameters) {
    if (RESERVED.has(name)) continue;
    if (UNSUPPORTED.has(name)) {
      throw new EndpointError(CODES.NOT_IMPLEMENTED, `The parameter ${name} is not supported by this endpoint`);
    }
    if (!NAME.test(name)) throw new EndpointError(CODES.BAD_ARGUMENTS, `Not the name of a setting: ${printable(name)}`);
    assignments.set(name, value);
  }
  const statements = [];
  if (database && database !== 'default') statements.push(`USE ${quoteIdentifier(database)}`);
  const list = [...assignments].map(([name, value]) => `${name} = ${quoteString(value)}`);
  if (readOnly && !(Number(assignments.get('readonly')) > 0)) list.push('readonly = 2');
  if (list.length > 0) statements.push(`SET ${list.join(', ')}`);
  return statements.join('; ');
}

function printable(name) {
  return JSON.stringify(name.slice(0, 64));
}
