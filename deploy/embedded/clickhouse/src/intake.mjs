/** Reads a request's statement and its data: the statement is held in memory, the data goes to a file. */

import { isEngineEncoding, readBody } from './body.mjs';
import { CODES, EndpointError } from './errors.mjs';
import { analyze, INCOMPLETE } from './statement.mjs';

const FIRST_LOOK = 64 * 1024;

/**
 * Takes the statement from the `query` parameter and the body, as ClickHouse does: one behind the other, with a line
 * break between them.
 *
 * @returns {Promise<{sql: string, insert: boolean, empty: boolean, format: string | undefined,
 *   file: import('./spool.mjs').SpoolFile | undefined}>} the caller removes the file
 */
export async function takeIn(message, request, { spool, limits, formats }) {
  const body = readBody(message, request, limits.maxBodyBytes)[Symbol.asyncIterator]();
  const head = Buffer.from(request.query, 'utf8');
  const encoded = isEngineEncoding(request.contentEncoding);
  if (head.length > 0) {
    const statement = analyze(Buffer.concat([head, Buffer.from('\n')]), true, formats);
    if (statement.kind === 'data') {
      const rest = head.subarray(Math.min(statement.dataStart, head.length));
      return spoolData(statement, rest, body, spool, encoded ? request.contentEncoding : 'none');
    }
  }
  if (encoded) {
    throw new EndpointError(
      CODES.UNKNOWN_COMPRESSION_METHOD,
      `Content-Encoding ${request.contentEncoding} is supported for the data of an INSERT in the query parameter only`,
    );
  }
  return head.length > 0
    ? takeStatement(Buffer.concat([head, Buffer.from('\n')]), body, { spool, limits, formats })
    : takeStatement(head, body, { spool, limits, formats });
}

/** Collects the body until it is clear what it is. */
async function takeStatement(start, body, { spool, limits, formats }) {
  const parts = start.length > 0 ? [start] : [];
  let size = start.length;
  let look = FIRST_LOOK;
  for (;;) {
    const { value, done } = await body.next();
    if (!done) {
      parts.push(value);
      size += value.length;
      if (size < look) continue;
      look = size * 2;
    }
    const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const statement = analyze(bytes, Boolean(done), formats);
    if (statement !== INCOMPLETE) {
      if (statement.kind === 'data') {
        return spoolData(statement, bytes.subarray(statement.dataStart), body, spool, 'none');
      }
      checkLength(size, limits);
      return { sql: bytes.toString('utf8'), ...statement, file: undefined };
    }
    checkLength(size, limits);
    parts.splice(0, parts.length, bytes);
  }
}

function checkLength(size, { maxQueryBytes }) {
  if (size > maxQueryBytes) {
    throw new EndpointError(
      CODES.QUERY_IS_TOO_LARGE,
      `The text of the query is longer than the limit of ${maxQueryBytes} bytes`,
      { closeConnection: true },
    );
  }
}

async function spoolData(statement, first, body, spool, compression) {
  const file = spool.create();
  try {
    if (first.length > 0) file.write(first);
    for (;;) {
      const { value, done } = await body.next();
      if (done) break;
      file.write(value);
    }
    file.finish();
    return { sql: statement.sql(file.path, compression), insert: true, empty: false, format: undefined, file };
  } catch (error) {
    file.remove();
    throw error;
  }
}
