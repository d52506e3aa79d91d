/** Who may ask: one user, compared in constant time. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { CODES, EndpointError } from './errors.mjs';

export class Authenticator {
  constructor(user, password) {
    this.user = digest(user);
    this.password = digest(password);
  }

  /** Checks the X-ClickHouse headers, else basic authorization, else the parameters. */
  check(headers, parameters) {
    const { user, password } = credentials(headers, parameters);
    const userMatches = timingSafeEqual(digest(user), this.user);
    const passwordMatches = timingSafeEqual(digest(password), this.password);
    if (!userMatches || !passwordMatches) {
      throw new EndpointError(
        CODES.AUTHENTICATION_FAILED,
        `${user.slice(0, 64)}: Authentication failed: password is incorrect, or there is no user with such name`,
      );
    }
  }
}

function credentials(headers, parameters) {
  if (headers['x-clickhouse-user'] !== undefined || headers['x-clickhouse-key'] !== undefined) {
    return { user: headers['x-clickhouse-user'] || 'default', password: headers['x-clickhouse-key'] ?? '' };
  }
  const basic = /^Basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(headers.authorization ?? '');
  if (basic) {
    const [, user, password] = /^([^:]*):?(.*)$/s.exec(Buffer.from(basic[1], 'base64').toString('utf8'));
    return { user: user || 'default', password };
  }
  if (headers.authorization !== undefined) return { user: '', password: '' };
  return { user: parameters.get('user') || 'default', password: parameters.get('password') ?? '' };
}

function digest(text) {
  return createHash('sha256').update(text).digest();
}
