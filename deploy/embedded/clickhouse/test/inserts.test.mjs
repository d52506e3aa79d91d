import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { compress } from '../src/blocks.mjs';
import { compressFrame } from '../src/lz4-frame.mjs';
import { Endpoint } from './endpoint.mjs';

let endpoint;
let tables = 0;

before(async () => {
  endpoint = await Endpoint.start();
});

after(async () => {
  assert.deepEqual(fs.readdirSync(path.join(endpoint.data, 'spool')), []);
  await endpoint.stop();
});

async function table(columns = 'id UInt32, name String', rest = 'ORDER BY tuple()') {
  const name = `t${++tables}`;
  await endpoint.query(`CREATE TABLE ${name} (${columns}) ENGINE = MergeTree ${rest}`);
  return name;
}

function rows(name) {
  return endpoint.query(`SELECT id, name FROM ${name} ORDER BY id FORMAT JSONCompactEachRow`);
}

/** Rows of RowBinary whose first bytes are line breaks, quotes and the like. */
function rowBinary(ids, name = 'a\nb') {
  const text = Buffer.from(name);
  return Buffer.concat(
    ids.map((id) => {
      const row = Buffer.alloc(5 + text.length);
      row.writeUInt32LE(id);
      row[4] = text.length;
      text.copy(row, 5);
      return row;
    }),
  );
}

test('binary and text formats', async () => {
  const source = await table();
  await endpoint.query(`INSERT INTO ${source} VALUES (10, 'a\\nb'), (39, 'it''s'), (2570, 'ü;')`);
  const expected = await rows(source);
  for (const format of [
    'RowBinary',
    'RowBinaryWithNamesAndTypes',
    'Native',
    'JSONEachRow',
    'JSONCompactEachRow',
    'TabSeparated',
    'TabSeparatedWithNames',
    'CSV',
    'CSVWithNames',
    'Values',
    'Parquet',
    'ArrowStream',
  ]) {
    const data = await endpoint.request({ body: `SELECT * FROM ${source} FORMAT ${format}` });
    assert.equal(data.status, 200, data.text);
    const target = await table();
    const summary = await endpoint.insert(`INSERT INTO ${target} FORMAT ${format}`, data.bytes);
    assert.equal(summary.written_rows, '3', format);
    assert.equal(await rows(target), expected, format);

    const both = Buffer.concat([Buffer.from(`INSERT INTO ${target} (id, name) FORMAT ${format}\n`), data.bytes]);
    assert.equal((await endpoint.request({ body: both })).status, 200, `${format} in one body`);
    assert.equal(await endpoint.query(`SELECT count() FROM ${target}`), '6', `${format} in one body`);
  }
});

test('RowBinaryWithDefaults', async () => {
  const name = await table("id UInt32, name String DEFAULT 'none'");
  const body = Buffer.concat([Buffer.from([0, 10, 0, 0, 0, 1]), Buffer.from([0, 11, 0, 0, 0, 0, 1, 120])]);
  await endpoint.insert(`INSERT INTO ${name} FORMAT RowBinaryWithDefaults`, body);
  assert.equal(await rows(name), '[10, "none"]\n[11, "x"]');
});

test('column lists, quoted names, comments and settings in the statement', async () => {
  await endpoint.query('CREATE DATABASE `odd ``db`');
  await endpoint.query("CREATE TABLE `odd ``db`.`FORMAT CSV` (id UInt32, `na)me` String) ENGINE = Memory");
  await endpoint.insert(
    "/* INSERT */ INSERT INTO `odd ``db`.`FORMAT CSV` (`na)me`, id) -- FORMAT CSV\n" +
      "SETTINGS async_insert = 0, log_comment = 'FORMAT CSV' FORMAT RowBinary",
    Buffer.from([1, 10, 10, 0, 0, 0]),
  );
  assert.equal(await endpoint.query('SELECT * FROM `odd ``db`.`FORMAT CSV`'), '10\t\\n');
  await endpoint.insert('INSERT INTO `FORMAT CSV` (id) FORMAT CSV', '7\n', { database: 'odd `db' });
  assert.equal(await endpoint.query('SELECT count() FROM `odd ``db`.`FORMAT CSV`'), '2');
});

