/** Starts the program on a free port and a data directory of its own, and talks to it. */

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const START = fileURLToPath(new URL('../start.cjs', import.meta.url));

export function temporaryDirectory() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'outlay-clickhouse-test-'));
}

/** Runs the program; resolves when it is ready, or when it ended without getting there. */
export async function launch({ data, args = [], env = {} }) {
  const child = spawn(process.execPath, [START, '--data', data, '--port', '0', ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  const exited = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  const url = await new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const match = /ready at (http:\S+\/)/.exec(output);
      if (match) resolve(match[1]);
    });
    exited.then(() => resolve(undefined));
  });
  return {
    child,
    url,
    exited,
    get output() {
      return output;
    },
    get errors() {
      return errors;
    },
  };
}

export class Endpoint {
  static async start({ data = temporaryDirectory(), ...rest } = {}) {
    const process = await launch({ data, ...rest });
    if (!process.url) throw new Error(`the endpoint did not start: ${process.errors}`);
    return new Endpoint(process, data);
  }

  constructor(process, data) {
    this.process = process;
    this.data = data;
    this.url = process.url;
    this.agent = new http.Agent({ keepAlive: true });
  }

  /** One request; `body` is a string, a buffer or an iterable of chunks. */
  request({ method = 'POST', path: target = '/', parameters = {}, headers = {}, body }) {
    const url = new URL(target, this.url);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.append(name, value);
    return new Promise((resolve, reject) => {
      const request = http.request(url, { method, headers, agent: this.agent }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: response.statusCode, headers: response.headers, bytes, text: bytes.toString('utf8') });
        });
      });
      request.on('error', reject);
      if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
        request.end(body);
      } else {
        (async () => {
          for await (const chunk of body) {
            if (!request.write(chunk)) await new Promise((drained) => request.once('drain', drained));
          }
          request.end();
        })().catch((error) => request.destroy(error));
      }
    });
  }

  /** Runs a statement that has to succeed; the answer is its text without the last line break. */
  async query(sql, parameters = {}) {
    const response = await this.request({ parameters, body: sql });
    if (response.status !== 200) throw new Error(`status ${response.status}: ${response.text}`);
    return response.text.replace(/\n$/, '');
  }

  /** Inserts a body that has to succeed; the answer is the summary. */
  async insert(sql, body, parameters = {}, headers = {}) {
    const response = await this.request({ parameters: { query: sql, ...parameters }, headers, body });
    if (response.status !== 200) throw new Error(`status ${response.status}: ${response.text}`);
    return JSON.parse(response.headers['x-clickhouse-summary']);
  }

  async stop({ keepData = false, signal = 'SIGTERM' } = {}) {
    this.agent.destroy();
    this.process.child.kill(signal);
    const result = await this.process.exited;
    if (!keepData) fs.rmSync(this.data, { recursive: true, force: true });
    return result;
  }
}
