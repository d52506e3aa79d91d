/**
 * Splits the text of a statement into ClickHouse's lexical elements, one at a time: enough of the language to tell
 * words from strings, quoted names and comments. The text is latin1, so that positions are positions of bytes.
 */

export const WORD = 'word';
export const QUOTED = 'quoted';
export const STRING = 'string';
export const NUMBER = 'number';
export const SYMBOL = 'symbol';
export const BROKEN = 'broken';
export const END = 'end';

const SPACE = /[\s\0]/;
const WORD_START = /[A-Za-z_\x80-\xff]/;
const WORD_REST = /[A-Za-z0-9_$\x80-\xff]/;
const DIGIT = /[0-9]/;

export class Lexer {
  constructor(text, position = 0) {
    this.text = text;
    this.position = position;
  }

  /** The next element: its type, the range it takes, and for a word its upper case. */
  next() {
    if (!this.skipTrivia()) return this.element(BROKEN, this.text.length);
    const { text } = this;
    const start = this.position;
    if (start >= text.length) return this.element(END, start);
    const c = text[start];
    if (c === "'") return this.quoted(STRING, "'");
    if (c === '"' || c === '`') return this.quoted(QUOTED, c);
    if (c === '$') {
      const tag = /^\$[A-Za-z0-9_\x80-\xff]*\$/.exec(text.slice(start, start + 256));
      if (tag) {
        const close = text.indexOf(tag[0], start + tag[0].length);
        return close < 0 ? this.element(BROKEN, text.length) : this.element(STRING, close + tag[0].length);
      }
    }
    if (WORD_START.test(c)) {
      let end = start + 1;
      while (end < text.length && WORD_REST.test(text[end])) end++;
      const element = this.element(WORD, end);
      element.word = text.slice(start, end).toUpperCase();
      return element;
    }
    if (DIGIT.test(c)) {
      let end = start + 1;
      while (end < text.length && WORD_REST.test(text[end])) end++;
      return this.element(NUMBER, end);
    }
    const element = this.element(SYMBOL, start + 1);
    element.symbol = c;
    return element;
  }

  /** Looks at the next element without taking it. */
  peek() {
    const { position } = this;
    const element = this.next();
    this.position = position;
    return element;
  }

  element(type, end) {
    const start = Math.min(this.position, end);
    this.position = end;
    return { type, start, end };
  }

  quoted(type, quote) {
    const { text } = this;
    for (let at = this.position + 1; at < text.length; at++) {
      const c = text[at];
      if (c === '\\') at++;
      else if (c === quote) {
        if (text[at + 1] === quote) at++;
        else return this.element(type, at + 1);
      }
    }
    return this.element(BROKEN, text.length);
  }

  /** Skips white space and comments; false where a comment does not end. */
  skipTrivia() {
    const { text } = this;
    for (;;) {
      while (this.position < text.length && SPACE.test(text[this.position])) this.position++;
      const two = text.slice(this.position, this.position + 2);
      if (two === '--' || two === '#!' || two === '# ') {
        const end = text.indexOf('\n', this.position);
        this.position = end < 0 ? text.length : end + 1;
      } else if (two === '/*') {
        const end = text.indexOf('*/', this.position + 2);
        if (end < 0) return false;
        this.position = end + 2;
      } else {
        return true;
      }
    }
  }
}
