/**
 * Finds out what a statement is as far as the endpoint has to know: an INSERT that carries data (which goes through a
 * file), or anything else (which goes to the engine as it is), and the output format it names.
 */

import { CODES, EndpointError } from './errors.mjs';
import { BROKEN, END, Lexer, QUOTED, STRING, SYMBOL, WORD } from './lexer.mjs';

/** The text goes on, and what is there does not say yet what the statement is. */
export const INCOMPLETE = Symbol('incomplete');

/**
 * Analyses the bytes of a statement.
 *
 * @param {Buffer} bytes what is known of the statement, and of the data behind it
 * @param {boolean} complete whether nothing follows these bytes
 * @param {Set<string>} formats the engine's formats, in lower case
 * @returns {typeof INCOMPLETE | {kind: 'data', sql: (path: string) => string, format: string, dataStart: number}
 *   | {kind: 'plain', empty: boolean, insert: boolean, format: string | undefined}}
 */
export function analyze(bytes, complete, formats) {
  const text = bytes.toString('latin1');
  const lexer = new Lexer(text);
  const first = lexer.peek();
  if (!complete && first.end >= text.length) return INCOMPLETE;
  if (first.type === WORD && first.word === 'INSERT') {
    const found = analyzeInsert(bytes, text, complete);
    if (found) return found;
  }
  if (!complete) return INCOMPLETE;
  return analyzePlain(text, formats);
}

function analyzeInsert(bytes, text, complete) {
  const lexer = new Lexer(text);
  lexer.next();
  skipTarget(lexer);
  let settingsStart = -1;
  for (;;) {
    const element = lexer.next();
    if (!complete && element.end >= text.length) return INCOMPLETE;
    if (element.type === END || element.type === BROKEN || isSymbol(element, ';')) return undefined;
    if (isSymbol(element, '(')) {
      const inner = lexer.peek();
      if (isWord(inner, 'SELECT') || isWord(inner, 'WITH') || isSymbol(inner, '(')) return undefined;
      if (!skipParentheses(lexer)) return complete ? undefined : INCOMPLETE;
    } else if (element.type === WORD) {
      switch (element.word) {
        case 'VALUES':
          return insertOf(bytes, settingsStart, element.start, 'Values', element.end);
        case 'FORMAT': {
          const name = lexer.next();
          if (!complete && name.end >= text.length) return INCOMPLETE;
          if (name.type !== WORD && name.type !== QUOTED) return undefined;
          const dataStart = startOfData(text, name.end, complete);
          if (dataStart === INCOMPLETE) return INCOMPLETE;
          return insertOf(bytes, settingsStart, element.start, text.slice(name.start, name.end), dataStart);
        }
        case 'SETTINGS':
          settingsStart = element.start;
          break;
        case 'FROM':
          if (isWord(lexer.peek(), 'INFILE')) throw noFiles('FROM INFILE', CODES.UNKNOWN_TYPE_OF_QUERY);
          break;
        case 'SELECT':
        case 'WITH':
        case 'WATCH':
          return undefined;
        default:
      }
    }
  }
}

/** Skips `INTO [TABLE] [db.]name` or `INTO FUNCTION name(…)`, so that no name is taken for a keyword. */
function skipTarget(lexer) {
  if (isWord(lexer.peek(), 'INTO')) lexer.next();
  if (isWord(lexer.peek(), 'TABLE')) lexer.next();
  else if (isWord(lexer.peek(), 'FUNCTION')) {
    lexer.next();
    lexer.next();
    if (isSymbol(lexer.peek(), '(')) {
      lexer.next();
      skipParentheses(lexer);
    }
    return;
  }
  for (;;) {
    const name = lexer.next();
    if (isSymbol(name, '{')) {
      let element;
      do element = lexer.next();
      while (element.type !== END && element.type !== BROKEN && !isSymbol(element, '}'));
    }
    if (!isSymbol(lexer.peek(), '.')) return;
    lexer.next();
  }
}

