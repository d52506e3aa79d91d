/**
 * ClickHouse's compressed blocks, the bodies of `compress=1` and `decompress=1`: 16 bytes of checksum, one byte that
 * names the method, the size of the block with its header of 9 bytes, the size of its content, the content.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import zlib from 'node:zlib';
import { ByteInput } from './byte-input.mjs';
import { writeCityHash128 } from './cityhash.mjs';
import { CODES, EndpointError } from './errors.mjs';
import { compressBlock, decompressBlock, maxCompressedSize } from './lz4.mjs';

const CHECKSUM_SIZE = 16;
const HEADER_SIZE = 9;
const METHOD_NONE = 0x02;
const METHOD_LZ4 = 0x82;
const METHOD_ZSTD = 0x90;
const BLOCK_SIZE = 1 << 20;
const MAX_BLOCK_SIZE = 128 << 20;

/** Compresses a whole body into blocks, at least one; other requests get their turn in between. */
export async function compress(body) {
  const blocks = [];
  for (let from = 0; from < body.length || from === 0; from += BLOCK_SIZE) {
    if (from > 0) await nextTurn();
    const to = Math.min(from + BLOCK_SIZE, body.length);
    const block = Buffer.allocUnsafe(CHECKSUM_SIZE + HEADER_SIZE + maxCompressedSize(to - from));
    const end = compressBlock(body, from, to, block, CHECKSUM_SIZE + HEADER_SIZE);
    block[CHECKSUM_SIZE] = METHOD_LZ4;
    block.writeUInt32LE(end - CHECKSUM_SIZE, CHECKSUM_SIZE + 1);
    block.writeUInt32LE(to - from, CHECKSUM_SIZE + 5);
    writeCityHash128(block, CHECKSUM_SIZE, end, block, 0);
    blocks.push(block.subarray(0, end));
  }
  return Buffer.concat(blocks);
}

/** Decompresses a stream of blocks, one block at a time. */
export async function* decompress(chunks, { verify = true } = {}) {
  const input = new ByteInput(chunks);
  const expected = Buffer.alloc(CHECKSUM_SIZE);
  while (await input.has(1)) {
    if (!(await input.has(CHECKSUM_SIZE + HEADER_SIZE))) throw truncated();
    const header = input.peek(CHECKSUM_SIZE + HEADER_SIZE);
    const method = header[CHECKSUM_SIZE];
    const compressedSize = header.readUInt32LE(CHECKSUM_SIZE + 1);
    const size = header.readUInt32LE(CHECKSUM_SIZE + 5);
    if (!isKnown(method)) {
      throw new EndpointError(
        CODES.UNKNOWN_COMPRESSION_METHOD,
        `Unknown compression method: 0x${method.toString(16)} (known: LZ4, and ZSTD on Node 22.15 or newer)`,
      );
    }
    if (compressedSize < HEADER_SIZE || compressedSize > MAX_BLOCK_SIZE || size > MAX_BLOCK_SIZE) {
      throw new EndpointError(CODES.TOO_LARGE_SIZE_COMPRESSED, `Size of a compressed block is out of range`);
    }
    if (!(await input.has(CHECKSUM_SIZE + compressedSize))) throw truncated();
    const block = input.take(CHECKSUM_SIZE + compressedSize);
    if (verify) {
      writeCityHash128(block, CHECKSUM_SIZE, block.length, expected, 0);
      if (expected.compare(block, 0, CHECKSUM_SIZE) !== 0) {
        throw new EndpointError(CODES.CHECKSUM_DOESNT_MATCH, 'Checksum of a compressed block does not match');
      }
    }
    yield content(block, method, size);
  }
}

function isKnown(method) {
  return method === METHOD_LZ4 || method === METHOD_NONE || (method === METHOD_ZSTD && zlib.zstdDecompressSync);
}

function content(block, method, size) {
  const start = CHECKSUM_SIZE + HEADER_SIZE;
  if (method === METHOD_NONE) {
    if (block.length - start !== size) throw malformed();
    return block.subarray(start);
  }
  try {
    if (method === METHOD_ZSTD) {
      const content = zlib.zstdDecompressSync(block.subarray(start), { maxOutputLength: size });
      if (content.length !== size) throw malformed();
      return content;
    }
    const target = Buffer.allocUnsafe(size);
    if (decompressBlock(block, start, block.length, target, 0) !== size) throw malformed();
    return target;
  } catch (error) {
    if (error instanceof EndpointError) throw error;
    throw malformed();
  }
}

function truncated() {
  return new EndpointError(CODES.CANNOT_DECOMPRESS, 'The body ends inside a compressed block');
}

function malformed() {
  return new EndpointError(CODES.CANNOT_DECOMPRESS, 'A compressed block is malformed');
}
