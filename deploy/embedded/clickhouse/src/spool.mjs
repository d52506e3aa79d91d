/**
 * Files for the bodies of inserts: the engine reads binary data from files only. They live in shared memory while the
 * budget for that lasts, else beside the data, and a body that outgrows the budget moves over. Writes are synchronous:
 * they go to memory or to the page cache, and the threads that asynchronous ones need are busy with queries.
 */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CODES, EndpointError } from './errors.mjs';

const SHARED_MEMORY = '/dev/shm';
const PREFIX = 'outlay-clickhouse-';
const OWNER = 'owner.json';
const LEAST_USEFUL = 32 * 1024 * 1024;

export class Spool {
  #count = 0;
  #inMemory = 0;

  /** Sets the directories up and removes what an earlier process of the same data directory left behind. */
  constructor(dataDirectory, memoryBudget) {
    this.diskDirectory = path.join(dataDirectory, 'spool');
    fs.rmSync(this.diskDirectory, { recursive: true, force: true });
    fs.mkdirSync(this.diskDirectory, { recursive: true, mode: 0o700 });
    sweepOrphans();
    const data = fs.realpathSync(dataDirectory);
    const shared = path.join(SHARED_MEMORY, PREFIX + createHash('sha256').update(data).digest('hex').slice(0, 16));
    this.memoryBudget = prepareShared(shared, data, memoryBudget);
    this.memoryDirectory = this.memoryBudget > 0 ? shared : undefined;
  }

  create() {
    return new SpoolFile(this, `${process.pid}-${++this.#count}`);
  }

  reserve(bytes) {
    if (this.#inMemory + bytes > this.memoryBudget) return false;
    this.#inMemory += bytes;
    return true;
  }

  release(bytes) {
    this.#inMemory -= bytes;
  }

  close() {
    fs.rmSync(this.diskDirectory, { recursive: true, force: true });
    if (this.memoryDirectory) fs.rmSync(this.memoryDirectory, { recursive: true, force: true });
  }
}

/** The bytes of shared memory to use: at most half of what is free, and none where that is too little. */
function prepareShared(directory, data, budget) {
  try {
    fs.rmSync(directory, { recursive: true, force: true });
    const { bavail, bsize } = fs.statfsSync(SHARED_MEMORY);
    const usable = Math.min(budget, Math.floor((bavail * bsize) / 2));
    if (usable < LEAST_USEFUL) return 0;
    fs.mkdirSync(directory, { mode: 0o700 });
    fs.writeFileSync(path.join(directory, OWNER), JSON.stringify({ pid: process.pid, data }));
    return usable;
  } catch {
    return 0;
  }
}

/** Removes what killed processes left in shared memory, where their data directory is gone as well. */
function sweepOrphans() {
  let names = [];
  try {
    names = fs.readdirSync(SHARED_MEMORY).filter((name) => name.startsWith(PREFIX));
  } catch {
    // no shared memory on this system
  }
  for (const name of names) {
    const directory = path.join(SHARED_MEMORY, name);
    try {
      const owner = JSON.parse(fs.readFileSync(path.join(directory, OWNER), 'utf8'));
      if (!fs.existsSync(owner.data) && !isAlive(owner.pid)) fs.rmSync(directory, { recursive: true, force: true });
    } catch {
      // somebody else's, or just being made
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

class SpoolFile {
  #spool;
  #descriptor;
  #reserved = 0;

  constructor(spool, name) {
    this.#spool = spool;
    this.name = name;
    this.size = 0;
    this.#open(spool.memoryDirectory ?? spool.diskDirectory);
  }

  #open(directory) {
    this.path = path.join(directory, this.name);
    this.#descriptor = fs.openSync(this.path, 'wx', 0o600);
  }

  get inMemory() {
    return path.dirname(this.path) === this.#spool.memoryDirectory;
  }

  write(chunk) {
    if (this.inMemory) {
      if (this.#spool.reserve(chunk.length)) this.#reserved += chunk.length;
      else this.#moveToDisk();
    }
    try {
      this.#writeAll(chunk);
    } catch (error) {
      if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
      throw new EndpointError(CODES.NOT_ENOUGH_SPACE, 'There is no space left for the body of the insert');
    }
    this.size += chunk.length;
  }

  #writeAll(chunk) {
    for (let from = 0; from < chunk.length; ) {
      from += fs.writeSync(this.#descriptor, chunk, from, chunk.length - from);
    }
  }

  #moveToDisk() {
    const source = this.path;
    fs.closeSync(this.#descriptor);
    this.path = path.join(this.#spool.diskDirectory, this.name);
    fs.copyFileSync(source, this.path, fs.constants.COPYFILE_EXCL);
    fs.rmSync(source, { force: true });
    this.#descriptor = fs.openSync(this.path, 'a');
    this.#giveBack();
  }

  #giveBack() {
    this.#spool.release(this.#reserved);
    this.#reserved = 0;
  }

  /** Closes the file for the engine to read. */
  finish() {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  remove() {
    this.finish();
    fs.rmSync(this.path, { force: true });
    this.#giveBack();
  }
}