test('VALUES and SELECT in the text', async () => {
  const name = await table();
  await endpoint.query(`INSERT INTO ${name} VALUES\n(1, 'a;\nb'),\n(2, concat('x', 'y'));`);
  await endpoint.query(`INSERT INTO ${name} (name, id) VALUES ({n:String}, {i:UInt32})`, { param_n: 'p', param_i: '3' });
  const response = await endpoint.request({ body: `INSERT INTO ${name} SELECT number + 4, 's' FROM numbers(2)` });
  assert.equal(JSON.parse(response.headers['x-clickhouse-summary']).written_rows, '2');
  await endpoint.query(`INSERT INTO ${name} FORMAT JSONEachRow {"id": 6, "name": "j"} {"id": 7}`);
  await endpoint.insert(`INSERT INTO ${name} VALUES`, "(8, 'b'), (9, 'c')");
  assert.equal(
    await rows(name),
    '[1, "a;\\nb"]\n[2, "xy"]\n[3, "p"]\n[4, "s"]\n[5, "s"]\n[6, "j"]\n[7, ""]\n[8, "b"]\n[9, "c"]',
  );
});

test('an empty body inserts nothing, into a table that exists', async () => {
  const name = await table();
  assert.equal((await endpoint.insert(`INSERT INTO ${name} FORMAT RowBinary`, '')).written_rows, '0');
  const missing = await endpoint.request({ parameters: { query: 'INSERT INTO missing FORMAT RowBinary' }, body: '' });
  assert.equal(missing.status, 404);
});

test('a body that is cut off inserts nothing', async () => {
  const name = await table();
  const body = rowBinary([1, 2, 3]);
  const response = await endpoint.request({
    parameters: { query: `INSERT INTO ${name} FORMAT RowBinary` },
    body: body.subarray(0, -2),
  });
  assert.equal(response.headers['x-clickhouse-exception-code'], '33');
  assert.equal(await endpoint.query(`SELECT count() FROM ${name}`), '0');
});

test('a deduplication token counts once, as a parameter or in the statement', async () => {
  const name = await table('id UInt32, name String', 'ORDER BY id SETTINGS non_replicated_deduplication_window = 100');
  const insert = (token, ids) =>
    endpoint.insert(`INSERT INTO ${name} FORMAT RowBinary`, rowBinary(ids), {
      insert_deduplication_token: token,
      async_insert: '0',
    });
  await insert('batch-1', [1, 2]);
  await insert('batch-1', [1, 2]);
  await insert('batch-2', [1, 2]);
  await endpoint.insert(
    `INSERT INTO ${name} SETTINGS insert_deduplication_token = 'batch-2' FORMAT RowBinary`,
    rowBinary([1, 2]),
  );
  assert.equal(await endpoint.query(`SELECT count() FROM ${name}`), '4');
});

test('settings of the request reach the reading of the data', async () => {
  const name = await table();
  const body = '{"id": 1, "name": "a", "more": 2}';
  const sql = `INSERT INTO ${name} FORMAT JSONEachRow`;
  await endpoint.insert(sql, body, { input_format_skip_unknown_fields: '1' });
  const strict = await endpoint.request({
    parameters: { query: sql, input_format_skip_unknown_fields: '0' },
    body,
  });
  assert.equal(strict.headers['x-clickhouse-exception-code'], '117');
});

test('asynchronous inserts', async () => {
  const name = await table();
  const parameters = { async_insert: '1', wait_for_async_insert: '1' };
  await endpoint.insert(`INSERT INTO ${name} FORMAT RowBinary`, rowBinary([1]), parameters);
  assert.equal(await endpoint.query(`SELECT count() FROM ${name}`), '1');
});

test('compressed bodies', async () => {
  const name = await table();
  const sql = `INSERT INTO ${name} FORMAT RowBinary`;
  const body = rowBinary(Array.from({ length: 50_000 }, (_, i) => i));
  await endpoint.insert(sql, zlib.gzipSync(body), {}, { 'Content-Encoding': 'gzip' });
  await endpoint.insert(sql, zlib.deflateSync(body), {}, { 'Content-Encoding': 'deflate' });
  await endpoint.insert(sql, zlib.brotliCompressSync(body), {}, { 'Content-Encoding': 'br' });
  await endpoint.insert(sql, await compressFrame(body), {}, { 'Content-Encoding': 'lz4' });
  await endpoint.insert(sql, await compress(body), { decompress: '1' });
  const together = await compress(Buffer.concat([Buffer.from(`${sql}\n`), body]));
  assert.equal((await endpoint.request({ parameters: { decompress: '1' }, body: together })).status, 200);
  assert.equal(await endpoint.query(`SELECT count(), uniqExact(id) FROM ${name}`), '300000\t50000');
  const damaged = await compress(body);
  damaged[100] ^= 1;
  const refused = await endpoint.request({ parameters: { query: sql, decompress: '1' }, body: damaged });
  assert.equal(refused.headers['x-clickhouse-exception-code'], '40');
  const unknown = await endpoint.request({
    parameters: { query: sql },
    headers: { 'Content-Encoding': 'sdch' },
    body,
  });
  assert.equal(unknown.status, 415);
});

