#!/usr/bin/env node
/** The program: options, lock, listener, engine, and an orderly end. See README.md. */

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { Authenticator } from './src/auth.mjs';
import { ALLOCATOR } from './src/engine-config.mjs';
import { Engine } from './src/engine.mjs';
import { Handler } from './src/handler.mjs';
import { Limiter } from './src/limiter.mjs';
import { DataLock } from './src/lock.mjs';
import { readOptions, usage } from './src/options.mjs';
import { Spool } from './src/spool.mjs';

const NAME = 'outlay-clickhouse';
const DEFAULT_THREADS = 4;
const KEEP_ALIVE_MILLIS = 60_000;
const MAX_URL_BYTES = 1024 * 1024;
const CANCEL_MILLIS = 2_000;

const options = readOptionsOrExit();
const threads = Number(process.env.UV_THREADPOOL_SIZE) || DEFAULT_THREADS;
reduceEnvironment();
await main();

function readOptionsOrExit() {
  try {
    const read = readOptions(process.argv.slice(2), process.env);
    if (read.help) {
      console.log(usage());
      process.exit(0);
    }
    return read;
  } catch (error) {
    return exit(error.message);
  }
}

/** The engine reads the environment often, and the time that takes grows with its size. */
function reduceEnvironment() {
  for (const name of Object.keys(process.env)) {
    if (name !== 'TZ') delete process.env[name];
  }
  Object.assign(process.env, ALLOCATOR);
}

async function main() {
  const lock = prepareData();
  try {
    const engine = await Engine.load(path.join(options.data, 'engine'));
    let begin;
    const ready = new Promise((resolve) => (begin = resolve));
    const server = await listen(async (message, response) => (await ready).handle(message, response));
    const spool = new Spool(options.data, options.sharedMemoryBytes);
    const limiter = new Limiter(Math.min(options.maxConcurrent, Math.max(1, threads - 1)), options.maxQueued);
    await engine.open(options);
    begin(
      new Handler({
        engine,
        spool,
        limiter,
        authenticator: new Authenticator(options.user, options.password),
        limits: options,
      }),
    );
    const shutdown = onceOnly(() => stop({ server, engine, spool, lock, limiter }));
    process.on('SIGTERM', shutdown);
    process.on('SIGINT', shutdown);
    const { address, port, family } = server.address();
    const host = family === 'IPv6' ? `[${address}]` : address;
    console.log(
      `${NAME} ready at http://${host}:${port}/ (engine ${engine.version}, process ${process.pid}, ` +
        `${limiter.maxRunning} queries at once)`,
    );
  } catch (error) {
    lock.release();
    exit(error.message);
  }
}

function prepareData() {
  try {
    fs.mkdirSync(options.data, { recursive: true });
    fs.accessSync(options.data, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    exit(`the data directory ${options.data} cannot be used: ${error.message}`);
  }
  try {
    return DataLock.acquire(options.data);
  } catch (error) {
    return exit(`${options.data}: ${error.message}`);
  }
}

/** Listens first, so that a taken port is found before the engine touches the data; early requests wait for it. */
function listen(onRequest) {
  const limits = { keepAliveTimeout: KEEP_ALIVE_MILLIS, requestTimeout: 0, maxHeaderSize: MAX_URL_BYTES };
  const server = http.createServer(limits, onRequest);
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const where = `${options.host}:${options.port}`;
      const reason = error.code === 'EADDRINUSE' ? 'the port is taken' : error.message;
      reject(new Error(`cannot listen on ${where}: ${reason}`));
    });
    server.listen(options.port, options.host, () => resolve(server));
  });
}

/** Lets running queries finish, cancels those that take too long, and closes the engine. */
async function stop({ server, engine, spool, lock, limiter }) {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  setInterval(() => server.closeIdleConnections(), 100);
  const finished = await within(closed, options.shutdownMillis);
  if (!finished) {
    console.error(`${NAME}: cancelling ${limiter.running} queries that did not finish in time`);
    await within(engine.cancelAll(), CANCEL_MILLIS);
    await within(closed, CANCEL_MILLIS);
    server.closeAllConnections();
  }
  const closedEngine = await within(engine.close(), CANCEL_MILLIS + options.shutdownMillis);
  spool.close();
  lock.release();
  if (!closedEngine) console.error(`${NAME}: a query did not stop; acknowledged data is safe`);
  process.exit(0);
}

async function within(promise, millis) {
  let timer;
  const timeout = new Promise((resolve) => (timer = setTimeout(resolve, millis, false)));
  const result = await Promise.race([promise.then(() => true), timeout]);
  clearTimeout(timer);
  return result;
}

function onceOnly(action) {
  let called = false;
  return () => {
    if (!called) {
      called = true;
      action().catch((error) => exit(error.message));
    }
  };
}

function exit(message) {
  console.error(`${NAME}: ${message.replace(/\s*\n\s*/g, ' ')}`);
  process.exit(1);
}
