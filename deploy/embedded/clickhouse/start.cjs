/**
 * Starts server.mjs with enough threads: queries run in Node's thread pool, whose size is fixed when its first thread
 * is needed, which for an ECMAScript module is before its first line runs.
 */

'use strict';

process.env.UV_THREADPOOL_SIZE ||= '12';

import('./server.mjs');
