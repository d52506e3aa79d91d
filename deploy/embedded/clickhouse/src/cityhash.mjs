/**
 * CityHash128 as published in version 1.0.2 of the library: the checksum of ClickHouse's compressed blocks. Later
 * versions of CityHash give other values.
 *
 * JavaScript has no 64-bit integers that are fast enough for megabytes of input, so the values live in a small file
 * of registers, each a low and a high 32-bit half, and the arithmetic is done on halves.
 */

const LO = new Int32Array(32);
const HI = new Int32Array(32);

const K0 = 0;
const K1 = 1;
const K2 = 2;
const K3 = 3;
const KMUL = 4;
const X = 5;
const Y = 6;
const Z = 7;
const V0 = 8;
const V1 = 9;
const W0 = 10;
const W1 = 11;
const T0 = 12;
const T1 = 13;
const T2 = 14;
const T3 = 15;
const A = 16;
const B = 17;
const C = 18;
const D = 19;
const S0 = 20;
const S1 = 21;
const LEN = 22;

constant(K0, 0xc3a5c85c, 0x97cb3127);
constant(K1, 0xb492b66f, 0xbe98f273);
constant(K2, 0x9ae16a3b, 0x2f90404f);
constant(K3, 0xc949d7c7, 0x509e6557);
constant(KMUL, 0x9ddfea08, 0xeb382d69);

function constant(r, hi, lo) {
  HI[r] = hi;
  LO[r] = lo;
}

function setNumber(r, value) {
  LO[r] = value | 0;
  HI[r] = Math.floor(value / 4294967296);
}

function copy(d, a) {
  LO[d] = LO[a];
  HI[d] = HI[a];
}

function fetch(d, bytes, at) {
  LO[d] = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  HI[d] = bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
}

function fetch32(d, bytes, at) {
  LO[d] = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  HI[d] = 0;
}

function add(d, a, b) {
  const low = LO[a] + LO[b];
  const result = low | 0;
  const carry = result >>> 0 < LO[a] >>> 0 ? 1 : 0;
  HI[d] = HI[a] + HI[b] + carry;
  LO[d] = result;
}

function subtract(d, a, b) {
  const borrow = LO[a] >>> 0 < LO[b] >>> 0 ? 1 : 0;
  HI[d] = HI[a] - HI[b] - borrow;
  LO[d] = LO[a] - LO[b];
}

function xor(d, a, b) {
  LO[d] = LO[a] ^ LO[b];
  HI[d] = HI[a] ^ HI[b];
}

function multiply(d, a, b) {
  const al = LO[a];
  const bl = LO[b];
  const a0 = al & 0xffff;
  const a1 = al >>> 16;
  const b0 = bl & 0xffff;
  const b1 = bl >>> 16;
  const middle = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16);
  const cross = (Math.imul(a0, b1) >>> 0) + (middle & 0xffff);
  const high = Math.imul(a1, b1) + (middle >>> 16) + (cross >>> 16);
  HI[d] = high + Math.imul(HI[a], bl) + Math.imul(al, HI[b]);
  LO[d] = Math.imul(al, bl);
}

/** Rotates right by 1 to 63 bits. */
function rotate(d, a, bits) {
  let lo = LO[a];
  let hi = HI[a];
  if (bits >= 32) {
    const swap = lo;
    lo = hi;
    hi = swap;
    bits -= 32;
  }
  if (bits === 0) {
    LO[d] = lo;
    HI[d] = hi;
  } else {
    LO[d] = (lo >>> bits) | (hi << (32 - bits));
    HI[d] = (hi >>> bits) | (lo << (32 - bits));
  }
}

/** d = a ^ (a >>> 47) */
function shiftMix(d, a) {
  LO[d] = LO[a] ^ (HI[a] >>> 15);
  HI[d] = HI[a];
}

