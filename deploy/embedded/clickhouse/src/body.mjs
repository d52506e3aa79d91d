/** The body of a request as a bounded stream of decoded chunks. */

import { pipeline } from 'node:stream';
import zlib from 'node:zlib';
import { decompress } from './blocks.mjs';
import { CODES, EndpointError } from './errors.mjs';
import { decompressFrames } from './lz4-frame.mjs';

const DECODERS = {
  gzip: () => zlib.createGunzip(),
  'x-gzip': () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
};
if (zlib.createZstdDecompress) DECODERS.zstd = () => zlib.createZstdDecompress();

/** Encodings the engine reads from a file itself, under its name for them. */
const ENGINE_ENCODINGS = new Set(['zstd', 'xz', 'bz2'].filter((name) => !Object.hasOwn(DECODERS, name)));

/** Whether a body in this encoding can only be read by the engine, as the data of an insert. */
export function isEngineEncoding(encoding) {
  return ENGINE_ENCODINGS.has(encoding);
}

/**
 * Decodes the body.
 *
 * @param {import('node:http').IncomingMessage} message
 * @param {{contentEncoding: string, decompress: boolean, verifyChecksums: boolean}} request
 * @param {number} maxBytes the most bytes, before and after decoding
 */
export async function* readBody(message, request, maxBytes) {
  if (Number(message.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
  let chunks = bounded(message.iterator({ destroyOnReturn: false }), maxBytes); // the answer needs the socket
  if (request.contentEncoding === 'lz4') {
    chunks = bounded(decompressFrames(chunks), maxBytes);
  } else {
    const decoder = decoderOf(request.contentEncoding);
    if (decoder) chunks = bounded(decoded(chunks, decoder), maxBytes);
  }
  if (request.decompress) {
    chunks = bounded(decompress(chunks, { verify: request.verifyChecksums }), maxBytes);
  }
  yield* chunks;
}

function decoderOf(encoding) {
  if (encoding === '' || encoding === 'identity' || ENGINE_ENCODINGS.has(encoding)) return undefined;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!decoder) {
    throw new EndpointError(CODES.UNKNOWN_COMPRESSION_METHOD, `Unknown Content-Encoding: ${encoding.slice(0, 64)}`);
  }
  return decoder();
}

async function* decoded(chunks, decoder) {
  let failure;
  pipeline(chunks, decoder, (error) => (failure = error));
  try {
    yield* decoder;
  } catch (error) {
    const cause = failure ?? error;
    if (cause instanceof EndpointError || !String(cause.code).startsWith('Z_')) throw cause;
    throw new EndpointError(CODES.CANNOT_DECOMPRESS, `The body cannot be decoded: ${cause.message}`);
  }
}

async function* bounded(chunks, maxBytes) {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

function tooLarge(maxBytes) {
  return new EndpointError(CODES.QUERY_IS_TOO_LARGE, `The body is larger than the limit of ${maxBytes} bytes`, {
    closeConnection: true,
  });
}
