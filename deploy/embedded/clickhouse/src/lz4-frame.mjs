/** LZ4 frames: the content encoding `lz4` of HTTP. Written with independent blocks and without checksums. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { ByteInput } from './byte-input.mjs';
import { CODES, EndpointError } from './errors.mjs';
import { compressBlock, decompressBlock, maxCompressedSize } from './lz4.mjs';

const MAGIC = 0x184d2204;
const STORED = 0x80000000;
const HISTORY = 64 * 1024;

/** Version 1 with independent blocks, blocks of 1 MiB, and the checksum of these two bytes. */
const DESCRIPTOR = [0x60, 0x60, 0x51];
const BLOCK_SIZE = 1 << 20;

/** Compresses a whole body into one frame; other requests get their turn in between. */
export async function compressFrame(body) {
  const head = Buffer.from([0, 0, 0, 0, ...DESCRIPTOR]);
  head.writeUInt32LE(MAGIC);
  const parts = [head];
  for (let from = 0; from < body.length; from += BLOCK_SIZE) {
    if (from > 0) await nextTurn();
    const to = Math.min(from + BLOCK_SIZE, body.length);
    const block = Buffer.allocUnsafe(4 + maxCompressedSize(to - from));
    const end = compressBlock(body, from, to, block, 4);
    if (end - 4 < to - from) {
      block.writeUInt32LE(end - 4);
      parts.push(block.subarray(0, end));
    } else {
      block.writeUInt32LE(STORED + to - from);
      parts.push(block.subarray(0, 4), body.subarray(from, to));
    }
  }
  parts.push(Buffer.alloc(4)); // a block of size 0 ends the frame
  return Buffer.concat(parts);
}

/** Decompresses a stream of frames, one block at a time. */
export async function* decompressFrames(chunks) {
  const input = new ByteInput(chunks);
  while (await input.has(1)) {
    const { linked, blockChecksum, contentChecksum, blockSize } = await readHead(input);
    let history = Buffer.alloc(0);
    for (;;) {
      const size = (await take(input, 4)).readUInt32LE();
      if (size === 0) break;
      const length = size & 0x7fffffff;
      if (length > blockSize) throw malformed();
      const block = await take(input, length + (blockChecksum ? 4 : 0));
      const content = size >= STORED ? block.subarray(0, length) : unpack(block, length, history, blockSize);
      if (linked) history = Buffer.concat([history, content]).subarray(-HISTORY);
      yield content;
    }
    if (contentChecksum) await take(input, 4);
  }
}

async function readHead(input) {
  const head = await take(input, 6);
  const flags = head[4];
  if (head.readUInt32LE() !== MAGIC || flags >>> 6 !== 1 || flags & 1) throw malformed();
  const sizeCode = (head[5] >>> 4) & 7;
  if (sizeCode < 4) throw malformed();
  await take(input, (flags & 8 ? 8 : 0) + 1); // the size of the content, the checksum of the descriptor
  return {
    linked: (flags & 32) === 0,
    blockChecksum: (flags & 16) !== 0,
    contentChecksum: (flags & 4) !== 0,
    blockSize: 1 << (8 + 2 * sizeCode),
  };
}

function unpack(block, length, history, blockSize) {
  const target = Buffer.allocUnsafe(history.length + blockSize);
  history.copy(target);
  try {
    return target.subarray(history.length, decompressBlock(block, 0, length, target, history.length));
  } catch (error) {
    if (error instanceof RangeError) throw malformed();
    throw error;
  }
}

async function take(input, count) {
  if (!(await input.has(count))) throw new EndpointError(CODES.CANNOT_DECOMPRESS, 'The body ends inside an LZ4 frame');
  return input.take(count);
}

function malformed() {
  return new EndpointError(CODES.CANNOT_DECOMPRESS, 'An LZ4 frame is malformed, or made with a dictionary');
}