/** d = the hash of the two 64-bit values a and b; uses S0 and S1. */
function hash16(d, a, b) {
  xor(S0, a, b);
  multiply(S0, S0, KMUL);
  shiftMix(S0, S0);
  xor(S1, b, S0);
  multiply(S1, S1, KMUL);
  shiftMix(S1, S1);
  multiply(d, S1, KMUL);
}

/** (first, second) = a weak hash of the 32 bytes at `at` with the seeds in `first` and `second`; uses T0 to T3. */
function weakHash32(first, second, bytes, at) {
  fetch(T0, bytes, at);
  add(first, first, T0);
  fetch(T3, bytes, at + 24);
  add(second, second, first);
  add(second, second, T3);
  rotate(second, second, 21);
  copy(T2, first);
  fetch(T0, bytes, at + 8);
  fetch(T1, bytes, at + 16);
  add(first, first, T0);
  add(first, first, T1);
  rotate(T1, first, 44);
  add(second, second, T1);
  add(second, second, T2);
  add(first, first, T3);
}

/** d = the hash of at most 16 bytes. */
function hashUpTo16(d, bytes, at, length) {
  if (length > 8) {
    fetch(T0, bytes, at);
    fetch(T1, bytes, at + length - 8);
    setNumber(T2, length);
    add(T2, T1, T2);
    rotate(T2, T2, length);
    hash16(d, T0, T2);
    xor(d, d, T1);
  } else if (length >= 4) {
    fetch32(T0, bytes, at);
    HI[T0] = LO[T0] >>> 29;
    LO[T0] = LO[T0] << 3;
    setNumber(T1, length);
    add(T0, T0, T1);
    fetch32(T1, bytes, at + length - 4);
    hash16(d, T0, T1);
  } else if (length > 0) {
    setNumber(T0, bytes[at] + (bytes[at + (length >>> 1)] << 8));
    setNumber(T1, length + (bytes[at + length - 1] << 2));
    multiply(T0, T0, K2);
    multiply(T1, T1, K3);
    xor(T0, T0, T1);
    shiftMix(T0, T0);
    multiply(d, T0, K2);
  } else {
    copy(d, K2);
  }
}

/** The short form, for less than 128 bytes; the seed is in X and Y, the result in X (low) and Y (high). */
function murmur(bytes, at, length) {
  copy(A, X);
  copy(B, Y);
  if (length <= 16) {
    multiply(A, A, K1);
    shiftMix(A, A);
    multiply(A, A, K1);
    hashUpTo16(C, bytes, at, length);
    multiply(T0, B, K1);
    add(C, C, T0);
    if (length >= 8) fetch(T0, bytes, at);
    else copy(T0, C);
    add(D, A, T0);
    shiftMix(D, D);
  } else {
    fetch(T0, bytes, at + length - 8);
    add(T0, T0, K1);
    hash16(C, T0, A);
    setNumber(T0, length);
    add(T0, B, T0);
    fetch(T1, bytes, at + length - 16);
    add(T1, C, T1);
    hash16(D, T0, T1);
    add(A, A, D);
    for (let left = length - 16; left > 0; left -= 16, at += 16) {
      fetch(T0, bytes, at);
      multiply(T0, T0, K1);
      shiftMix(T0, T0);
      multiply(T0, T0, K1);
      xor(A, A, T0);
      multiply(A, A, K1);
      xor(B, B, A);
      fetch(T0, bytes, at + 8);
      multiply(T0, T0, K1);
      shiftMix(T0, T0);
      multiply(T0, T0, K1);
      xor(C, C, T0);
      multiply(C, C, K1);
      xor(D, D, C);
    }
  }
  hash16(A, A, C);
  hash16(B, D, B);
  xor(X, A, B);
  hash16(Y, B, A);
}

