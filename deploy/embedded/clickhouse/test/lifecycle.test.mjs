import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { Endpoint, launch, temporaryDirectory } from './endpoint.mjs';

test('data outlives kill -9 right after an acknowledged insert', async () => {
  const data = temporaryDirectory();
  let endpoint = await Endpoint.start({ data });
  await endpoint.query('CREATE DATABASE kept');
  await endpoint.query(
    'CREATE TABLE kept.t (id UInt64) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100',
  );
  await endpoint.query('CREATE TABLE in_default (id UInt64) ENGINE = MergeTree ORDER BY id');
  const body = Buffer.alloc(8 * 10_000, 1);
  for (let round = 1; round <= 3; round++) {
    const parameters = { insert_deduplication_token: `round-${round}` };
    await endpoint.insert('INSERT INTO kept.t FORMAT RowBinary', body, parameters);
    await endpoint.query(`INSERT INTO in_default VALUES (${round})`);
    await endpoint.stop({ keepData: true, signal: 'SIGKILL' });
    endpoint = await Endpoint.start({ data });
    await endpoint.insert('INSERT INTO kept.t FORMAT RowBinary', body, parameters); // the retry of a client
    assert.equal(await endpoint.query('SELECT count() FROM kept.t'), String(round * 10_000));
    assert.equal(await endpoint.query('SELECT count() FROM in_default'), String(round));
  }
  assert.deepEqual(await endpoint.stop(), { code: 0, signal: null });
});

test('a data directory belongs to one process at a time', async () => {
  const data = temporaryDirectory();
  const endpoint = await Endpoint.start({ data });
  const second = await launch({ data });
  assert.equal((await second.exited).code, 1);
  assert.match(second.errors, new RegExp(`^outlay-clickhouse: .*in use by process ${endpoint.process.child.pid}\\n$`));
  assert.equal(await endpoint.query('SELECT 1'), '1');
  await endpoint.stop();
});

test('a stale lock and left-over bodies are cleared away', async () => {
  const data = temporaryDirectory();
  fs.writeFileSync(path.join(data, 'endpoint.lock'), `{"pid": ${process.pid}, "started": "another boot:1"}\n`);
  fs.mkdirSync(path.join(data, 'spool'));
  fs.writeFileSync(path.join(data, 'spool', '1-1'), 'left over');
  const endpoint = await Endpoint.start({ data });
  assert.deepEqual(fs.readdirSync(path.join(data, 'spool')), []);
  await endpoint.stop({ keepData: true });
  assert.deepEqual(fs.readdirSync(data).sort(), ['engine', 'engine.xml']);
  fs.rmSync(data, { recursive: true });
});

test('bodies of a killed process in shared memory do not stay', async (t) => {
  const shared = '/dev/shm';
  const own = () => fs.readdirSync(shared).map((name) => path.join(shared, name)).find(isOf);
  let data = temporaryDirectory();
  const isOf = (directory) => {
    try {
      return JSON.parse(fs.readFileSync(path.join(directory, 'owner.json'), 'utf8')).data === fs.realpathSync(data);
    } catch {
      return false;
    }
  };
  let endpoint = await Endpoint.start({ data });
  if (!fs.existsSync(shared) || !own()) {
    await endpoint.stop();
    t.skip('no shared memory to use');
    return;
  }
  const directory = own();
  await endpoint.stop({ keepData: true, signal: 'SIGKILL' });
  fs.writeFileSync(path.join(directory, '1-1'), 'left over');
  endpoint = await Endpoint.start({ data });
  assert.deepEqual(fs.readdirSync(directory), ['owner.json']);
  await endpoint.stop({ signal: 'SIGKILL' }); // and the data directory is removed
  data = temporaryDirectory();
  endpoint = await Endpoint.start({ data });
  assert.equal(fs.existsSync(directory), false);
  const last = own();
  await endpoint.stop();
  assert.equal(fs.existsSync(last), false);
});

