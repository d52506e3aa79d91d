/** The answers: headers in the words of ClickHouse, compression, errors. */

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { compress } from './blocks.mjs';
import { describeError } from './errors.mjs';
import { compressFrame } from './lz4-frame.mjs';

const gzip = promisify(zlib.gzip);

/** Answers a query that ran. */
export async function sendResult(response, answer, { engine, queryId, format, result }) {
  const headers = {
    ...identity(engine),
    'X-ClickHouse-Query-Id': queryId,
    'X-ClickHouse-Format': format,
    'X-ClickHouse-Timezone': engine.timezone,
    'X-ClickHouse-Summary': summary(result),
    'Content-Type': contentType(format),
  };
  await send(response, 200, headers, result.body, answer);
}

/** Answers with an error. */
export async function sendError(response, answer, { engine, queryId, error }) {
  const { code, status, text } = describeError(error, engine.version);
  const headers = {
    ...identity(engine),
    'X-ClickHouse-Exception-Code': String(code),
    'Content-Type': 'text/plain; charset=UTF-8',
  };
  if (queryId) headers['X-ClickHouse-Query-Id'] = queryId;
  if (status === 401) headers['WWW-Authenticate'] = 'Basic realm="ClickHouse server HTTP API"';
  if (error.closeConnection) headers.Connection = 'close';
  // ClickHouse does not compress these, and the driver does not expect it to.
  const plain = status === 401 || status === 403;
  await send(response, status, headers, Buffer.from(text), plain ? {} : answer);
}

/** Answers with a short text of the endpoint itself. */
export async function sendText(response, status, text, headers = {}) {
  await send(response, status, { 'Content-Type': 'text/html; charset=UTF-8', ...headers }, Buffer.from(text), {});
}

function identity(engine) {
  return engine.displayName ? { 'X-ClickHouse-Server-Display-Name': engine.displayName } : {};
}

async function send(response, status, headers, body, { blocks = false, encoding }) {
  let bytes = body;
  if (blocks && bytes.length > 0) bytes = await compress(bytes);
  if (encoding && bytes.length > 0) {
    bytes = encoding === 'gzip' ? await gzip(bytes, { level: 1 }) : await compressFrame(bytes);
    headers['Content-Encoding'] = encoding;
  }
  if (response.destroyed || response.writableEnded) return;
  response.writeHead(status, { ...headers, 'Content-Length': bytes.length });
  response.end(bytes);
}

/** Numbers are strings there. What the engine does not tell (rows read from storage) stays at 0. */
function summary(result) {
  return JSON.stringify({
    read_rows: '0',
    read_bytes: '0',
    written_rows: String(result.writtenRows),
    written_bytes: String(result.writtenBytes),
    total_rows_to_read: '0',
    result_rows: String(result.resultRows),
    result_bytes: String(result.resultBytes),
    elapsed_ns: String(Math.round(result.elapsedSeconds * 1e9)),
  });
}

function contentType(format) {
  const name = format.toLowerCase();
  if (/^json(strings)?(compact)?(strings)?eachrow|^jsoneachrow|^jsoncompact.*eachrow/.test(name)) {
    return 'application/x-ndjson; charset=UTF-8';
  }
  if (name.startsWith('json')) return 'application/json; charset=UTF-8';
  if (name.startsWith('csv')) return 'text/csv; charset=UTF-8';
  if (name.startsWith('tabseparated') || name.startsWith('tsv')) return 'text/tab-separated-values; charset=UTF-8';
  if (name === 'xml') return 'application/xml; charset=UTF-8';
  if (/^(rowbinary|native|parquet|arrow|orc|avro|protobuf|msgpack|capnproto|rawblob|npy)/.test(name)) {
    return 'application/octet-stream';
  }
  return 'text/plain; charset=UTF-8';
}
