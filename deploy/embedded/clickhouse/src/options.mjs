/** The options of the program: command line first, then the environment, then the defaults. */

import os from 'node:os';
import path from 'node:path';

const MIB = 1024 * 1024;

const OPTIONS = [
  {
    name: 'data',
    env: 'OUTLAY_CLICKHOUSE_DATA',
    fallback: 'data',
    parse: (v) => path.resolve(v),
    help: 'data directory',
  },
  { name: 'host', env: 'OUTLAY_CLICKHOUSE_HOST', fallback: '127.0.0.1', parse: (v) => v, help: 'address to listen on' },
  { name: 'port', env: 'OUTLAY_CLICKHOUSE_PORT', fallback: '8123', parse: integer(0, 65535), help: 'port, 0 for any' },
  {
    name: 'max-concurrent',
    env: 'OUTLAY_CLICKHOUSE_MAX_CONCURRENT',
    fallback: '8',
    parse: integer(1, 64),
    help: 'queries that run at once',
  },
  {
    name: 'max-queued',
    env: 'OUTLAY_CLICKHOUSE_MAX_QUEUED',
    fallback: '64',
    parse: integer(0, 10_000),
    help: 'queries that may wait',
  },
  {
    name: 'max-body-mib',
    env: 'OUTLAY_CLICKHOUSE_MAX_BODY_MIB',
    fallback: '1024',
    parse: integer(1, 65_536),
    help: 'largest body, after decompression',
  },
  {
    name: 'max-query-mib',
    env: 'OUTLAY_CLICKHOUSE_MAX_QUERY_MIB',
    fallback: '16',
    parse: integer(1, 1024),
    help: 'longest text of a query, without data',
  },
  {
    name: 'memory-mib',
    env: 'OUTLAY_CLICKHOUSE_MEMORY_MIB',
    fallback: String(Math.max(512, Math.min(2048, Math.floor(os.totalmem() / MIB / 2)))),
    parse: integer(256, 1_048_576),
    help: 'memory the engine may use for queries, merges and caches',
  },
  {
    name: 'keep-free-mib',
    env: 'OUTLAY_CLICKHOUSE_KEEP_FREE_MIB',
    fallback: '256',
    parse: integer(0, 1_073_741_824),
    help: 'room on the disk below which nothing is inserted or merged',
  },
  {
    name: 'shared-memory-mib',
    env: 'OUTLAY_CLICKHOUSE_SHARED_MEMORY_MIB',
    fallback: '256',
    parse: integer(0, 1_048_576),
    help: 'most memory for bodies of inserts under way, 0 to keep them on disk',
  },
  {
    name: 'shutdown-seconds',
    env: 'OUTLAY_CLICKHOUSE_SHUTDOWN_SECONDS',
    fallback: '8',
    parse: integer(0, 3600),
    help: 'how long running queries may take to finish at the end',
  },
];

function integer(least, most) {
  return (value) => {
    if (!/^\d+$/.test(value) || Number(value) < least || Number(value) > most) {
      throw new Error(`a whole number from ${least} to ${most} is expected`);
    }
    return Number(value);
  };
}

/** The help text. */
export function usage() {
  const lines = OPTIONS.map((o) => `  --${o.name.padEnd(18)} ${o.help} (${o.env}, default ${o.fallback})`);
  return [
    'usage: node start.cjs [options]',
    ...lines,
    '  User and password: OUTLAY_CLICKHOUSE_USER, OUTLAY_CLICKHOUSE_PASSWORD (default: user default, no password)',
  ].join('\n');
}

/** Reads the options; throws an Error with a message of one line. */
export function readOptions(args, env) {
  const given = new Map();
  for (let i = 0; i < args.length; i++) {
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(args[i]);
    if (match?.[1] === 'help') return { help: true };
    const option = match && OPTIONS.find((o) => o.name === match[1]);
    if (!option) throw new Error(`unknown option ${args[i]}; --help lists the options`);
    const value = match[2] ?? args[++i];
    if (value === undefined) throw new Error(`--${option.name} needs a value`);
    given.set(option.name, value);
  }
  const values = { help: false };
  for (const option of OPTIONS) {
    const fromEnv = env[option.env] === '' ? undefined : env[option.env];
    const text = given.get(option.name) ?? fromEnv ?? option.fallback;
    const origin = given.has(option.name) ? `--${option.name}` : option.env;
    try {
      values[option.name] = option.parse(text);
    } catch (error) {
      throw new Error(`${origin}: ${error.message}, not "${text}"`);
    }
  }
  return {
    help: false,
    data: values.data,
    host: values.host,
    port: values.port,
    maxConcurrent: values['max-concurrent'],
    maxQueued: values['max-queued'],
    maxBodyBytes: values['max-body-mib'] * MIB,
    maxQueryBytes: values['max-query-mib'] * MIB,
    memoryBytes: values['memory-mib'] * MIB,
    keepFreeBytes: values['keep-free-mib'] * MIB,
    sharedMemoryBytes: values['shared-memory-mib'] * MIB,
    shutdownMillis: values['shutdown-seconds'] * 1000,
    user: env.OUTLAY_CLICKHOUSE_USER || 'default',
    password: env.OUTLAY_CLICKHOUSE_PASSWORD ?? '',
  };
}
