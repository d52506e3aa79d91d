/** The block format of LZ4: no frame, no checksum; the sizes are known from elsewhere. */

const MIN_MATCH = 4;
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
const HASH_BITS = 14;
const MAX_DISTANCE = 65535;

const table = new Int32Array(1 << HASH_BITS);

/** The most bytes a block of `size` bytes can take. */
export function maxCompressedSize(size) {
  return size + Math.floor(size / 255) + 16;
}

/**
 * Decompresses `source[from, to)` into `target` at `start`; what is before that is the history matches may refer to.
 * The answer is the position behind the content; a broken block is a RangeError.
 */
export function decompressBlock(source, from, to, target, start) {
  const size = target.length;
  let at = from;
  let out = start;
  while (at < to) {
    const token = source[at++];
    let literals = token >>> 4;
    if (literals === 15) {
      let more;
      do {
        if (at >= to) throw broken();
        more = source[at++];
        literals += more;
      } while (more === 255);
    }
    if (at + literals > to || out + literals > size) throw broken();
    if (literals > 32) {
      source.copy(target, out, at, at + literals);
      at += literals;
      out += literals;
    } else {
      for (const end = out + literals; out < end; ) target[out++] = source[at++];
    }
    if (at === to) break;
    if (at + 2 > to) throw broken();
    const distance = source[at] | (source[at + 1] << 8);
    at += 2;
    let length = (token & 15) + MIN_MATCH;
    if (length === 15 + MIN_MATCH) {
      let more;
      do {
        if (at >= to) throw broken();
        more = source[at++];
        length += more;
      } while (more === 255);
    }
    if (distance === 0 || distance > out || out + length > size) throw broken();
    let match = out - distance;
    if (length > 64 && distance >= length) {
      target.copyWithin(out, match, match + length);
      out += length;
    } else {
      for (const end = out + length; out < end; ) target[out++] = target[match++];
    }
  }
  return out;
}

function broken() {
  return new RangeError('malformed LZ4 block');
}

/** Compresses `source[from, to)` into `target` at `start`; the answer is the position behind the block. */
export function compressBlock(source, from, to, target, start) {
  let out = start;
  let anchor = from;
  if (to - from > MATCH_LIMIT) {
    table.fill(-1);
    const matchEnd = to - LAST_LITERALS;
    const lastStart = to - MATCH_LIMIT;
    let at = from;
    let misses = 0;
    while (at <= lastStart) {
      const word = source[at] | (source[at + 1] << 8) | (source[at + 2] << 16) | (source[at + 3] << 24);
      const slot = Math.imul(word, -1640531535) >>> (32 - HASH_BITS);
      const candidate = table[slot];
      table[slot] = at;
      if (
        candidate < 0 ||
        at - candidate > MAX_DISTANCE ||
        word !==
          (source[candidate] |
            (source[candidate + 1] << 8) |
            (source[candidate + 2] << 16) |
            (source[candidate + 3] << 24))
      ) {
        at += 1 + (misses++ >>> 6);
        continue;
      }
      misses = 0;
      let length = MIN_MATCH;
      while (at + length < matchEnd && source[candidate + length] === source[at + length]) length++;
      out = writeSequence(source, anchor, at, target, out, length);
      target[out++] = (at - candidate) & 255;
      target[out++] = (at - candidate) >>> 8;
      out = writeRest(target, out, length - MIN_MATCH);
      at += length;
      anchor = at;
    }
  }
  return writeSequence(source, anchor, to, target, out, 0);
}

/** Writes the token and the literals; the length of the match (0 for none) only enters the token. */
function writeSequence(source, from, to, target, out, matchLength) {
  const literals = to - from;
  const low = matchLength === 0 ? 0 : Math.min(matchLength - MIN_MATCH, 15);
  target[out++] = (Math.min(literals, 15) << 4) | low;
  out = writeRest(target, out, literals);
  source.copy(target, out, from, to);
  return out + literals;
}

function writeRest(target, out, value) {
  if (value < 15) return out;
  let rest = value - 15;
  for (; rest >= 255; rest -= 255) target[out++] = 255;
  target[out++] = rest;
  return out;
}
