/** The life of a request. */

import { CODES, EndpointError } from './errors.mjs';
import { takeIn } from './intake.mjs';
import { parseAnswer, parseRequest, parseUrl } from './request.mjs';
import { sendError, sendResult, sendText } from './response.mjs';
import { prepareStatements } from './settings.mjs';

const METHODS = new Set(['GET', 'POST', 'HEAD']);
const BODY_IDLE_MILLIS = 120_000;
const DRAIN_BYTES = 64 * 1024 * 1024;

export class Handler {
  constructor({ engine, spool, limiter, authenticator, limits }) {
    this.engine = engine;
    this.spool = spool;
    this.limiter = limiter;
    this.authenticator = authenticator;
    this.limits = limits;
  }

  /** Answers a request; never throws. */
  async handle(message, response) {
    const { path, parameters } = parseUrl(message.url);
    const answer = parseAnswer(message.headers, parameters);
    const trace = {};
    response.on('error', () => {});
    try {
      await this.#route(message, response, { path, parameters, answer, trace });
    } catch (error) {
      if (!response.headersSent && !response.destroyed) {
        await this.#fail(message, response, answer, trace.queryId, error);
      } else {
        response.destroy();
      }
    }
  }

  async #route(message, response, { path, parameters, answer, trace }) {
    const { method, headers } = message;
    if (!METHODS.has(method)) {
      await sendText(response, 405, 'Use GET or POST\n', { Allow: 'GET, POST, HEAD' });
    } else if (path === '/ping' || (path === '/' && method !== 'POST' && !parameters.has('query'))) {
      await sendText(response, 200, 'Ok.\n');
    } else if (path !== '/') {
      await sendText(response, 404, 'There is nothing here: use / for queries and /ping to check the endpoint\n');
    } else {
      if (headers.origin !== undefined) {
        throw new EndpointError(CODES.AUTHENTICATION_FAILED, 'Requests of web pages are not answered');
      }
      this.authenticator.check(headers, parameters);
      await this.#query(message, response, parameters, answer, trace);
    }
  }

  async #query(message, response, parameters, answer, trace) {
    const request = parseRequest(message.method, message.headers, parameters);
    trace.queryId = request.queryId;
    if (/^multipart\//i.test(message.headers['content-type'] ?? '')) {
      throw new EndpointError(CODES.NOT_IMPLEMENTED, 'Multipart bodies are not supported by this endpoint');
    }
    const prepare = prepareStatements(parameters, request);
    this.limiter.refuseIfFull();
    const statement = await this.#takeIn(message, request);
    try {
      if (statement.empty) throw new EndpointError(CODES.SYNTAX_ERROR, 'Syntax error: Empty query');
      const format = statement.format ?? request.format;
      const result = await this.limiter.run(
        () => this.engine.run({ sql: statement.sql, prepare, format, insert: statement.insert }),
        () => !response.destroyed, // nobody waits for the answer any more
      );
      if (result) await sendResult(response, answer, { engine: this.engine, queryId: request.queryId, format, result });
    } finally {
      statement.file?.remove();
    }
  }

  /** Reads the body, but not from a client that stopped sending. */
  async #takeIn(message, request) {
    const onIdle = () => message.destroy(new Error('the body stopped coming'));
    message.socket.setTimeout(BODY_IDLE_MILLIS);
    message.socket.once('timeout', onIdle);
    try {
      return await takeIn(message, request, { spool: this.spool, limits: this.limits, formats: this.engine.formats });
    } finally {
      message.socket.removeListener('timeout', onIdle);
      message.socket.setTimeout(0);
    }
  }

  async #fail(message, response, answer, queryId, error) {
    if (!message.complete) {
      error.closeConnection = true;
      discardRest(message);
    }
    try {
      await sendError(response, answer, { engine: this.engine, queryId, error });
    } catch {
      response.destroy();
    }
  }
}

/** Reads on for a while: a client that is still sending would not see the answer otherwise. */
function discardRest(message) {
  let size = 0;
  message.on('data', (chunk) => {
    size += chunk.length;
    if (size > DRAIN_BYTES) message.socket.destroy();
  });
  message.on('error', () => {});
  message.resume();
}