test('the numbers of an insert include the views behind the table', async () => {
  const name = await table();
  await endpoint.query(
    `CREATE MATERIALIZED VIEW ${name}_sums ENGINE = SummingMergeTree ORDER BY name AS ` +
      `SELECT name, count() AS n FROM ${name} GROUP BY name`,
  );
  await endpoint.insert(`INSERT INTO ${name} FORMAT RowBinary`, rowBinary([1, 2, 3]));
  assert.equal(await endpoint.query(`SELECT name, sum(n) FROM ${name}_sums GROUP BY name`), 'a\\nb\t3');
});

test('a large body in pieces without a length goes in as a few blocks', async () => {
  const name = await table();
  const piece = rowBinary(Array.from({ length: 10_000 }, (_, i) => i));
  const summary = await endpoint.insert(
    `INSERT INTO ${name} FORMAT RowBinary`,
    (function* () {
      for (let i = 0; i < 100; i++) yield piece;
    })(),
  );
  assert.equal(summary.written_rows, '1000000');
  assert.equal(await endpoint.query(`SELECT count() FROM ${name}`), '1000000');
  const parts = Number(await endpoint.query(`SELECT count() FROM system.parts WHERE table = '${name}' AND level = 0`));
  assert.ok(parts <= 2, `${parts} parts`);
});

test('a client that goes away in the middle of a body inserts nothing', async () => {
  const name = await table();
  await assert.rejects(
    endpoint.insert(
      `INSERT INTO ${name} FORMAT RowBinary`,
      (async function* () {
        yield rowBinary([1, 2, 3]);
        await new Promise((resolve) => setTimeout(resolve, 200));
        throw new Error('gone');
      })(),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(await endpoint.query(`SELECT count() FROM ${name}`), '0');
});

test('text that is not data is bounded, data is bounded, and the answer says so', async () => {
  const small = await Endpoint.start({ args: ['--max-body-mib', '2', '--max-query-mib=1', '--shared-memory-mib', '0'] });
  try {
    await small.query('CREATE TABLE t (s String) ENGINE = Memory');
    const sql = 'INSERT INTO t FORMAT RawBLOB';
    const known = await small.request({ parameters: { query: sql }, body: randomBytes(3 << 20) });
    assert.equal(known.status, 413);
    assert.equal(known.headers['x-clickhouse-exception-code'], '229');
    const pieces = Array.from({ length: 30 }, () => randomBytes(100_000));
    assert.equal((await small.request({ parameters: { query: sql }, body: pieces })).status, 413);
    const bomb = await small.request({
      parameters: { query: sql },
      headers: { 'Content-Encoding': 'gzip' },
      body: zlib.gzipSync(Buffer.alloc(50 << 20)),
    });
    assert.equal(bomb.status, 413);
    assert.equal((await small.request({ body: `SELECT '${'x'.repeat(1 << 20)}'` })).status, 413);
    await small.insert(sql, randomBytes(2 << 20));
    assert.equal(await small.query('SELECT count(), sum(length(s)) FROM t'), `1\t${2 << 20}`);
  } finally {
    await small.stop();
  }
});

test('a body that outgrows the shared memory moves to disk', async () => {
  const tight = await Endpoint.start({ args: ['--shared-memory-mib', '33'] });
  try {
    await tight.query('CREATE TABLE t (s String) ENGINE = Memory');
    const pieces = Array.from({ length: 50 }, (_, i) => Buffer.alloc(1 << 20, i));
    await tight.insert('INSERT INTO t FORMAT RawBLOB', pieces);
    const expected = await tight.query("SELECT sum(length(s)), sum(length(replaceAll(s, char(49), ''))) FROM t");
    assert.equal(expected, `${50 << 20}\t${49 << 20}`);
  } finally {
    await tight.stop();
  }
});
