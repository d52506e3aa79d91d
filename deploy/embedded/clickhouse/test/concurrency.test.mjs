import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Endpoint } from './endpoint.mjs';

let endpoint;

before(async () => {
  endpoint = await Endpoint.start({ args: ['--max-concurrent', '4', '--max-queued', '6'] });
});

after(() => endpoint.stop());

test('writers and readers at once, each with settings and parameters of its own', async () => {
  await endpoint.query(
    'CREATE TABLE shared (worker UInt8, id UInt32, payload String) ENGINE = MergeTree ORDER BY (worker, id)',
  );
  const until = Date.now() + 4000;
  const written = [0, 0, 0, 0];
  const reads = [0, 0, 0, 0];
  const writer = async (worker) => {
    while (Date.now() < until) {
      const from = written[worker];
      const body = Array.from({ length: 500 }, (_, i) => `${worker}\t${from + i}\tpayload ${i}\n`).join('');
      const summary = await endpoint.insert('INSERT INTO shared FORMAT TabSeparated', body, { log_comment: `w${worker}` });
      assert.equal(summary.written_rows, '500');
      written[worker] += 500;
    }
  };
  const reader = async (worker) => {
    while (Date.now() < until) {
      const block = 1000 + worker * 100 + (reads[worker] % 100);
      const sql = "SELECT {w:UInt8}, getSetting('max_block_size'), count() FROM shared WHERE worker = {w:UInt8}";
      const least = written[worker];
      const [w, size, count] = (await endpoint.query(sql, { param_w: worker, max_block_size: block })).split('\t');
      assert.equal(Number(w), worker);
      assert.equal(Number(size), block);
      assert.ok(Number(count) >= least && Number(count) % 500 === 0);
      reads[worker]++;
    }
  };
  await Promise.all([0, 1, 2, 3].flatMap((worker) => [writer(worker), reader(worker)]));
  assert.ok(Math.min(...reads) > 0);
  assert.equal(await endpoint.query('SELECT count() FROM shared'), String(written.reduce((a, b) => a + b)));
});

test('queries run beside each other up to the bound, wait beyond it, and are refused beyond that', async () => {
  const start = Date.now();
  const results = await Promise.all(
    Array.from({ length: 12 }, () => endpoint.request({ parameters: { query: 'SELECT sleep(1)' } })),
  );
  const took = Date.now() - start;
  const refused = results.filter((r) => r.status === 503);
  assert.equal(refused.length, 2);
  assert.equal(refused[0].headers['x-clickhouse-exception-code'], '202');
  assert.equal(results.filter((r) => r.status === 200).length, 10);
  assert.ok(took >= 3000 && took < 5000, `${took} ms`);
});

test('checks are answered while all places are taken', async () => {
  const slow = Array.from({ length: 5 }, () => endpoint.query('SELECT sleep(1)'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const start = Date.now();
  assert.equal((await endpoint.request({ method: 'GET', path: '/ping' })).text, 'Ok.\n');
  assert.ok(Date.now() - start < 500);
  await Promise.all(slow);
});
