import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { compress, decompress } from '../src/blocks.mjs';
import { compressFrame, decompressFrames } from '../src/lz4-frame.mjs';
import { Endpoint } from './endpoint.mjs';

let endpoint;

before(async () => {
  endpoint = await Endpoint.start();
});

after(() => endpoint.stop());

function get(parameters, rest = {}) {
  return endpoint.request({ method: 'GET', parameters, ...rest });
}

async function unpack(bytes, decode = decompress) {
  const parts = [];
  for await (const part of decode(Readable.from([bytes]))) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

test('health checks', async () => {
  for (const path of ['/', '/ping']) {
    const response = await endpoint.request({ method: 'GET', path });
    assert.equal(response.status, 200);
    assert.equal(response.text, 'Ok.\n');
  }
  assert.equal((await endpoint.request({ method: 'HEAD', path: '/ping' })).status, 200);
  assert.equal((await endpoint.request({ method: 'GET', path: '/nothing' })).status, 404);
  assert.equal((await endpoint.request({ method: 'DELETE' })).status, 405);
});

test('the query comes in the parameter, in the body, or in both', async () => {
  assert.equal((await get({ query: 'SELECT 1' })).text, '1\n');
  assert.equal((await endpoint.request({ body: 'SELECT 2' })).text, '2\n');
  assert.equal((await endpoint.request({ parameters: { query: 'SELECT 3' }, body: ', 4' })).text, '3\t4\n');
  const empty = await endpoint.request({ body: ' ' });
  assert.equal(empty.status, 400);
  assert.equal(empty.headers['x-clickhouse-exception-code'], '62');
});

test('the format: the clause, then default_format, then the header, then TabSeparated', async () => {
  const headers = { 'X-ClickHouse-Format': 'CSV' };
  const clause = await get({ query: "SELECT 'a' FORMAT JSONCompactEachRow", default_format: 'XML' }, { headers });
  assert.equal(clause.text, '["a"]\n');
  assert.equal(clause.headers['x-clickhouse-format'], 'JSONCompactEachRow');
  const parameter = await get({ query: "SELECT 'a'", default_format: 'JSONEachRow' }, { headers });
  assert.equal(parameter.text, '{"\'a\'":"a"}\n');
  assert.equal(parameter.headers['x-clickhouse-format'], 'JSONEachRow');
  assert.equal((await get({ query: "SELECT 'a'" }, { headers })).text, '"a"\n');
  assert.equal((await get({ query: "SELECT 'a'" })).text, 'a\n');
});

test('the headers of an answer', async () => {
  const { headers } = await get({ query: 'SELECT number FROM numbers(10) FORMAT JSON', query_id: 'my-query' });
  assert.equal(headers['x-clickhouse-query-id'], 'my-query');
  assert.match(headers['content-type'], /^application\/json/);
  assert.ok(headers['x-clickhouse-timezone']);
  assert.ok(headers['x-clickhouse-server-display-name']);
  const summary = JSON.parse(headers['x-clickhouse-summary']);
  assert.equal(summary.result_rows, '10');
  assert.ok(Number(summary.elapsed_ns) > 0);
});

test('binary results are complete', async () => {
  const { bytes } = await get({ query: 'SELECT toUInt16(number) FROM numbers(65536)', default_format: 'RowBinary' });
  assert.equal(bytes.length, 131_072);
  for (let i = 0; i < 65_536; i++) assert.equal(bytes.readUInt16LE(i * 2), i);
});

test('errors carry the status, the code and the text of the engine', async () => {
  const cases = [
    ['SELEC 1', 400, '62', /Syntax error/],
    ['SELECT * FROM missing', 404, '60', /UNKNOWN_TABLE/],
    ['SELECT missing', 404, '47', /UNKNOWN_IDENTIFIER/],
    ['SELECT missing()', 404, '46', /UNKNOWN_FUNCTION/],
    ['SELECT 1 FORMAT Missing', 404, '73', /UNKNOWN_FORMAT/],
    ["SELECT toUInt8('x')", 400, '6', /CANNOT_PARSE_TEXT/],
    ["SELECT throwIf(1, 'wanted')", 500, '395', /wanted/],
    ['SELECT 1; SELECT 2', 400, '62', /Multi-statements/],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 400, '358', /not allowed/],
  ];
  for (const [query, status, code, text] of cases) {
    const response = await endpoint.request({ body: query });
    assert.equal(response.status, status, query);
    assert.equal(response.headers['x-clickhouse-exception-code'], code, query);
    assert.match(response.text, new RegExp(`^Code: ${code}\\. DB::Exception: `), query);
    assert.match(response.text, text, query);
  }
});

