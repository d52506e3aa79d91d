import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { compress, decompress } from '../src/blocks.mjs';
import { cityHash128 } from '../src/cityhash.mjs';
import { compressFrame, decompressFrames } from '../src/lz4-frame.mjs';
import { compressBlock, decompressBlock, maxCompressedSize } from '../src/lz4.mjs';

/** Length of the pattern below, and the two halves of its hash as the official Java driver computes them. */
const HASHES = `
0 3df09dfc64c09a2b 3cb540c392e51e29
1 a04b71ab61de6422 f768684937e23970
2 8806bc5561d242fe aed9ae7ab9bb7f08
3 6473720e9e25546d 55ad3d94ab5ba66b
4 75ca4ea9671a8b2d affe8fa7aae1cc45
5 4b56c70abe720d55 96483a95807f558c
7 2b10aba75d97da2d bd3a37170971ff49
8 8e7cf242a241c273 aa643fb72007a5ba
9 711e38a754489b76 ec5a0f9aa9ef347f
12 ac9c0545ef5c87f3 df4ce67eeddc1ebd
15 25802dc8afbae4aa fdd672e2108bbfd8
16 481d5ad1163310c6 e238ec141d18dd58
17 513c4dd06d4a77b0 f9f744b1031f362a
20 c134785deddc6c7f 7ef25c99b369eb0d
23 57fe87ed58f370ba 30d5c49de0054616
24 d6a3dfab11ab45ba 2fba48cf6e0bea23
25 e2aa6dabcc9d9160 76dda0204513b0c3
31 b4c1aa28a7fab87f 668ff9c715a7d24b
32 371dd13a27774c41 b9002eb8053c4f96
33 d81abcc213c6bbca c971636e331ef84d
40 134119cac30a69a8 7b7b01442a6af2d
63 d9af2b66f134f1b1 b362dce94e16fd06
64 95f0855eb47c5ac8 b210b459d5d4b1e4
65 831232c0509249a9 2a0c7c826a10e24a
100 58c9991f5eb6f125 3dadfeff12c3425e
127 62d24e9d729b172a e2bcca11f0923081
128 5c30f4d9e68f7bf5 adb3da41466ccb30
129 c2ad5ae12b006257 ce5c131f3e23bfb
143 a414271e740b2599 ed351d0f89e276ac
144 9580a48988879361 4c0a0385283ca7fb
145 e5308bb6ce692cc3 7145836d3c4c4386
160 db465e333071ab87 1ea00acedc67f9b2
200 684ed7fb8bec2bcb cc48d9581210e874
255 8efb1297af189ddd 504abd3e9d37e565
256 40c369d356f7bb70 bd9242ef0a74a7eb
257 ef5712f0ecb39475 4507573b0614244d
271 21011738467f67f a63478cdffa78d5a
272 775cc73a7fd1bf8e 5feb0f1b524c1968
273 574f97d7e127bb97 869662bd332a7b4d
400 40ee87d94f8e0a89 95ee0c62934617c4
511 58e0fec2fdb50b39 d1a71aa257236d37
1000 6fd5d2aedce32fde 9e6f8e6b3b1171ad
4096 96dae7b853891b37 eb7e93740c32919b
4097 2e4d476f6a18fef6 24fd2aaac3179e7b
4999 58f6a1d293f6a7b9 7eb8b78f0fd0c18b
`;

test('CityHash128 agrees with the driver at every branch of the algorithm', () => {
  const pattern = Buffer.alloc(5000);
  for (let i = 0; i < pattern.length; i++) pattern[i] = (i * 31 + (i >>> 3) * 7) & 255;
  for (const line of HASHES.trim().split('\n')) {
    const [length, first, second] = line.split(' ');
    const hash = cityHash128(pattern.subarray(0, Number(length)));
    assert.equal(hash.readBigUInt64LE(0).toString(16), first, `first half at ${length}`);
    assert.equal(hash.readBigUInt64LE(8).toString(16), second, `second half at ${length}`);
  }
});

const BODIES = [
  Buffer.alloc(0),
  Buffer.from('a'),
  Buffer.from('abcdabcdabcdabcdabcdabcd'),
  Buffer.alloc(100_000, 7),
  randomBytes(70_000),
  Buffer.from(Array.from({ length: 200_000 }, (_, i) => `row ${i % 997} of team ${i % 13}\n`).join('')),
  Buffer.concat([randomBytes(300), Buffer.alloc(70_000), randomBytes(300), Buffer.alloc(20)]),
];