function skipParentheses(lexer) {
  for (let depth = 1; depth > 0; ) {
    const element = lexer.next();
    if (element.type === END || element.type === BROKEN) return false;
    if (isSymbol(element, '(')) depth++;
    else if (isSymbol(element, ')')) depth--;
  }
  return true;
}

/** Data begins behind the first line break after the name of the format, or behind the blanks if there is none. */
function startOfData(text, position, complete) {
  let at = position;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\f') at++;
  if (text[at] === '\r') at++;
  if (text[at] === '\n') at++;
  else if (!complete && at >= text.length) return INCOMPLETE;
  if (text[at] === ';' && at === position) {
    throw new EndpointError(CODES.SYNTAX_ERROR, "You have excessive ';' symbol before data for INSERT");
  }
  return at;
}

function insertOf(bytes, settingsStart, clauseStart, format, dataStart) {
  const end = settingsStart < 0 ? clauseStart : settingsStart;
  const head = bytes.toString('utf8', 0, end);
  const settings = settingsStart < 0 ? '' : bytes.toString('utf8', settingsStart, clauseStart);
  return {
    kind: 'data',
    format,
    dataStart,
    sql: (path, compression = 'none') => {
      const file = `FROM INFILE ${quoteString(path)} COMPRESSION ${quoteString(compression)}`;
      return `${head}\n${file}\n${settings}\nFORMAT ${format}`;
    },
  };
}

function analyzePlain(text, formats) {
  const lexer = new Lexer(text);
  let first;
  let previous;
  let ended = false;
  let insert = false;
  let format;
  for (;;) {
    const element = lexer.next();
    if (element.type === END || element.type === BROKEN) break;
    if (isSymbol(element, ';')) {
      ended = true;
    } else {
      if (ended) throw new EndpointError(CODES.SYNTAX_ERROR, 'Syntax error: Multi-statements are not allowed');
      if (!first) first = element;
      if (isWord(element, 'INSERT') && isWord(lexer.peek(), 'INTO')) insert = true;
      if (isWord(element, 'INFILE') && isWord(previous, 'FROM')) {
        throw noFiles('FROM INFILE', CODES.UNKNOWN_TYPE_OF_QUERY);
      }
      if (isWord(element, 'OUTFILE') && isWord(previous, 'INTO') && lexer.peek().type === STRING) {
        throw noFiles('INTO OUTFILE', CODES.INTO_OUTFILE_NOT_ALLOWED);
      }
      if (insert && isWord(element, 'INPUT') && isSymbol(lexer.peek(), '(')) {
        throw new EndpointError(CODES.NOT_IMPLEMENTED, 'The table function input() is not supported by this endpoint');
      }
      if (isWord(previous, 'FORMAT') && (element.type === WORD || element.type === QUOTED)) {
        const name = text.slice(element.start, element.end).replace(/^[`"]|[`"]$/g, '');
        const after = lexer.peek();
        const last = after.type === END || isSymbol(after, ';') || isWord(after, 'SETTINGS');
        if (last && formats.has(name.toLowerCase())) format = name;
      }
      previous = element;
    }
  }
  return { kind: 'plain', empty: !first, insert: insert || isWord(first, 'INSERT'), format };
}

function noFiles(what, code) {
  return new EndpointError(code, `${what} names a file of the server and is not allowed over HTTP`);
}

function isWord(element, word) {
  return element?.type === WORD && element.word === word;
}

function isSymbol(element, symbol) {
  return element?.type === SYMBOL && element.symbol === symbol;
}

/** A string literal of SQL. */
export function quoteString(value) {
  return `'${String(value).replace(/[\\']/g, '\\$&').replace(/\0/g, '\\0')}'`;
}

/** A quoted identifier of SQL. */
export function quoteIdentifier(name) {
  return `\`${String(name).replace(/[\\`]/g, '\\$&').replace(/\0/g, '\\0')}\``;
}
