/**
 * The embedded engine. Every query gets a connection of its own (which costs well under a millisecond): settings,
 * parameters, the current database and temporary tables end with the query and cannot leak into another one, and
 * queries run beside each other, which those of one connection do not.
 */

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { CONNECTION_ARGUMENTS, engineConfig } from './engine-config.mjs';

const PLATFORM_PACKAGES = {
  'darwin-arm64': '@chdb/lib-darwin-arm64',
  'darwin-x64': '@chdb/lib-darwin-x64',
  'linux-arm64': '@chdb/lib-linux-arm64-gnu',
  'linux-x64': '@chdb/lib-linux-x64-gnu',
};

/** The statement of an insert is sent with an empty tail: the engine's call for inserts wants some data. */
const NO_DATA = Buffer.from('\n');

export class Engine {
  #chdb;
  #addon;
  #path;
  #root;

  constructor(chdb, addon, directory) {
    this.#chdb = chdb;
    this.#addon = addon;
    this.#path = directory;
  }

  /** Loads the engine's library; throws an Error with a message of one line where it is not installed. */
  static async load(directory) {
    let chdb;
    try {
      chdb = await import('chdb');
    } catch (error) {
      const missing = error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'CHDB_PLATFORM';
      const hint = missing ? ' is not installed for this platform (run: npm ci)' : ' cannot be loaded';
      throw new Error(`the engine package chdb${hint}: ${firstLine(error)}`);
    }
    return new Engine(chdb, loadAddon(), directory);
  }

  /** Opens the data directory. The call blocks until the tables are loaded. */
  async open({ memoryBytes, keepFreeBytes }) {
    fs.mkdirSync(this.#path, { recursive: true });
    const config = path.join(path.dirname(this.#path), 'engine.xml');
    fs.writeFileSync(config, engineConfig({ memoryBytes, keepFreeBytes }));
    this.#root = new this.#chdb.Session(this.#path, {
      connectionArgs: [...CONNECTION_ARGUMENTS, `--config-file=${config}`],
    });
    const facts = await this.#root.queryAsync(
      'SELECT version(), timezone(), hostName(), (SELECT groupArray(lower(name)) FROM system.formats)',
      { format: 'JSONCompactEachRow' },
    );
    const [version, timezone, hostName, formats] = JSON.parse(facts.text());
    this.version = version;
    this.timezone = timezone;
    this.displayName = hostName;
    this.formats = new Set(formats);
  }

  /**
   * Runs one statement.
   *
   * @param {{sql: string, prepare: string, format: string, insert: boolean}} query `prepare` holds the statements that
   *   set the connection up, `format` is the output format where the statement names none
   */
  async run({ sql, prepare, format, insert }) {
    const session = new this.#chdb.Session(this.#path, { connectionArgs: CONNECTION_ARGUMENTS });
    try {
      if (prepare) await session.queryAsync(prepare);
      return insert && this.#addon ? await this.#insert(session, sql) : await this.#query(session, sql, format);
    } finally {
      session.close();
    }
  }

  async #query(session, sql, format) {
    const result = await session.queryAsync(sql, { format });
    const bytes = result.bytes();
    return {
      body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      resultRows: result.rowsRead,
      resultBytes: result.bytesRead,
      writtenRows: 0,
      writtenBytes: 0,
      elapsedSeconds: result.elapsed,
    };
  }

  /** Only the addon's call for inserts tells how many rows were written. */
  async #insert(session, sql) {
    const result = await this.#addon.InsertRawAsyncConnection(session.connection, sql, NO_DATA, false);
    return {
      body: Buffer.alloc(0),
      resultRows: 0,
      resultBytes: 0,
      writtenRows: result.rowsWritten ?? 0,
      writtenBytes: result.bytesWritten ?? 0,
      elapsedSeconds: result.elapsed,
    };
  }

  /** Asks every running query to stop. */
  async cancelAll() {
    await this.run({ sql: 'KILL QUERY WHERE 1 ASYNC', prepare: '', format: 'Null', insert: false });
  }

  async close() {
    await this.#chdb.drainPending();
    this.#root?.close();
    await this.#chdb.drainPending();
  }
}

/** The native part of the engine package; undefined where it has another shape than the pinned version. */
function loadAddon() {
  try {
    const addon = createRequire(import.meta.url)(PLATFORM_PACKAGES[`${process.platform}-${process.arch}`]);
    return typeof addon.InsertRawAsyncConnection === 'function' ? addon : undefined;
  } catch {
    return undefined;
  }
}

function firstLine(error) {
  return String(error.message).split('\n', 1)[0];
}