test('LZ4 blocks come back as they were', () => {
  for (const body of BODIES) {
    const target = Buffer.alloc(maxCompressedSize(body.length));
    const end = compressBlock(body, 0, body.length, target, 0);
    assert.ok(end <= target.length);
    const back = Buffer.alloc(body.length);
    assert.equal(decompressBlock(target, 0, end, back, 0), body.length);
    assert.ok(back.equals(body));
  }
});

test('malformed LZ4 blocks are refused and write nothing outside', () => {
  const body = BODIES[5].subarray(0, 5000);
  const block = Buffer.alloc(maxCompressedSize(body.length));
  const end = compressBlock(body, 0, body.length, block, 0);
  for (let i = 0; i < 2000; i++) {
    const broken = Buffer.from(block.subarray(0, end));
    broken[(i * 7919) % end] ^= 1 + (i % 255);
    const target = Buffer.alloc(body.length);
    try {
      decompressBlock(broken, 0, broken.length, target, 0);
    } catch (error) {
      assert.ok(error instanceof RangeError);
    }
  }
  assert.throws(() => decompressBlock(block, 0, end - 3, Buffer.alloc(body.length), 0), RangeError);
});

async function* inPieces(bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(chunks) {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

test('compressed blocks come back whatever the pieces they arrive in', async () => {
  for (const body of BODIES) {
    for (const size of [1000, 65_536, 10_000_000]) {
      assert.ok((await collect(decompress(inPieces(await compress(body), size)))).equals(body));
    }
  }
});

test('a wrong checksum, a truncated block and an unknown method are told apart', async () => {
  const block = await compress(Buffer.from('some content that is long enough'));
  const flipped = Buffer.from(block);
  flipped[30] ^= 1;
  await assert.rejects(collect(decompress(inPieces(flipped, 100))), { clickhouseCode: 40 });
  await assert.rejects(collect(decompress(inPieces(block.subarray(0, -2), 100))), { clickhouseCode: 271 });
  const unknown = Buffer.from(block);
  unknown[16] = 0x91;
  await assert.rejects(collect(decompress(inPieces(unknown, 100))), { clickhouseCode: 89 });
});

test('LZ4 frames come back whatever the pieces they arrive in', async () => {
  for (const body of BODIES) {
    const frame = await compressFrame(body);
    for (const size of [1000, 65_536, 10_000_000]) {
      assert.ok((await collect(decompressFrames(inPieces(frame, size)))).equals(body));
      const twice = Buffer.concat([frame, frame]);
      assert.ok((await collect(decompressFrames(inPieces(twice, size)))).equals(Buffer.concat([body, body])));
    }
  }
});

/** `lz4 -9 -BD -B4 -BX` of the text in its test. */
const LINKED_FRAME = `
BCJNGFRArtgPAABxbGluZSAwCgcAEjEHABIyBwASMwcAEjQHABI1BwASNgcAEjcHABI4BwATOT8ABEcAA0gAEzFJABMxSgATMUsAEzFMABMx
TQATMU4AEzFPABMxUAATMlAAFDKYAANQABMyUAATMlAAEzJQABMyUAATMlAAEzJQABMyUAATM1AAEzNQABQz6QADUAATM1AAEzNQABMzUAAT
M1AAEzNQABMzUAATNFAAEzRQABM0UAAUNDoBA1AAEzRQABM0UAATNFAAEzRQABM0UAATNVAAEzVQABM1UAATNVAAFDWLAQNQABM1UAATNVAA
EzVQABM1UAATNlAAEzZQABM2UAATNlAAEzZQABQ23AEDUAATNlAAEzZQABM2UAATN1AAEzdQABM3UAATN1AAEzdQABM3UAAUNy0CA1AAEzdQ
ABM3UAATOFAAEzhQABM4UAATOFAAEzhQABM4UAATOFAAFDh+AgNQABM4UAATOVAAEzlQABM5UAATOVAAEzlQABM5UAATOVAAEzlQABQ5zwIF
0AIE0QIUMNICFDDTAhQw1AIUMNUCFDDWAhQw1wIUMNgCFDDZAhQwWgAGKwMEWgAFLQMFLgMFLwMFMAMFMQMFMgMFMwMENAMUMTUDJTEyhgME
WgAEOAMUMTkDFDE6AxQxOwMUMTwDFDE9AxQxPgMUMT8DFDFAAyUxM+EDBFoABEMDFDFEAxQxRQMUMUYDFDFHAxQxSAMUMUkDFDFKAxQxSwMl
MTQ8BARaAAROAxQxTwMUMVADFDFRAxQxUgMUMVMDFDFUAxQxVQMUMVYDJTE1lwQEWgAEWQMUMVoDFDFbAxQxXAMUMV0DFDFeAxQxXwMUMWAD
FDFhAyUxNvIEBFoABGQDFDFlAxQxZgMUMWcDFDFoAxQxaQMUMWoDFDFrAxQxbAMlMTdNBQRaAARvAxQxcAMUMXEDFDFyAxQxcwMUMXQDFDF1
AxQxdgMUMXcDJTE4qAUEWgAEegMUMXsDFDF8AxQxfQMUMX4DFDF/AxQxgAMUMYEDFDGCAyUxOQMGBQQGBAUGBIQDFDKEAxQyhAMUMoQDFDKE
AxQyhAMUMoQDFDKEAxQyhAMlMjFfBgRaAASEAxQyhAMUMoQDFDKEAxQyhAMUMoQDFDKEAxUyuAYFuQYGugYEWgAFvAYFvQYFvgYFvwYFwAYF
wQYEhAMUMoQDFDKEAyUyMxUHBFoABIQDFDKEAxQyhAMUMoQDFDKEAxQyhAMUMoQDFDKEAxQyhAMlMjRwBwRaAASEAxQyhAMUMoQDFDKEAxQy
hAMUMoQDFDKEAxQyhAMUMoQDJTI1ywcEWgAEhAMUMoQDFDKEAxQyhAMUMoQDFDKEAxQyhAMUMoQDFDKEAyUyNiYIBFoABIQDFDKEAxQyhAMU
MoQDFDKEAxQyhAMUMoQDFDKEAxQyhAMlMjeBCARaAASEAxQyhAMUMoQDFDKEAxQyhAMUMoQDFDKEAxQyhAMUMoQDJTI43AgEWgAEhAMUMoQD
FDKEAxQyhAMUMoQDFDKEAxQyhAMUMoQDFDKEAyUyOTcJBTgJBDkJBIQDFDOEAxQzhAMUM4QDFDOEAxQzhAMUM4QDFDOEAxQzhAMlMzGTCQRa
AASEAxQzhAMUM4QDFDOEAxQzhAMUM4QDFDOEAxQzhAMUM4QDJTMy7gkEWgAEhAMUM4QDFDOEAxQzhAMUM4QDFDOEAxUzRgoFRwoFSAoGSQoE
WgAFSwoFTAoFTQoFTgoFTwoEhAMUM4QDFDOEAxQzhAMlMzSkCgRaAASEAxQzhAMUM4QDFDOEAxQzhAMUM4QDFDOEAxQzhAMUM4QDJTM1/woE
WgAEhAMUM4QDFDOEAxQzhAMUM4QDFDOEAxQzhAMUM4QDFDOEAyUzNloLBFoABIQDFDOEAxQzhAMUM4QDFDOEAxQzhAMUM4QDFDOEAxQzhAMl
Mze1CwRaAASEAxQzhAMUM4QDFDOEAxQzhAMUM4QDFDOEAxQzhAMUM4QDJTM4EAwEWgAEhAMUM4QDFDOEAxQzhAMUM4QDFDOEAxQzhAMUM4QD
FDOEAyUzOWsMBWwMBG0MBIQDFDSEAxQ0hAMUNIQDFDSEAxQ0hAMUNIQDFDSEAxQ0hAMlNDHHDARaAASEAxQ0hAMUNIQDFDSEAxQ0hAMUNIQD
FDSEAxQ0hAMUNIQDJTQyIg0EWgAEhAMUNIQDFDSEAxQ0hAMUNIQDFDSEAxQ0hAMUNIQDFDSEAyU0M30NBFoABIQDFDSEAxQ0hAMUNIQDFDSE
AxU01A0F1Q0F1g0F1w0G2A0EWgAF2g0F2w0F3A0F3Q0EhAMUNIQDFDSEAxQ0hAMUNIQDJTQ1Mw4EWgAEhAMUNIQDFDSEAxQ0hAMUNIQDFDSE
AxQ0hAMUNIQDFDSEAyU0No4OBFoABIQDFDSEAxQ0hAMUNIQDFDSEAxQ0hAMUNIQDFDSEAxQ0hAMlNDfpDgRaAASEAxQ0hAMUNIQDFDSEAxQ0
hAMUNIQDFDSEAxQ0hAMUNIQDJTQ4RA8EWgAEhAMUNIQDFDSEAxQ0hAMUNIQDFDSEAxQ0hAMUNIQDFDSEAyU0OZ8PBaAPBKEPBIQDFDWEAxQ1
hAMUNYQDFDWEAxQ1hAMUNYQDFDWEAxQ1hAMlNTH7DwRaAASEAxQ1hAMUNYQDFDWEAxQ1hAMUNYQDFDWEAxQ1hAMUNYQDJTUyVhAEWgAEhAMU
NYQDFDWEAxQ1hAMUNYQDFDWEAxQ1hAMUNYQDFDWEAyU1M7EQBFoABIQDFDWEAxQ1hAMUNYQDFDWEAxQ1hAMUNYQDFDWEAxQ1hAMlNTQMEQRa
AASEAxQ1hAMUNYQDFDWEAxU1YhEFYxEFZBEFZREFZhEGZxEEWgAFaREFahEFaxEEhAMUNYQDFDWEAxQ1hAMUNYQDFDWEAyU1NsIRBFoABIQD
FDWEAxQ1hAMUNYQDFDWEAxQ1hAMUNYQDFDWEAxQ1hAMlNTcdEgRaAASEAxQ1hAMUNYQDFDWEAxQ1hAMUNYQDFDWEAxQ1hAMUNYQDJTU4eBIE
WgAEhAMUNYQDFDWEAxQ1hAMUNYQDFDWEAxQ1hAMUNYQDFDWEAyU1OdMSBdQSBNUSBIQDFDaEAxQ2hAMUNoQDFDaEAxQ2hAMUNoQDFDaEAxQ2
hAMlNjEvEwRaAASEAxQ2hAMUNoQDFDaEAxQ2hAMUNoQDFDaEAxQ2hAMUNoQDJTYyihMEWgAEhAMUNoQDFDaEAxQ2hAMUNoQDFDaEAxQ2hAMU
NoQDFDaEAyU2M+UTBFoABIQDFDaEAxQ2hAMUNoQDFDaEAxQ2hAMUNoQDFDaEAxQ2hAMlNjRAFARaAASEAxQ2hAMUNoQDFDaEAxQ2hAMUNoQD
FDaEAxQ2hAMUNoQDJTY1mxQEWgAEhAMUNoQDFDaEAxU28BQF8RQF8hQF8xQF9BQF9RQG9hQEWgAF+BQF+RQEhAMUNoQDFDaEAxQ2hAMUNoQD
FDaEAxQ2hAMlNjdRFQRaAASEAxQ2hAMUNoQDFDaEAxQ2hAMUNoQDFDaEAxQ2hAMUNoQDJTY4rBUEWgAEhAMUNoQDFDaEAxQ2hAMUNoQDFDaE
AxQ2hAMUNoQDFDaEAyU2OQcWBQgWBAkWBIQDFDeEAxQ3hAMUN4QDFDeEAxQ3hAMUN4QDFDeEAxQ3hAMlNzFjFgRaAASEAxQ3hAMUN4QDFDeE
AxQ3hAMUN4QDFDeEAxQ3hAMUN4QDJTcyvhYEWgAEhAMUN4QDFDeEAxQ3hAMUN4QDFDeEAxQ3hAMUN4QDFDeEAyU3MxkXBFoABIQDFDeEAxQ3
hAMUN4QDFDeEAxQ3hAMUN4QDFDeEAxQ3hAMlNzR0FwRaAASEAxQ3hAMUN4QDFDeEAxQ3hAMUN4QDFDeEAxQ3hAMUN4QDJTc1zxcEWgAEhAMU
N4QDFDeEAxQ3hAMUN4QDFDeEAxQ3hAMUN4QDFDeEAyU3NioYBFoABIQDFDeEAxU3fhgFfxgFgBgFgRgFghgFgxgFhBgGhRgEWgAFhxgEhAMU
N4QDFDeEAxQ3hAMUN4QDFDeEAxQ3hAMUN4QDJTc44BgEWgAEhAMUN4QDFDeEAxQ3hAMUN4QDFDeEAxQ3hAMUN4QDFDeEAyU3OTsZBTwZBD0Z
BIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMlODGXGQRaAASEAxQ4hAMUOIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMUOIQDJTgy
8hkEWgAEhAMUOIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMUOIQDFDiEAyU4M00aBFoABIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMUOIQDFDiEAxQ4
hAMlODSoGgRaAASEAxQ4hAMUOIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMUOIQDJTg1AxsEWgAEhAMUOIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMU
OIQDFDiEAyU4Nl4bBFoABIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMlODe5GwRaAASEAxU4DBwFDRwFDhwFDxwFEBwFERwF
EhwFExwGFBwEWgAEhAMUOIQDFDiEAxQ4hAMUOIQDFDiEAxQ4hAMUOIQDFDiEAyU4OW8cBXAcBHEcBIQDFDmEAxQ5hAMUOYQDFDmEAxQ5hAMU
OYQDFDmEAxQ5hAMlOTHLHARaAASEAxQ5hAMUOYQDFDmEAxQ5hAMUOYQDFDmEAxQ5hAMUOYQDJTkyJh0EWgAEhAMUOYQDFDmEAxQ5hAMUOYQD
FDmEAxQ5hAMUOYQDFDmEAyU5M4EdBFoABIQDFDmEAxQ5hAMUOYQDFDmEAxQ5hAMUOYQDFDmEAxQ5hAMlOTTcHQRaAASEAxQ5hAMUOYQDFDmE
AxQ5hAMUOYQDFDmEAxQ5hAMUOYQDJTk1Nx4EWgAEhAMUOYQDFDmEAxQ5hAMUOYQDFDmEAxQ5hAMUOYQDFDmEAyU5NpIeBFoABIQDFDmEAxQ5
hAMUOYQDFDmEAxQ5hAMUOYQDFDmEAxQ5hAMlOTftHgRaAASEAxQ5hAMUOYQDFDmEAxQ5hAMUOYQDFDmEAxQ5hAMUOYQDJTk4SB8EWgAFmh8F
mx8FnB8FnR8Fnh8Fnx8FoB8FoR8Foh8Gox8vOQq6Iv//////////////////////////////////////////////////////////////////
////////////////////////////////////////////////////////////////////////////////////////////////////////////
////////////////////////////////////////////////////////////////////////////////////////////////////////////
/////////////wxQbGluZSDLKl7qCgEAAA+6Iv//////////////////////////////////////////////////////////////////////
////////////////////////////////////////////////////////////////////////////////////////////////////////////
////////////////////////////////////////////////////////////////////////////////////////////////////////////
///////////////////////////////////////////////////////oUGUgNzQ2n1p2EgoBAAAPuiL/////////////////////////////
////////////////////////////////////////////////////////////////////////////////////////////////////////////
////////////////////////////////////////////////////////////////////////////////////////////////////////////
////////////////////////////////////////////////////////////////////////////////////////////////6FAKbGluZQH6
fwgKAQAAD7oi////////////////////////////////////////////////////////////////////////////////////////////////
////////////////////////////////////////////////////////////////////////////////////////////////////////////
////////////////////////////////////////////////////////////////////////////////////////////////////////////
/////////////////////////////+hQbmUgNDnbdKVpGwAAAA+6Iv//////////////////////xVAgOTk5CvgQ1X4AAAAAMKZbiQ==
`;

test('an LZ4 frame of linked blocks with checksums, as the reference tool writes it', async () => {
  const frame = Buffer.from(LINKED_FRAME, 'base64');
  const text = (await collect(decompressFrames(inPieces(frame, 1000)))).toString();
  assert.equal(text, Array.from({ length: 30_000 }, (_, i) => `line ${i % 1000}\n`).join(''));
  await assert.rejects(collect(decompressFrames(inPieces(frame.subarray(0, -9), 1000))), { clickhouseCode: 271 });
});
