/** Collects the chunks of a stream until a wanted number of bytes is there. */

export class ByteInput {
  constructor(chunks) {
    this.iterator = chunks[Symbol.asyncIterator]();
    this.parts = [];
    this.size = 0;
  }

  /** Whether that many more bytes come. */
  async has(count) {
    while (this.size < count) {
      const { value, done } = await this.iterator.next();
      if (done) return false;
      this.parts.push(value);
      this.size += value.length;
    }
    return true;
  }

  /** The next bytes, which stay; only after `has`. */
  peek(count) {
    if (count === 0) return Buffer.alloc(0);
    if (this.parts[0].length < count) this.parts = [Buffer.concat(this.parts)];
    return this.parts[0].subarray(0, count);
  }

  /** The next bytes; only after `has`. */
  take(count) {
    const result = this.peek(count);
    if (count > 0) {
      const rest = this.parts[0].subarray(count);
      if (rest.length > 0) this.parts[0] = rest;
      else this.parts.shift();
      this.size -= count;
    }
    return result;
  }
}
