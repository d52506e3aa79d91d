/**
 * One process to a data directory: a file that names the process holding it. Where the process is gone, also by
 * kill -9 or a crash of the machine, the file is stale and the next process takes over.
 */

import fs from 'node:fs';
import path from 'node:path';

const ATTEMPTS = 20;

export class DataLock {
  constructor(file, content) {
    this.file = file;
    this.content = content;
  }

  /** Takes the lock, or throws an Error naming the process that has it. */
  static acquire(directory) {
    const file = path.join(directory, 'endpoint.lock');
    const content = `${JSON.stringify({ pid: process.pid, started: startOf(process.pid) })}\n`;
    const draft = `${file}.${process.pid}`;
    fs.writeFileSync(draft, content);
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        try {
          fs.linkSync(draft, file); // fails if the file exists, and never shows a half-written one
          return new DataLock(file, content);
        } catch (error) {
          if (error.code !== 'EEXIST') throw error;
        }
        const found = read(file);
        if (found === undefined) continue;
        const holder = holderOf(found);
        if (holder !== undefined) throw new Error(`the data directory is in use by process ${holder}`);
        removeStale(file, found);
      }
      throw new Error('the lock of the data directory changes hands all the time');
    } finally {
      fs.rmSync(draft, { force: true });
    }
  }

  release() {
    if (read(this.file) === this.content) fs.rmSync(this.file, { force: true });
  }
}

/** Removes the lock file if it still is the stale one: two processes may recover it at the same time. */
function removeStale(file, content) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== content) {
    try {
      fs.linkSync(aside, file); // a live lock was taken by mistake: give it back
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
  fs.rmSync(aside, { force: true });
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The process that holds the lock with this content, if it lives. */
function holderOf(content) {
  let lock;
  try {
    lock = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (!Number.isInteger(lock?.pid) || lock.pid <= 0 || lock.pid === process.pid) return undefined;
  try {
    process.kill(lock.pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return undefined;
  }
  const started = startOf(lock.pid);
  return started === null || lock.started === null || started === lock.started ? lock.pid : undefined;
}

/** When a process started, so that another one with its number is not mistaken for it; null where unknown. */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'gone';
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot}:${fields[19]}`;
  } catch {
    return null;
  }
}
