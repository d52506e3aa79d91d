import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze, INCOMPLETE } from '../src/statement.mjs';

const FORMATS = new Set(['json', 'rowbinary', 'tabseparated', 'csv', 'null', 'desc']);

function look(text, complete = true) {
  return analyze(Buffer.from(text, 'latin1'), complete, FORMATS);
}

function data(text) {
  const found = look(text);
  assert.equal(found.kind, 'data', text);
  return { sql: found.sql('/f').replace(/\s+/g, ' '), rest: text.slice(found.dataStart), format: found.format };
}

test('inserts with data', () => {
  assert.deepEqual(data('INSERT INTO t FORMAT RowBinary\nabc'), {
    sql: "INSERT INTO t FROM INFILE '/f' COMPRESSION 'none' FORMAT RowBinary",
    rest: 'abc',
    format: 'RowBinary',
  });
  assert.equal(data('insert into `a b`.`format` (`values`, "x)y") format CSV 1,2').rest, '1,2');
  assert.equal(
    data('insert into `a b`.`format` (`values`, "x)y") format CSV 1,2').sql,
    "insert into `a b`.`format` (`values`, \"x)y\") FROM INFILE '/f' COMPRESSION 'none' FORMAT CSV",
  );
  assert.equal(
    data("INSERT INTO t SETTINGS async_insert=0, insert_deduplication_token='FORMAT x' FORMAT Native\n\n").sql,
    "INSERT INTO t FROM INFILE '/f' COMPRESSION 'none' " +
      "SETTINGS async_insert=0, insert_deduplication_token='FORMAT x' FORMAT Native",
  );
  assert.equal(data('INSERT INTO t SETTINGS a=1 FORMAT Native\n\n').rest, '\n');
  assert.equal(data('/* FORMAT X */ INSERT -- VALUES\n INTO TABLE t(a) VALUES (1),(2)').rest, ' (1),(2)');
  assert.equal(data('INSERT INTO TABLE t(a) VALUES(1)').format, 'Values');
  assert.equal(data('INSERT INTO values VALUES (1)').rest, ' (1)');
  assert.equal(data('INSERT INTO format FORMAT CSV\r\n1').rest, '1');
  assert.equal(data('INSERT INTO t (* EXCEPT(b)) FORMAT CSV\n1').rest, '1');
  assert.equal(data("INSERT INTO FUNCTION file('x', 'CSV') FORMAT CSV\n1").rest, '1');
  assert.equal(data('INSERT INTO {d:Identifier}.{t:Identifier} FORMAT CSV\n1').rest, '1');
  assert.equal(data('INSERT INTO t -- a comment\nFORMAT CSV\n1').rest, '1');
});

test('bytes beyond ASCII keep their places', () => {
  const text = 'INSERT INTO `größe` FORMAT RowBinary\n';
  const bytes = Buffer.concat([Buffer.from(text, 'utf8'), Buffer.from([0, 255, 10])]);
  const found = analyze(bytes, true, FORMATS);
  assert.match(found.sql('/f'), /`größe`/);
  assert.deepEqual([...bytes.subarray(found.dataStart)], [0, 255, 10]);
});

test('inserts without data go to the engine as they are', () => {
  for (const sql of [
    'INSERT INTO t SELECT 1',
    'INSERT INTO t (a) (SELECT 1)',
    'INSERT INTO t WITH x AS (SELECT 1) SELECT * FROM x',
    "INSERT INTO t SELECT 'a' AS values FORMAT Null",
    'INSERT INTO t',
  ]) {
    const found = look(sql);
    assert.equal(found.kind, 'plain', sql);
    assert.equal(found.insert, true, sql);
  }
});

test('the output format', () => {
  assert.equal(look('SELECT 1 FORMAT JSON').format, 'JSON');
  assert.equal(look('SELECT 1 format JSON;').format, 'JSON');
  assert.equal(look('SELECT 1 FORMAT JSON SETTINGS max_threads = 1').format, 'JSON');
  assert.equal(look('SELECT 1 SETTINGS max_threads = 1 FORMAT JSON -- end').format, 'JSON');
  assert.equal(look("SELECT ' FORMAT JSON'").format, undefined);
  assert.equal(look('SELECT 1 -- FORMAT JSON').format, undefined);
  assert.equal(look('SELECT format FROM t ORDER BY format ASC').format, undefined);
});

test('what a statement may not do', () => {
  assert.throws(() => look('SELECT 1; SELECT 2'), { clickhouseCode: 62 });
  assert.throws(() => look("SELECT 1 INTO OUTFILE 'x'"), { clickhouseCode: 358 });
  assert.throws(() => look("INSERT INTO t FROM INFILE 'x' FORMAT CSV"), { clickhouseCode: 78 });
  assert.throws(() => look("INSERT INTO t SELECT * FROM input('a Int8') FORMAT CSV 1"), { clickhouseCode: 48 });
  assert.throws(() => look('INSERT INTO t FORMAT RowBinary;\nabc'), { clickhouseCode: 62 });
  assert.equal(look("SELECT ';' ; -- done").kind, 'plain');
  assert.equal(look(' -- nothing\n').empty, true);
});

test('a statement that is cut off anywhere is never misread', () => {
  const text = "INSERT /* x */ INTO d.t (a, `b)`) SETTINGS x='y' FORMAT RowBinary\n\u0001\n";
  const whole = look(text);
  for (let end = 0; end <= text.length; end++) {
    const found = look(text.slice(0, end), false);
    if (found !== INCOMPLETE) {
      assert.equal(found.dataStart, whole.dataStart);
      assert.equal(found.sql('/f'), whole.sql('/f'));
    }
  }
  assert.equal(look("SELECT 'a", false), INCOMPLETE);
});
