/** What a request asks for, apart from its body. */

import { randomUUID } from 'node:crypto';
import { CODES, EndpointError } from './errors.mjs';

const DEFAULT_FORMAT = 'TabSeparated';
const FORMAT_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const QUERY_ID = /^[\x21-\x7e][\x20-\x7e]{0,199}$/;

/** Splits the URL; parameters given twice count by their last value. */
export function parseUrl(url) {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return { path, parameters: new Map(new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))) };
}

/** The parts of a request that name how to run and to answer it. */
export function parseRequest(method, headers, parameters) {
  return {
    readOnly: method !== 'POST',
    query: parameters.get('query') ?? '',
    queryId: queryId(parameters.get('query_id') ?? headers['x-clickhouse-query-id']),
    database: parameters.get('database') || headers['x-clickhouse-database'],
    format: format(parameters.get('default_format') || headers['x-clickhouse-format'] || DEFAULT_FORMAT),
    contentEncoding: (headers['content-encoding'] ?? '').trim().toLowerCase(),
    decompress: isOn(parameters.get('decompress')),
    verifyChecksums: !isOn(parameters.get('http_native_compression_disable_checksumming_on_decompress')),
  };
}

/** How the answer is to be compressed; needed for the answers to requests that fail to parse as well. */
export function parseAnswer(headers, parameters) {
  const accepted = isOn(parameters.get('enable_http_compression')) ? acceptedEncodings(headers['accept-encoding']) : [];
  return {
    blocks: isOn(parameters.get('compress')),
    encoding: ['gzip', 'lz4'].find((encoding) => accepted.includes(encoding)),
  };
}

function acceptedEncodings(header) {
  return String(header ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';').map((piece) => piece.trim()))
    .filter(([, quality]) => !/^q=0(\.0*)?$/.test(quality ?? ''))
    .map(([encoding]) => encoding);
}

function isOn(value) {
  return value === '1' || value === 'true';
}

function format(name) {
  if (!FORMAT_NAME.test(name)) throw new EndpointError(CODES.BAD_ARGUMENTS, 'Not the name of a format');
  return name;
}

function queryId(given) {
  if (given === undefined || given === '') return randomUUID();
  if (!QUERY_ID.test(given)) throw new EndpointError(CODES.BAD_ARGUMENTS, 'Not a usable query_id');
  return given;
}
