/** Errors of the endpoint and of the engine, in the words and the HTTP statuses of a ClickHouse server. */

export const CODES = {
  BAD_ARGUMENTS: 36,
  TOO_LARGE_SIZE_COMPRESSED: 39,
  CHECKSUM_DOESNT_MATCH: 40,
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  UNKNOWN_TYPE_OF_QUERY: 78,
  UNKNOWN_COMPRESSION_METHOD: 89,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  SOCKET_TIMEOUT: 209,
  QUERY_IS_TOO_LARGE: 229,
  ABORTED: 236,
  NOT_ENOUGH_SPACE: 243,
  CANNOT_DECOMPRESS: 271,
  INTO_OUTFILE_NOT_ALLOWED: 358,
  AUTHENTICATION_FAILED: 516,
  UNKNOWN_EXCEPTION: 1002,
};

const NAMES = new Map(Object.entries(CODES).map(([name, code]) => [code, name]));

const STATUS_OF_CODE = new Map();
mapTo(401, [194]);
mapTo(403, [192, 193, 497, 512, 516]);
mapTo(400, [
  6, 8, 15, 25, 26, 27, 36, 37, 38, 39, 40, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 271, 321, 358, 376, 427, 441,
  675, 676,
]);
mapTo(404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]);
mapTo(408, [159]);
mapTo(411, [381]);
mapTo(413, [229]);
mapTo(415, [89, 779]);
mapTo(501, [48]);
mapTo(503, [76, 202, 209, 439]);
mapTo(507, [243]);

function mapTo(status, codes) {
  for (const code of codes) STATUS_OF_CODE.set(code, status);
}

/** An error the endpoint itself found; `status` overrides the status that follows from the code. */
export class EndpointError extends Error {
  constructor(code, message, { status, closeConnection = false } = {}) {
    super(message);
    this.name = 'EndpointError';
    this.clickhouseCode = code;
    this.status = status;
    this.closeConnection = closeConnection;
  }
}

/** What any thrown value means for the client: HTTP status, ClickHouse code and the text of the answer. */
export function describeError(error, engineVersion) {
  let code = error instanceof EndpointError ? error.clickhouseCode : codeInText(error?.message);
  let text = String(error?.message ?? error);
  if (error instanceof EndpointError) {
    text = `Code: ${code}. DB::Exception: ${text}. (${NAMES.get(code) ?? 'UNKNOWN_EXCEPTION'})`;
  } else if (code === undefined) {
    code = CODES.UNKNOWN_EXCEPTION;
    text = `Code: ${code}. DB::Exception: ${text} (UNKNOWN_EXCEPTION)`;
  }
  text = text.trim();
  if (engineVersion && !text.endsWith(`(version ${engineVersion})`)) text += ` (version ${engineVersion})`;
  const status = error instanceof EndpointError && error.status ? error.status : (STATUS_OF_CODE.get(code) ?? 500);
  return { code, status, text: `${text}\n` };
}

function codeInText(message) {
  const match = /^Code:\s*(\d+)\b/.exec(String(message ?? ''));
  return match ? Number(match[1]) : undefined;
}