test('query parameters are typed and cannot inject', async () => {
  assert.equal((await get({ query: 'SELECT {n:UInt32} + 1', param_n: '41' })).text, '42\n');
  const hostile = "x'); DROP TABLE t; -- \\\\ \"`";
  const result = await get({ query: 'SELECT {s:String} FORMAT TSVRaw', param_s: hostile.replace(/\\/g, '\\\\') });
  assert.equal(result.text, `${hostile}\n`);
  assert.equal((await get({ query: 'SELECT {a:Array(String)}[2]', param_a: "['x','y\\'z']" })).text, "y\\'z\n");
  assert.equal((await get({ query: 'SELECT {d:DateTime64(3)} = 1.5', param_d: '1.5' })).text, '1\n');
  assert.equal((await get({ query: 'SELECT {s:Nullable(String)} IS NULL', param_s: '\\N' })).text, '1\n');
  assert.equal((await get({ query: 'SELECT * FROM {t:Identifier}', param_t: 'system.one' })).status, 404);
  assert.equal(
    (await get({ query: 'SELECT * FROM {d:Identifier}.{t:Identifier}', param_d: 'system', param_t: 'one' })).text,
    '0\n',
  );
  assert.equal((await get({ query: 'SELECT {n:UInt8}', param_n: 'abc' })).headers['x-clickhouse-exception-code'], '457');
  assert.equal((await get({ query: 'SELECT {n:UInt8}' })).headers['x-clickhouse-exception-code'], '456');
});

test('settings hold for their query only', async () => {
  const sql = "SELECT getSetting('max_block_size'), getSetting('log_comment')";
  const usual = await endpoint.query(sql);
  assert.equal(await endpoint.query(sql, { max_block_size: '1234', log_comment: "it's \\ me" }), "1234\tit\\'s \\\\ me");
  assert.equal(await endpoint.query(sql), usual);
  await endpoint.query('SET max_block_size = 4321');
  assert.equal(await endpoint.query(sql), usual);
  assert.equal(await endpoint.query(`${sql} SETTINGS max_block_size = 99`, { max_block_size: '1234' }), '99\t');
  assert.equal(await endpoint.query(sql), usual);
});

test('what is not a setting is refused', async () => {
  const unknown = await get({ query: 'SELECT 1', no_such_setting: '1' });
  assert.equal(unknown.status, 404);
  assert.equal(unknown.headers['x-clickhouse-exception-code'], '115');
  const hostile = await get({ query: 'SELECT 1', 'max_threads = 1; DROP TABLE t; SET max_threads': '1' });
  assert.equal(hostile.status, 400);
  assert.equal(hostile.headers['x-clickhouse-exception-code'], '36');
  assert.equal((await get({ query: 'SELECT 1', session_id: 'x' })).status, 501);
  assert.equal((await get({ query: 'SELECT 1', default_format: "CSV'; --" })).status, 400);
});

test('the database is a parameter or a header and holds for its query only', async () => {
  await endpoint.query('CREATE DATABASE `we``ird db`');
  assert.equal(await endpoint.query('SELECT currentDatabase()', { database: 'we`ird db' }), 'we`ird db');
  const header = await get({ query: 'SELECT currentDatabase()' }, { headers: { 'X-ClickHouse-Database': 'system' } });
  assert.equal(header.text, 'system\n');
  assert.equal(await endpoint.query('SELECT currentDatabase()'), 'default');
  const missing = await get({ query: 'SELECT 1', database: 'missing' });
  assert.equal(missing.status, 404);
  assert.equal(missing.headers['x-clickhouse-exception-code'], '81');
});

test('GET only reads', async () => {
  const response = await get({ query: 'CREATE TABLE by_get (a Int8) ENGINE = Memory' });
  assert.equal(response.headers['x-clickhouse-exception-code'], '164');
  assert.equal((await get({ query: "SELECT getSetting('max_threads')", max_threads: '1' })).text, '1\n');
  assert.equal((await get({ query: 'SET readonly = 0' })).headers['x-clickhouse-exception-code'], '164');
});