test('a taken port, unusable data and wrong options are told in one line', async () => {
  const other = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const data = temporaryDirectory();
  const file = path.join(data, 'a-file');
  fs.writeFileSync(file, '');
  const cases = [
    [{ data, args: ['--port', String(other.address().port)] }, /cannot listen on 127\.0\.0\.1:\d+: the port is taken/],
    [{ data: file }, /data directory .* cannot be used/],
    [{ data, args: ['--port', 'many'] }, /--port: a whole number from 0 to 65535 is expected, not "many"/],
    [{ data, args: ['--colour', 'red'] }, /unknown option --colour/],
    [{ data, env: { OUTLAY_CLICKHOUSE_MAX_QUEUED: '-1' } }, /OUTLAY_CLICKHOUSE_MAX_QUEUED: a whole number/],
  ];
  for (const [options, message] of cases) {
    const failed = await launch(options);
    assert.equal((await failed.exited).code, 1);
    assert.match(failed.errors, message);
    assert.match(failed.errors, /^outlay-clickhouse: [^\n]*\n$/);
  }
  other.close();
  assert.deepEqual(fs.readdirSync(data), ['a-file']);
  fs.rmSync(data, { recursive: true });
});

test('SIGTERM lets running queries finish', async () => {
  const endpoint = await Endpoint.start();
  const slow = endpoint.query('SELECT sleep(2)');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const ended = endpoint.process.exited;
  endpoint.process.child.kill('SIGTERM');
  assert.equal(await slow, '0');
  assert.deepEqual(await ended, { code: 0, signal: null });
  fs.rmSync(endpoint.data, { recursive: true });
});

test('SIGTERM cancels what takes too long', async () => {
  const endpoint = await Endpoint.start({ args: ['--shutdown-seconds', '1'] });
  const endless = endpoint.query('SELECT count() FROM system.numbers WHERE NOT ignore(sipHash64(number))');
  endless.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 500));
  const start = Date.now();
  endpoint.process.child.kill('SIGINT');
  assert.deepEqual(await endpoint.process.exited, { code: 0, signal: null });
  assert.ok(Date.now() - start < 6000);
  await assert.rejects(endless, /394|hang up|ECONNRESET/);
  fs.rmSync(endpoint.data, { recursive: true });
});

test('a configured user and password are required in every form', async () => {
  const env = { OUTLAY_CLICKHOUSE_USER: 'writer', OUTLAY_CLICKHOUSE_PASSWORD: 'söcret: 1' };
  const endpoint = await Endpoint.start({ env });
  const asked = async (headers, parameters = {}) =>
    (await endpoint.request({ headers, parameters, body: 'SELECT 1' })).status;
  const basic = `Basic ${Buffer.from(`writer:${env.OUTLAY_CLICKHOUSE_PASSWORD}`).toString('base64')}`;
  assert.equal(await asked({ Authorization: basic }), 200);
  assert.equal(await asked({}, { user: 'writer', password: env.OUTLAY_CLICKHOUSE_PASSWORD }), 200);
  assert.equal(await asked({ 'X-ClickHouse-User': 'writer', 'X-ClickHouse-Key': 'wrong' }), 403);
  assert.equal(await asked({}), 403);
  assert.equal((await endpoint.request({ method: 'GET', path: '/ping' })).status, 200);
  await endpoint.stop();
});

test('the engine sees next to nothing of the environment', async () => {
  const endpoint = await Endpoint.start({ env: { SECRET_OF_SOMEBODY: 'x', TZ: 'Asia/Tokyo' } });
  assert.equal(await endpoint.query('SELECT timezone()'), 'Asia/Tokyo');
  await endpoint.stop();
});

test('nothing is inserted while less room is left than is to be kept free', async () => {
  // Given a disk that has not that much room at all
  const full = await Endpoint.start({ args: ['--keep-free-mib', '1073741824'] });
  try {
    await full.query('CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a');

    // When
    const answer = await full.request({ body: 'INSERT INTO t VALUES (1)' });

    // Then it is refused with ClickHouse's own code, and can still be read
    assert.equal(answer.headers['x-clickhouse-exception-code'], '243');
    assert.equal((await full.query('SELECT count() FROM t')).trim(), '0');
  } finally {
    await full.stop();
  }
});
