package io.outlay.streams.dedupe;

/**
 * Says of an id that it is not among those put in, or that it may be: a Bloom filter that looks at
 * 32 bytes in a row only. With 16 bits an id, about one in a thousand that is not in it may be.
 */
final class IdFilter {
  private static final int BITS_PER_ID = 16;
  private static final int WORDS = 8;
  private static final int[] SALTS = {
    0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31
  };

  private final int[] words;
  private final int blocks;

  /**
   * @param ids how many will be put in
   */
  IdFilter(int ids) {
    blocks = Math.max(1, (int) ((long) ids * BITS_PER_ID / (WORDS * Integer.SIZE)));
    words = new int[blocks * WORDS];
  }

  void put(long low) {
    int block = block(low);
    for (int i = 0; i < WORDS; i++) {
      words[block + i] |= bit(low, i);
    }
  }

  boolean mayHold(long low) {
    int block = block(low);
    for (int i = 0; i < WORDS; i++) {
      if ((words[block + i] & bit(low, i)) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Ids are hashes: one half of this one chooses the block, the other the bits. */
  private int block(long low) {
    return (int) (((low >>> 32) * blocks) >>> 32) * WORDS;
  }

  private static int bit(long low, int word) {
    return 1 << (((int) low * SALTS[word]) >>> 27);
  }
}