/** One half round over 64 bytes. */
function round(bytes, at) {
  add(X, X, Y);
  add(X, X, V0);
  fetch(T0, bytes, at + 16);
  add(X, X, T0);
  rotate(X, X, 37);
  multiply(X, X, K1);
  add(Y, Y, V1);
  fetch(T0, bytes, at + 48);
  add(Y, Y, T0);
  rotate(Y, Y, 42);
  multiply(Y, Y, K1);
  xor(X, X, W1);
  xor(Y, Y, V0);
  xor(Z, Z, W0);
  rotate(Z, Z, 33);
  multiply(V0, V1, K1);
  add(V1, X, W0);
  weakHash32(V0, V1, bytes, at);
  add(W0, Z, W1);
  copy(W1, Y);
  weakHash32(W0, W1, bytes, at + 32);
  copy(T0, Z);
  copy(Z, X);
  copy(X, T0);
}

/** The seed is in X (low) and Y (high), and so is the result. */
function seeded(bytes, at, length) {
  if (length < 128) {
    murmur(bytes, at, length);
    return;
  }
  setNumber(LEN, length);
  multiply(Z, LEN, K1);
  xor(V0, Y, K1);
  rotate(V0, V0, 49);
  multiply(V0, V0, K1);
  fetch(T0, bytes, at);
  add(V0, V0, T0);
  rotate(V1, V0, 42);
  multiply(V1, V1, K1);
  fetch(T0, bytes, at + 8);
  add(V1, V1, T0);
  add(W0, Y, Z);
  rotate(W0, W0, 35);
  multiply(W0, W0, K1);
  add(W0, W0, X);
  fetch(T0, bytes, at + 88);
  add(W1, X, T0);
  rotate(W1, W1, 53);
  multiply(W1, W1, K1);
  do {
    round(bytes, at);
    round(bytes, at + 64);
    at += 128;
    length -= 128;
  } while (length >= 128);
  rotate(T0, W0, 37);
  multiply(T0, T0, K0);
  add(Y, Y, T0);
  add(Y, Y, Z);
  add(T0, V0, Z);
  rotate(T0, T0, 49);
  multiply(T0, T0, K0);
  add(X, X, T0);
  for (let done = 0; done < length; ) {
    done += 32;
    subtract(Y, Y, X);
    rotate(Y, Y, 42);
    multiply(Y, Y, K0);
    add(Y, Y, V1);
    fetch(T0, bytes, at + length - done + 16);
    add(W0, W0, T0);
    rotate(X, X, 49);
    multiply(X, X, K0);
    add(X, X, W0);
    add(W0, W0, V0);
    weakHash32(V0, V1, bytes, at + length - done);
  }
  hash16(X, X, V0);
  hash16(Y, Y, W0);
  add(A, X, V1);
  hash16(A, A, W1);
  add(A, A, Y);
  add(B, X, W1);
  add(C, Y, V1);
  hash16(Y, B, C);
  copy(X, A);
}

/**
 * Writes the 16 bytes of the hash of `bytes[from, to)` (the low half first, little-endian) into `target` at `at`.
 */
export function writeCityHash128(bytes, from, to, target, at) {
  const length = to - from;
  if (length >= 16) {
    fetch(X, bytes, from);
    xor(X, X, K3);
    fetch(Y, bytes, from + 8);
    seeded(bytes, from + 16, length - 16);
  } else if (length >= 8) {
    setNumber(LEN, length);
    multiply(LEN, LEN, K0);
    fetch(X, bytes, from);
    xor(X, X, LEN);
    fetch(Y, bytes, to - 8);
    xor(Y, Y, K1);
    seeded(bytes, from, 0);
  } else {
    copy(X, K0);
    copy(Y, K1);
    seeded(bytes, from, length);
  }
  target.writeInt32LE(LO[X], at);
  target.writeInt32LE(HI[X], at + 4);
  target.writeInt32LE(LO[Y], at + 8);
  target.writeInt32LE(HI[Y], at + 12);
}

/** The hash as a buffer of 16 bytes. */
export function cityHash128(bytes) {
  const result = Buffer.alloc(16);
  writeCityHash128(bytes, 0, bytes.length, result, 0);
  return result;
}