test('temporary tables end with their query', async () => {
  await endpoint.query('CREATE TEMPORARY TABLE passing (a Int8)');
  assert.equal((await endpoint.request({ body: 'SELECT * FROM passing' })).status, 404);
});

test('gzip both ways', async () => {
  const parameters = { enable_http_compression: '1' };
  const response = await endpoint.request({
    parameters,
    headers: { 'Content-Encoding': 'gzip', 'Accept-Encoding': 'gzip' },
    body: zlib.gzipSync('SELECT number FROM numbers(1000)'),
  });
  assert.equal(response.headers['content-encoding'], 'gzip');
  assert.equal(zlib.gunzipSync(response.bytes).toString().split('\n').length, 1001);
  const plain = await endpoint.request({ headers: { 'Accept-Encoding': 'gzip' }, body: 'SELECT 1' });
  assert.equal(plain.headers['content-encoding'], undefined);
  const broken = await endpoint.request({ headers: { 'Content-Encoding': 'gzip' }, body: 'SELECT 1' });
  assert.equal(broken.headers['x-clickhouse-exception-code'], '271');
  const failed = await endpoint.request({ parameters, headers: { 'Accept-Encoding': 'gzip' }, body: 'SELEC' });
  assert.match(zlib.gunzipSync(failed.bytes).toString(), /^Code: 62/);
});

test('lz4 frames both ways', async () => {
  const response = await endpoint.request({
    parameters: { enable_http_compression: '1' },
    headers: { 'Content-Encoding': 'lz4', 'Accept-Encoding': 'lz4' },
    body: await compressFrame(Buffer.from('SELECT number FROM numbers(500000)')),
  });
  assert.equal(response.headers['content-encoding'], 'lz4');
  assert.equal((await unpack(response.bytes, decompressFrames)).length, 3_388_890);
});

test("the driver's compressed blocks both ways", async () => {
  const response = await endpoint.request({
    parameters: { compress: '1', decompress: '1' },
    body: await compress(Buffer.from('SELECT number FROM numbers(500000)')),
  });
  const text = await unpack(response.bytes);
  assert.equal(text.length, 3_388_890);
  assert.ok(text.endsWith('499999\n'));
  const failed = await endpoint.request({ parameters: { compress: '1' }, body: 'SELEC' });
  assert.match(await unpack(failed.bytes), /^Code: 62/);
});

test('web pages get no answer', async () => {
  const response = await endpoint.request({ headers: { Origin: 'http://example.org' }, body: 'SELECT 1' });
  assert.equal(response.status, 403);
});

test('the default user needs no password, and others are not known', async () => {
  const asked = async (headers, parameters = {}) =>
    (await endpoint.request({ headers, parameters, body: 'SELECT 1' })).status;
  assert.equal(await asked({ 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': '' }), 200);
  assert.equal(await asked({ Authorization: `Basic ${btoa('default:')}` }), 200);
  assert.equal(await asked({}, { user: 'default' }), 200);
  assert.equal(await asked({ 'X-ClickHouse-User': 'somebody' }), 403);
  assert.equal(await asked({ Authorization: `Basic ${btoa('default:guess')}` }), 403);
  assert.equal(await asked({}, { password: 'guess' }), 403);
});

test('statements other than queries', async () => {
  await endpoint.query("CREATE TABLE a.b (x Int8, y Enum8('p' = 1)) ENGINE = Memory").catch(() => {});
  await endpoint.query("CREATE TABLE plain (x Int8 COMMENT 'an x', y Enum8('p' = 1)) ENGINE = Memory;");
  assert.match(await endpoint.query('DESCRIBE TABLE plain'), /^x\tInt8\t\t\tan x/);
  assert.equal(await endpoint.query('EXISTS TABLE plain'), '1');
  assert.match(await endpoint.query('SHOW CREATE TABLE plain'), /CREATE TABLE default\.plain/);
  await endpoint.query('ALTER TABLE plain ADD COLUMN z String');
  await endpoint.query('RENAME TABLE plain TO simple');
  assert.equal(await endpoint.query('SHOW TABLES'), 'simple');
  await endpoint.query('DROP TABLE simple');
});
